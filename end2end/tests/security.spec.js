// Attacks: other sites' forms, headers, content, and access to the session.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { App, API_KEY, APP_KEY, Backend } from '../support/servers.js';
import { expect, test } from '../support/test.js';
import { addBirthday, EVERYONE, expectLive, expectSignedIn, expectSignedOut, fillSignIn, row, signIn, signOut, signUp, newUser, uniqueName } from '../support/people.js';
import { cookieOf, postForm, postJson, request } from '../support/wire.js';

test.describe('forms of other sites', () => {
  /** A page of another origin with this content. */
  async function otherSite(host, content) {
    const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(content)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { origin: `http://${host}:${server.address().port}`, close: () => server.close() };
  }

  /** The address and the fields of the sign-out form, read from the page itself. */
  async function signOutForm(page) {
    const form = page.locator('form').filter({ has: page.getByRole('button', { name: 'Sign out', includeHidden: true }) });
    return form.evaluate((element) => element.action);
  }

  // To browsers, 127.0.0.1 is another site than localhost, and another port of localhost is the same site but another
  // origin.
  for (const [host, relation] of [['127.0.0.1', 'another site'], ['localhost', 'another origin of the same site']]) {
    test(`form of ${relation} signs nobody out`, async ({ newPerson, watch }) => {
      const { page } = await newPerson();
      await page.goto('/account');
      const site = await otherSite(host, `<form method="post" action="${await signOutForm(page)}"><button>Win a prize</button></form>`);
      watch.allowOrigin(site.origin);
      try {
        await page.goto(site.origin);
        const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), page.getByRole('button', { name: 'Win a prize' }).click()]);
        expect(answer.status()).toBe(403);
        await page.goto('/account');
        await expectSignedIn(page);
      } finally {
        site.close();
      }
    });

    test(`form of ${relation} signs nobody in`, async ({ newAccount, newBrowser, watch, baseURL }) => {
      const attacker = await newAccount('Mallory');
      const victim = await newBrowser();
      await victim.goto('/login');
      const login = await victim.locator('form').filter({ has: victim.getByLabel('Password') }).evaluate((form) => ({
        action: form.action,
        email: form.querySelector('input[type=email]').name,
        password: form.querySelector('input[type=password]').name,
      }));
      const site = await otherSite(
        host,
        `<form method="post" action="${login.action}"><input name="${login.email}" value="${attacker.email}"><input name="${login.password}" value="${attacker.password}"><button>Win a prize</button></form>`,
      );
      watch.allowOrigin(site.origin);
      try {
        await victim.goto(site.origin);
        const [answer] = await Promise.all([victim.waitForResponse((response) => response.request().method() === 'POST'), victim.getByRole('button', { name: 'Win a prize' }).click()]);
        expect(answer.status()).toBe(403);
        await victim.goto(baseURL);
        await expectSignedOut(victim);
      } finally {
        site.close();
      }
    });
  }

  const body = (person) => ({ email: person.email, password: person.password });
  for (const [situation, headers] of [
    ['marked as cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['marked as same-site', { 'sec-fetch-site': 'same-site' }],
    ['from a foreign origin, unmarked', { 'sec-fetch-site': undefined, origin: 'https://evil.example' }],
    ['from an origin that only begins like ours', { 'sec-fetch-site': undefined, origin: 'http://localhost:1' }],
    ['from an origin without a name', { 'sec-fetch-site': undefined, origin: 'null' }],
  ]) {
    test(`request ${situation} changes nothing`, async ({ newAccount, baseURL }) => {
      const person = await newAccount();
      const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value]));
      const strip = (all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
      const base = { origin: baseURL, 'sec-fetch-site': 'same-origin', ...given };
      for (const [type, text] of [
        ['application/json', JSON.stringify(body(person))],
        ['application/x-www-form-urlencoded', new URLSearchParams(body(person)).toString()],
        ['text/plain', JSON.stringify(body(person))],
        ['multipart/form-data; boundary=x', `--x\r\ncontent-disposition: form-data; name="email"\r\n\r\n${person.email}\r\n--x--`],
      ]) {
        for (const path of ['/api/login', '/login']) {
          const answer = await request(baseURL, path, {
            method: 'POST',
            headers: strip({ ...base, 'content-type': type, 'content-length': Buffer.byteLength(text) }),
            body: text,
          });
          expect(answer.status, `${path} ${type}`).toBe(403);
          expect(answer.setCookies).toEqual([]);
        }
      }
    });
  }

  test('server functions refuse other origins too', async ({ newPerson, baseURL }) => {
    const { page, person } = await newPerson();
    const calls = [];
    page.on('request', (sent) => sent.method() === 'POST' && calls.push({ path: new URL(sent.url()).pathname, type: sent.headers()['content-type'], body: sent.postData() ?? '' }));
    await page.goto('/birthdays');
    await expectLive(page);
    await addBirthday(page, { name: uniqueName() });
    expect(calls.length, 'the hydrated page calls server functions').toBeGreaterThan(0);
    const cookie = await cookieOf(baseURL, person);
    for (const { path, type, body: text } of calls) {
      const headers = { cookie, ...(type && { 'content-type': type }), 'content-length': Buffer.byteLength(text) };
      for (const foreign of [{ 'sec-fetch-site': 'cross-site', origin: 'https://evil.example' }, { origin: 'https://evil.example' }, { 'sec-fetch-site': 'same-site', origin: 'http://localhost:1' }]) {
        const answer = await request(baseURL, path, { method: 'POST', headers: { ...headers, ...foreign }, body: text });
        expect(answer.status, `${path} ${JSON.stringify(foreign)}`).toBe(403);
      }
      expect([404, 405], `GET ${path} does nothing`).toContain((await request(baseURL, path, { headers: { cookie, 'sec-fetch-site': 'same-origin' } })).status);
    }
  });
});

