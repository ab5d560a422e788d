// Changes that proxies, extensions and password managers make to a page before the app starts. Links and forms still
// work.
import { expect, test } from '../support/test.js';
import { badge, expectLive, expectSignedIn, expectSignedOut, fillAddress, fillSignIn, navigation, openAccount, pressSignOut, signIn, newUser } from '../support/people.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** Changes after which the app cannot start. */
const BREAKING = {
  'comments stripped': (html) => html.replace(/<!--.*?-->|<!>/gs, ''),
  'whitespace between tags': (html) => html.replace(/></g, '>\n  <'),
  'a translation': (html) => html.replace(/<head>.*<\/head>|<script\b.*?<\/script>|>([^<>]*\w[^<>]*)(?=<)/gs, (found, text) => (text ? `><font><font>${text}</font></font>` : found)),
  'an address made an anchor': (html) => html.replace(/(<dd\b[^>]*>(?:<[^<>]*>)*)[^<]*@[^<]*/, '$1<a href="/cdn-cgi/l/email-protection" class="__cf_email__">[email&#160;protected]</a>'),
};

/** Changes that do not affect the app. */
const HARMLESS = {
  'a div before each input': (html) => html.replace(/<input\b/g, '<div data-password-manager></div>$&'),
  'a div beside each input': (html) => html.replace(/<input\b[^>]*>/g, '$&<div data-password-manager></div>'),
  'a node first in the body': (html) => html.replace(/<body[^>]*>/, '$&<div data-extension></div>'),
  'a node last in the body': (html) => html.replace('</body>', '<div data-extension></div></body>'),
};

/** The console output of a page on which the app cannot start. A development build adds the message and the place. */
const FAILURES = [/panicked at/, /^A hydration error occurred/, /unreachable/, ...CONNECTION_LINES];

/** Applies `rewrite` to the HTML of each page. */
async function rewritePages(page, rewrite) {
  await page.route('**/*', async (route) => {
    const request = route.request();
    if (request.resourceType() !== 'document' || request.method() !== 'GET') return route.continue();
    const response = await route.fetch({ maxRedirects: 0 });
    if (!response.headers()['content-type']?.startsWith('text/html')) return route.fulfill({ response });
    const html = await response.text();
    return route.fulfill({ response, body: rewrite(html) });
  });
}

/** Runs `act`, and returns true if it loaded a document. */
async function loadsDocument(page, act) {
  await page.evaluate(() => (window.isSameDocument = true));
  await act();
  return !(await page.evaluate(() => window.isSameDocument));
}

/** Throws like the app's wasm after a panic. */
async function panic(page) {
  await page.evaluate(() => {
    const unreachable = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 7, 5, 1, 1, 0x66, 0, 0, 0x0a, 5, 1, 3, 0, 0, 0x0b];
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(unreachable)));
    setTimeout(exports.f);
  });
}

const panics = (watch) => watch.consoleLines.filter((line) => /unreachable/.test(line));

for (const [change, rewrite] of Object.entries(BREAKING)) {
  test(`${change}: links and forms are the browser's`, async ({ page, newAccount, watch }) => {
    watch.allow(...FAILURES);
    const person = await newAccount();
    await page.goto('/login');
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
    await rewritePages(page, rewrite);
    await page.goto('/account');
    await expect.poll(() => panics(watch)).toHaveLength(1);

    expect(await loadsDocument(page, async () => {
      await navigation(page).getByRole('link', { name: 'Leptos Appwrite' }).click();
      await expect(page).toHaveURL('/');
    })).toBe(true);
    await page.goto('/account');
    await expect.poll(() => panics(watch).length).toBeGreaterThan(1);
    await pressSignOut(page);
    await expect(page).toHaveURL('/');
    await expectSignedOut(page);
  });
}

for (const change of ['comments stripped', 'whitespace between tags']) {
  test(`${change}: refused form explains why and next try works`, async ({ page, newAccount, watch }) => {
    watch.allow(...FAILURES);
    const person = await newAccount();
    await rewritePages(page, BREAKING[change]);
    await page.goto('/login');
    await expect.poll(() => panics(watch)).toHaveLength(1);
    await fillSignIn(page, { ...person, password: 'not the password' });
    await expect(page.getByRole('alert')).toBeVisible();
    await expect(page.getByLabel('Email')).toHaveValue(person.email);
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
    await expectSignedIn(page);
  });
}

