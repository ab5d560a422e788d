// All pages of the app, and how to reach each of their states. Checks that apply to every page use this list.
import { expect } from '@playwright/test';
import { addBirthday, continueAsGuest, EVERYONE, expectLive, fillAddress, fillSignIn, ONLY_ME, phoneNumber, row, SIGNED_IN, signUp, newUser, takeNewAccountNote, uniqueName, userMenu, withoutBrowserChecks } from './people.js';
import { codeOf, giveCode, signInToSecondFactor, protectNewUser, wrongCodeFor } from './second-factor.js';

/** The longest name, in one word: it must wrap instead of widening the page. */
const LONG_WORD = `Wolfeschlegelsteinhausenbergerdorff${'welche'.repeat(12)}`;

/** `open(page, backend)` brings a signed-out browser into the state. `signedIn`: the page requires a session. */
export const PAGES = [
  { name: 'home', open: (page) => page.goto('/') },
  { name: 'sign-in', open: (page) => page.goto('/login') },
  { name: 'sign-up', open: (page) => page.goto('/signup') },
  {
    name: 'sign-in refused',
    open: async (page) => {
      await page.goto('/login');
      await fillSignIn(page, newUser('Nobody'));
      await expect(page.getByRole('alert')).toBeVisible();
    },
  },
  {
    name: 'sign-up with errors',
    open: async (page) => {
      await page.goto('/signup');
      await withoutBrowserChecks(page);
      await page.getByLabel('Email').fill('ada at example');
      await page.getByLabel('Password').fill('short');
      await page.getByRole('button', { name: 'Create account' }).click();
      await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  { name: 'ask for a link', open: (page) => page.goto('/login/link') },
  { name: 'link sent', open: (page) => sent(page, '/login/link', 'Email', newUser().email) },
  { name: 'link', open: (page) => page.goto(`/login/link/open?userId=kay&secret=${'a'.repeat(64)}`) },
  { name: 'half a link', open: (page) => page.goto('/login/link/open?userId=kay') },
  { name: 'nothing sent', open: (page) => page.goto('/login/link/sent') },
  { name: 'ask for a code by email', open: (page) => page.goto('/login/code') },
  {
    name: 'wrong code',
    open: async (page) => {
      await sent(page, '/login/code', 'Email', `${LONG_WORD.slice(0, 60)}@${LONG_WORD.slice(0, 60)}.example.org`);
      await page.getByLabel('Code').fill('not it');
      await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('textbox', { name: 'Code' })).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'phone number with errors',
    open: async (page) => {
      await page.goto('/login/phone');
      await withoutBrowserChecks(page);
      await page.getByLabel('Phone number').fill('020 7946 0018');
      await page.getByRole('button', { name: 'Send the code' }).click();
      await expect(page.getByLabel('Phone number')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  { name: 'continue as a guest', open: (page) => page.goto('/login/guest') },
  { name: 'code sent to a phone', open: (page) => sent(page, '/login/phone', 'Phone number', phoneNumber()) },
  { name: 'recovery', open: (page) => page.goto('/recovery') },
  { name: 'recovery sent', open: (page) => page.goto('/recovery/sent') },
  { name: 'new password', open: (page) => page.goto(`/recovery/open?userId=kay&secret=${'a'.repeat(256)}`) },
  { name: 'new password by half a link', open: (page) => page.goto('/recovery/open?userId=kay') },
  { name: 'confirm', open: (page) => page.goto(`/account/confirm?userId=kay&secret=${'a'.repeat(256)}`) },
  { name: 'confirm by half a link', open: (page) => page.goto('/account/confirm') },
  {
    name: 'account of a guest',
    open: async (page) => {
      await continueAsGuest(page);
      await page.goto('/account');
    },
  },
  {
    name: 'sign-out of a guest',
    open: async (page) => {
      await continueAsGuest(page);
      await page.goto('/account/sign-out');
    },
  },
  {
    name: 'second factor to choose',
    open: async (page, backend) => {
      const { person } = await protectNewUser(page, backend, { withEmail: true });
      await page.context().clearCookies();
      await signInToSecondFactor(page, person);
    },
  },
  {
    name: 'second factor refused',
    open: async (page, backend) => {
      const { person, secret } = await protectNewUser(page, backend);
      await page.context().clearCookies();
      await signInToSecondFactor(page, person);
      await giveCode(page, wrongCodeFor(secret));
      await expect(page.getByRole('textbox', { name: 'Code' })).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'refused by another service',
    open: async (page) => {
      await page.goto('/login/provider/refused');
      await expect(page.getByRole('note')).toBeVisible();
    },
  },
  { name: 'birthdays signed out', open: (page) => page.goto('/birthdays') },
  { name: 'not found', open: (page) => page.goto('/no-such-page') },
  { name: 'home signed in', signedIn: true, open: (page) => page.goto('/') },
  {
    name: 'menu of the user',
    signedIn: true,
    open: async (page) => {
      await page.goto('/');
      await userMenu(page).click();
    },
  },
  { name: 'account', signedIn: true, open: (page) => page.goto('/account') },
  {
    name: 'account with a mail on its way',
    signedIn: true,
    open: async (page) => {
      await page.goto('/account');
      await page.getByRole('button', { name: 'Send email' }).click();
      await expect(page.getByRole('button', { name: 'Send it again' })).toBeEnabled();
    },
  },
  { name: 'change name', signedIn: true, open: (page) => page.goto('/account/name') },
  { name: 'change email', signedIn: true, open: (page) => page.goto('/account/email') },
  { name: 'change phone number', signedIn: true, open: (page) => page.goto('/account/phone') },
  { name: 'confirm phone number without one', signedIn: true, open: (page) => page.goto('/account/phone/confirm') },
  {
    name: 'confirm phone number',
    signedIn: true,
    open: async (page, backend) => {
      const { user } = await (await page.request.get('/api/user')).json();
      await backend.call('PATCH', `/users/${user.id}/phone`, { body: { number: phoneNumber() } });
      await page.goto('/account/phone/confirm');
      await expect(page.getByRole('textbox', { name: 'Code' })).toBeVisible();
    },
  },
  {
    name: 'change password with errors',
    signedIn: true,
    open: async (page) => {
      await page.goto('/account/password');
      await page.getByLabel('Current password').fill('short');
      await page.getByLabel('New password').fill('short');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByLabel('New password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'change password as a guest',
    open: async (page) => {
      await continueAsGuest(page);
      await page.goto('/account/password');
    },
  },
  {
    name: 'devices',
    signedIn: true,
    open: async (page) => {
      await page.goto('/account/devices');
      await expect(page.getByRole('list', { name: 'Devices' })).toContainText('This device');
    },
  },
  { name: 'linked services', signedIn: true, open: (page) => page.goto('/account/services') },
  { name: 'security', signedIn: true, open: (page) => page.goto('/account/security') },
  { name: 'passkeys switched off', signedIn: true, open: (page) => page.goto('/account/passkeys') },
  { name: 'sign in again', signedIn: true, open: (page) => page.goto('/account/verify') },
  { name: 'authenticator app', signedIn: true, open: newAuthenticator },
  {
    name: 'recovery codes',
    signedIn: true,
    open: async (page) => {
      await giveCode(page, codeOf(await newAuthenticator(page)));
      await expect(page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem')).toHaveCount(6);
    },
  },
  { name: 'make recovery codes', signedIn: true, open: (page) => page.goto('/account/security/codes') },
  { name: 'turn off the second factor', signedIn: true, open: (page) => page.goto('/account/security/off') },
  { name: 'remove the authenticator app', signedIn: true, open: (page) => page.goto('/account/security/authenticator/remove') },
  {
    name: 'verify again',
    open: async (page, backend) => {
      await protectNewUser(page, backend, { withEmail: true });
      await page.goto('/account/security/verify');
      await expect(page.getByRole('button', { name: 'Get a code by email' })).toBeVisible();
    },
  },
  {
    name: 'switch accounts as a guest',
    open: async (page) => {
      await continueAsGuest(page);
      await page.goto('/account/switch');
    },
  },
  { name: 'your data', signedIn: true, open: (page) => page.goto('/account/data') },
  {
    name: 'delete the account with errors',
    signedIn: true,
    open: async (page) => {
      await page.goto('/account/delete');
      await page.getByRole('button', { name: 'Delete account' }).click();
      await expect(page.getByLabel('Password')).toHaveAttribute('aria-invalid', 'true');
    },
  },
  { name: 'goodbye', open: (page) => page.goto('/goodbye') },
  { name: 'birthdays', signedIn: true, open: birthdaysOfThree },
  { name: 'no birthdays found', signedIn: true, open: (page) => page.goto('/birthdays?search=nobody') },
  {
    name: 'birthday with errors',
    signedIn: true,
    open: async (page) => {
      await page.goto('/birthdays');
      await withoutBrowserChecks(page);
      const form = page.getByRole('form', { name: 'Add a birthday' });
      await form.getByRole('button', { name: 'Add birthday' }).click();
      await expect(form.getByLabel('Name', { exact: true })).toHaveAttribute('aria-invalid', 'true');
    },
  },
  {
    name: 'edit birthday',
    signedIn: true,
    open: async (page) => {
      await page.goto('/birthdays');
      const name = uniqueName();
      await addBirthday(page, { name });
      await row(page, name).getByRole('link', { name: `Edit ${name}` }).click();
      await expect(page).toHaveURL(/\/edit$/);
    },
  },
  {
    name: 'delete birthday',
    signedIn: true,
    open: async (page) => {
      await page.goto('/birthdays');
      const name = uniqueName(LONG_WORD);
      await addBirthday(page, { name });
      await page.goto(await row(page, name).getByRole('link', { name: `Delete ${name}` }).getAttribute('href'));
    },
  },
];

/** Brings a browser into the state of `entry`. Signs up a user with a long name first if the page requires a session. */
export async function openPage(page, entry, backend, person = { ...newUser(), name: LONG_WORD }) {
  if (entry.signedIn) {
    await signUp(page, person);
    await takeNewAccountNote(page);
  }
  await entry.open(page, backend);
}

/** Requests a link or code, and waits for the next page. */
async function sent(page, askPage, label, address) {
  await page.goto(askPage);
  await fillAddress(page, address, label);
  await page.getByRole('button', { name: /^Send the/ }).click();
  await expect(page.getByRole('button', { name: 'Send it again' })).toBeVisible();
}

/** Leads to the page with the secret of a new authenticator app, and returns the secret. */
async function newAuthenticator(page) {
  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await page.getByText("Can't scan it?").click();
  return page.locator('code').innerText();
}

async function birthdaysOfThree(page) {
  await page.goto('/birthdays');
  await addBirthday(page, { name: uniqueName('Grace'), date: '1906-12-09', visibility: ONLY_ME });
  await addBirthday(page, { name: uniqueName('Katherine'), date: '1918-08-26', visibility: SIGNED_IN });
  await addBirthday(page, { name: uniqueName(LONG_WORD), date: '1915-12-10', visibility: EVERYONE });
  await expectLive(page);
}
