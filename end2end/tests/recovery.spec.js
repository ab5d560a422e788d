// Password recovery with a link in an email.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, fillSignIn, openMail, signIn, signOut, newUser, withoutBrowserChecks } from '../support/people.js';

test.beforeEach(({ watch, servers }) => watch.allowOrigin(new URL(servers.backend.outbox).origin));

async function askFor(page, email) {
  await page.goto('/login');
  await page.getByRole('link', { name: 'Forgot your password?' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Forgot your password?' })).toBeVisible();
  await page.getByLabel('Email').fill(email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Check your email' })).toBeVisible();
  await expect(page).toHaveURL('/recovery/sent');
}

async function choose(page, password) {
  await page.getByLabel('New password').fill(password);
  await page.getByRole('button', { name: 'Change password' }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('reset link sets a new password', async ({ newPerson, newBrowser, servers }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    await signOut(page);
    await askFor(page, person.email);

    // A mail scanner opens the link first, then the user on another device.
    const phone = await newBrowser({ javaScriptEnabled: javaScript });
    await openMail(phone, servers.backend, person.email);
    await openMail(phone, servers.backend, person.email);
    await choose(phone, 'a new and better one');
    await expect(phone).toHaveURL('/login');
    await expect(phone.getByText('Password changed. Sign in with the new one.')).toBeVisible();
    await fillSignIn(phone, { ...person, password: 'a new and better one' });
    await expectSignedIn(phone);

    await page.goto('/login');
    await fillSignIn(page, person);
    await expect(page.getByRole('alert')).toBeVisible();
  });

  test('unknown address gets the same page and no email', async ({ page, servers }) => {
    const { email } = newUser('Nobody');
    await askFor(page, email);
    await expect(page.getByText('If this address has an account')).toBeVisible();
    expect(await servers.backend.messagesTo(email)).toEqual([]);
  });

  test('malformed address is a field error', async ({ page }) => {
    await page.goto('/recovery');
    await withoutBrowserChecks(page);
    await page.getByLabel('Email').fill('ada at example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expectFieldError(page.getByLabel('Email'));
    await expect(page.getByLabel('Email')).toHaveValue('ada at example');
  });

  test('short password is a field error and link stays valid', async ({ newPerson, newBrowser, servers }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    await signOut(page);
    await askFor(page, person.email);
    const phone = await newBrowser({ javaScriptEnabled: javaScript });
    await openMail(phone, servers.backend, person.email);
    await withoutBrowserChecks(phone);
    await choose(phone, 'short12');
    expect(await expectFieldError(phone.getByLabel('New password'))).toContain('Use at least 8 characters.');
    expect(phone.url(), 'no secret in the address').not.toContain('secret');
    await choose(phone, 'a new and better one');
    await expect(phone).toHaveURL('/login');
  });

  test('used and incomplete links offer a new one', async ({ newPerson, newBrowser, servers }) => {
    const { page, person } = await newPerson();
    await page.goto('/account');
    await signOut(page);
    await askFor(page, person.email);
    const phone = await newBrowser({ javaScriptEnabled: javaScript });
    await openMail(phone, servers.backend, person.email);
    await choose(phone, 'a new and better one');
    await expect(phone).toHaveURL('/login');
    await openMail(phone, servers.backend, person.email);
    await choose(phone, 'a third one, better still');
    await expect(phone.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
    await phone.goto('/recovery/open?userId=kay&secret=abc');
    await expect(phone.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
    await phone.getByRole('link', { name: 'Request a new link' }).click();
    await expect(phone).toHaveURL('/recovery');
  });

  test('new password signs out this browser and others', async ({ newPerson, newBrowser, servers }) => {
    const { page, person } = await newPerson();
    const other = await newBrowser({ javaScriptEnabled: javaScript });
    await signIn(other, person);
    await page.goto('/recovery');
    await page.getByLabel('Email').fill(person.email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page).toHaveURL('/recovery/sent');
    await openMail(page, servers.backend, person.email);
    await expect(page.getByLabel('Sign out of all devices')).toBeChecked();
    await choose(page, 'a new and better one');
    await expect(page).toHaveURL('/login');
    await expectSignedOut(page);
    expect((await page.context().cookies()).filter(({ name }) => name === 'session')).toEqual([]);
    await page.goBack();
    await expect(page.getByText(person.name)).toHaveCount(0);
    await other.goto('/account');
    await expect(other).toHaveURL('/login?next=%2Faccount');
  });
});

test('other tabs of the browser follow', async ({ newPerson, servers }) => {
  const { page, person } = await newPerson();
  await page.goto('/account');
  await expect(page.getByRole('main')).toContainText(person.email);
  const tab = await page.context().newPage();
  await tab.goto('/recovery');
  await tab.getByLabel('Email').fill(person.email);
  await tab.getByRole('button', { name: 'Send the link' }).click();
  await expect(tab).toHaveURL('/recovery/sent');
  await openMail(tab, servers.backend, person.email);
  await choose(tab, 'a new and better one');
  await expect(tab).toHaveURL('/login');
  await expect(page.getByRole('alert')).toContainText('signed out');
  await expect(page.getByText(person.email)).toHaveCount(0);
});

test('link is removed from the address bar', async ({ newPerson, newBrowser, servers }) => {
  const { page, person } = await newPerson();
  await page.goto('/account');
  await signOut(page);
  await askFor(page, person.email);
  const phone = await newBrowser();
  await openMail(phone, servers.backend, person.email);
  await expect(phone).toHaveURL('/recovery/open');
  await choose(phone, 'a new and better one');
  await expect(phone).toHaveURL('/login');
});
