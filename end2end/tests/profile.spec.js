// A user changes the name, email, phone number and password of their account.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, fillSignIn, navigation, openMail, phoneNumber, signIn, signOut, newUser } from '../support/people.js';

const NEW_PASSWORD = 'a new and better one';

/** Opens the page of one change from the account page, as people do. */
async function openChange(page, what) {
  await page.goto('/account');
  await page.getByRole('link', { name: new RegExp(`^(Change|Add|Manage) ${what}$`, 'i') }).click();
  await expect(page.getByRole('button', { name: 'Save' })).toBeVisible();
}

async function save(page) {
  await page.getByRole('button', { name: 'Save' }).click();
}

async function expectSaved(page, sentence) {
  await expect(page.getByRole('status').filter({ hasText: sentence })).toBeFocused();
  await expect(page).toHaveURL('/account');
}

async function changePassword(page, old, password = NEW_PASSWORD) {
  await openChange(page, 'password');
  await page.getByLabel('Current password').fill(old);
  await page.getByLabel('New password').fill(password);
  await save(page);
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('new name appears in the header and page', async ({ newPerson }) => {
    const { page } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    await openChange(page, 'name');
    await page.getByLabel('Name', { exact: true }).fill('');
    await save(page);
    expect(await expectFieldError(page.getByLabel('Name', { exact: true }))).toContain('Name is required.');
    await expect(page.getByLabel('Name', { exact: true })).toBeFocused();
    await page.getByLabel('Name', { exact: true }).fill('Ada King');
    await save(page);
    await expectSaved(page, 'Name changed to Ada King.');
    await expect(page.getByRole('main')).toContainText('Ada King');
    await expect(navigation(page)).toContainText('Ada King');
  });

  test('new email needs the password and a confirmation link', async ({ newPerson, newBrowser, servers, watch }) => {
    watch.allowOrigin(new URL(servers.backend.outbox).origin);
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    const { email } = newUser('Countess');
    await openChange(page, 'email');
    await page.getByLabel('New email').fill(email);
    await page.getByLabel('Password').fill('not the password');
    await save(page);
    expect(await expectFieldError(page.getByLabel('Password'))).toContain("That's not your password.");
    await expect(page.getByLabel('New email')).toHaveValue(email);
    await page.getByLabel('Password').fill(person.password);
    await save(page);
    await expectSaved(page, `Email changed to ${email}.`);
    await expect(page.getByRole('main')).toContainText('Not confirmed');

    await page.getByRole('button', { name: 'Send email' }).click();
    await expect(page.getByRole('button', { name: 'Send it again' })).toBeVisible();
    await openMail(page, servers.backend, email);
    await page.getByRole('button', { name: 'Confirm email' }).click();
    await expect(page.getByText('Your email address is confirmed.')).toBeVisible();
    await expect(page.getByRole('main').getByText('Confirmed', { exact: true })).toBeVisible();

    const phone = await newBrowser({ javaScriptEnabled: javaScript });
    await signIn(phone, { ...person, email });
  });

  test('used email is a field error', async ({ newPerson, newAccount }) => {
    const grace = await newAccount('Grace');
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    await openChange(page, 'email');
    await page.getByLabel('New email').fill(grace.email);
    await page.getByLabel('Password').fill(person.password);
    await save(page);
    expect(await expectFieldError(page.getByLabel('New email'))).toContain('Another account already uses this.');
  });

  test('phone number is added and confirmed by a code', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    const number = phoneNumber();
    await openChange(page, 'phone number');
    await page.getByLabel('New phone number').fill(number);
    await page.getByLabel('Password').fill(person.password);
    await save(page);
    await expectSaved(page, `Phone number changed to ${number}.`);
    await expect(page.getByRole('main')).toContainText(number);

    await page.goto('/account/phone');
    await page.getByRole('button', { name: 'Text me a code' }).click();
    await expect(page).toHaveURL('/account/phone/confirm');
    const [message] = await servers.backend.messagesTo(number);
    await page.getByRole('textbox', { name: 'Code' }).fill(/\b\d{6}\b/.exec(message.text)[0]);
    await page.getByRole('button', { name: 'Confirm', exact: true }).click();
    await expectSaved(page, 'Your phone number is confirmed.');
  });

  test('new password signs out only the other devices', async ({ newPerson, newBrowser }) => {
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    const other = await newBrowser({ javaScriptEnabled: javaScript });
    await signIn(other, person);
    await openChange(page, 'password');
    await expect(page.getByLabel('Sign out of my other devices')).toBeChecked();
    await changePassword(page, person.password);
    await expectSaved(page, 'Password changed.');
    await expectSignedIn(page);
    await other.goto('/account');
    await expect(other).toHaveURL('/login?next=%2Faccount');
    await fillSignIn(other, { ...person, password: NEW_PASSWORD });
    await expectSignedIn(other);
  });

  test('wrong and refused passwords are field errors', async ({ newServers, newBrowser }) => {
    const { app } = await newServers({ args: ['--policy', 'password-personal-data', '--policy', 'password-history=3'] });
    const page = await newBrowser({ baseURL: app.origin, javaScriptEnabled: javaScript });
    const person = newUser('Ada');
    await page.goto('/signup');
    await page.getByLabel('Name', { exact: true }).fill(person.name);
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expectSignedIn(page);

    await changePassword(page, 'not the password');
    expect(await expectFieldError(page.getByLabel('Current password'))).toContain("That's not your password.");
    await expect(page.getByLabel('Current password')).toBeFocused();
    await changePassword(page, person.password, `really ${person.name}`);
    expect(await expectFieldError(page.getByLabel('New password'))).toContain("Don't use your name or email in your password.");
    await changePassword(page, person.password);
    await expectSaved(page, 'Password changed.');
    await changePassword(page, NEW_PASSWORD, person.password);
    expect(await expectFieldError(page.getByLabel('New password'))).toContain("You've used this password before.");
  });

  test('ended session redirects to sign-in and back', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    await openChange(page, 'name');
    const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    expect((await servers.backend.call('DELETE', '/account/sessions/current', { session: decodeURIComponent(value) })).status).toBe(204);
    if (javaScript) {
      // The open page gets an event at once.
      await expect(page.getByRole('alert')).toContainText('Sign in again');
      await page.getByRole('link', { name: 'Sign in again' }).click();
    } else {
      await page.getByLabel('Name', { exact: true }).fill('Ada King');
      await save(page);
    }
    await expect(page).toHaveURL('/login?next=%2Faccount%2Fname');
    await fillSignIn(page, person);
    await expect(page).toHaveURL('/account/name');
  });

  test('page of a former user cannot change the next', async ({ newPerson }) => {
    const { page, person } = await newPerson('Ada', { javaScriptEnabled: javaScript });
    await openChange(page, 'name');
    await page.getByLabel('Name', { exact: true }).fill('Ada King');
    const tab = await page.context().newPage();
    await tab.goto('/account');
    await signOut(tab);
    const grace = newUser('Grace');
    await tab.goto('/signup');
    await tab.getByLabel('Name', { exact: true }).fill(grace.name);
    await tab.getByLabel('Email').fill(grace.email);
    await tab.getByLabel('Password').fill(grace.password);
    await tab.getByRole('button', { name: 'Create account' }).click();
    await expectSignedIn(tab);
    if (javaScript) {
      await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);
      await expect(page.getByText(person.email)).toHaveCount(0);
    } else {
      await save(page);
      await expect(page.getByText("You're signed in with a different account now.")).toBeVisible();
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue(grace.name);
    }
    await tab.goto('/account');
    await expect(tab.getByRole('main')).toContainText(grace.name);
  });
});

test('password can be shown and is hidden on submit', async ({ newPerson }) => {
  const { page } = await newPerson();
  await openChange(page, 'password');
  const field = page.getByLabel('New password');
  const button = page.getByRole('button', { name: 'Show New password' });
  await field.fill('short');
  await button.click();
  await expect(field).toHaveAttribute('type', 'text');
  await expect(field).toHaveValue('short');
  await expect(page.getByRole('button', { name: 'Hide New password' })).toBeFocused();
  await expect(page.getByLabel('Current password')).toHaveAttribute('type', 'password');
  await save(page);
  await expectFieldError(field);
  await expect(field).toHaveAttribute('type', 'password');
});

test('show-password buttons need JavaScript', async ({ page, newBrowser }) => {
  const plain = await newBrowser({ javaScriptEnabled: false });
  for (const path of ['/login', '/signup', `/recovery/open?userId=kay&secret=${'a'.repeat(256)}`]) {
    await page.goto(path);
    await expect(page.getByRole('button', { name: /^Show / })).toHaveCount(1);
    await plain.goto(path);
    await expect(plain.locator('input[type=password]')).toHaveCount(1);
    await expect(plain.getByRole('button', { name: /^Show / })).toHaveCount(0);
  }
});
