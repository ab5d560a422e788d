// Email verification.
import { App, Backend } from '../support/servers.js';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectLive, expectSignedIn, fillSignIn, openMail, pressSignOut, signUp, newUser } from '../support/people.js';

test.beforeEach(({ watch, servers }) => watch.allowOrigin(new URL(servers.backend.outbox).origin));

/** The banner above every page. */
function banner(page) {
  return page.getByRole('complementary');
}

async function sendMail(page, { email }) {
  await page.goto('/account');
  await banner(page).getByRole('button', { name: 'Send email' }).click();
  await expect(banner(page)).toContainText(`We emailed a link to ${email}`);
}

async function confirm(page) {
  await page.getByRole('button', { name: 'Confirm email' }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('pages show a reminder until the email is confirmed', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson();
    for (const path of ['/', '/birthdays', '/account']) {
      await page.goto(path);
      await expect(banner(page)).toContainText(`Confirm ${person.email} to secure your account.`);
    }
    await sendMail(page, person);
    await expect(page).toHaveURL('/account');
    await openMail(page, servers.backend, person.email);
    await confirm(page);
    await expect(page).toHaveURL('/account');
    await expect(page.getByText('Your email address is confirmed.')).toBeVisible();
    await expect(banner(page)).toHaveCount(0);
    await page.goto('/birthdays');
    await expect(page.getByRole('heading', { level: 1, name: 'Birthdays' })).toBeVisible();
    await expect(banner(page)).toHaveCount(0);
  });

  test('another browser signs in before it confirms', async ({ newPerson, newBrowser, servers }) => {
    const { page, person } = await newPerson();
    await sendMail(page, person);
    const phone = await newBrowser({ javaScriptEnabled: javaScript });
    await openMail(phone, servers.backend, person.email);
    await expect(phone.getByRole('heading', { level: 1, name: 'Sign in to confirm your email' })).toBeVisible();
    await phone.getByRole('main').getByRole('link', { name: 'Sign in' }).click();
    await fillSignIn(phone, person);
    await expectSignedIn(phone);
    await openMail(phone, servers.backend, person.email);
    await confirm(phone);
    await expect(phone.getByText('Your email address is confirmed.')).toBeVisible();
    if (javaScript) {
      await expect(banner(page), 'the page that waits for it').toHaveText('Your email address is confirmed.');
    }
    await page.goto('/account');
    await expect(banner(page)).toHaveCount(0);
  });

  test('email can be sent again', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson();
    await sendMail(page, person);
    await banner(page).getByRole('button', { name: 'Send it again' }).click();
    await expect.poll(async () => (await servers.backend.messagesTo(person.email)).length).toBe(2);
    await expect(banner(page)).toContainText('We emailed a link');
    await openMail(page, servers.backend, person.email);
    await confirm(page);
    await expect(page.getByText('Your email address is confirmed.')).toBeVisible();
  });

  test('used link shows success to its user', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson();
    await sendMail(page, person);
    for (let times = 0; times < 2; times++) {
      await openMail(page, servers.backend, person.email);
      await confirm(page);
      await expect(page).toHaveURL('/account');
      await expect(page.getByText('Your email address is confirmed.')).toBeVisible();
    }
  });

  test('incomplete link offers a new one', async ({ page }) => {
    await page.goto('/account/confirm?userId=kay');
    await expect(page.getByRole('heading', { level: 1, name: 'This link does not work' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Go to your account' })).toBeVisible();
  });

  test('too many emails are refused with a retry time', async ({ newPerson, servers }) => {
    const { page, person } = await newPerson();
    await sendMail(page, person);
    for (let mails = 2; mails <= 5; mails++) {
      await banner(page).getByRole('button', { name: 'Send it again' }).click();
      await expect.poll(async () => (await servers.backend.messagesTo(person.email)).length).toBe(mails);
      await expect(banner(page).getByRole('button', { name: 'Send it again' })).toBeEnabled();
    }
    await banner(page).getByRole('button', { name: 'Send it again' }).click();
    await expect(banner(page).getByRole('alert')).toContainText(/Too many attempts\. Try again in \d+ (second|minute)s?\./);
  });
});

test('reminder keeps the focus and can be dismissed', async ({ newPerson }) => {
  const { page, person } = await newPerson();
  await page.goto('/birthdays');
  await expectLive(page);
  await banner(page).getByRole('button', { name: 'Send email' }).press('Enter');
  await expect(banner(page)).toContainText(`We emailed a link to ${person.email}`);
  await expect(banner(page).getByRole('button', { name: 'Send it again' })).toBeFocused();
  await page.reload();
  await expectLive(page);
  await expect(banner(page)).toContainText('We emailed a link');
  await banner(page).getByRole('button', { name: 'Not now' }).click();
  await expect(banner(page)).toHaveCount(0);
});

test('reminder disappears after sign-out', async ({ newPerson }) => {
  const { page, person } = await newPerson();
  await page.goto('/account');
  await expect(banner(page)).toContainText(person.email);
  const tab = await page.context().newPage();
  await tab.goto('/');
  await pressSignOut(tab);
  await expect(page.getByRole('alert')).toContainText('signed out');
  await expect(page.getByText(person.email)).toHaveCount(0);
});

test('reminder without email is explained once and disappears', async ({ newBrowser, watch }) => {
  const backend = await Backend.start({ args: ['--no-smtp'] });
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const page = await newBrowser({ baseURL: app.origin });
    await signUp(page, newUser());
    await page.goto('/account');
    await banner(page).getByRole('button', { name: 'Send email' }).click();
    await expect(banner(page)).toContainText('This site can\'t send email right now');
    await page.goto('/account');
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
    await expect(banner(page)).toHaveCount(0);
    await page.context().close();
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});
