// Opening the app from a link on another site, for which browsers omit the `Strict` cookie. 127.0.0.1 links to
// localhost.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { continueAsGuest, expectSignedIn, expectSignedOut, fillAddress, fillSignIn, openMail, readMail, signOut, signUp, newUser, userMenu } from '../support/people.js';

const SECRET = 'a1'.repeat(32);
const ROUTES = [
  '/',
  '/recovery',
  '/recovery/sent',
  `/recovery/open?userId=kay&secret=${SECRET}`,
  `/login/link/open?userId=kay&secret=${SECRET}`,
  `/account/confirm?userId=kay&secret=${SECRET}`,
  '/account',
  '/account?tab=1',
  '/birthdays',
  '/login',
  '/login/provider/return?state=x',
];

/** A site at `host` with one link, whose target is in the page's URL. */
async function otherSite(host = '127.0.0.1') {
  const server = createServer((request, answer) => {
    const href = decodeURIComponent(new URL(request.url, 'http://x').search.slice(1)).replaceAll('"', '&quot;');
    answer.setHeader('content-type', 'text/html').end(`<title>Elsewhere</title><a href="${href}">Go there</a>`);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://${host}:${server.address().port}`;
  return { origin, close: () => server.close() };
}

/** Clicks a link on that site to a page of the app. */
async function openFromOtherSite(page, site, address) {
  await page.goto(`${site.origin}/?${encodeURIComponent(address)}`);
  await page.getByRole('link', { name: 'Go there' }).click();
  await expect(page.getByRole('main')).toBeVisible();
}

const crossSiteTest = test.extend({
  site: async ({ watch }, use) => {
    const site = await otherSite();
    watch.allowOrigin(site.origin);
    await use(site);
    site.close();
  },
});

async function cookie(page, name) {
  return (await page.context().cookies()).find((one) => one.name === name);
}

withAndWithoutJavaScript(() => {
  crossSiteTest('signed-in user stays signed in on every page', async ({ page, site, baseURL }) => {
    await signUp(page, newUser());
    for (const path of ROUTES) {
      await openFromOtherSite(page, site, `${baseURL}${path}`);
      await expectSignedIn(page);
    }
  });

  crossSiteTest('reload after a cross-site link keeps the user signed in', async ({ page, site, baseURL }) => {
    await signUp(page, newUser());
    await openFromOtherSite(page, site, `${baseURL}/recovery`);
    await page.reload();
    await expectSignedIn(page);
  });

  for (const fragment of ['', '#', '#keep', '#%22%3E']) {
    crossSiteTest(`address that ends in "${fragment}" is opened`, async ({ page, site, baseURL }) => {
      await continueAsGuest(page);
      await openFromOtherSite(page, site, `${baseURL}/account?tab=1${fragment}`);
      await expect(page.getByRole('heading', { name: 'Your account', exact: true })).toBeVisible();
      await expect(page).toHaveURL(/\/account\?tab=1/);
    });
  }

  crossSiteTest('visitor without a marker is not reopened, and an old marker is removed', async ({ page, site, baseURL, watch }) => {
    const asked = (path) => watch.requests.filter((address) => address === `${baseURL}${path}`).length;
    await openFromOtherSite(page, site, `${baseURL}/recovery?first`);
    expect(asked('/recovery?first')).toBe(1);
    await page.context().addCookies([{ name: 'signed-in', value: '1', url: baseURL, sameSite: 'Lax', httpOnly: true }]);
    await openFromOtherSite(page, site, `${baseURL}/recovery?second`);
    expect(asked('/recovery?second')).toBe(2);
    await expectSignedOut(page);
    expect(await cookie(page, 'signed-in')).toBeUndefined();
    await openFromOtherSite(page, site, `${baseURL}/recovery?third`);
    expect(asked('/recovery?third')).toBe(1);
  });

  crossSiteTest('sign-out removes the marker', async ({ page }) => {
    await signUp(page, newUser());
    await page.goto('/account');
    expect(await cookie(page, 'signed-in')).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
    await signOut(page);
    expect(await cookie(page, 'signed-in')).toBeUndefined();
  });

  crossSiteTest('guest who opens an emailed link is warned before switching accounts', async ({ page, newBrowser, servers, watch }) => {
    watch.allowOrigin(new URL(servers.backend.outbox).origin);
    const { email } = newUser();
    const other = await newBrowser();
    await other.goto('/login/link');
    await fillAddress(other, email);
    await other.getByRole('button', { name: 'Send the link' }).click();
    await expect(other.getByRole('heading', { name: 'Check your email' })).toBeVisible();
    await continueAsGuest(page);
    await openMail(page, servers.backend, email);
    await expect(page.getByRole('main')).toContainText('Continuing will switch accounts.');
    // The page with the form sends no `Referer`.
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL('/account');
    await expect(page.getByRole('main')).toContainText(email);
  });

  crossSiteTest('form of an emailed link sends its origin without Sec-Fetch-Site', async ({ page, servers, watch, javaScriptEnabled }) => {
    watch.allowOrigin(new URL(servers.backend.outbox).origin);
    const { email } = newUser();
    await page.goto('/login/link');
    await fillAddress(page, email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
    await readMail(page, servers.backend, email);
    const opened = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/login/link/open');
    await page.getByRole('link').click();
    expect((await opened).headers()['referrer-policy']).toBe('no-referrer');
    const posted = page.waitForRequest((request) => request.method() === 'POST');
    await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    const headers = await (await posted).allHeaders();
    expect(headers.origin, javaScriptEnabled ? 'by script' : 'by the browser').toBe(new URL(page.url()).origin);
    expect(headers.referer ?? '').not.toContain('secret');
    await expectSignedIn(page);
  });
});

for (const visitor of ['Zoë', '日本', '🎂']) {
  crossSiteTest(`cookie ${visitor} of another port neither signs out nor stops sign-in`, async ({ page, newAccount, baseURL, watch }) => {
    const person = await newAccount();
    const site = await otherSite('localhost');
    watch.allowOrigin(site.origin);
    try {
      await page.goto(site.origin);
      await page.evaluate((value) => (document.cookie = `visitor=${value}; path=/`), visitor);
      await page.goto(`${baseURL}/login`);
      await fillSignIn(page, person);
      await expect(userMenu(page)).toBeVisible();
      await page.goto('/account');
      await expectSignedIn(page);
      expect(await page.evaluate(() => document.cookie)).toContain(visitor);
    } finally {
      site.close();
    }
  });
}
