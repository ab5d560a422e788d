// Guest accounts, and saving them as full accounts.
import { App, Backend } from '../support/servers.js';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { addBirthday, continueAsGuest, expectFieldError, expectSignedIn, expectSignedOut, navigation, openLive, row, signIn, signOut, newUser, uniqueName, userMenu, withoutBrowserChecks } from '../support/people.js';

const LOSS = 'If you sign out, you\'ll lose your private birthdays';

async function fillKeep(page, { name, email, password }) {
  const form = page.getByRole('region', { name: 'Save your account' });
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Email').fill(email);
  await form.getByLabel('Password').fill(password);
  await form.getByRole('button', { name: 'Save your account' }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('guest signs in without an address and is warned', async ({ page }) => {
    await continueAsGuest(page);
    await expect(page).toHaveURL('/account');
    await expectSignedIn(page);
    await expect(navigation(page)).toContainText('Guest');
    for (const path of ['/', '/birthdays', '/account']) {
      await page.goto(path);
      await expect(page.getByText(LOSS), path).toBeVisible();
    }
  });

  test('guest is warned before another sign-in and can cancel', async ({ page, newAccount }) => {
    const person = await newAccount();
    await continueAsGuest(page);
    await page.goto('/birthdays');
    const name = uniqueName();
    await addBirthday(page, { name });
    await page.goto('/account');
    await page.getByRole('link', { name: 'Sign in to it' }).click();
    await expect(page.getByText("you'll lose access to your private birthdays")).toBeVisible();
    await page.getByRole('link', { name: 'Go back' }).click();
    await expect(page).toHaveURL('/account');
    await page.goto('/birthdays');
    await expect(row(page, name)).toBeVisible();
    await page.goto('/account/switch');
    await page.getByRole('button', { name: 'Sign out and continue' }).click();
    await expect(page).toHaveURL('/login');
    await signIn(page, person);
    await page.goto('/birthdays');
    await expect(page.getByText(name)).toHaveCount(0);
  });

  test('guest must confirm sign-out and can cancel', async ({ page }) => {
    await continueAsGuest(page);
    for (const leaves of [false, true]) {
      await userMenu(page).click();
      await navigation(page).getByRole('link', { name: 'Sign out' }).click();
      await expect(page).toHaveURL('/account/sign-out');
      await expect(page.getByText("You'll lose access to your private birthdays")).toBeVisible();
      await expect(page.getByRole('main').getByRole('link', { name: 'Save your account' })).toBeVisible();
      if (!leaves) await page.getByRole('link', { name: 'Go back' }).click();
      else await page.getByRole('main').getByRole('button', { name: 'Sign out' }).click();
      await expect(page).toHaveURL(leaves ? '/' : '/account');
    }
    await expectSignedOut(page);
    await expect(page.getByRole('status').filter({ hasText: "You're signed out." })).toBeFocused();
  });

  test('guest continues to the requested page', async ({ page }) => {
    await page.goto('/login?next=%2Fbirthdays');
    await page.getByRole('link', { name: 'Continue as guest' }).click();
    await expect(page).toHaveURL('/login/guest?next=%2Fbirthdays');
    await page.getByRole('button', { name: 'Continue as guest' }).click();
    await expect(page).toHaveURL('/birthdays');
  });

  test('guest who saves the account keeps everything', async ({ page, newBrowser }) => {
    await continueAsGuest(page);
    const [before] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    await page.goto('/birthdays');
    const name = uniqueName();
    await addBirthday(page, { name });
    await page.goto('/account');
    const person = newUser();
    await fillKeep(page, person);
    await expect(page.getByText('Your account is saved.')).toBeVisible();
    await expect(page).toHaveURL('/account');
    await expect(navigation(page)).toContainText(person.name);
    await expect(page.getByRole('main')).toContainText(person.email);
    await expect(page.getByText(LOSS)).toHaveCount(0);
    const [after] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    expect(after.value).toBe(before.value);

    await signOut(page);
    const elsewhere = await newBrowser({ javaScriptEnabled: javaScript });
    await signIn(elsewhere, person);
    await expect(elsewhere.getByText('Save your account')).toHaveCount(0);
    await elsewhere.goto('/birthdays');
    await expect(row(elsewhere, name)).toBeVisible();
  });

  test('used address is a field error and guest stays', async ({ page, newAccount }) => {
    const first = await newAccount('Ada');
    await continueAsGuest(page);
    const second = { ...newUser('Grace'), email: first.email };
    await fillKeep(page, second);
    await expect(page.getByRole('alert')).toContainText('An account with this email already exists.');
    await expectFieldError(page.getByLabel('Email'));
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(second.name);
    await page.goto('/account');
    await expect(page.getByText(LOSS)).toBeVisible();
  });

  test('short password is a field error', async ({ page }) => {
    await continueAsGuest(page);
    await withoutBrowserChecks(page);
    await fillKeep(page, { ...newUser(), password: 'short12' });
    expect(await expectFieldError(page.getByLabel('Password'))).toContain('Use at least 8 characters.');
  });
});

test('guest has own birthdays, live in two tabs', async ({ page, context }) => {
  await continueAsGuest(page);
  await page.goto('/birthdays');
  const other = await context.newPage();
  await openLive(other);
  const name = uniqueName();
  await addBirthday(page, { name });
  await expect(row(other, name)).toBeVisible();
});

test('disabled guest sign-in is explained and no longer offered', async ({ newBrowser, watch }) => {
  const backend = await Backend.start({ args: ['--disable', 'anonymous', '--disable-for-keys'] });
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    for (const javaScriptEnabled of [true, false]) {
      const page = await newBrowser({ baseURL: app.origin, javaScriptEnabled });
      await page.goto('/login');
      const link = page.getByRole('link', { name: 'Continue as guest' });
      if (javaScriptEnabled) {
        await link.click();
        await page.getByRole('button', { name: 'Continue as guest' }).click();
        await expect(page.getByRole('heading', { name: 'Guest accounts are switched off' })).toBeVisible();
        await page.goto('/login');
      }
      await expect(page.getByRole('heading', { name: 'Sign in', exact: true })).toBeVisible();
      await expect(link).toHaveCount(0);
      await expectSignedOut(page);
      await page.context().close();
    }
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});
