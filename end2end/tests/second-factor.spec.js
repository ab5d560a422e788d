// The second factor at sign-in: chosen, given, refused, cancelled; with several tabs and the back button.
import { totp } from '../../local-appwrite/conformance/harness/totp.mjs';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, fillSignIn, navigation } from '../support/people.js';

/** Somebody new with an authenticator app and recovery codes, and, if asked for, a confirmed address. */
async function protectedPerson({ newPerson, servers, withEmail = false }) {
  const { page, person } = await newPerson();
  const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  const session = decodeURIComponent(value);
  const ask = async (method, path, body) => (await servers.backend.call(method, path, { session, body })).body;
  const account = await ask('GET', '/account');
  const { secret } = await ask('POST', '/account/mfa/authenticators/totp', {});
  await ask('PUT', '/account/mfa/authenticators/totp', { otp: totp(secret) });
  const { recoveryCodes } = await ask('POST', '/account/mfa/recovery-codes', {});
  if (withEmail) await servers.backend.call('PATCH', `/users/${account.$id}/verification`, { body: { emailVerification: true } });
  await ask('PATCH', '/account/mfa', { mfa: true });
  return { person, secret, recoveryCodes };
}

/** A page that has given the password and stands before the second factor. */
async function halfWayIn(page, person, { next = '/birthdays' } = {}) {
  await page.goto(`/login?next=${encodeURIComponent(next)}`);
  await fillSignIn(page, person);
  await expect(page).toHaveURL(`/login/factor?next=${encodeURIComponent(next)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('One more step');
}

const wrongCode = (secret) => {
  const shown = [-60_000, -30_000, 0, 30_000, 60_000].map((offset) => totp(secret, Date.now() + offset));
  return ['000000', '000001', '000002', '000003', '000004', '000005'].find((code) => !shown.includes(code));
};

async function give(page, code) {
  await page.getByLabel(/code/i).fill(code);
  await page.getByRole('button', { name: 'Go on' }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('an authenticator app is asked for its code at once, and the code leads on', async ({ page, newPerson, servers }) => {
    const { person, secret } = await protectedPerson({ newPerson, servers });
    await halfWayIn(page, person);
    await expect(navigation(page).getByRole('link')).toHaveText(['Home', 'Birthdays']);
    const field = page.getByLabel('Code');
    await expect(field).toHaveAttribute('autocomplete', 'one-time-code');
    await expect(field).toHaveAttribute('inputmode', 'numeric');

    await give(page, wrongCode(secret));
    expect(await expectFieldError(field)).toContain('This code is not right');
    await expect(field).toBeFocused();
    if (!javaScript) await expect(field).toHaveValue('');

    const code = totp(secret);
    await give(page, `${code.slice(0, 3)} ${code.slice(3)}`);
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('who has several factors chooses one, and a code by mail may be sent again', async ({ page, newPerson, servers }) => {
    const { person } = await protectedPerson({ newPerson, servers, withEmail: true });
    await halfWayIn(page, person);
    await expect(page.getByRole('main').getByRole('button')).toHaveText([
      'Use an authenticator app',
      'Get a code by e-mail',
      'Use a recovery code',
      'Cancel and sign out',
    ]);
    await page.getByRole('button', { name: 'Get a code by e-mail' }).click();
    await expect(page.getByText('A code is on its way to your e-mail address.')).toBeVisible();
    const sent = async () => (await servers.backend.messagesTo(person.email)).map(({ text }) => /\b\d{6}\b/.exec(text)[0]);
    await expect.poll(async () => (await sent()).length).toBe(1);
    await page.getByRole('button', { name: 'Send a new code' }).click();
    await expect.poll(async () => (await sent()).length).toBe(2);
    await expect(page.getByText('A code is on its way to your e-mail address.')).toBeVisible();
    await give(page, (await sent()).at(-1));
    await expect(page).toHaveURL('/birthdays');
    await expectSignedIn(page);
  });

  test('a recovery code opens once', async ({ newBrowser, newPerson, servers }) => {
    const { person, recoveryCodes } = await protectedPerson({ newPerson, servers });
    const page = await newBrowser();
    await halfWayIn(page, person);
    await page.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(page.getByLabel('Recovery code')).not.toHaveAttribute('inputmode', 'numeric');
    await give(page, recoveryCodes[0]);
    await expect(page).toHaveURL('/birthdays');

    const other = await newBrowser();
    await halfWayIn(other, person);
    await other.getByRole('button', { name: 'Use a recovery code' }).click();
    await expect(other.getByLabel('Recovery code')).toBeVisible();
    await give(other, recoveryCodes[0]);
    await expectFieldError(other.getByLabel('Recovery code'));
    await other.getByRole('button', { name: 'Use an authenticator app' }).click();
    await expect(other.getByText('Open your authenticator app')).toBeVisible();
  });

  test('whoever cancels is signed out, and the session is gone', async ({ page, newPerson, servers }) => {
    const { person } = await protectedPerson({ newPerson, servers });
    await halfWayIn(page, person);
    const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
    await page.getByRole('button', { name: 'Cancel and sign out' }).click();
    await page.waitForURL((url) => url.pathname === '/');
    await expectSignedOut(page);
    expect(await page.context().cookies()).toEqual([]);
    const factors = await servers.backend.call('GET', '/account/mfa/factors', { session: decodeURIComponent(value) });
    expect(factors.status).toBe(401);
  });

  test('neither the back button nor another tab is asked again', async ({ page, newPerson, servers }) => {
    const { person, secret } = await protectedPerson({ newPerson, servers });
    await halfWayIn(page, person);
    const other = await page.context().newPage();
    await other.goto('/account');
    await expect(other).toHaveURL('/login/factor?next=%2Faccount');
    await give(page, totp(secret));
    await expect(page).toHaveURL('/birthdays');

    // The other tab still shows its form: whatever is typed there, the person is in.
    await give(other, '000000');
    await expect(other).toHaveURL('/account');
    await expectSignedIn(other);

    await page.goBack();
    await expect(page).not.toHaveURL(/\/login\/factor/);
    await expectSignedIn(page);
  });
});

test('no link leads past the second factor', async ({ page, newPerson, servers }) => {
  const { person } = await protectedPerson({ newPerson, servers });
  await halfWayIn(page, person);
  for (const path of ['/', '/account', '/birthdays', '/login', '/signup']) {
    await page.goto(path);
    await expect(page).toHaveURL(/\/login\/factor\?next=/);
    await expect(page.getByText(person.email)).toHaveCount(0);
  }
  for (const name of ['Home', 'Birthdays']) {
    await page.getByRole('banner').getByRole('link', { name, exact: true }).click();
    await expect(page).toHaveURL(/\/login\/factor/);
    await expect(page.getByLabel('Code')).toBeVisible();
  }
});

test('the sixth guess has to wait, with the time of day', async ({ page, newPerson, servers }) => {
  const { person, secret } = await protectedPerson({ newPerson, servers });
  await halfWayIn(page, person);
  for (let guess = 0; guess < 5; guess++) {
    const answered = page.waitForResponse('**/actions/give_second_factor');
    await give(page, wrongCode(secret));
    // The first may be sent before the page is hydrated, and is answered by a redirect then.
    expect([303, 422]).toContain((await answered).status());
    await expectFieldError(page.getByLabel('Code'));
    await expect(page.getByRole('button', { name: 'Go on' })).toBeEnabled();
  }
  await give(page, totp(secret));
  await expect(page.getByRole('alert')).toHaveText(/^Too many attempts\. Try again in .+, at \d\d?:\d\d/);
});
