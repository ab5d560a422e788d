// Sign-in by email and password: the form, its errors, and the page afterwards.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, fillSignIn, navigation, signIn, signOut, newUser, withoutBrowserChecks } from '../support/people.js';
import { cookieOf, request } from '../support/wire.js';

const NOT_RIGHT = 'Incorrect email or password.';

withAndWithoutJavaScript(({ javaScript }) => {
  test('signed-out user signs in again', async ({ newPerson }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    await signOut(page);
    await navigation(page).getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
    await expectSignedIn(page);
    await expect(page.getByRole('main')).toContainText(person.email);
  });

  test('wrong password and unknown address get the same message', async ({ page, newAccount }) => {
    const person = await newAccount();
    const stranger = newUser('Nobody');
    const shown = [];
    for (const attempt of [{ email: person.email, password: 'not the password' }, stranger]) {
      await page.goto('/login');
      await fillSignIn(page, attempt);
      await expect(page.getByRole('alert')).toHaveText(NOT_RIGHT);
      await expect(page.getByLabel('Email')).toHaveValue(attempt.email);
      if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
      await expectSignedOut(page);
      shown.push((await page.getByRole('main').innerText()).replaceAll(attempt.email, ''));
    }
    expect(shown[0]).toBe(shown[1]);
  });

  for (const { mistake, field, value } of [
    { mistake: 'a malformed address', field: 'Email', value: 'ada at example' },
    { mistake: 'no address', field: 'Email', value: '' },
    { mistake: 'no password', field: 'Password', value: '' },
  ]) {
    test(`${mistake} is a field error`, async ({ page }) => {
      const typed = { 'Email': 'ada@example.org', Password: 'long enough', [field]: value };
      await page.goto('/login');
      await withoutBrowserChecks(page);
      for (const [label, text] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expectFieldError(page.getByLabel(field, { exact: true }));
      await expect(page.getByLabel('Email')).toHaveValue(typed['Email']);
      if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
    });
  }

  test('error is shown once', async ({ page }) => {
    await page.goto('/login');
    await fillSignIn(page, newUser('Nobody'));
    await expect(page.getByRole('alert')).toHaveText(NOT_RIGHT);
    await page.goto('/login');
    await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await expect(page.getByRole('alert')).toHaveCount(0);
    await expect(page.getByLabel('Email')).toHaveValue('');
  });

  test('sign-in continues to the requested account page', async ({ newBrowser, newAccount }) => {
    const person = await newAccount();
    const page = await newBrowser();
    await page.goto('/account');
    await expect(page).toHaveURL('/login?next=%2Faccount');
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account');
    await expect(page.getByRole('main')).toContainText(person.email);
  });

  test('next page survives a wrong password', async ({ page, newAccount }) => {
    const person = await newAccount();
    await page.goto('/login?next=%2Fbirthdays');
    await fillSignIn(page, { ...person, password: 'not the password' });
    await expect(page.getByRole('alert')).toHaveText(NOT_RIGHT);
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('signed-in user is redirected from the forms', async ({ newPerson }) => {
    const { page } = await newPerson();
    for (const [form, target] of [['/login', '/account'], ['/signup', '/account'], ['/login?next=%2Fbirthdays', '/birthdays']]) {
      await page.goto(form);
      await expect(page).toHaveURL(target);
    }
  });

  for (const next of ['//evil.example', '/\\evil.example', 'https://evil.example/', 'https:evil.example', '/%2f%2fevil.example', '/\t/evil.example', 'javascript:alert(1)', '/account\r\nX: y']) {
    test(`next=${JSON.stringify(next)} stays in the app`, async ({ page, newAccount, baseURL }) => {
      const person = await newAccount();
      await signIn(page, person, { at: `/login?next=${encodeURIComponent(next)}` });
      expect(new URL(page.url()).origin).toBe(baseURL);
      await expectSignedIn(page);
    });
  }
});

test('Enter submits and the unchecked session has no expiry', async ({ newBrowser, newAccount }) => {
  const person = await newAccount();
  const page = await newBrowser();
  await page.goto('/login');
  await page.getByLabel('Keep me signed in').uncheck();
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  await page.getByLabel('Keep me signed in').press('Enter');
  await expectSignedIn(page);
  expect((await page.context().cookies()).find(({ name }) => name === 'session').expires).toBe(-1);
});

test('private page answers signed-out visitors with a 303', async ({ baseURL }) => {
  const answer = await request(baseURL, '/account');
  expect(answer.status).toBe(303);
  expect(answer.headers.location).toBe('/login?next=%2Faccount');
  expect(answer.body).not.toContain('Your account');
});

test('next= never redirects to another site', async ({ baseURL, newAccount }) => {
  const person = await newAccount();
  const cookie = await cookieOf(baseURL, person);
  const hostile = [
    '//evil.example', '///evil.example', '/\\evil.example', '\\\\evil.example', '/\\/evil.example', 'https://evil.example', 'https:evil.example',
    'http:/evil.example', '/%09/evil.example', '/\t/evil.example', '\t//evil.example', ' //evil.example', '/\n/evil.example', '/a\r\nSet-Cookie: session=x',
    '/.//evil.example', '/..//evil.example', '//evil.example/%2f..', '@evil.example', '.evil.example', 'evil.example', '', `/${'a'.repeat(5000)}`, '/ā\u0000', '//localhost:1@evil.example',
  ];
  for (const next of hostile) {
    const answer = await request(baseURL, `/login?next=${encodeURIComponent(next)}`, { headers: { cookie, 'sec-fetch-site': 'same-origin' } });
    expect(answer.status, `next=${JSON.stringify(next)}`).toBe(303);
    const location = answer.headers.location;
    expect(new URL(location, baseURL).origin, `next=${JSON.stringify(next)} became ${JSON.stringify(location)}`).toBe(baseURL);
    expect(location).not.toMatch(/[\u0000-\u0020\\]/);
    expect(answer.setCookies.filter(({ value }) => value === 'x')).toEqual([]);
  }
});

test('submitting disables the button and ignores a second click', async ({ page, newAccount }) => {
  const person = await newAccount();
  let posts = 0;
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route('**/*', async (route) => {
    if (!route.request().url().endsWith('/actions/sign_in')) return route.continue();
    posts++;
    await held;
    return route.continue();
  });
  await page.goto('/birthdays');
  // Opens the form by a link within the app, so the page is hydrated.
  await navigation(page).getByRole('link', { name: 'Sign in' }).click();
  await fillSignIn(page, person);
  const button = page.getByRole('main').getByRole('button', { name: 'Sign in', exact: true });
  await expect(button).toBeDisabled();
  await button.click({ force: true });
  await page.keyboard.press('Enter');
  letGo();
  await expectSignedIn(page);
  expect(posts).toBe(1);
});

const proxies = [
  { status: 502, says: /trouble connecting/ },
  { status: 429, says: /Too many attempts/ },
];
for (const { status, says } of proxies) {
  test(`proxy's own ${status} is shown and keeps typed text`, async ({ page }) => {
    await page.route('**/actions/sign_in', (route) =>
      route.fulfill({ status, contentType: 'text/html', body: '<h1>nginx</h1>', headers: { 'retry-after': '7' } }));
    await page.goto('/login');
    // Before hydration, the browser posts the form itself and shows the proxy's page.
    await page.waitForLoadState('networkidle');
    const person = newUser();
    await fillSignIn(page, person);
    await expect(page.getByRole('alert')).toContainText(says);
    await expect(page.getByLabel('Email')).toHaveValue(person.email);
  });
}