test.describe('headers', () => {
  const paths = ['/', '/login', '/signup', '/birthdays', '/no-such-page', '/account', '/api/user'];
  for (const path of paths) {
    test(`${path} has security headers`, async ({ baseURL }) => {
      const { headers } = await request(baseURL, path);
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['referrer-policy']).toMatch(/^(no-referrer|same-origin|strict-origin-when-cross-origin)$/);
      expect(headers['strict-transport-security'], 'only on https').toBeUndefined();
      const policy = Object.fromEntries(headers['content-security-policy'].split(';').map((part) => part.trim().split(/\s+(.*)/s).slice(0, 2)));
      expect(policy['frame-ancestors']).toBe("'none'");
      expect(policy['object-src'] ?? policy['default-src']).toBe("'none'");
      expect(policy['base-uri']).toMatch(/'(none|self)'/);
      expect(JSON.stringify(policy)).not.toContain('unsafe-inline');
      expect(JSON.stringify(policy)).not.toContain("'unsafe-eval'");
    });
  }

  test('scripts need a new nonce each time', async ({ baseURL }) => {
    const nonces = new Set();
    for (let time = 0; time < 5; time++) {
      const { headers, body } = await request(baseURL, '/');
      const [, nonce] = /script-src [^;]*'nonce-([^']+)'/.exec(headers['content-security-policy']);
      expect(headers['content-security-policy']).toContain("'wasm-unsafe-eval'");
      expect(body).toContain(`nonce="${nonce}"`);
      for (const [tag] of body.matchAll(/<script\b[^>]*>/g)) expect(tag).toContain(`nonce="${nonce}"`);
      nonces.add(nonce);
    }
    expect(nonces.size).toBe(5);
  });

  test('pages may connect only to their origin and Realtime', async ({ baseURL, servers }) => {
    const { headers } = await request(baseURL, '/birthdays');
    const sources = /connect-src ([^;]*)/.exec(headers['content-security-policy'])[1].trim().split(/\s+/);
    expect(sources.sort()).toEqual(["'self'", `ws://127.0.0.1:${servers.backend.port}`].sort());
  });

  test('private pages are not cached', async ({ newAccount, baseURL }) => {
    const person = await newAccount();
    const cookie = await cookieOf(baseURL, person);
    for (const path of ['/', '/account', '/birthdays', '/login', '/api/user']) {
      const { headers } = await request(baseURL, path, { headers: { cookie } });
      expect(headers['cache-control'], path).toContain('no-store');
    }
    const mine = await request(baseURL, '/no-such-page', { headers: { cookie } });
    expect(mine.body, 'a page that is the same for everyone').not.toContain(person.name);
  });

  test('assets are hashed, compressed and cached forever', async ({ baseURL }) => {
    const { body } = await request(baseURL, '/');
    const assets = [...new Set(body.match(/\/pkg\/[\w.-]+\.(?:js|wasm)/g))];
    expect([...new Set(assets.map((path) => path.split('.').pop()))].sort()).toEqual(['js', 'wasm']);
    expect(body, 'the style sheet comes with the page').toMatch(/<style nonce="[^"]+">:root\{/);
    for (const path of assets) {
      expect(path).toMatch(/\.[\w-]{16,}\.(js|wasm)$/);
      const { status, headers } = await request(baseURL, path, { headers: { 'accept-encoding': 'gzip, br' } });
      expect(status).toBe(200);
      expect(headers['cache-control'], path).toMatch(/immutable/);
      expect(headers['content-encoding'], path).toBe('br');
      expect(headers['x-content-type-options'], path).toBe('nosniff');
    }
  });

  test('pages are compressed with zstd, or gzip where the browser does not read it', async ({ page, baseURL }) => {
    for (const [accepted, used] of [['gzip, deflate, br, zstd', 'zstd'], ['gzip, deflate, br', 'gzip'], ['zstd;q=0, gzip', 'gzip'], ['br', undefined], ['identity', undefined]]) {
      const { status, headers } = await request(baseURL, '/login', { headers: { 'accept-encoding': accepted } });
      expect([status, headers['content-encoding']], accepted).toEqual([200, used]);
      expect(headers.vary, accepted).toMatch(/accept-encoding/i);
    }
    const response = await page.goto('/login');
    expect(await response.headerValue('content-encoding')).toBe('zstd');
    await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible();
  });

  test('response and log have the same request id', async ({ baseURL, servers }) => {
    const { headers } = await request(baseURL, '/no-such-page');
    expect(headers['x-request-id']).toMatch(/^[\w-]{8,}$/);
    await expect.poll(() => servers.app.log).toContain(headers['x-request-id']);
  });
});

