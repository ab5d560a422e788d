// Sign-in with a provider on another site: the app is `localhost`, the provider `127.0.0.1`.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectSignedIn, expectSignedOut, navigation, signOut, newUser } from '../support/people.js';
import { App } from '../support/servers.js';

const BUTTON = 'Continue with Mock provider';

test.use({
  watch: async ({ watch, servers }, use) => {
    watch.allowOrigin(`http://127.0.0.1:${servers.backend.port}`);
    await use(watch);
  },
});

/** Submits the provider's consent form with this decision. */
async function decide(page, decision, { name, email, verified = true } = {}) {
  await expect(page.getByRole('heading', { name: 'Mock sign-in' })).toBeVisible();
  if (email) await page.getByLabel('Email').fill(email);
  if (name) await page.getByLabel('Name').fill(name);
  if (!verified) await page.getByLabel('The address is verified').uncheck();
  await page.getByRole('button', { name: decision }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  for (const start of ['/login', '/signup']) {
    test(`sign-in from ${start} returns signed in`, async ({ page, servers, watch }) => {
      const person = newUser();
      await page.goto(`${start}?next=${encodeURIComponent('/birthdays')}`);
      await page.getByRole('button', { name: BUTTON }).click();
      await expect(page).toHaveURL(new RegExp(`^http://127\\.0\\.0\\.1:${servers.backend.port}/oauth2/mock/authorize`));
      await decide(page, 'Allow', person);
      await expect(page).toHaveURL('/birthdays');
      await expectSignedIn(page);
      await expect(navigation(page)).toContainText(person.name);

      const cookies = await page.context().cookies();
      const own = cookies.filter(({ domain }) => domain === 'localhost');
      expect(own.find(({ name }) => name === 'session')).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
      expect(own.find(({ name }) => name === 'signed-in')).toMatchObject({ httpOnly: true, sameSite: 'Lax', value: '1' });
      const paths = watch.requests.map((address) => new URL(address).pathname);
      expect(paths.filter((path) => path === '/login/provider/return')).toHaveLength(1);
      // The app opens the page again from its own site, so that the browser sends the session cookie.
      expect(paths.filter((path) => path === '/birthdays')).toHaveLength(2);
      const back = watch.requests.filter((address) => new URL(address).pathname === '/login/provider/return');
      if (javaScript) {
        const secret = new URL(back[0]).searchParams.get('secret');
        expect(secret).toBeTruthy();
        expect(await page.evaluate(() => document.referrer)).not.toContain('secret');
        const entries = await page.evaluate(() => navigation.entries().map(({ url }) => url));
        expect(entries.join(' ')).not.toContain('secret');
        expect(await page.content()).not.toContain(secret);
      }
    });
  }

  test('unchecked choice applies to providers and survives refusal', async ({ page }) => {
    await page.goto('/login');
    await page.getByLabel('Keep me signed in').uncheck();
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Deny');
    await expect(page.getByLabel('Keep me signed in')).not.toBeChecked();
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', newUser());
    await expectSignedIn(page);
    const session = (await page.context().cookies()).find(({ name, domain }) => name === 'session' && domain === 'localhost');
    expect(session.expires).toBe(-1);
  });

  test('linked service is listed and unlinked after confirmation', async ({ page }) => {
    const person = newUser();
    await page.goto('/login');
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', person);
    await expectSignedIn(page);
    await page.goto('/account');
    await page.getByRole('link', { name: 'Manage Linked services' }).click();
    const service = page.getByRole('list', { name: 'Linked services' }).getByRole('listitem');
    await expect(service).toContainText('Mock provider');
    await expect(service).toContainText(person.email);
    await service.locator('summary').click();
    await service.getByRole('button', { name: 'Yes, unlink Mock provider' }).click();
    await expect(page.getByText('The service is unlinked.')).toBeVisible();
    await expect(page.getByText('No service is linked.')).toBeVisible();
  });

  test('two tabs return from the provider to their own pages', async ({ page }) => {
    const other = await page.context().newPage();
    const tabs = [
      { tab: page, next: '/birthdays?tab=1' },
      { tab: other, next: '/birthdays?tab=2' },
    ];
    for (const { tab, next } of tabs) {
      await tab.goto(`/login?next=${encodeURIComponent(next)}`);
      await tab.getByRole('button', { name: BUTTON }).click();
    }
    const person = newUser();
    for (const { tab, next } of tabs.toReversed()) {
      await decide(tab, 'Allow', person);
      await expect(tab).toHaveURL(next);
      await expectSignedIn(tab);
    }
  });

  test('back button does not reuse a proof', async ({ page }) => {
    await page.goto('/login');
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', newUser());
    await expect(page).toHaveURL('/account');
    await page.goBack();
    expect(page.url()).not.toContain('/login/provider/return');
    await page.goto('/account');
    await expectSignedIn(page);
  });

  test('denied sign-in is explained and can be retried', async ({ page }) => {
    const person = newUser();
    await page.goto('/login?next=%2Fbirthdays');
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Deny');
    await expect(page).toHaveURL('/login?next=%2Fbirthdays');
    await expect(page.getByText('Mock provider didn\'t confirm your sign-in. Try again or choose another method.')).toBeVisible();
    await expect(page.getByText('The user denied access')).toHaveCount(0);
    await expectSignedOut(page);
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', person);
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('only a verified address opens the existing account', async ({ page, newAccount }) => {
    const person = await newAccount();
    await page.goto('/login');
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', { ...person, verified: false });
    await expect(page.getByText('Mock provider has not verified that the address is yours.')).toBeVisible();
    await expectSignedOut(page);
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', person);
    await expect(page).toHaveURL('/account');
    await expect(navigation(page)).toContainText(person.name);
  });

  test('callback URL works once and in one browser only', async ({ page, newBrowser, watch }) => {
    await page.goto('/login');
    await page.getByRole('button', { name: BUTTON }).click();
    await decide(page, 'Allow', newUser());
    await expect(page).toHaveURL('/account');
    const back = watch.requests.find((address) => new URL(address).pathname === '/login/provider/return');
    await signOut(page);
    for (const someones of [page, await newBrowser()]) {
      await someones.goto(back);
      await expect(someones).toHaveURL('/login');
      await expect(someones.getByText('This sign-in expired or started in another browser. Start again.')).toBeVisible();
      await expectSignedOut(someones);
    }
  });

  test('callback URL from another site signs nobody in', async ({ page, servers, newBrowser }) => {
    // The attacker starts a sign-in and keeps the callback URL, which would sign others in as the attacker.
    const attacker = await newBrowser();
    await attacker.goto('/login');
    await attacker.getByRole('button', { name: BUTTON }).click();
    const caught = attacker.waitForRequest((request) => new URL(request.url()).pathname === '/login/provider/return');
    await attacker.route('**/login/provider/return?*', (route) => route.abort());
    await decide(attacker, 'Allow', newUser('Eve'));
    const callback = (await caught).url();

    await page.goto(`http://127.0.0.1:${servers.backend.port}/outbox`);
    await page.goto(callback, { referer: page.url() });
    await expect(page.getByText('This sign-in expired or started in another browser. Start again.')).toBeVisible();
    await expectSignedOut(page);
  });
});

test('disabled provider is explained and no longer offered', async ({ servers, newBrowser, watch }) => {
  const { backend } = servers;
  const app = await App.start({ backend, env: { OAUTH_PROVIDERS: 'github,mock' } });
  watch.allowServers({ app });
  try {
    for (const javaScriptEnabled of [true, false]) {
      const page = await newBrowser({ baseURL: app.origin, javaScriptEnabled });
      await page.goto('/login');
      if (!javaScriptEnabled) {
        await expect(page.getByRole('button', { name: BUTTON })).toBeVisible();
        await expect(page.getByRole('button', { name: 'Continue with GitHub' })).toHaveCount(0);
        continue;
      }
      await page.getByRole('button', { name: 'Continue with GitHub' }).click();
      await expect(page.getByRole('alert')).toHaveText('This is switched off on this site. Choose another method.');
    }
  } finally {
    await app.dispose();
  }
});

test('forms cannot redirect to other sites', async ({ page, servers }) => {
  const answer = await page.goto('/login');
  const policy = answer.headers()['content-security-policy'];
  expect(/form-action ([^;]*)/.exec(policy)[1]).toBe("'self'");
  expect(policy).not.toContain(`http://127.0.0.1:${servers.backend.port};`);
});
