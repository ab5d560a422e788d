// Changes to a user's own account, with the official server SDK.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBackend } from '../harness/backend.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, PASSWORD, refused, signUp, withSession } from './server.mjs';

describe('the own account', { skip: skipOf('profile') }, () => {
  let backend;
  before(async () => { backend = await startBackend(); });
  after(() => backend?.stop());

  test('has a name that can be changed', async () => {
    const { account } = await signUp(backend);
    assert.equal((await account.updateName({ name: 'Ann Two' })).name, 'Ann Two');
    await refused(account.updateName({ name: 'n'.repeat(129) }), 400, 'general_argument_invalid');
  });

  test('has preferences that are replaced as a whole', async () => {
    const { account } = await signUp(backend);
    await account.updatePrefs({ prefs: { theme: 'dark', size: 2 } });
    await account.updatePrefs({ prefs: { theme: 'light' } });
    assert.deepEqual({ ...(await account.getPrefs()) }, { theme: 'light' });
    await refused(account.updatePrefs({ prefs: { long: 'x'.repeat(65_536) } }), 400, 'general_argument_invalid');
  });

  test('changes its password and stays signed in', async () => {
    const { account, email } = await signUp(backend);
    await refused(account.updatePassword({ password: 'Another-horse-2', oldPassword: 'wrong-password' }), 401, 'user_invalid_credentials');
    await account.updatePassword({ password: 'Another-horse-2', oldPassword: PASSWORD });
    assert.equal((await account.get()).email, email);
    await refused(asAdmin(backend).account.createEmailPasswordSession({ email, password: PASSWORD }), 401, 'user_invalid_credentials');
    await asAdmin(backend).account.createEmailPasswordSession({ email, password: 'Another-horse-2' });
  });

  test('changes its email with the password unless it is taken', async () => {
    const [ann, bob] = [await signUp(backend), await signUp(backend, 'Bob')];
    await refused(ann.account.updateEmail({ email: 'other@example.com', password: 'wrong-password' }), 401, 'user_invalid_credentials');
    await refused(ann.account.updateEmail({ email: bob.email, password: PASSWORD }), 409, 'user_target_already_exists');
    assert.equal((await ann.account.updateEmail({ email: 'other@example.com', password: PASSWORD })).email, 'other@example.com');
  });

  test('requires a unique phone number in international format', async () => {
    const [ann, bob] = [await signUp(backend), await signUp(backend, 'Bob')];
    assert.equal((await ann.account.updatePhone({ phone: '+12025550111', password: PASSWORD })).phone, '+12025550111');
    await refused(bob.account.updatePhone({ phone: '+12025550111', password: PASSWORD }), 409, 'user_phone_already_exists');
    await refused(bob.account.updatePhone({ phone: '2025550111', password: PASSWORD }), 400, 'general_argument_invalid');
  });

  test('can block itself and ends', async () => {
    const { account, email } = await signUp(backend);
    assert.equal((await account.updateStatus()).status, false);
    await refused(account.get(), 403, 'user_blocked');
    await refused(asAdmin(backend).account.createEmailPasswordSession({ email, password: PASSWORD }), 403, 'user_blocked');
  });

  test('extends its session', async () => {
    const { account, session } = await signUp(backend);
    const extended = await account.updateSession({ sessionId: 'current' });
    assert.equal(extended.$id, session.$id);
    assert.equal((await withSession(backend, session.secret).account.get()).status, true);
  });

  test('has a log and no identities', async () => {
    const { account, user } = await signUp(backend);
    const { total, logs } = await account.listLogs();
    assert.equal(total, logs.length);
    assert.ok(logs.some(({ event, userId }) => event === 'session.create' && userId === user.$id));
    assert.equal((await account.listIdentities()).total, 0);
    await refused(account.deleteIdentity({ identityId: 'nobody' }), 404, 'user_identity_not_found');
  });
});

describe('the account log', { skip: skipOf('profile') }, () => {
  test('does not exist on 2.x', async () => {
    const backend = await startBackend({ profile: '2' });
    try {
      const { account } = await signUp(backend);
      await assert.rejects(account.listLogs(), { code: 404 });
    } finally {
      await backend.stop();
    }
  });
});
