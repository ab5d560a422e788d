// Sign-out: the session ends at Appwrite and in the browser, and the back button shows nothing private.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectSignedIn, expectSignedOut, navigation, pressSignOut, signOut } from '../support/people.js';
import { CONNECTION_LINES } from '../support/watch.js';
import { request } from '../support/wire.js';

withAndWithoutJavaScript(() => {
  test('sign-out ends the session everywhere', async ({ newPerson, servers }) => {
    const { page } = await newPerson();
    await page.goto('/account');
    const { value: secret } = (await page.context().cookies()).find(({ name }) => name === 'session');
    expect((await servers.backend.call('GET', '/account', { session: decodeURIComponent(secret) })).status).toBe(200);

    await signOut(page);

    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['known-browser']);
    expect((await servers.backend.call('GET', '/account', { session: decodeURIComponent(secret) })).status).toBe(401);
    await page.goto('/account');
    await expect(page).toHaveURL('/login?next=%2Faccount');
  });

  test('back button shows nothing private after sign-out', async ({ newPerson }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    await expect(page.getByRole('main')).toContainText(person.email);
    await signOut(page);
    await page.goBack();
    await expect(navigation(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByText(person.email)).toHaveCount(0);
    await expect(page.getByText(person.name)).toHaveCount(0);
  });

  test('sign-out works while Appwrite is down', async ({ newPerson, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const { page } = await newPerson();
    await page.goto('/account');
    await servers.backend.kill();
    try {
      await pressSignOut(page);
      await expect.poll(async () => (await page.context().cookies()).map(({ name }) => name)).toEqual(['known-browser']);
    } finally {
      await servers.backend.start();
    }
    await page.waitForURL((url) => url.pathname === '/');
    await page.goto('/');
    await expectSignedOut(page);
  });

  test('sign-out in one browser keeps the other', async ({ newPerson, newBrowser }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    const other = await newBrowser();
    await other.goto('/login');
    await other.getByLabel('Email').fill(person.email);
    await other.getByLabel('Password').fill(person.password);
    await other.getByRole('button', { name: 'Sign in' }).click();
    await expectSignedIn(other);
    await signOut(page);
    await other.reload();
    await expectSignedIn(other);
  });
});

test('links sign nobody out', async ({ newPerson, baseURL }) => {
  const { page } = await newPerson();
  for (const path of ['/', '/account', '/birthdays']) {
    await page.goto(path);
    const links = await page.getByRole('link').evaluateAll((all) => all.map((link) => link.getAttribute('href')));
    for (const href of links.filter((link) => link?.startsWith('/'))) {
      const cookie = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
      const answer = await request(baseURL, href, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
      expect(answer.setCookies.filter(({ name }) => name === 'session'), `GET ${href}`).toEqual([]);
    }
  }
  await page.goto('/account');
  await expectSignedIn(page);
});
