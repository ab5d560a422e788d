// Sign-in methods, email and text messages that a project has switched off.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ID } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, asGuest, PASSWORD, refused, signUp } from './server.mjs';

const URL_OF_PAGE = 'http://localhost:3000/mail';

describe('switched off', { skip: skipOf('switched-off') }, () => {
  let backend;
  before(async () => {
    backend = await startBackend({ more: ['--disable', 'anonymous', '--disable', 'magic-url', '--disable-for-keys', '--no-smtp', '--no-sms'] });
  });
  after(() => backend?.stop());

  test('methods are unsupported for guests and keys', async () => {
    for (const { account } of [asGuest(backend), asAdmin(backend)]) {
      await refused(account.createAnonymousSession(), 501, 'user_auth_method_unsupported');
      await refused(account.createMagicURLToken({ userId: ID.unique(), email: 'a@example.com', url: URL_OF_PAGE }), 501, 'user_auth_method_unsupported');
    }
  });

  test('email and text messages are disabled', async () => {
    const ann = await signUp(backend);
    const { account } = asAdmin(backend);
    await refused(account.createEmailToken({ userId: ID.unique(), email: 'a@example.com' }), 503, 'general_smtp_disabled');
    await refused(account.createRecovery({ email: ann.email, url: URL_OF_PAGE }), 503, 'general_smtp_disabled');
    await refused(ann.account.createEmailVerification({ url: URL_OF_PAGE }), 503, 'general_smtp_disabled');
    await refused(account.createPhoneToken({ userId: ID.unique(), phone: '+12025550199' }), 503, 'general_phone_disabled');
  });

  test('leave other services on', async () => {
    const ann = await signUp(backend);
    assert.equal((await asAdmin(backend).account.createEmailPasswordSession({ email: ann.email, password: PASSWORD })).userId, ann.user.$id);
  });
});
