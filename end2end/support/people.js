// User actions in the app. Finds elements by their labels and headings, as users do.
import { randomInt, randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';

export const ONLY_ME = 'Only me';
export const SIGNED_IN = 'Signed-in users';
export const EVERYONE = 'Everyone';

/** A user without an account. The name and address are unique among all tests. */
export function newUser(name = 'Ada') {
  const mark = randomUUID().slice(0, 8);
  return { name: `${name} ${mark}`, email: `${name.toLowerCase()}.${mark}@example.org`, password: `correct horse ${mark}` };
}

/** A phone number that is unique among all tests. */
export function phoneNumber() {
  return `+4420${randomInt(10_000_000, 99_999_999)}`;
}

/** A name that no other row has. */
export function uniqueName(name = 'Grace') {
  return `${name} ${randomUUID().slice(0, 8)}`;
}

/** Signs up. Posts the form without loading a page, to save time; with `at`, fills in the form of that page. */
export async function signUp(page, person, { at } = {}) {
  if (at) {
    await page.goto(at);
    await page.getByLabel('Name', { exact: true }).fill(person.name);
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(userMenu(page)).toBeVisible();
  } else {
    await createAccount(page.request, person);
  }
  return person;
}

/** Posts the form for a new account. The session's cookie is then in that context. */
export async function createAccount(request, person) {
  const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin' };
  const answer = await request.post('/actions/sign_up', { form: { ...person, keep: 'yes', page: '/signup' }, headers, maxRedirects: 0 });
  expect(answer.status(), 'the status of the sign-up').toBe(303);
}

/** Takes the note about the new account, which only the first page after the sign-up shows. */
export async function takeNewAccountNote(page) {
  await page.request.get('/');
}

export async function fillSignIn(page, { email, password }) {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Fills in the address for a link or a code. */
export async function fillAddress(page, address, label = 'Email') {
  await page.getByLabel(label).fill(address);
}

/** Opens the newest email to this address on a site other than the app's, like a web mailbox. */
export async function readMail(page, backend, address) {
  const mail = (await backend.messagesTo(address)).at(-1);
  expect(mail, `a mail to ${address}`).toBeDefined();
  await page.goto(`${backend.outbox}/${mail.id}`);
}

export async function signIn(page, person, { at = '/login' } = {}) {
  await page.goto(at);
  await fillSignIn(page, person);
  await expect(userMenu(page)).toBeVisible();
}

export async function signOut(page) {
  await pressSignOut(page);
  // The page is cleared before the navigation home.
  await expect(page).toHaveURL((url) => url.pathname === '/');
  await expect(navigation(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
}

export async function continueAsGuest(page) {
  await page.goto('/login/guest');
  await page.getByRole('button', { name: 'Continue as guest' }).click();
  await expect(userMenu(page)).toBeVisible();
}

/** Puts a code into its field without the event that makes the app send it: the caller presses the button. */
export async function fillCode(field, code) {
  await field.evaluate((input, text) => (input.value = text), code);
}

/** Opens the newest email to this address and clicks its link. */
export async function openMail(page, backend, address) {
  await readMail(page, backend, address);
  await page.getByRole('link').click();
  await expect(page.getByRole('main')).toBeVisible();
}

/** The links and buttons in the header. */
export function navigation(page) {
  return page.getByRole('banner').getByRole('navigation');
}

/** The user's name in the header, which opens the menu. */
export function userMenu(page) {
  return navigation(page).locator('summary');
}

/** Presses "Sign out" in the menu. */
export async function pressSignOut(page) {
  await userMenu(page).click();
  await navigation(page).getByRole('button', { name: 'Sign out' }).click();
}

/** Opens the account page by its link in the menu. */
export async function openAccount(page) {
  await userMenu(page).click();
  await navigation(page).getByRole('link', { name: 'Account' }).click();
}

export async function expectSignedIn(page) {
  await expect(userMenu(page)).toBeVisible();
  await expect(navigation(page).getByRole('link', { name: 'Sign in' })).toHaveCount(0);
}

export async function expectSignedOut(page) {
  await expect(navigation(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
  await expect(navigation(page).getByRole('link', { name: 'Create account' })).toBeVisible();
  await expect(userMenu(page)).toHaveCount(0);
}

/** Skips the browser's own form checks, so that the server has to check. */
export async function withoutBrowserChecks(page) {
  for (const form of await page.locator('form').all()) await form.evaluate((element) => (element.noValidate = true));
  for (const input of await page.locator('input[maxlength]').all()) await input.evaluate((element) => element.removeAttribute('maxlength'));
}

/** Asserts that the field is marked as invalid, and returns its error message. */
export async function expectFieldError(field) {
  await expect(field).toHaveAttribute('aria-invalid', 'true');
  const ids = (await field.getAttribute('aria-describedby'))?.split(/\s+/).filter(Boolean) ?? [];
  expect(ids, 'the field names its message by aria-describedby').not.toEqual([]);
  const texts = await Promise.all(ids.map((id) => field.page().locator(`[id="${id}"]`).innerText()));
  const message = texts.join(' ').trim();
  expect(message).not.toBe('');
  return message;
}

// Birthdays

export function birthdays(page) {
  return page.getByRole('list', { name: 'Birthdays' });
}

/** The row with this name. */
export function row(page, name) {
  return birthdays(page).getByRole('listitem').filter({ hasText: name });
}

export async function addBirthday(page, { name, date = '1906-12-09', visibility = ONLY_ME }) {
  const form = page.getByRole('form', { name: 'Add a birthday' });
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Birthday', { exact: true }).fill(date);
  await form.getByRole('radio', { name: visibility, exact: true }).check();
  await form.getByRole('button', { name: 'Add birthday' }).click();
  await expect(row(page, name)).toBeVisible();
}

export async function editBirthday(page, name, changes) {
  await row(page, name).getByRole('link', { name: `Edit ${name}` }).click();
  await expect(page).toHaveURL(/\/birthdays\/[^/]+\/edit$/);
  const main = page.getByRole('main');
  if (changes.name) await main.getByLabel('Name', { exact: true }).fill(changes.name);
  if (changes.date) await main.getByLabel('Birthday', { exact: true }).fill(changes.date);
  if (changes.visibility) await main.getByRole('radio', { name: changes.visibility, exact: true }).check();
  await main.getByRole('button', { name: /^Save/ }).click();
  await expect(page).toHaveURL(/\/birthdays(#.+)?$/);
  await expect(row(page, changes.name ?? name)).toBeVisible();
}

/** Deletes it by the dialog, or by the page without JavaScript. */
export async function deleteBirthday(page, name) {
  await row(page, name).getByRole('link', { name: `Delete ${name}` }).click();
  await expect(page.getByRole('heading', { name: 'Delete this birthday?' })).toBeVisible();
  await expect(page.getByText("You can't undo this.")).toContainText(name);
  await page.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page).toHaveURL(/\/birthdays$/);
  await expect(page.getByText(`Deleted ${name}'s birthday.`)).toBeVisible();
  await expect(row(page, name)).toHaveCount(0);
}

/** The badge's text. */
export function badge(page) {
  return page.getByRole('status').filter({ hasText: /live|connect|offline/i });
}

/** The notice that the session has ended, and why. */
export function ending(page) {
  return page.getByRole('alert').filter({ hasText: 'Sign in again' });
}

export async function expectLive(page, options) {
  await expect(badge(page)).toHaveText('Live', options);
}

/** Opens the birthdays in each of the pages and waits until they are live. */
export async function openLive(...pages) {
  await Promise.all(
    pages.map(async (page) => {
      await page.goto('/birthdays');
      await expectLive(page);
    }),
  );
}

/** Hides the page as if the user switched tabs, or shows it again. Headless Chromium treats all tabs as visible. */
export async function setHidden(page, hidden) {
  await page.evaluate((hidden) => {
    for (const [name, value] of [['hidden', hidden], ['visibilityState', hidden ? 'hidden' : 'visible']]) {
      Object.defineProperty(document, name, { configurable: true, get: () => value });
    }
    document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
  }, hidden);
}

/** Switches to another tab and back. */
export async function lookAgain(page) {
  await setHidden(page, true);
  await setHidden(page, false);
}

/** Fails the test if the page reloads: its content must update in place. */
export async function withoutReload(page, action) {
  await page.evaluate(() => (window.stayed = true));
  const result = await action();
  expect(await page.evaluate(() => window.stayed), 'the page was not loaded anew').toBe(true);
  return result;
}

/** Records every text that appears in the page from now on, even briefly. Call the result to read them. */
export async function rememberText(page) {
  await page.evaluate(() => {
    window.seen = document.body.innerText;
    new MutationObserver(() => (window.seen += document.body.innerText)).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.seen);
}
