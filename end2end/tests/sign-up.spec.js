// Sign-up.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, navigation, signUp, newUser, withoutBrowserChecks } from '../support/people.js';

withAndWithoutJavaScript(({ javaScript }) => {
  test('public home page links to sign-up', async ({ page }) => {
    await page.goto('/');
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expectSignedOut(page);
    await navigation(page).getByRole('link', { name: 'Create account' }).click();
    await expect(page).toHaveURL('/signup');
  });

  test('new user is signed in and sees name and address', async ({ page }) => {
    const person = newUser();
    await signUp(page, person, { at: '/signup' });
    await expect(page).toHaveURL('/account');
    await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
    await expect(page.getByRole('main')).toContainText(person.name);
    await expect(page.getByRole('main')).toContainText(person.email);
    await expectSignedIn(page);
  });

  test('sign-up continues to the requested page', async ({ page }) => {
    await signUp(page, newUser(), { at: '/signup?next=%2Fbirthdays' });
    await expect(page).toHaveURL('/birthdays');
  });

  test('name with markup is shown as typed', async ({ page }) => {
    const person = { ...newUser(), name: '</script><img src=x onerror="document.title=\'broken\'"> & <b>Ada</b>' };
    await signUp(page, person, { at: '/signup' });
    await expect(page.getByRole('main')).toContainText(person.name);
    await page.reload();
    await expect(page.getByRole('main')).toContainText(person.name);
    await expect(page).not.toHaveTitle('broken');
  });

  const mistakes = [
    { mistake: 'a short password', field: 'Password', value: 'seven77' },
    { mistake: 'no password', field: 'Password', value: '' },
    { mistake: 'a malformed address', field: 'Email', value: 'ada at example' },
    { mistake: 'no address', field: 'Email', value: '' },
    { mistake: 'no name', field: 'Name', value: '' },
    { mistake: 'a name of more than 128 characters', field: 'Name', value: 'a'.repeat(129) },
  ];
  for (const { mistake, field, value } of mistakes) {
    test(`${mistake} is a field error and only the password is cleared`, async ({ page }) => {
      const person = newUser();
      const typed = { Name: person.name, 'Email': person.email, Password: person.password, [field]: value };
      await page.goto('/signup');
      await withoutBrowserChecks(page);
      for (const [label, text] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(text);
      await page.getByRole('button', { name: 'Create account' }).click();

      await expectFieldError(page.getByLabel(field, { exact: true }));
      await expect(page.getByLabel('Name', { exact: true })).toHaveValue(typed.Name);
      await expect(page.getByLabel('Email')).toHaveValue(typed['Email']);
      if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
      await expectSignedOut(page);
    });
  }

  test('used address is refused and typed text stays', async ({ page, newAccount }) => {
    const first = await newAccount('Ada');
    const second = { ...newUser('Grace'), email: first.email };
    await page.goto('/signup');
    await page.getByLabel('Name', { exact: true }).fill(second.name);
    await page.getByLabel('Email').fill(second.email);
    await page.getByLabel('Password').fill(second.password);
    await page.getByRole('button', { name: 'Create account' }).click();
    await expect(page.getByRole('alert').or(page.locator('[aria-invalid="true"]')).first()).toBeVisible();
    await expect(page.getByLabel('Name', { exact: true })).toHaveValue(second.name);
    await expect(page.getByLabel('Email')).toHaveValue(second.email);
    if (!javaScript) await expect(page.getByLabel('Password')).toHaveValue('');
    await expectSignedOut(page);
  });
});

test('error disappears after its correction', async ({ page }) => {
  const person = newUser();
  await page.goto('/signup');
  await withoutBrowserChecks(page);
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill('short');
  await page.getByRole('button', { name: 'Create account' }).click();
  await expectFieldError(page.getByLabel('Password'));
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Create account' }).click();
  await expect(page).toHaveURL('/account');
});

test('clicks while the next page loads send nothing', async ({ page }) => {
  let sent = 0;
  page.on('request', (request) => (sent += request.url().endsWith('/actions/sign_up') ? 1 : 0));
  let letGo;
  const held = new Promise((resolve) => (letGo = resolve));
  await page.route('**/account', async (route) => {
    await held;
    await route.continue();
  });
  const person = newUser();
  await page.goto('/signup');
  await page.getByLabel('Name', { exact: true }).fill(person.name);
  await page.getByLabel('Email').fill(person.email);
  await page.getByLabel('Password').fill(person.password);
  const button = page.getByRole('button', { name: 'Create account' });
  const onTheWay = page.waitForRequest('**/account');
  await button.press('Enter');
  await onTheWay;
  for (let times = 0; times < 3; times += 1) await page.keyboard.press('Enter');
  letGo();
  await expect(page).toHaveURL('/account');
  expect(sent).toBe(1);
});

test('password strength moves no button', async ({ page }) => {
  await page.goto('/signup');
  await page.waitForLoadState('networkidle');
  const button = page.getByRole('button', { name: 'Create account' });
  const before = await button.boundingBox();
  await page.getByLabel('Password').fill('correct horse battery');
  await expect(page.locator('.strength')).not.toBeEmpty();
  expect(await button.boundingBox()).toEqual(before);
});

test('password strength is shown and announced', async ({ page }) => {
  await page.goto('/signup');
  // The button appears once the app runs.
  await expect(page.getByRole('button', { name: 'Show Password' })).toBeVisible();
  await page.getByLabel('Name').fill('Annabelle Lee');
  const field = page.getByLabel('Password');
  for (const [typed, sentence] of [
    ['abc', 'Too short: 3 of 8 characters.'],
    ['Annabelle1', 'Easy to guess: it has your name or email in it.'],
    ['P@ssw0rd1', 'Easy to guess: it has a common password in it.'],
    ['Correct-horse-1', 'Strong.'],
  ]) {
    await field.fill(typed);
    await expect(field).toHaveAccessibleDescription(`At least 8 characters. ${sentence}`);
  }
  await field.fill('');
  await expect(field).toHaveAccessibleDescription('At least 8 characters.');
  // The page shows the sentence only once.
  await field.fill('abc');
  await field.press('Enter');
  await expect(field).toHaveAccessibleDescription('At least 8 characters. Use at least 8 characters.');
  await page.goto('/login');
  await expect(page.getByLabel('Password')).not.toHaveAttribute('aria-describedby', /./);
});
