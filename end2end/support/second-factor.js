// Users whose account requires a second factor.
import { expect } from '@playwright/test';
import { totp } from '../../crates/local-appwrite/conformance/harness/totp.mjs';
import { fillCode, fillSignIn, signUp, newUser } from './people.js';

/**
 * Signs up and signs in a user at `page`, with an authenticator app and recovery codes; with `withEmail`, a confirmed
 * address too. Returns `{ person, secret, recoveryCodes }`.
 */
export async function protectNewUser(page, backend, { person = newUser(), withEmail = false } = {}) {
  await signUp(page, person);
  const session = await sessionOf(page);
  const ask = async (method, path, body) => (await backend.call(method, path, { session, body })).body;
  const account = await ask('GET', '/account');
  const { secret } = await ask('POST', '/account/mfa/authenticators/totp', {});
  await ask('PUT', '/account/mfa/authenticators/totp', { otp: totp(secret) });
  const { recoveryCodes } = await ask('POST', '/account/mfa/recovery-codes', {});
  if (withEmail) await backend.call('PATCH', `/users/${account.$id}/verification`, { body: { emailVerification: true } });
  await ask('PATCH', '/account/mfa', { mfa: true });
  return { person, secret, recoveryCodes };
}

/** Submits the password in a signed-out browser, and waits for the second factor's page. */
export async function signInToSecondFactor(page, person, { next = '/birthdays' } = {}) {
  await page.goto(`/login?next=${encodeURIComponent(next)}`);
  await fillSignIn(page, person);
  await expect(page).toHaveURL(`/login/factor?next=${encodeURIComponent(next)}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Two-step verification');
}

/** The code in the authenticator app. */
export const codeOf = (secret) => totp(secret);

/** A code that is wrong at this time, and shortly before and after. */
export function wrongCodeFor(secret) {
  const shown = [-60_000, -30_000, 0, 30_000, 60_000].map((offset) => totp(secret, Date.now() + offset));
  return ['000000', '000001', '000002', '000003', '000004', '000005'].find((code) => !shown.includes(code));
}

export async function giveCode(page, code) {
  await fillCode(page.getByRole('textbox', { name: /code/i }), code);
  await page.getByRole('button', { name: 'Continue' }).click();
}

/** The session secret in the browser's cookie. */
export async function sessionOf(page) {
  const { value } = (await page.context().cookies()).find(({ name }) => name === 'session');
  return decodeURIComponent(value);
}
