// The session cookie on the wire, and the lifetime of sessions.
import { randomUUID } from 'node:crypto';
import { App, Backend } from '../support/servers.js';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectSignedIn, expectSignedOut, fillSignIn, signUp, newUser } from '../support/people.js';
import { CONNECTION_LINES } from '../support/watch.js';
import { cookieOf, parseSetCookie, postJson, request } from '../support/wire.js';

const YEAR = 365 * 24 * 3600 * 1000;

function expectSessionCookie({ name, attributes }, { secure }) {
  expect(name).toBe(secure ? '__Host-session' : 'session');
  expect(attributes.httponly).toBe(true);
  expect(attributes.samesite).toBe('Strict');
  expect(attributes.path).toBe('/');
  expect(attributes.domain).toBeUndefined();
  expect(attributes.secure).toBe(secure ? true : undefined);
  const left = Date.parse(attributes.expires) - Date.now();
  expect(left).toBeGreaterThan(YEAR - 24 * 3600 * 1000);
  expect(left).toBeLessThan(YEAR + 24 * 3600 * 1000);
}

withAndWithoutJavaScript(() => {
  test('sign-in sets the cookie with all attributes', async ({ newAccount, newBrowser }) => {
    const person = await newAccount();
    const page = await newBrowser();
    const answers = [];
    page.on('response', (answer) => answer.request().method() === 'POST' && answers.push(answer));
    await page.goto('/login');
    await fillSignIn(page, person);
    await expectSignedIn(page);

    const headers = (await Promise.all(answers.map((answer) => answer.headersArray()))).flat();
    const lines = headers.filter(({ name }) => name.toLowerCase() === 'set-cookie').flatMap(({ value }) => value.split('\n'));
    const session = lines.map(parseSetCookie).filter(({ name, value }) => name.includes('session') && value !== '');
    expect(session).toHaveLength(1);
    expectSessionCookie(session[0], { secure: false });
    const [cookie] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/', domain: 'localhost', secure: false });
  });

  test('restart of both servers keeps users signed in', async ({ newPerson, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const { page, person } = await newPerson();
    await servers.app.stop();
    await servers.backend.kill();
    await servers.backend.start();
    await servers.app.start();
    await page.goto('/account');
    await expectSignedIn(page);
    await expect(page.getByRole('main')).toContainText(person.email);
  });

  test('session ended elsewhere redirects to sign-in and clears the cookie', async ({ newPerson, servers }) => {
    const { page } = await newPerson();
    const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    expect((await servers.backend.call('DELETE', '/account/sessions/current', { session: decodeURIComponent(value) })).status).toBe(204);
    await page.goto('/account');
    await expect(page).toHaveURL('/login?next=%2Faccount');
    expect((await page.context().cookies()).filter(({ name }) => name === 'session')).toEqual([]);
  });

  test('public page clears a dead cookie', async ({ page, context, baseURL }) => {
    await context.addCookies([{ name: 'session', value: 'bm9ib2R5', url: baseURL }]);
    await page.goto('/');
    await expectSignedOut(page);
    expect((await context.cookies()).filter(({ name }) => name === 'session')).toEqual([]);
  });
});

test('http cookie is named session, without Secure', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  const answer = await postJson(baseURL, '/api/login', { email: person.email, password: person.password });
  expect(answer.status).toBe(200);
  expectSessionCookie(answer.setCookies[0], { secure: false });
});

test('https cookie is named __Host-session, with Secure', async ({ newAccount, servers }) => {
  const person = await newAccount();
  const origin = 'https://app.example';
  const app = await App.start({ backend: servers.backend, env: { APP_ORIGIN: origin } });
  try {
    const answer = await postJson(app.origin, '/api/login', { email: person.email, password: person.password }, { host: 'app.example', origin });
    expect(answer.status).toBe(200);
    expectSessionCookie(answer.setCookies[0], { secure: true });
    expect(answer.headers['strict-transport-security']).toMatch(/max-age=\d{7,}/);

    const cookie = `__Host-session=${answer.setCookies[0].value}`;
    expect((await request(app.origin, '/api/user', { headers: { host: 'app.example', cookie } })).status).toBe(200);
    const plain = `session=${answer.setCookies[0].value}`;
    expect((await request(app.origin, '/api/user', { headers: { host: 'app.example', cookie: plain } })).status, 'the name of http counts for nothing on https').toBe(401);
  } finally {
    await app.dispose();
  }
});

test('unknown secret gets a 303 and a cleared cookie', async ({ baseURL }) => {
  const answer = await request(baseURL, '/account', { headers: { cookie: `session=${randomUUID()}` } });
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toBe('/login?next=%2Faccount');
  const [cleared] = answer.setCookies.filter(({ name }) => name === 'session');
  expect(cleared.value).toBe('');
  expect(cleared.attributes['max-age'] === '0' || Date.parse(cleared.attributes.expires) < Date.now()).toBe(true);
});

test('two cookies of the name count as none', async ({ newAccount, baseURL }) => {
  const person = await newAccount();
  const cookie = await cookieOf(baseURL, person);
  expect((await request(baseURL, '/api/user', { headers: { cookie } })).status).toBe(200);
  expect((await request(baseURL, '/api/user', { headers: { cookie: `${cookie}; session=other` } })).status).toBe(401);
  expect((await request(baseURL, '/api/user', { headers: { cookie: `session=other; ${cookie}` } })).status).toBe(401);
});

test("Appwrite's device list shows the user's browser", async ({ newPerson, servers }) => {
  const { page } = await newPerson();
  const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  const { body } = await servers.backend.call('GET', '/account/sessions/current', { session: decodeURIComponent(value) });
  expect(body.clientName).toContain('Chrom');
});

test('expired session redirects to sign-in and clears the cookie', async ({ newBrowser, watch }) => {
  const seconds = 3;
  const backend = await Backend.start({ args: ['--session-duration', String(seconds)] });
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const page = await newBrowser({ baseURL: app.origin });
    const person = await signUp(page, newUser());
    const cookie = await cookieOf(app.origin, person);
    const ask = () => request(app.origin, '/account', { headers: { cookie } });
    expect((await ask()).status).toBe(200);
    await expect.poll(async () => (await ask()).status, { timeout: (seconds + 5) * 1000 }).toBe(303);
    const answer = await ask();
    expect(answer.headers.location).toBe('/login?next=%2Faccount');
    expect(answer.setCookies.find(({ name }) => name === 'session')?.value).toBe('');
    expect((await page.context().cookies()).filter(({ name }) => name === 'session'), 'the browser forgets it at the same time').toEqual([]);
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});
