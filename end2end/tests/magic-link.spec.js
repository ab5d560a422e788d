// Sign-in with a link in an email, opened from the outbox, which is another site than the app.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, fillAddress, openMail, signOut, newUser, withoutBrowserChecks } from '../support/people.js';

/** Requests a link on the page at `at`, and waits for the confirmation. */
async function askForLink(page, email, { at = '/login/link' } = {}) {
  await page.goto(at);
  await fillAddress(page, email);
  await page.getByRole('button', { name: 'Send the link' }).click();
  await expect(page.getByRole('heading', { name: 'Check your email' })).toBeVisible();
}

const pressSignIn = (page) => page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();

test.beforeEach(({ watch, servers }) => watch.allowOrigin(new URL(servers.backend.outbox).origin));

withAndWithoutJavaScript(() => {
  test('emailed link signs in and opens the next page', async ({ page, servers }) => {
    const { email } = newUser();
    await page.goto('/login?next=%2Fbirthdays');
    await page.getByRole('link', { name: 'Get a link by email' }).click();
    await expect(page).toHaveURL('/login/link?next=%2Fbirthdays');
    await fillAddress(page, email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page).toHaveURL('/login/link/sent');
    await expect(page.getByRole('main')).toContainText(email);
    const [mail] = await servers.backend.messagesTo(email);
    expect(mail.html).toContain(await page.locator('.phrase').innerText());

    await openMail(page, servers.backend, email);
    await expect(page.getByRole('heading', { name: 'Finish signing in' })).toBeVisible();
    await expectSignedOut(page);
    await pressSignIn(page);
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('link works in another browser', async ({ page, newBrowser, servers, javaScriptEnabled }) => {
    const { email } = newUser();
    await askForLink(page, email, { at: '/login/link?next=%2Fbirthdays' });
    const other = await newBrowser({ javaScriptEnabled });
    await openMail(other, servers.backend, email);
    await pressSignIn(other);
    await expect(other).toHaveURL('/account');
    await expect(other.getByRole('main')).toContainText(email);
    await page.reload();
    await expectSignedOut(page);
  });

  test('used link offers a new one', async ({ page, newBrowser, servers, javaScriptEnabled }) => {
    const { email } = newUser();
    await askForLink(page, email);
    await openMail(page, servers.backend, email);
    await pressSignIn(page);
    await expectSignedIn(page);

    const other = await newBrowser({ javaScriptEnabled });
    await openMail(other, servers.backend, email);
    await pressSignIn(other);
    await expect(other.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
    await expect(other.getByRole('alert')).toContainText('It\'s expired, incomplete, or already used');
    expect(other.url(), 'no secret in the address').not.toContain('secret');
    await other.getByRole('link', { name: 'Request a new link' }).click();
    await expect(other).toHaveURL('/login/link');
    await askForLink(other, email);
  });

  test('signed-in user can switch accounts by a link', async ({ newPerson, page, servers, javaScriptEnabled }) => {
    const { page: own, person } = await newPerson('Ada', { javaScriptEnabled });
    const { email } = newUser('Grace');
    await askForLink(page, email);
    await openMail(own, servers.backend, email);
    await expect(own.getByRole('button', { name: 'Sign in' })).toBeVisible();
    await pressSignIn(own);
    await expect(own).toHaveURL('/account');
    await expect(own.getByRole('main')).toContainText(email);
    await expect(own.getByRole('banner')).not.toContainText(person.name);
    await signOut(own);
  });

  test('address can be corrected and another link requested', async ({ page, servers }) => {
    const [wrong, right] = [newUser('Typo'), newUser()];
    await askForLink(page, wrong.email, { at: '/login/link?next=%2Fbirthdays' });
    await page.getByRole('link', { name: 'Use another address' }).click();
    await expect(page).toHaveURL('/login/link?next=%2Fbirthdays');
    await expect(page.getByLabel('Email')).toHaveValue(wrong.email);
    await fillAddress(page, right.email);
    await page.getByRole('button', { name: 'Send the link' }).click();
    await expect(page.getByRole('main')).toContainText(right.email);
    expect(await servers.backend.messagesTo(right.email)).toHaveLength(1);
  });

  test('invalid address is a field error', async ({ page }) => {
    await page.goto('/login/link');
    await withoutBrowserChecks(page);
    await fillAddress(page, 'ada at example');
    await page.getByRole('button', { name: 'Send the link' }).click();
    expect(await expectFieldError(page.getByLabel('Email'))).toContain('Enter an email address');
    await expect(page.getByLabel('Email')).toHaveValue('ada at example');
  });
});

test('link is removed from address bar and history', async ({ page, servers }) => {
  const { email } = newUser();
  await askForLink(page, email);
  await openMail(page, servers.backend, email);
  await expect(page).toHaveURL('/login/link/open');
  await pressSignIn(page);
  await expectSignedIn(page);
  await page.goBack();
  expect(page.url()).not.toContain('secret');
});

test('button for another link counts down', async ({ page, servers }) => {
  const { email } = newUser();
  await page.clock.install();
  await askForLink(page, email);
  const again = page.getByRole('button', { name: 'Send it again' });
  await expect(again).toBeDisabled();
  await expect(page.getByText(/You can send it again in \d+ seconds\./)).toBeVisible();
  await page.clock.fastForward(31_000);
  await expect(page.getByText('Didn\'t get it? Check your spam folder, then send it again.')).toBeVisible();
  await expect(again).toBeEnabled();
  await again.click();
  await expect(page.getByText('We sent another one.')).toBeVisible();
  await expect(again).toBeDisabled();
  expect(await servers.backend.messagesTo(email)).toHaveLength(2);
});

test.describe('without JavaScript', () => {
  test.use({ javaScriptEnabled: false });

  test('page shows when to retry, and the button works', async ({ page, servers }) => {
    const { email } = newUser();
    await askForLink(page, email);
    await expect(page.getByText(/You can send it again at \d\d:\d\d UTC\./)).toBeVisible();
    await page.getByRole('button', { name: 'Send it again' }).click();
    await expect(page.getByText('We sent another one.')).toBeVisible();
    expect(await servers.backend.messagesTo(email)).toHaveLength(2);
  });
});
