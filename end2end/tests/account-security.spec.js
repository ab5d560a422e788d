// A user sets up a second factor, saves the recovery codes, and changes both again.
import { readFile } from 'node:fs/promises';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn } from '../support/people.js';
import { codeOf, giveCode, signInToSecondFactor, wrongCodeFor } from '../support/second-factor.js';

/** Leads to the page with the QR code, and returns the secret that it shows as text. */
async function scan(page) {
  await page.goto('/account/security');
  await page.getByRole('button', { name: 'Set up an authenticator app' }).click();
  await expect(page.getByRole('img', { name: 'QR code for your authenticator app' })).toBeVisible();
  await page.getByText("Can't scan it?").click();
  return page.locator('code').innerText();
}

/** The recovery codes that the page shows. */
async function shownCodes(page) {
  const codes = page.getByRole('list', { name: 'Recovery codes' }).getByRole('listitem');
  await expect(codes).toHaveCount(6);
  return codes.allInnerTexts();
}

/** Sets up an authenticator app: `{ secret, codes }`. */
async function setUp(page) {
  const secret = await scan(page);
  await giveCode(page, codeOf(secret));
  return { secret, codes: await shownCodes(page) };
}

withAndWithoutJavaScript(() => {
  test('authenticator is set up and required at the next sign-in', async ({ newPerson, newBrowser }) => {
    const { page, person } = await newPerson();
    const secret = await scan(page);
    await giveCode(page, wrongCodeFor(secret));
    expect(await expectFieldError(page.getByRole('textbox', { name: 'Code' }))).toContain('That code is wrong or expired');
    expect(page.url(), 'no address has the secret').not.toContain(secret);
    await page.getByText("Can't scan it?").click();
    await expect(page.locator('code'), 'the app that was scanned').toHaveText(secret);
    await giveCode(page, codeOf(secret));
    const codes = await shownCodes(page);

    const downloaded = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Download' }).click();
    const file = await downloaded;
    expect(file.suggestedFilename()).toBe('recovery-codes.txt');
    expect((await readFile(await file.path(), 'utf8')).trim().split('\n')).toEqual(codes);

    await page.getByRole('link', { name: 'I saved them' }).click();
    await expect(page.getByText('It is on.')).toBeVisible();

    const other = await newBrowser();
    await signInToSecondFactor(other, person, { next: '/account' });
    await other.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(other.getByLabel('Recovery code')).toBeVisible();
    await giveCode(other, codes[0]);
    await expect(other).toHaveURL('/account');
    await expectSignedIn(other);
  });

  test('change requires the second factor again and returns', async ({ newPerson }) => {
    const { page } = await newPerson();
    const { secret, codes } = await setUp(page);
    await page.goto('/account/security');
    await page.getByRole('link', { name: 'Replace recovery codes' }).click();
    await page.getByRole('button', { name: 'Get new codes' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText("Verify it's you");
    await giveCode(page, codeOf(secret));
    await expect(page).toHaveURL('/account/security/codes');
    await page.getByRole('button', { name: 'Get new codes' }).click();
    const fresh = await shownCodes(page);
    expect(fresh.filter((code) => codes.includes(code))).toEqual([]);

    await page.goto('/account/security');
    await page.getByRole('link', { name: 'Turn off' }).click();
    await page.getByRole('button', { name: 'Turn off' }).click();
    await expect(page.getByText('Two-step verification is off.')).toBeVisible();
    await page.getByRole('button', { name: 'Turn on' }).click();
    await expect(page.getByText('Two-step verification is on.')).toBeVisible();
    await page.getByRole('link', { name: 'Remove authenticator app' }).click();
    await page.getByRole('button', { name: 'Remove' }).click();
    await expect(page.getByText('The authenticator app is removed.')).toBeVisible();
    await expect(page.getByText('It is off.')).toBeVisible();
  });
});

test('form with JavaScript also requires it again and returns', async ({ newPerson }) => {
  const { page } = await newPerson();
  const { secret } = await setUp(page);
  await page.goto('/account/security/off');
  await page.getByRole('button', { name: 'Turn off' }).click();
  await expect(page).toHaveURL('/account/security/verify?next=%2Faccount%2Fsecurity%2Foff');
  await giveCode(page, codeOf(secret));
  await expect(page).toHaveURL('/account/security/off');
});

test('recovery codes are shown once', async ({ newPerson }) => {
  const { page } = await newPerson();
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const { codes } = await setUp(page);
  await expect(page.getByRole('button', { name: 'Print' })).toBeVisible();
  await page.getByRole('button', { name: 'Copy' }).click();
  await expect(page.getByText('Copied')).toBeVisible();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(codes.join('\n'));
  await page.getByRole('link', { name: 'I saved them' }).click();
  await expect(page).toHaveURL('/account/security');
  await page.goBack();
  await expect(page).toHaveURL('/account/security/authenticator');
  for (const code of codes) await expect(page.getByText(code)).toHaveCount(0);
  expect(await page.evaluate(() => document.querySelector('main').innerText)).not.toContain(codes[0]);
});
