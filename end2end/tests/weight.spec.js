// The files that a page loads: few at first, the rest when needed.
import { expect, test } from '../support/test.js';
import { hold } from '../support/held-requests.js';
import { expectLive, expectSignedIn, lookAgain, openAccount, signUp, newUser } from '../support/people.js';
import { hashList } from '../support/programs.js';

/** A test of the parts of the wasm. Only the files of a release have hashes, and parts. */
const testOfRelease = hashList() ? test : test.skip;

/** Returns the files that the page has loaded, and the number of bytes over the network, including the page itself. */
const loaded = (page) =>
  page.evaluate(() =>
    [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')].map(({ name, transferSize }) => ({
      path: new URL(name).pathname,
      size: transferSize,
    })),
  );

const hasPart = (files, name) => files.some(({ path }) => path.includes(`/split_${name}`));

testOfRelease('sign-in page loads few bytes and only its code', async ({ page }) => {
  await page.goto('/login');
  await page.waitForLoadState('networkidle');
  const files = (await loaded(page)).filter(({ path }) => !/^\/(favicon|logos)/.test(path));
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  expect(files.length, JSON.stringify(files)).toBeLessThanOrEqual(3);
  // A kilobyte above the size of November 2026. The icon and all headers, which a browser's figures leave out, are 2 kB more.
  expect(bytes, JSON.stringify(files)).toBeLessThan(145_000);
  for (const part of ['account', 'below_account', 'birthdays', 'one_birthday', 'passkey', 'password_strength', 'sign_in_by_mail', 'signed_in']) expect(hasPart(files, part), part).toBe(false);
});

test('browser without JavaScript loads no code', async ({ newBrowser }) => {
  const page = await newBrowser({ javaScriptEnabled: false });
  const paths = [];
  page.on('request', (request) => paths.push(new URL(request.url()).pathname));
  await page.goto('/login', { waitUntil: 'networkidle' });
  await expect(page.getByRole('button', { name: 'Sign in', exact: true })).toBeVisible();
  expect(paths.filter((path) => /\.(js|wasm)$/.test(path))).toEqual([]);
});

testOfRelease('no code names a folder of the machine that built it', async ({ page }) => {
  await signUp(page, newUser());
  await page.goto('/birthdays');
  await expectLive(page);
  const files = (await loaded(page)).filter(({ path }) => path.endsWith('.wasm'));
  expect(files.length).toBeGreaterThan(2);
  for (const { path } of files) expect(await (await page.request.get(path)).text(), path).not.toMatch(/\.cargo|\/rustc\/|panicked/);
});

testOfRelease('page loads its code when opened by a link', async ({ page }) => {
  await signUp(page, newUser());
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  expect(hasPart(await loaded(page), 'account')).toBe(false);
  await page.evaluate(() => (window.isSameDocument = true));
  await openAccount(page);
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  expect(hasPart(await loaded(page), 'account')).toBe(true);
  expect(await page.evaluate(() => window.isSameDocument)).toBe(true);
});

test('leaving a loading page fetches the next list once', async ({ page }) => {
  await signUp(page, newUser());
  await page.goto('/birthdays');
  await expectLive(page);
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const letList = await hold(page, '**/actions/list_birthdays');
  const letPart = await hold(page, '**/split_account*');
  const listAsked = page.waitForRequest('**/actions/list_birthdays');
  await lookAgain(page);
  await listAsked;
  await openAccount(page);
  const listAnswered = page.waitForResponse('**/actions/list_birthdays');
  letList();
  await listAnswered;
  letPart();
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expect(page.getByRole('main')).toContainText('Not confirmed');
  expect(asked.filter((path) => path === '/actions/current_person')).toHaveLength(1);
});

testOfRelease('page whose code cannot load comes from the server', async ({ page, watch }) => {
  watch.allow(/Failed to load resource|Failed to fetch|fetch|split_account/, /a part of the app could not be loaded/);
  await signUp(page, newUser());
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  await page.route('**/split_account*', (route) => route.abort());
  await openAccount(page);
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expectSignedIn(page);
});

testOfRelease('page below the account whose code cannot load comes from the server', async ({ page, watch }) => {
  watch.allow(/Failed to load resource|Failed to fetch|fetch|split_below_account/, /a part of the app could not be loaded/);
  await signUp(page, newUser());
  await page.goto('/account');
  await page.waitForLoadState('networkidle');
  await page.route('**/split_below_account*', (route) => route.abort());
  await page.getByRole('link', { name: 'Manage Download or delete your data' }).click();
  await expect(page.getByRole('heading', { name: 'Your data' })).toBeVisible();
  await expectSignedIn(page);
});

testOfRelease('page without its code offline opens once online', async ({ page, context, watch }) => {
  watch.allow(/Failed to load resource|Failed to fetch|fetch|ERR_INTERNET_DISCONNECTED|split_account/);
  await signUp(page, newUser());
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  await context.setOffline(true);
  await openAccount(page);
  await expect(page.getByText('The server cannot be reached.')).toBeVisible();
  await context.setOffline(false);
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
});

test('text typed before the app starts stays in its field', async ({ page }) => {
  const release = await hold(page, '**/pkg/leptos-birthdays*.wasm');
  await page.goto('/login', { waitUntil: 'commit' });
  const email = page.getByRole('textbox', { name: 'Email' });
  await email.pressSequentially('ada@example.com');
  release();
  // The app runs once it has added the button that shows the password.
  await expect(page.getByRole('button', { name: /^Show/ })).toBeVisible();
  await expect(email).toHaveValue('ada@example.com');
});