for (const [change, rewrite] of Object.entries(HARMLESS)) {
  test(`${change}: the app starts`, async ({ page, newAccount, watch }) => {
    // Chromium does not treat HTML from a test as coming from this machine, and blocks its sockets to localhost.
    watch.allow(...CONNECTION_LINES);
    const person = await newAccount();
    await signIn(page, person);
    await rewritePages(page, rewrite);
    await page.goto('/birthdays');
    // Only the app's script retries.
    await expect(badge(page)).toHaveText(/^(Live|Reconnecting)/);
    expect(await loadsDocument(page, async () => {
      await openAccount(page);
      await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
    })).toBe(false);
  });
}

for (const [file, pattern] of [['wasm', '**/*.wasm'], ['script', '**/*.js']]) {
  test(`missing ${file} leaves links and forms to the browser`, async ({ page, newAccount, watch }) => {
    watch.allow(/ERR_FAILED/, /Failed to fetch/, /was preloaded using link preload but not used/);
    const person = await newAccount();
    await page.route(pattern, (route) => route.abort());
    await page.goto('/');
    await navigation(page).getByRole('link', { name: 'Sign in' }).click();
    await expect(page).toHaveURL('/login');
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
    await expectSignedIn(page);
  });
}

test('panic after start returns the page to the browser', async ({ newPerson, watch }) => {
  watch.allow(/unreachable/);
  const { page } = await newPerson();
  await page.goto('/birthdays');
  await expectLive(page);
  expect(await loadsDocument(page, async () => {
    await openAccount(page);
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  })).toBe(false);
  await panic(page);
  expect(await loadsDocument(page, async () => {
    await page.goBack();
    await expect(page.getByRole('heading', { level: 1, name: 'Birthdays' })).toBeVisible();
  })).toBe(true);
  await expectLive(page);
  await panic(page);
  await expect(badge(page)).toHaveText('Not live');
  await expect(page.locator('.badge-live')).toHaveCount(0);
  const posted = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/actions/sign_out'));
  await pressSignOut(page);
  expect((await posted).isNavigationRequest()).toBe(true);
  await expectSignedOut(page);
});

test('only the first panic is logged', async ({ newPerson, watch }) => {
  watch.allow(/unreachable/);
  const { page } = await newPerson();
  await page.goto('/birthdays');
  await expectLive(page);
  for (let count = 0; count < 2; count += 1) await panic(page);
  await expect(badge(page)).toHaveText('Not live');
  await expect.poll(() => panics(watch)).toHaveLength(1);
});

test('failed app enables the countdown button', async ({ page, watch }) => {
  watch.allow(/unreachable/);
  await page.goto('/login/code');
  await fillAddress(page, newUser().email);
  await page.getByRole('main').getByRole('button').first().click();
  await expect(page).toHaveURL(/\/login\/code\/enter/);
  const again = page.getByRole('button', { name: 'Send it again' });
  await expect(again).toBeDisabled();
  await panic(page);
  await expect(again).toBeEnabled();
  const posted = page.waitForRequest((request) => request.method() === 'POST' && request.url().endsWith('/actions/send_again'));
  await again.click();
  expect((await posted).isNavigationRequest()).toBe(true);
  await expect(page.getByRole('main')).toBeVisible();
});

test('title stays while the app starts', async ({ page }) => {
  await page.addInitScript(() => {
    window.titles = new Set();
    new MutationObserver(() => document.body && window.titles.add(document.title)).observe(document, { childList: true, subtree: true, characterData: true });
  });
  await page.goto('/login');
  // The app runs once it has added the button that shows the password.
  await expect(page.getByRole('button', { name: /^Show/ })).toBeVisible();
  expect(await page.evaluate(() => [...window.titles])).toEqual([await page.title()]);
});

test('pages forbid transformation by proxies', async ({ page }) => {
  for (const path of ['/', '/login', '/birthdays', '/no-such-page']) {
    const answer = await page.goto(path);
    expect(answer.headers()['cache-control'], path).toContain('no-transform');
  }
});
