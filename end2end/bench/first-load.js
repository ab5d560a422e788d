// The first load of a page, as on a phone with a slow network: CPU slowed four times, 9 Mbit/s, 60 ms. Measures bytes over the
// wire, requests, first contentful paint (FCP), and blocking time: the part of each later task beyond 50 ms. Visits to the app and to a
// minimal server (benches/pages) alternate.
import { chromium } from '@playwright/test';
import { launchOptions } from '../support/chromium.js';
import { expectLive, openAccount, signUp, newUser } from '../support/people.js';
import { program } from '../support/programs.js';
import { App, Backend, freePort, Server } from '../support/servers.js';
import { quantile } from './figures.js';
import { save } from './results.js';

const VISITS = 5;
const CPU_RATE = 4;
const NETWORK = { offline: false, latency: 60, downloadThroughput: (9_000_000 / 8), uploadThroughput: (9_000_000 / 8) };

const backend = await Backend.start();
const [port, floorPort] = [await freePort(), await freePort()];
const app = await App.start({ backend, port, env: { LEPTOS_ENV: 'PROD', APP_ORIGIN: `http://localhost:${port}` } });
// Its public page asks Appwrite nothing.
const floor = new Server({ command: program('page-floor'), args: ['--port', String(floorPort), '--appwrite', ''], ready: /listening/ });
await floor.start();
const browser = await chromium.launch(launchOptions());
try {
  const person = await browser.newContext({ baseURL: app.origin });
  await signUp(await person.newPage(), newUser());
  const storageState = await person.storageState();
  const birthdays = async (page) => {
    await page.goto('/birthdays');
    await expectLive(page, { timeout: 30_000 });
  };
  const loads = [
    {
      name: '`/login`',
      open: async (page) => {
        await page.goto('/login');
        await page.getByRole('button', { name: /^Show/ }).waitFor();
      },
    },
    {
      name: 'the floor: a sign-in form without styles and scripts',
      baseURL: `http://localhost:${floorPort}`,
      open: async (page) => {
        await page.goto('/login');
        await page.getByRole('button', { name: 'Sign in' }).waitFor();
      },
    },
    { name: '`/birthdays`, signed in, until live', storageState, open: birthdays },
    {
      name: '`/account`, opened from there',
      storageState,
      open: birthdays,
      next: async (page) => {
        await openAccount(page);
        await page.getByRole('heading', { name: 'Your account' }).waitFor();
      },
    },
  ];
  const visits = new Map(loads.map(({ name }) => [name, []]));
  for (let visit = 0; visit < VISITS; visit += 1) {
    for (const load of loads) visits.get(load.name).push(await firstLoad(load));
  }
  const rows = loads.map(({ name, next }) => {
    const median = (figure) => Math.round(quantile(visits.get(name).map((visit) => visit[figure]), 0.5));
    const ofDocument = (figure) => (next ? '' : median(figure));
    return [name, (median('bytes') / 1000).toFixed(1), median('requests'), ofDocument('paint'), ofDocument('blocked'), median('done')];
  });
  save('first-load', { head: ['first load', 'kB', 'requests', 'FCP, ms', 'blocking, ms', 'done, ms'], rows });
} finally {
  await browser.close();
  await app.dispose();
  await floor.kill();
  await backend.dispose();
}

/** A visit with an empty cache. With `next`, counts only what `next` loads. */
async function firstLoad({ baseURL = app.origin, storageState, open, next }) {
  const context = await browser.newContext({ baseURL, storageState });
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.enable');
  await devtools.send('Network.emulateNetworkConditions', NETWORK);
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: CPU_RATE });
  let [bytes, requests] = [0, 0];
  // The devtools report drawings inside the style sheet as requests, too.
  const inStyleSheet = new Set();
  devtools.on('Network.requestWillBeSent', ({ requestId, request }) => {
    if (request.url.startsWith('data:')) inStyleSheet.add(requestId);
  });
  devtools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    bytes += encodedDataLength;
    if (!inStyleSheet.has(requestId)) requests += 1;
  });
  await page.addInitScript(observe);
  let from = performance.now();
  await open(page);
  if (next) {
    await page.waitForLoadState('networkidle');
    [bytes, requests, from] = [0, 0, performance.now()];
    await next(page);
  }
  const done = performance.now() - from;
  await page.waitForLoadState('networkidle');
  const { paint, blocked } = await page.evaluate(() => window.observed);
  await context.close();
  return { bytes, requests, done, paint, blocked };
}

/** Runs in the page, before its own scripts. */
function observe() {
  window.observed = { paint: 0, blocked: 0 };
  new PerformanceObserver((list) => {
    for (const { name, startTime } of list.getEntries()) if (name === 'first-contentful-paint') window.observed.paint = startTime;
  }).observe({ type: 'paint', buffered: true });
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) {
      const beyond = startTime + duration - Math.max(startTime + 50, window.observed.paint);
      if (beyond > 0) window.observed.blocked += Math.min(beyond, duration - 50);
    }
  }).observe({ type: 'longtask', buffered: true });
}
