// Leaving: the file with the user's data, and the deletion of the account.
import { readFile } from 'node:fs/promises';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { addBirthday, EVERYONE, expectFieldError, expectLive, expectSignedOut, fillSignIn, signIn, signUp, newUser, uniqueName } from '../support/people.js';
import { addOwnRows } from '../support/rows.js';

withAndWithoutJavaScript(({ javaScript }) => {
  test('data is downloaded and the account deleted', async ({ newPerson, newBrowser }) => {
    const { page, person } = await newPerson();
    const name = uniqueName();
    await page.goto('/birthdays');
    await addBirthday(page, { name, visibility: EVERYONE });
    await page.goto('/account');
    await page.getByRole('link', { name: 'Manage Download or delete your data' }).click();
    const downloaded = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download your data' }).click();
    const file = await downloaded;
    expect(file.suggestedFilename()).toBe('account-data.json');
    const data = JSON.parse(await readFile(await file.path(), 'utf8'));
    expect(data.account.email).toBe(person.email);
    expect(data.tables.birthdays.map((row) => row.columns.name)).toEqual([name]);

    const open = await newBrowser();
    if (javaScript) {
      await signIn(open, person);
      await open.goto('/birthdays');
      await expectLive(open);
    }
    await page.getByRole('link', { name: 'Delete your account' }).click();
    await page.getByLabel('Your email').fill(person.email);
    await page.getByLabel('Password').fill('not the password');
    await page.getByRole('button', { name: 'Delete account' }).click();
    expect(await expectFieldError(page.getByLabel('Password'))).toContain("That's not your password.");
    await expect(page.getByLabel('Your email')).toHaveValue(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Delete account' }).click();
    await expect(page).toHaveURL('/goodbye');
    if (javaScript) await expect(open.getByText('You were signed out on another device').first()).toBeVisible({ timeout: 2000 });
    await expect(page.getByRole('heading', { name: 'Goodbye' })).toBeVisible();
    await expectSignedOut(page);

    const other = await newBrowser();
    await other.goto('/birthdays');
    await expect(other.getByRole('heading', { level: 1, name: 'Birthdays' })).toBeVisible();
    await expect(other.getByText(name)).toHaveCount(0);
    await other.goto('/login');
    await fillSignIn(other, person);
    await expect(other.getByText('Incorrect email or password.')).toBeVisible();
  });
});

test('failed deletion reports the rest and a retry completes it', async ({ newServers, newBrowser }) => {
  // The app's key may not delete rows, and Appwrite lets the user delete 60 in a minute.
  const { app, backend } = await newServers();
  const page = await newBrowser({ baseURL: app.origin });
  const person = await signUp(page, newUser());
  await addOwnRows(page, backend, 63);
  await page.goto('/account/delete');
  const press = async () => {
    await page.getByLabel('Your email').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Delete account' }).click();
  };
  await press();
  await expect(page.getByRole('alert')).toContainText('3 entries and your account remain. Try again in a minute.');
  await expect(page.getByRole('alert')).toBeFocused();
  await backend.passTime(61);
  await press();
  await expect(page).toHaveURL('/goodbye');
  await expectSignedOut(page);
});