test('session secret, key and password appear nowhere', async ({ newBrowser, watch }) => {
  test.slow();
  // Both programs log as much as they can.
  const backend = await Backend.start({ env: { RUST_LOG: 'trace' } });
  const app = await App.start({ backend, env: { RUST_LOG: 'trace' } });
  watch.allowServers({ app, backend });
  try {
    const page = await newBrowser({ baseURL: app.origin });
    const seen = [];
    page.on('request', (sent) => seen.push(['address', sent.url()]));
    const reading = [];
    const read = async (answer) => {
      for (const { name, value } of await answer.headersArray()) if (name.toLowerCase() !== 'set-cookie') seen.push([`header ${name} of ${answer.url()}`, value]);
      const type = answer.headers()['content-type'] ?? '';
      // A redirect has no body, and the body of a page already left may be unavailable.
      if (!/wasm|image|font/.test(type)) seen.push([`body of ${answer.url()}`, await answer.text().catch(() => '')]);
    };
    page.on('response', (answer) => reading.push(read(answer)));
    page.on('websocket', (socket) => {
      socket.on('framereceived', ({ payload }) => seen.push(['frame received', String(payload)]));
      socket.on('framesent', ({ payload }) => seen.push(['frame sent', String(payload)]));
    });

    const person = newUser();
    const secrets = new Map([['the API key', API_KEY], ['the key of the app', APP_KEY], ['the password', person.password]]);
    const rememberSecret = async () => {
      const value = decodeURIComponent((await page.context().cookies()).find(({ name }) => name === 'session').value);
      secrets.set(`the session's cookie ${secrets.size}`, value);
      const inner = Buffer.from(value, 'base64').toString();
      if (inner.startsWith('{')) secrets.set(`the secret inside the cookie ${secrets.size}`, JSON.parse(inner).secret);
    };

    await signUp(page, person);
    await rememberSecret();
    await page.goto('/birthdays');
    await expectLive(page);
    const name = uniqueName();
    await addBirthday(page, { name, visibility: EVERYONE });
    await row(page, name).getByRole('link', { name: `Edit ${name}` }).click();
    await expect(page).toHaveURL(/\/edit$/);
    await page.goto('/account');
    await signOut(page);
    await page.goto('/login');
    await fillSignIn(page, { ...person, password: `${person.password}, nearly` });
    await expect(page.getByRole('alert')).toBeVisible();
    await signIn(page, person);
    await rememberSecret();
    await page.goto('/birthdays');
    await expectLive(page);
    seen.push(['storage', await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, history.state, name]))]);
    seen.push(['page', await page.content()]);
    await signOut(page);
    await Promise.all(reading);

    const texts = [...seen, ...watch.consoleLines.map((line) => ['console', line]), ['log of the app', app.log], ['log of the backend', backend.log]];
    const found = [];
    for (const [what, secret] of secrets) {
      for (const [where, text] of texts) {
        for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64').replace(/=+$/, '')]) {
          if (text.includes(form)) found.push(`${what} in ${where}: …${text.slice(Math.max(0, text.indexOf(form) - 80), text.indexOf(form))}`);
        }
      }
    }
    expect(found).toEqual([]);
    expect(secrets.size).toBeGreaterThanOrEqual(5);

    const jwts = [...app.log.matchAll(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g), ...backend.log.matchAll(/eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+/g)];
    expect(jwts.map(([jwt]) => jwt), 'no ticket in a log').toEqual([]);
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});

