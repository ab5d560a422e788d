// The `create-tables` command, and the app with the tables that it made.
import { App, API_KEY, PROJECT_ID, Server } from '../support/servers.js';
import { program } from '../support/programs.js';
import { expect, test } from '../support/test.js';
import { addBirthday, expectLive, row, signUp, newUser, uniqueName } from '../support/people.js';

function createTable(env) {
  return new Server({ command: program('leptos-birthdays'), args: ['create-tables'], env, ready: /$^/ }).runToEnd();
}

test('first run creates the tables and the second changes nothing', async ({ servers, newBrowser, watch }) => {
  const tables = { APPWRITE_DATABASE_ID: 'family' };
  const env = { APPWRITE_ENDPOINT: servers.backend.endpoint, APPWRITE_PROJECT_ID: PROJECT_ID, APPWRITE_API_KEY: API_KEY, ...tables };
  const first = await createTable(env);
  expect(first.code, first.log).toBe(0);
  expect(first.log).toMatch(/created/);
  const second = await createTable(env);
  expect(second.code, second.log).toBe(0);
  expect(second.log).not.toMatch(/has been created/);
  expect(first.log + second.log).not.toContain(API_KEY);

  const app = await App.start({ backend: servers.backend, env: tables });
  watch.allowServers({ app });
  try {
    const page = await newBrowser({ baseURL: app.origin });
    await signUp(page, newUser());
    await page.goto('/birthdays');
    await expectLive(page);
    const name = uniqueName();
    await addBirthday(page, { name });
    await page.reload();
    await expect(row(page, name)).toBeVisible();
  } finally {
    await app.dispose();
  }
});

for (const { situation, env, says } of [
  { situation: 'no Appwrite', env: {}, says: /No Appwrite is configured/ },
  { situation: 'an address where nobody answers', env: { APPWRITE_ENDPOINT: 'http://127.0.0.1:9/v1' }, says: /APPWRITE_ENDPOINT/ },
  { situation: 'a wrong key', env: { APPWRITE_API_KEY: 'wrong-key' }, says: /key|scope/i },
]) {
  test(`${situation} fails with instructions`, async ({ servers }) => {
    const good = { APPWRITE_ENDPOINT: servers.backend.endpoint, APPWRITE_PROJECT_ID: PROJECT_ID, APPWRITE_API_KEY: API_KEY };
    const { code, log } = await createTable(Object.keys(env).length > 0 ? { ...good, ...env } : {});
    expect(code).toBe(1);
    expect(log).toMatch(says);
    expect(log).not.toContain('panicked');
  });
}
