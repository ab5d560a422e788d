// The second factor at sign-in: chosen, entered, refused and canceled; with several tabs and the back button.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, navigation } from '../support/people.js';
import { codeOf, giveCode, signInToSecondFactor, protectNewUser, sessionOf, wrongCodeFor } from '../support/second-factor.js';

/** A new user whose account requires a second factor, in another browser. */
async function protectedPerson({ newBrowser, servers, ...more }) {
  return protectNewUser(await newBrowser(), servers.backend, more);
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('single factor is requested immediately and its code signs in', async ({ page, newBrowser, servers }) => {
    const { person, secret } = await protectedPerson({ newBrowser, servers });
    await signInToSecondFactor(page, person);
    await expect(navigation(page).getByRole('link')).toHaveText(['Leptos Appwrite', 'Birthdays']);
    const field = page.getByLabel('Code');
    await expect(field).toHaveAttribute('autocomplete', 'one-time-code');
    await expect(field).toHaveAttribute('inputmode', 'numeric');

    await giveCode(page, wrongCodeFor(secret));
    expect(await expectFieldError(field)).toContain('That code is wrong or expired');
    await expect(field).toBeFocused();
    if (!javaScript) await expect(field).toHaveValue('');

    const code = codeOf(secret);
    await giveCode(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('user chooses a factor and can resend an email code', async ({ page, newBrowser, servers }) => {
    const { person } = await protectedPerson({ newBrowser, servers, withEmail: true });
    await signInToSecondFactor(page, person);
    await expect(page.getByRole('main').getByRole('button')).toHaveText([
      'Use an authenticator app',
      'Get a code by email',
      'Use a recovery code',
      'Cancel and sign out',
    ]);
    await page.getByRole('button', { name: 'Get a code by email' }).click();
    await expect(page.getByText('We sent a code to your email.')).toBeVisible();
    const sent = async () => (await servers.backend.messagesTo(person.email)).map(({ text }) => /\b\d{6}\b/.exec(text)[0]);
    await expect.poll(async () => (await sent()).length).toBe(1);
    // The response reloads the page, so text that was typed before it would be lost.
    const opened = page.waitForEvent('load');
    await page.getByRole('button', { name: 'Send a new code' }).click();
    await opened;
    expect(await sent()).toHaveLength(2);
    await expect(page.getByText('We sent a code to your email.')).toBeVisible();
    await giveCode(page, (await sent()).at(-1));
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('recovery code works once', async ({ newBrowser, servers }) => {
    const { person, recoveryCodes } = await protectedPerson({ newBrowser, servers });
    const page = await newBrowser();
    await signInToSecondFactor(page, person);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(page.getByLabel('Recovery code')).not.toHaveAttribute('inputmode', 'numeric');
    await giveCode(page, recoveryCodes[0]);
    await expect(page).toHaveURL('/birthdays');

    const other = await newBrowser();
    await signInToSecondFactor(other, person);
    await other.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(other.getByLabel('Recovery code')).toBeVisible();
    await giveCode(other, recoveryCodes[0]);
    await expectFieldError(other.getByLabel('Recovery code'));
    await other.getByRole('button', { name: 'Use an authenticator app' }).click();
    await expect(other.getByText('Open your authenticator app')).toBeVisible();
  });

  test('canceling signs out and deletes the session', async ({ page, newBrowser, servers }) => {
    const { person } = await protectedPerson({ newBrowser, servers });
    await signInToSecondFactor(page, person);
    const session = await sessionOf(page);
    await page.getByRole('button', { name: 'Cancel and sign out' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await expectSignedOut(page);
    expect((await page.context().cookies()).map(({ name }) => name)).toEqual(['known-browser']);
    const factors = await servers.backend.call('GET', '/account/mfa/factors', { session });
    expect(factors.status).toBe(401);
  });

  test('back button and other tabs are not asked again', async ({ page, newBrowser, servers }) => {
    const { person, secret } = await protectedPerson({ newBrowser, servers });
    await signInToSecondFactor(page, person);
    const other = await page.context().newPage();
    await other.goto('/account');
    await expect(other).toHaveURL('/login/factor?next=%2Faccount');
    await giveCode(page, codeOf(secret));
    await expect(page).toHaveURL('/birthdays');

    // The other tab still shows its form. Any code continues, because the user is signed in.
    await giveCode(other, '000000');
    await expect(other).toHaveURL('/account');
    await expectSignedIn(other);

    await page.goBack();
    await expect(page).not.toHaveURL(/\/login\/factor/);
    await expectSignedIn(page);
  });
});

test('links cannot skip the second factor', async ({ page, newBrowser, servers }) => {
  const { person } = await protectedPerson({ newBrowser, servers });
  await signInToSecondFactor(page, person);
  for (const path of ['/', '/account', '/birthdays', '/login', '/signup']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/login\/factor\?next=/);
    await expect(page.getByText(person.email)).toHaveCount(0);
  }
  for (const name of ['Leptos Appwrite', 'Birthdays']) {
    await page.getByRole('banner').getByRole('link', { name, exact: true }).click();
    await expect(page).toHaveURL(/\/login\/factor/);
    await expect(page.getByLabel('Code')).toBeVisible();
  }
});

test('sixth guess is refused with the time to retry', async ({ page, newBrowser, servers }) => {
  const { person, secret } = await protectedPerson({ newBrowser, servers });
  await signInToSecondFactor(page, person);
  for (let guess = 0; guess < 5; guess++) {
    const answered = page.waitForResponse('**/actions/give_second_factor');
    await giveCode(page, wrongCodeFor(secret));
    // The first form may be sent before hydration; its response is then a redirect.
    expect([303, 422]).toContain((await answered).status());
    await expectFieldError(page.getByLabel('Code'));
    await expect(page.getByRole('button', { name: 'Continue' })).toBeEnabled();
  }
  await giveCode(page, codeOf(secret));
  await expect(page.getByRole('alert')).toHaveText(/^Too many attempts\. Try again in \d+ (second|minute)s?\./);
});

test('sixth digit of the authenticator app signs in', async ({ page, newBrowser, servers }) => {
  const { person, secret } = await protectedPerson({ newBrowser, servers });
  await signInToSecondFactor(page, person);
  const field = page.getByLabel('Code');
  await expect(field).toHaveAccessibleDescription('6 digits. The last one sends the code.');
  await field.pressSequentially(codeOf(secret));
  await expect(page).toHaveURL('/birthdays');
  await expectSignedIn(page);
});