test('scripts cannot read the cookie', async ({ newPerson }) => {
  const { page } = await newPerson();
  await page.goto('/account');
  expect(await page.evaluate(() => document.cookie)).not.toContain('session');
});

test('pages cannot be framed', async ({ page, watch, baseURL }) => {
  watch.allow(/frame-ancestors/, /Refused to frame/, /Framing/);
  const server = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end(`<iframe src="${baseURL}/"></iframe>`)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://localhost:${server.address().port}`;
  watch.allowOrigin(origin, 'null');
  try {
    await page.goto(origin);
    await expect.poll(() => watch.consoleLines.join('\n')).toMatch(/frame-ancestors/);
    await expect(page.frameLocator('iframe').getByRole('link')).toHaveCount(0);
  } finally {
    server.close();
  }
});

test.describe('bodies', () => {
  const large = 'a'.repeat(100 * 1024);

  test('large body is refused with 413', async ({ baseURL }) => {
    const [, action] = /<form[^>]*\baction="([^"]+)"/.exec((await request(baseURL, '/login')).body);
    for (const answer of [
      await postJson(baseURL, '/api/login', JSON.stringify({ email: 'ada@example.org', password: large }), { expect: '100-continue' }),
      await postForm(baseURL, action, { email: 'ada@example.org', password: large }, { expect: '100-continue' }),
    ]) {
      expect(answer.status).toBe(413);
      expect(answer.setCookies).toEqual([]);
      expect(answer.body).not.toBe('');
    }
    expect((await request(baseURL, '/')).status).toBe(200);
  });

  test('endless body without a length is cut off', async ({ baseURL }) => {
    const answer = await request(baseURL, '/api/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: baseURL, 'sec-fetch-site': 'same-origin', 'transfer-encoding': 'chunked' },
      body: `{"email":"${large}"}`,
    });
    expect(answer.status).toBe(413);
    expect((await request(baseURL, '/')).status).toBe(200);
  });

  test('huge bodies do not stop the app', async ({ baseURL }) => {
    const endless = 'a'.repeat(20 * 1024 * 1024);
    for (let time = 0; time < 3; time++) {
      // The server closes the connection while the client still writes, so the client's result varies.
      await postForm(baseURL, '/actions/sign_in', { email: endless }).catch((error) => expect(['EPIPE', 'ECONNRESET']).toContain(error.code));
    }
    expect((await request(baseURL, '/')).status).toBe(200);
  });

  test.describe('without JavaScript', () => {
    test.use({ javaScriptEnabled: false });
    test('large form gets an explanation', async ({ page }) => {
      await page.goto('/login');
      await page.getByLabel('Email').evaluate((field, text) => (field.value = text), `${large}@example.org`);
      await page.getByLabel('Password').fill('long enough');
      const [answer] = await Promise.all([page.waitForResponse((response) => response.request().method() === 'POST'), page.getByRole('button', { name: 'Sign in' }).click()]);
      expect(answer.status()).toBe(413);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await expect(page.getByRole('main').getByRole('link').first()).toBeVisible();
    });
  });
});
