// The start of the app with different environments.
import { App } from '../support/servers.js';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectSignedIn, signUp, newUser } from '../support/people.js';
import { request } from '../support/wire.js';

withAndWithoutJavaScript(() => {
  test('unconfigured app starts its own backend and keeps sessions', async ({ newBrowser, watch }) => {
    const app = await App.start();
    watch.allowServers({ app });
    try {
      const address = /using the local Appwrite at (http:\/\/127\.0\.0\.1:\d+\/v1)/.exec(app.log)?.[1];
      expect(address, 'it prints the address of its backend').toBeTruthy();
      watch.allowOrigin(address.replace(/^http(.*)\/v1$/, 'ws$1'));
      const page = await newBrowser({ baseURL: app.origin });
      const person = await signUp(page, newUser());

      await app.kill();
      const from = app.log.length;
      await app.start();
      const again = /using the local Appwrite at (http:\/\/127\.0\.0\.1:\d+)\/v1/.exec(app.log.slice(from))?.[1];
      watch.allowOrigin(again.replace('http', 'ws'));
      await page.goto('/account');
      await expectSignedIn(page);
      await expect(page.getByRole('main')).toContainText(person.email);
    } finally {
      await app.dispose();
    }
  });
});

test('app prints its address and works under both loopback names', async ({ servers }) => {
  expect(servers.app.log).toContain(`\nopen ${servers.app.origin}\n`);
  for (const host of ['localhost', '127.0.0.1']) {
    const answer = await request(servers.app.origin, '/', { headers: { host: `${host}:${servers.app.port}` } });
    expect(answer.status).toBe(200);
  }
});

for (const { situation, env, sentences } of [
  { situation: 'half an Appwrite', env: { APPWRITE_ENDPOINT: 'https://appwrite.example/v1' }, sentences: ['APPWRITE_PROJECT_ID', 'APPWRITE_API_KEY'] },
  {
    situation: 'several problems',
    env: { APPWRITE_ENDPOINT: 'not an address', APPWRITE_PROJECT_ID: '../../x', APP_ORIGIN: 'http://app.example', APPWRITE_DATABASE_ID: '%' },
    sentences: ['APPWRITE_ENDPOINT', 'APPWRITE_PROJECT_ID', 'APPWRITE_API_KEY', 'APP_ORIGIN', 'APPWRITE_DATABASE_ID'],
  },
  { situation: 'production without an Appwrite', env: { LEPTOS_ENV: 'PROD', APP_ORIGIN: 'https://app.example' }, sentences: ['No Appwrite is configured'] },
]) {
  test(`${situation} stops the start and all problems are listed`, async () => {
    const app = await App.prepare({ env });
    try {
      const { code, log } = await app.runToEnd();
      expect(code).not.toBe(0);
      expect(code).not.toBeNull();
      for (const sentence of sentences) expect(log).toContain(sentence);
      expect(log).not.toContain('listening on');
      expect(log).not.toContain('panicked');
    } finally {
      await app.dispose();
    }
  });
}

test('production uses the local backend only on request', async () => {
  const app = await App.start({ env: { LEPTOS_ENV: 'PROD', LOCAL_APPWRITE: 'yes', APP_ORIGIN: 'https://app.example' } });
  try {
    expect(app.log).toMatch(/using the local Appwrite at/);
  } finally {
    await app.dispose();
  }
});

test('app stops cleanly on request', async ({ servers }) => {
  const app = await App.start({ backend: servers.backend });
  try {
    expect((await request(app.origin, '/')).status).toBe(200);
    await app.stop();
    expect(app.log).not.toContain('panicked');
  } finally {
    await app.dispose();
  }
});
