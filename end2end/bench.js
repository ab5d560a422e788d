// Measures the release build on this machine: responses per second and their delay, the time until a page is live, and
// the time until a change reaches the other user. Compare figures of the same machine only.
import { readdirSync, statSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { ms, quantile } from './bench/figures.js';
import { launchOptions } from './support/chromium.js';
import { addBirthday, badge, expectLive, row, SIGNED_IN, signUp, newUser, uniqueName } from './support/people.js';
import { siteFolder } from './support/programs.js';
import { App, Backend } from './support/servers.js';

const CONNECTIONS = 16;
const REQUESTS = 2_000;
const VISITS = 10;
const CHANGES = 20;

const backend = await Backend.start();
const app = await App.start({ backend });
const browser = await chromium.launch(launchOptions());
try {
  printSizes();
  const context = await browser.newContext({ baseURL: app.origin });
  const page = await context.newPage();
  await signUp(page, newUser());
  const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');

  console.log(`\nAnswers (${CONNECTIONS} connections, ${REQUESTS} requests each)`);
  await measureAnswers('home, signed out', '/', {});
  await measureAnswers('account, signed in', '/account', { cookie });
  await measureAnswers('birthdays, signed in', '/birthdays', { cookie });
  await measureAnswers('wasm, brotli', wasmPath(), { 'accept-encoding': 'br' });

  console.log(`\nIn the browser (median of ${VISITS} visits, ${CHANGES} changes)`);
  await measureVisits(page);
  await measureChanges(page);
} finally {
  await browser.close();
  await app.dispose();
  await backend.dispose();
}

function printSizes() {
  console.log('What a browser loads (brotli, bytes)');
  for (const name of readdirSync(join(siteFolder, 'pkg')).filter((file) => /\.(wasm|js|css)\.br$/.test(file))) {
    console.log(`${String(statSync(join(siteFolder, 'pkg', name)).size).padStart(9)}  ${name.slice(0, -3)}`);
  }
}

function wasmPath() {
  return `/pkg/${readdirSync(join(siteFolder, 'pkg')).find((file) => file.endsWith('.wasm'))}`;
}

async function measureAnswers(what, path, headers) {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const delays = [];
  let left = REQUESTS;
  const started = performance.now();
  const visitor = async () => {
    while (left-- > 0) {
      const sent = performance.now();
      await new Promise((resolve, reject) => {
        request({ agent, host: '127.0.0.1', port: app.port, path, headers: { host: `localhost:${app.port}`, ...headers } }, (answer) => {
          if (answer.statusCode !== 200) reject(new Error(`${path} answered ${answer.statusCode}`));
          answer.resume().on('end', resolve).on('error', reject);
        })
          .on('error', reject)
          .end();
      });
      delays.push(performance.now() - sent);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, visitor));
  const seconds = (performance.now() - started) / 1000;
  agent.destroy();
  console.log(`  ${what.padEnd(22)} ${(REQUESTS / seconds).toFixed(0).padStart(6)} /s   median ${ms(quantile(delays, 0.5))}   99% ${ms(quantile(delays, 0.99))}`);
}

async function measureVisits(page) {
  const rendered = [];
  const live = [];
  for (let visit = 0; visit < VISITS; visit++) {
    await page.goto('about:blank');
    const started = performance.now();
    await page.goto('/birthdays', { waitUntil: 'commit' });
    await page.getByRole('heading', { level: 1 }).waitFor();
    rendered.push(performance.now() - started);
    await badge(page).filter({ hasText: /^Live$/ }).waitFor();
    live.push(performance.now() - started);
  }
  console.log(`  birthdays readable     ${ms(quantile(rendered, 0.5))}`);
  console.log(`  birthdays live         ${ms(quantile(live, 0.5))}`);
}

async function measureChanges(page) {
  const context = await browser.newContext({ baseURL: app.origin });
  const other = await context.newPage();
  await signUp(other, newUser());
  await other.goto('/birthdays');
  await page.goto('/birthdays');
  await expectLive(other);
  await expectLive(page);
  const delays = [];
  for (let change = 0; change < CHANGES; change++) {
    const name = uniqueName();
    const arrived = row(other, name).waitFor().then(() => performance.now());
    const started = performance.now();
    await addBirthday(page, { name, visibility: SIGNED_IN });
    delays.push((await arrived) - started);
  }
  console.log(`  typed by one, seen by the other ${ms(quantile(delays, 0.5))}`);
}
