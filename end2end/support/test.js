// The `test` of all specs: servers per worker, users with their own browsers, and checks of every page.
import { test as base, expect } from '@playwright/test';
import { EverydayBrowser } from './everyday-browser.js';
import { App, Backend } from './servers.js';
import { createAccount, newUser, signUp } from './people.js';
import { Watch } from './watch.js';

export { expect };

export const test = base.extend({
  /** The worker's backend and app: `{ backend, app }`. A test that stops one of them must start it again. */
  servers: [
    // Playwright requires a destructured first argument.
    async ({}, use) => {
      const backend = await Backend.start();
      const app = await App.start({ backend }).catch(async (error) => {
        await backend.dispose();
        throw error;
      });
      await use({ backend, app });
      await app.dispose();
      await backend.dispose();
    },
    { scope: 'worker' },
  ],

  /** Empties the worker's table of birthdays: a page of the list shows only the first rows by name. */
  emptyList: [
    async ({ servers }, use) => {
      const { status } = await servers.backend.call('DELETE', '/tablesdb/main/tables/birthdays/rows', { body: {} });
      expect(status, 'the table of birthdays is emptied').toBe(200);
      await use();
    },
    { auto: true },
  ],

  baseURL: async ({ servers }, use) => use(servers.app.origin),

  /** Fails the test at its end if a page logged an error, violated the content policy, or requested another origin. */
  watch: async ({ servers }, use) => {
    const { app, backend } = servers;
    const watch = new Watch([app.origin, ...realtimeOrigins(backend.port)]);
    await use(watch);
    expect(watch.complaints, 'what the pages did behind the back of the person').toEqual([]);
  },

  context: async ({ context, watch }, use) => use(watch.context(context)),

  /** `await newBrowser()`: a page in another browser, with its own cookies. */
  newBrowser: async ({ browser, watch, servers }, use) => {
    const contexts = [];
    await use(async (options = {}) => {
      const context = watch.context(await browser.newContext({ baseURL: servers.app.origin, ...options }));
      contexts.push(context);
      return context.newPage();
    });
    await Promise.all(contexts.map((context) => context.close()));
  },

  /** `await newServers({ args, env })`: a backend with these arguments and an app with this environment, for one test. */
  newServers: async ({ watch }, use) => {
    const all = [];
    await use(async ({ args, env } = {}) => {
      const backend = await Backend.start({ args });
      all.unshift(backend);
      const app = await App.start({ backend, env });
      all.unshift(app);
      watch.allowServers({ app, backend });
      return { backend, app };
    });
    for (const server of all) await server.dispose();
  },

  /** A browser with one context, whose tabs can be hidden, frozen and kept in the back-forward cache. */
  everydayContext: async ({ watch }, use) => {
    const browser = await EverydayBrowser.start();
    await use(watch.context(browser.context));
    await browser.stop();
  },

  /** `await newAccount('Ada')`: a new user, whom no browser knows. */
  newAccount: async ({ playwright, baseURL }, use) =>
    use(async (name) => {
      const request = await playwright.request.newContext({ baseURL });
      const person = newUser(name);
      await createAccount(request, person);
      await request.dispose();
      return person;
    }),

  /** `await newPerson('Ada')`: a new signed-in user in another browser, on an empty page: `{ page, person }`. */
  newPerson: async ({ newBrowser }, use) =>
    use(async (name, options) => {
      const page = await newBrowser(options);
      return { page, person: await signUp(page, newUser(name)) };
    }),
});

/** Declares the same tests twice: for a browser with JavaScript, and for one without. */
export function withAndWithoutJavaScript(declare) {
  for (const javaScriptEnabled of [true, false]) {
    test.describe(javaScriptEnabled ? 'with JavaScript' : 'without JavaScript', () => {
      test.use({ javaScriptEnabled });
      declare({ javaScript: javaScriptEnabled });
    });
  }
}

function realtimeOrigins(port) {
  return [`ws://127.0.0.1:${port}`, `ws://localhost:${port}`];
}
