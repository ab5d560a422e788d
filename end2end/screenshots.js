// Takes screenshots of every page and state, on a phone and a desktop, light and dark, into the given folder; and the
// README's screenshot into docs/screenshot.png.
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { chromium } from '@playwright/test';
import { launchOptions } from './support/chromium.js';
import { openPage, PAGES } from './support/page-list.js';
import { addBirthday, EVERYONE, expectLive, ONLY_ME, SIGNED_IN, signUp, newUser, takeNewAccountNote } from './support/people.js';
import { projectFolder } from './support/programs.js';
import { App, Backend } from './support/servers.js';

const WINDOWS = { phone: { width: 390, height: 844 }, desk: { width: 1280, height: 800 } };

const folder = resolve(process.argv[2] ?? join(projectFolder, 'end2end/screenshots'));
const readmePicture = join(projectFolder, 'docs/screenshot.png');
mkdirSync(folder, { recursive: true });
mkdirSync(join(projectFolder, 'docs'), { recursive: true });

const backend = await Backend.start();
const app = await App.start({ backend });
const browser = await chromium.launch(launchOptions());
try {
  await takeReadmePicture();
  for (const entry of PAGES) {
    const context = await browser.newContext({ baseURL: app.origin, reducedMotion: 'reduce' });
    const page = await context.newPage();
    await openPage(page, entry, backend, { ...newUser(), name: 'Ada Lovelace' });
    for (const [device, viewport] of Object.entries(WINDOWS)) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize(viewport);
        await page.emulateMedia({ colorScheme });
        const path = join(folder, `${entry.name.replaceAll(' ', '-')}-${device}-${colorScheme}.png`);
        await page.screenshot({ path, fullPage: true });
        console.log(path);
      }
    }
    await context.close();
  }
} finally {
  await browser.close();
  await app.dispose();
  await backend.dispose();
}

/** The birthdays page with rows of two users, as one of them sees it. */
async function takeReadmePicture() {
  const open = async (name) => {
    const context = await browser.newContext({ baseURL: app.origin, reducedMotion: 'reduce', viewport: { width: 1100, height: 600 }, deviceScaleFactor: 2 });
    const page = await context.newPage();
    await signUp(page, { ...newUser(), name });
    await takeNewAccountNote(page);
    await page.goto('/birthdays');
    await expectLive(page);
    return page;
  };
  const [ada, grace] = [await open('Ada Lovelace'), await open('Grace Hopper')];
  await addBirthday(grace, { name: 'Katherine Johnson', date: '1918-08-26', visibility: EVERYONE });
  await addBirthday(grace, { name: 'Hedy Lamarr', date: '1914-11-09', visibility: SIGNED_IN });
  await addBirthday(ada, { name: 'Alan Turing', date: '1912-06-23', visibility: ONLY_ME });
  await addBirthday(ada, { name: 'Grace Murray', date: '1906-12-09', visibility: EVERYONE });
  await ada.reload();
  await expectLive(ada);
  await ada.screenshot({ path: readmePicture, fullPage: true });
  console.log(readmePicture);
  for (const page of [ada, grace]) await page.context().close();
}
