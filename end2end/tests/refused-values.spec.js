// Values that only the server can check: the error is at the field, and other typed text stays.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, fillSignIn, signOut, newUser, withoutBrowserChecks } from '../support/people.js';

withAndWithoutJavaScript(({ javaScript }) => {
  for (const address of ['ann..lee@example.com', 'ann,lee@example.com', `${'a'.repeat(65)}@example.com`]) {
    test(`${address.slice(0, 20)} is refused at sign-up and stays in its field`, async ({ page }) => {
      await page.goto('/signup');
      await withoutBrowserChecks(page);
      await page.getByLabel('Name', { exact: true }).fill('Ann Lee');
      await page.getByLabel('Email').fill(address);
      await page.getByLabel('Password').fill('correct horse 1');
      await page.getByRole('button', { name: 'Create account' }).click();
      await expectFieldError(page.getByLabel('Email'));
      await expect(page.getByLabel('Email')).toHaveValue(address);
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ann Lee');
      if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
    });
  }

  for (const { situation, password } of [
    { situation: 'a common password', password: 'qwertyuiop' },
    { situation: 'the own address', password: 'annabelle.lee@example.com' },
    { situation: 'a password that the project finds too weak', password: 'no capital horse' },
  ]) {
    test(`${situation} is a field error`, async ({ newServers, newBrowser }) => {
      const { app } = await newServers({ args: ['--policy', 'password-strength=uppercase'] });
      const page = await newBrowser({ javaScriptEnabled: javaScript, baseURL: app.origin });
      await page.goto('/signup');
      await page.getByLabel('Name', { exact: true }).fill('Ann Lee');
      await page.getByLabel('Email').fill('annabelle.lee@example.com');
      await page.getByLabel('Password').fill(password);
      await page.getByRole('button', { name: 'Create account' }).click();
      await expectFieldError(page.getByLabel('Password'));
      await expect(page.getByLabel('Email')).toHaveValue('annabelle.lee@example.com');
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue('Ann Lee');
    });
  }

  test('expired password leads to a reset link', async ({ newServers, newBrowser }) => {
    const { app, backend } = await newServers();
    const page = await newBrowser({ javaScriptEnabled: javaScript, baseURL: app.origin });
    const person = newUser('Ann');
    await page.goto('/signup');
    await page.getByLabel('Name', { exact: true }).fill(person.name);
    await page.getByLabel('Email').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page).toHaveURL('/account');
    await signOut(page);
    await backend.call('PATCH', '/project/policies/password-rotation', { body: { maxAge: 1 } });
    const credentials = { body: { email: person.email, password: person.password } };
    await expect.poll(async () => (await backend.call('POST', '/account/sessions/email', credentials)).status).toBe(412);
    await page.goto('/login');
    await fillSignIn(page, person);
    await expect(page.getByRole('alert')).toContainText('Your password must be changed before you can sign in.');
    await page.getByRole('link', { name: 'Request a reset link' }).click();
    await expect(page).toHaveURL('/recovery');
  });
});
