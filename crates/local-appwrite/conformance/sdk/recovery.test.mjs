// Password reset and email verification, with the official server SDK and the links in the outbox.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { linkOf, newestMessage, startBackend } from '../harness/backend.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, asGuest, PASSWORD, refused, signUp } from './server.mjs';

const PAGE = 'http://localhost:3000/mail';
const NEW_PASSWORD = 'Another-horse-2';

describe('recovery', { skip: skipOf('recovery') }, () => {
  let backend;
  let account;
  const fromLink = async (email) => Object.fromEntries(linkOf(await newestMessage(backend, email, /^Password Reset/)).searchParams);
  before(async () => {
    backend = await startBackend();
    account = asAdmin(backend).account;
  });
  after(() => backend?.stop());

  test('sets a new password once and ends all sessions', async () => {
    const ann = await signUp(backend);
    await account.createRecovery({ email: ann.email, url: PAGE });
    const { userId, secret } = await fromLink(ann.email);
    await asGuest(backend).account.updateRecovery({ userId, secret, password: NEW_PASSWORD });
    await refused(ann.account.get(), 401, 'general_unauthorized_scope');
    await refused(account.createEmailPasswordSession({ email: ann.email, password: PASSWORD }), 401, 'user_invalid_credentials');
    assert.equal((await account.createEmailPasswordSession({ email: ann.email, password: NEW_PASSWORD })).userId, userId);
    await refused(account.updateRecovery({ userId, secret, password: NEW_PASSWORD }), 401, 'user_invalid_token');
  });

  test('is refused for unknown addresses, foreign URLs and blocked users', async () => {
    await refused(account.createRecovery({ email: 'nobody@example.com', url: PAGE }), 404, 'user_not_found');
    const ann = await signUp(backend);
    await refused(account.createRecovery({ email: ann.email, url: 'https://evil.example/' }), 400, 'general_argument_invalid');
    await asAdmin(backend).users.updateStatus({ userId: ann.user.$id, status: false });
    await refused(account.createRecovery({ email: ann.email, url: PAGE }), 403, 'user_blocked');
  });

  test('refuses a wrong secret and a short password', async () => {
    const ann = await signUp(backend);
    await account.createRecovery({ email: ann.email, url: PAGE });
    const { userId, secret } = await fromLink(ann.email);
    await refused(account.updateRecovery({ userId, secret: '0'.repeat(256), password: NEW_PASSWORD }), 401, 'user_invalid_token');
    await refused(account.updateRecovery({ userId, secret, password: 'short' }), 400, 'general_argument_invalid');
    await refused(account.updateRecovery({ userId: 'nobody', secret, password: NEW_PASSWORD }), 404, 'user_not_found');
    assert.equal((await ann.account.get()).$id, userId);
  });
});

describe('verification of an email address', { skip: skipOf('verification') }, () => {
  let backend;
  before(async () => { backend = await startBackend(); });
  after(() => backend?.stop());

  test('works once by the emailed link without a session', async () => {
    const ann = await signUp(backend);
    await ann.account.createEmailVerification({ url: PAGE });
    const { userId, secret } = Object.fromEntries(linkOf(await newestMessage(backend, ann.email, /^Account Verification/)).searchParams);
    await refused(asGuest(backend).account.updateEmailVerification({ userId, secret: '0'.repeat(256) }), 401, 'user_invalid_token');
    await asGuest(backend).account.updateEmailVerification({ userId, secret });
    assert.equal((await ann.account.get()).emailVerification, true);
    await refused(ann.account.createEmailVerification({ url: PAGE }), 409, 'user_email_already_verified');
  });

  test('is refused for guests and foreign URLs', async () => {
    const ann = await signUp(backend);
    await refused(asGuest(backend).account.createEmailVerification({ url: PAGE }), 401, 'general_unauthorized_scope');
    await refused(ann.account.createEmailVerification({ url: 'https://evil.example/' }), 400, 'general_argument_invalid');
  });

  test('is reset by a new address', async () => {
    const ann = await signUp(backend);
    await ann.account.createEmailVerification({ url: PAGE });
    const { userId, secret } = Object.fromEntries(linkOf(await newestMessage(backend, ann.email)).searchParams);
    await ann.account.updateEmailVerification({ userId, secret });
    const changed = await ann.account.updateEmail({ email: 'moved@example.com', password: PASSWORD });
    assert.deepEqual([changed.email, changed.emailVerification], ['moved@example.com', false]);
  });
});

describe('verification of a phone number', { skip: skipOf('phone-verification') }, () => {
  test('works by a code', async () => {
    const backend = await startBackend();
    try {
      const ann = await signUp(backend);
      await refused(ann.account.createPhoneVerification(), 400, 'user_phone_not_found');
      await ann.account.updatePhone({ phone: '+12025550123', password: PASSWORD });
      await ann.account.createPhoneVerification();
      const { text } = await newestMessage(backend, '+12025550123');
      const [secret] = text.match(/\b\d{6}\b/);
      await ann.account.updatePhoneVerification({ userId: ann.user.$id, secret });
      assert.equal((await ann.account.get()).phoneVerification, true);
      await refused(ann.account.createPhoneVerification(), 409, 'user_phone_already_verified');
    } finally {
      await backend.stop();
    }
  });
});
