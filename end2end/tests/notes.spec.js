// examples/notes: two users, two tables, both transports of Realtime, with and without JavaScript.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test as base } from '@playwright/test';
import { program, projectFolder } from '../support/programs.js';
import { Server, freePort } from '../support/servers.js';

const test = base.extend({
  realtime: ['direct', { option: true }],

  /** The address of the running example, which is always a development build. */
  baseURL: async ({ realtime }, use) => {
    const [folder, port] = [mkdtempSync(join(tmpdir(), 'notes-')), await freePort()];
    const env = {
      LEPTOS_OUTPUT_NAME: 'notes',
      LEPTOS_SITE_ROOT: join(projectFolder, 'examples/notes/target/site'),
      LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
      LOCAL_APPWRITE_LISTEN: '127.0.0.1:0',
      LOCAL_APPWRITE_DATA: folder,
      REALTIME: realtime,
    };
    const notes = new Server({ command: program('notes', 'debug'), env, ready: /^open (http\S+)/m });
    await notes.start();
    await use(`http://localhost:${port}`);
    await notes.stop();
    rmSync(folder, { recursive: true, force: true });
  },

  /** `await someone('Ann', { javaScriptEnabled: false })`: the page of a new user. */
  someone: async ({ browser, baseURL }, use) => {
    const contexts = [];
    const complaints = [];
    await use(async (name, options = {}) => {
      const context = await browser.newContext({ baseURL, ...options });
      contexts.push(context);
      const page = await context.newPage();
      page.on('pageerror', (error) => complaints.push(error.message));
      // A page with form errors has the status 422.
      page.on('console', (message) => message.type() === 'error' && !/422/.test(message.text()) && complaints.push(message.text()));
      await page.goto('/');
      await page.getByRole('link', { name: 'Create one' }).click();
      await page.getByLabel('Name').fill(name);
      await page.getByLabel('Email').fill(`${name.toLowerCase()}@example.com`);
      await page.getByLabel('Password').fill('Correct-horse-1');
      await page.getByRole('button', { name: 'Create account' }).click();
      await expect(page.getByRole('heading', { name: 'Notes' })).toBeVisible();
      return page;
    });
    expect(complaints).toEqual([]);
    await Promise.all(contexts.map((context) => context.close()));
  },
});

async function add(page, text) {
  await page.getByLabel('Text').fill(text);
  await page.getByRole('button', { name: 'Add' }).click();
  await expect(page.getByText('Added.')).toBeVisible();
}

async function expectLive(page) {
  await expect(page.getByText('Live', { exact: true })).toBeVisible();
}

for (const realtime of ['direct', 'relay']) {
  test.describe(realtime, () => {
    test.use({ realtime });

    test("users see each other's rows in both tables", async ({ someone, baseURL }) => {
      const [ann, ben] = [await someone('Ann'), await someone('Ben')];
      const sockets = [];
      ann.on('websocket', (socket) => sockets.push(new URL(socket.url())));
      for (const [link, text] of [['Notes', 'Water the plants'], ['Tasks', 'Feed the cat']]) {
        for (const page of [ann, ben]) {
          await page.getByRole('link', { name: link, exact: true }).click();
          await expect(page.getByRole('heading', { name: link })).toBeVisible();
          await expectLive(page);
        }
        await add(ann, text);
        await expect(ben.getByText(text)).toBeVisible();
        await add(ben, `${text}, says Ben`);
        await expect(ann.getByText(`${text}, says Ben`)).toBeVisible();
      }
      await ann.reload();
      await expectLive(ann);
      const isOwn = sockets.some((socket) => socket.host === new URL(baseURL).host);
      expect(isOwn).toBe(realtime === 'relay');
    });
  });
}

test('link to a guarded page is redirected by the server', async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL });
  const page = await context.newPage();
  await page.goto('/login');
  await page.waitForLoadState('networkidle');
  await page.evaluate(() => {
    const link = document.createElement('a');
    link.href = '/tasks';
    link.textContent = 'All tasks';
    document.querySelector('main').append(link);
  });
  await page.getByRole('link', { name: 'All tasks' }).click();
  await expect(page).toHaveURL('/login?next=%2Ftasks');
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await context.close();
});

test('row added without JavaScript is live and requires the session', async ({ someone }) => {
  const [ann, ben] = [await someone('Ann'), await someone('Ben', { javaScriptEnabled: false })];
  await expectLive(ann);
  await ben.getByRole('button', { name: 'Add' }).click();
  await expect(ben.getByText('Text is required.')).toBeVisible();
  await add(ben, 'Without a script');
  await expect(ann.getByText('Without a script')).toBeVisible();
  await ben.getByRole('button', { name: 'Sign out' }).click();
  await expect(ben.getByRole('heading', { name: 'Sign in' })).toBeVisible();
  await expect(ben.getByText('Without a script')).toBeHidden();
});
