// Recovery and verification by six-digit code (since Appwrite 2.3), with the newest web SDK.

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { codeOf, newestMessage, startBackend } from '../harness/backend.mjs';
import { clearStorage, clientOf, newest } from './browser.mjs';
import { asAdmin, PASSWORD, refused, signUp } from './server.mjs';

const NEW_PASSWORD = 'Another-horse-2';

describe('codes by appwrite 28', () => {
  let backend;
  let page;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    page = new newest.Account(clientOf(newest, backend));
  });
  afterEach(clearStorage);
  after(() => backend?.stop());

  test('a code sets a new password once, despite refused passwords', async () => {
    const { email, user } = await signUp(backend);
    const { phrase, secret: hidden } = await page.createRecoveryOTP({ email, phrase: true });
    const message = await newestMessage(backend, email, /^Password Reset/);
    assert.ok(phrase && message.text.includes(phrase));
    assert.equal(hidden, '');
    const code = { userId: user.$id, secret: codeOf(message) };
    await refused(page.updateRecoveryOTP({ ...code, password: 'short' }), 400, 'general_argument_invalid');
    await page.updateRecoveryOTP({ ...code, password: NEW_PASSWORD });
    await refused(page.updateRecoveryOTP({ ...code, password: NEW_PASSWORD }), 401, 'user_invalid_token');
    const { account } = asAdmin(backend);
    await refused(account.createEmailPasswordSession({ email, password: PASSWORD }), 401, 'user_invalid_credentials');
    await account.createEmailPasswordSession({ email, password: NEW_PASSWORD });
  });

  test('a code confirms the address', async () => {
    const { email, session, user } = await signUp(backend);
    const own = new newest.Account(clientOf(newest, backend, { session: session.secret }));
    await own.createEmailVerificationOTP();
    const code = codeOf(await newestMessage(backend, email, /^Account Verification/));
    await page.updateEmailVerificationOTP({ userId: user.$id, secret: code });
    assert.equal((await own.get()).emailVerification, true);
    await refused(own.createEmailVerificationOTP(), 409, 'user_email_already_verified');
  });

  test('an ID token of a disabled provider is refused', async () => {
    const idToken = { provider: newest.IdTokenProvider.Google, idToken: 'a.b.c' };
    await refused(page.createIdTokenSession(idToken), 412, 'project_provider_disabled');
  });
});
