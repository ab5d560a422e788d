// Errors without an attacker: unknown addresses, and an Appwrite that is down or returns nonsense.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { App } from '../support/servers.js';
import { hold } from '../support/held-requests.js';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { fillSignIn, navigation, ONLY_ME, openAccount, row, newUser, uniqueName, userMenu, withoutReload } from '../support/people.js';
import { CONNECTION_LINES } from '../support/watch.js';
import { postJson, request } from '../support/wire.js';

const PATHS_TO_NOWHERE = ['/no-such-page', '/account/no-such-page', '/birthdays/no-such-row', '/birthdays/../../etc/passwd', '/pkg/no-such-file.js', '/%00', '/%ff', '/..%2f..%2fetc%2fpasswd', '/.env', '/hash.txt'];

withAndWithoutJavaScript(({ javaScript }) => {
  test('unknown path is explained with a link home', async ({ page }) => {
    const answer = await page.goto('/no-such-page');
    expect(answer.status()).toBe(404);
    await expect(page.getByRole('heading', { level: 1, name: 'Page not found' })).toBeVisible();
    await navigation(page).getByRole('link', { name: 'Leptos Appwrite' }).click();
    await expect(page).toHaveURL('/');
    await expect(page.getByRole('heading', { level: 1 })).not.toHaveText('Page not found');
  });

  test('sign-in during an outage is explained and keeps the address', async ({ page, newAccount, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const person = await newAccount();
    await page.goto('/login');
    await servers.backend.kill();
    try {
      await fillSignIn(page, person);
      await expect(page.getByRole('alert')).toBeVisible();
      await expect(page.getByRole('alert')).not.toContainText('Incorrect');
      await expect(page.getByLabel('Email')).toHaveValue(person.email);
      if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
    } finally {
      await servers.backend.start();
    }
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
  });

  test('adding a birthday during an outage loses nothing', async ({ newPerson, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const { page } = await newPerson();
    await page.goto('/birthdays');
    const form = page.getByRole('form', { name: 'Add a birthday' });
    const name = uniqueName();
    await form.getByLabel('Name', { exact: true }).fill(name);
    await form.getByLabel('Birthday', { exact: true }).fill('1906-12-09');
    await form.getByRole('radio', { name: ONLY_ME, exact: true }).check();
    await servers.backend.kill();
    try {
      await form.getByRole('button', { name: 'Add birthday' }).click();
      // With JavaScript, the error appears in place; without, the whole page needs Appwrite.
      await expect(javaScript ? page.getByRole('alert').first() : page.getByRole('heading', { level: 1, name: /not available/ })).toBeVisible();
    } finally {
      await servers.backend.start();
    }
    if (!javaScript) await page.getByRole('link', { name: 'Try again' }).click();
    await expect(form.getByLabel('Name', { exact: true })).toHaveValue(name);
    await expect(form.getByLabel('Birthday', { exact: true })).toHaveValue('1906-12-09');
    await form.getByRole('button', { name: 'Add birthday' }).click();
    await expect(row(page, name)).toBeVisible();
  });

  test('private page during an outage is explained without signing out', async ({ newPerson, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const { page, person } = await newPerson();
    await servers.backend.kill();
    try {
      const answer = await page.goto('/account');
      expect([502, 503, 504]).toContain(answer.status());
      await expect(page.getByRole('main')).toBeVisible();
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    } finally {
      await servers.backend.start();
    }
    await page.goto('/account');
    await expect(page.getByRole('main')).toContainText(person.email);
  });
});

test('page opened during an outage offers a retry', async ({ newPerson, servers, watch }) => {
  watch.allow(...CONNECTION_LINES);
  const { page, person } = await newPerson();
  await page.goto('/');
  await servers.backend.kill();
  try {
    await withoutReload(page, async () => {
      await openAccount(page);
      await expect(page.getByRole('alert')).toBeVisible();
    });
  } finally {
    await servers.backend.start();
  }
  await page.getByRole('link', { name: 'Try again' }).click();
  await expect(page).toHaveURL('/account');
  await expect(page.getByRole('main')).toContainText(person.email);
});

test('page that failed offline loads once online', async ({ newPerson, watch }) => {
  watch.allow(/ERR_INTERNET_DISCONNECTED/, ...CONNECTION_LINES);
  const { page } = await newPerson();
  // Has the code of the pages below.
  await page.goto('/account/name');
  for (const name of ['Devices', 'Security']) {
    await page.waitForLoadState('networkidle');
    await page.context().setOffline(true);
    await userMenu(page).click();
    await navigation(page).getByRole('link', { name }).click();
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
    await expect(page.getByRole('alert')).toContainText('The server cannot be reached.');
    await page.context().setOffline(false);
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  }
});

test('refusal stays until the next answer', async ({ page, newAccount }) => {
  const person = await newAccount();
  await page.goto('/login');
  await fillSignIn(page, { ...person, password: 'not the password' });
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Incorrect');
  // The button that shows the password appears once the app runs.
  await expect(page.getByRole('button', { name: /^Show/ })).toBeVisible();
  const button = page.getByRole('button', { name: 'Sign in', exact: true });
  await button.scrollIntoViewIfNeeded();
  const { y } = await button.boundingBox();
  const release = await hold(page, '**/actions/sign_in');
  await page.getByLabel('Password').fill(person.password);
  await button.click();
  await expect(button).toHaveAttribute('aria-busy', 'true');
  await expect(alert).toContainText('Incorrect');
  expect((await button.boundingBox()).y).toBe(y);
  release();
  await expect(page).toHaveURL('/account');
});

for (const path of PATHS_TO_NOWHERE) {
  test(`GET ${path} is a plain-text 404`, async ({ baseURL }) => {
    const answer = await request(baseURL, path);
    // An invalid path may be a bad request instead.
    expect([404, 400]).toContain(answer.status);
    expect(answer.body).not.toMatch(/root:|panicked|RUST|APPWRITE_|\.rs\b/);
  });
}

test('unknown method of a page is refused', async ({ baseURL }) => {
  for (const method of ['PUT', 'DELETE', 'PATCH']) {
    const answer = await request(baseURL, '/account', { method, headers: { origin: baseURL, 'sec-fetch-site': 'same-origin' } });
    expect([404, 405]).toContain(answer.status);
  }
});

/** An Appwrite that sends this response to every request. */
async function strangeAppwrite(answerTo) {
  const server = createServer((request, answer) => {
    request.resume();
    answerTo(request, answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { endpoint: `http://127.0.0.1:${server.address().port}/v1`, close: () => server.close().closeAllConnections() };
}

const HTML = '<!doctype html><title>Bad gateway</title><h1>upstream-marker nginx</h1>';
for (const [situation, answerTo] of [
  ['HTML with status 200', (_, answer) => answer.setHeader('content-type', 'text/html').end(HTML)],
  ['HTML with status 502', (_, answer) => answer.writeHead(502, { 'content-type': 'text/html' }).end(HTML)],
  ['JSON of another shape', (_, answer) => answer.setHeader('content-type', 'application/json').end('{"upstream-marker":[1,2]}')],
  ['a body that is cut off', (_, answer) => answer.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 }).write('{"upstream-marker', () => answer.destroy())],
  ['a redirect', (_, answer) => answer.writeHead(302, { location: 'http://169.254.169.254/upstream-marker' }).end()],
]) {
  test(`Appwrite's ${situation} leads to a clear message`, async ({ newBrowser, watch }) => {
    const appwrite = await strangeAppwrite(answerTo);
    const app = await App.start({ backend: appwrite });
    watch.allowServers({ app });
    try {
      const person = newUser();
      const answer = await postJson(app.origin, '/api/login', { email: person.email, password: person.password });
      expect([500, 502, 503, 504]).toContain(answer.status);
      expect(JSON.parse(answer.body)).toMatchObject({ success: false, error: expect.stringMatching(/\w/) });
      expect(answer.body).not.toContain('upstream-marker');

      const page = await newBrowser({ baseURL: app.origin, javaScriptEnabled: false });
      await page.goto('/login');
      await fillSignIn(page, person);
      await expect(page.getByRole('alert')).toBeVisible();
      await expect(page.getByLabel('Email')).toHaveValue(person.email);
      expect(await page.content()).not.toContain('upstream-marker');

      const own = await request(app.origin, '/account', { headers: { cookie: 'session=newUser' } });
      expect([500, 502, 503, 504]).toContain(own.status);
      expect(own.body).not.toContain('upstream-marker');
      expect((await request(app.origin, '/')).status).toBe(200);
      expect(app.log).not.toContain('panicked');
    } finally {
      await app.dispose();
      appwrite.close();
    }
  });
}
