// The users service with an API key, by the official server SDK.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Query } from 'node-appwrite';
import { MIN_KEY, startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { asAdmin, asGuest, PASSWORD, refused, signUp, withJwt, withSession } from './server.mjs';

describe('users by node-appwrite', () => {
  let backend;
  let users;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    users = asAdmin(backend).users;
  });
  after(() => backend?.stop());

  test('are available only to keys with the scope', async () => {
    const ann = await signUp(backend);
    await refused(ann.users.get({ userId: ann.user.$id }), 401, 'general_unauthorized_scope');
    await refused(asGuest(backend).users.list(), 401, 'general_unauthorized_scope');
    await refused(asAdmin(backend, MIN_KEY).users.list(), 401, 'general_unauthorized_scope');
    await refused(asAdmin(backend, 'standard_unknown').users.list(), 401, 'user_unauthorized');
  });

  test('are created, read, found and deleted', async () => {
    const user = await users.create({ userId: 'unique()', email: 'made@example.com', password: PASSWORD, name: 'Made' });
    assert.equal((await users.get({ userId: user.$id })).email, 'made@example.com');
    const found = await users.list({ queries: [Query.equal('email', 'made@example.com')] });
    assert.deepEqual([found.total, found.users[0].$id], [1, user.$id]);
    await refused(users.create({ userId: 'unique()', email: 'made@example.com', password: PASSWORD }), 409, 'user_already_exists');
    await users.delete({ userId: user.$id });
    await refused(users.get({ userId: user.$id }), 404, 'user_not_found');
    await refused(asAdmin(backend).account.createEmailPasswordSession({ email: 'made@example.com', password: PASSWORD }), 401, 'user_invalid_credentials');
  });

  test('that do not exist are 404 everywhere', async () => {
    const userId = 'nobody';
    await refused(users.get({ userId }), 404, 'user_not_found');
    await refused(users.delete({ userId }), 404, 'user_not_found');
    await refused(users.listSessions({ userId }), 404, 'user_not_found');
    await refused(users.createJWT({ userId }), 404, 'user_not_found');
    await refused(users.createSession({ userId }), 404, 'user_not_found');
  });

  test('lose sessions and JWTs when deleted', async () => {
    const ann = await signUp(backend);
    const { jwt } = await ann.account.createJWT();
    await users.delete({ userId: ann.user.$id });
    await refused(ann.account.get(), 401, 'general_unauthorized_scope');
    await refused(withJwt(backend, jwt).account.get(), 401, 'general_unauthorized_scope');
  });

  test('get a session from a key', async () => {
    const { user } = await signUp(backend);
    const session = await users.createSession({ userId: user.$id });
    assert.equal((await withSession(backend, session.secret).account.get()).$id, user.$id);
    assert.equal((await users.listSessions({ userId: user.$id })).total, 2);
  });

  test('have their sessions ended, one or all', async () => {
    const ann = await signUp(backend);
    const second = await users.createSession({ userId: ann.user.$id });
    await users.deleteSession({ userId: ann.user.$id, sessionId: second.$id });
    await refused(withSession(backend, second.secret).account.get(), 401, 'general_unauthorized_scope');
    await refused(users.deleteSession({ userId: ann.user.$id, sessionId: second.$id }), 404, 'user_session_not_found');
    await users.deleteSessions({ userId: ann.user.$id });
    await refused(ann.account.get(), 401, 'general_unauthorized_scope');
  });

  test('get a JWT that ends with its session', async () => {
    const ann = await signUp(backend);
    const { jwt } = await users.createJWT({ userId: ann.user.$id, sessionId: ann.session.$id, duration: 60 });
    const { payload } = decodeJwt(jwt);
    assert.deepEqual([payload.userId, payload.sessionId], [ann.user.$id, ann.session.$id]);
    assert.equal((await withJwt(backend, jwt).account.get()).$id, ann.user.$id);
    await ann.account.deleteSession({ sessionId: 'current' });
    await refused(withJwt(backend, jwt).account.get(), 401, 'general_unauthorized_scope');
  });

  test('get a JWT that outlives all sessions', async () => {
    const ann = await signUp(backend);
    const { jwt } = await users.createJWT({ userId: ann.user.$id });
    assert.equal(decodeJwt(jwt).payload.sessionId, '');
    await ann.account.deleteSessions();
    assert.equal((await withJwt(backend, jwt).account.get()).$id, ann.user.$id);
  });

  test('are blocked and unblocked', async () => {
    const ann = await signUp(backend);
    assert.equal((await users.updateStatus({ userId: ann.user.$id, status: false })).status, false);
    await refused(ann.account.get(), 403, 'user_blocked');
    await users.updateStatus({ userId: ann.user.$id, status: true });
    assert.equal((await ann.account.get()).status, true);
  });

  test('are imported with a password hash', async () => {
    const { account } = asAdmin(backend);
    const made = await users.createMD5User({ userId: 'md5', email: 'md5@example.com', password: '144fa7eaa4904e8ee120651997f70dcc' });
    assert.equal(made.hash, 'md5');
    await users.createBcryptUser({ userId: 'bcrypt', email: 'bcrypt@example.com', password: '$2a$05$CCCCCCCCCCCCCCCCCCCCC.E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW' });
    await users.createPHPassUser({ userId: 'phpass', email: 'phpass@example.com', password: '$P$Br387rwferoKN7uwHZqNMu98q3U8RO.' });
    for (const name of ['md5', 'phpass']) {
      await refused(account.createEmailPasswordSession({ email: `${name}@example.com`, password: 'not-this-one' }), 401, 'user_invalid_credentials');
      assert.equal((await account.createEmailPasswordSession({ email: `${name}@example.com`, password: 'appwrite' })).userId, name);
    }
  });

  test('are given targets and recovery codes', async () => {
    const { user, account } = await signUp(backend);
    const userId = user.$id;
    const target = await users.createTarget({ userId, targetId: 'unique()', providerType: 'email', identifier: `second.${userId}@example.com` });
    assert.equal((await users.listTargets({ userId, queries: [Query.equal('providerType', 'email')] })).total, 2);
    assert.equal((await users.updateTarget({ userId, targetId: target.$id, name: 'Second' })).name, 'Second');
    await users.deleteTarget({ userId, targetId: target.$id });
    await refused(users.getTarget({ userId, targetId: target.$id }), 404, 'user_target_not_found');
    await refused(users.getMFARecoveryCodes({ userId }), 404, 'user_recovery_codes_not_found');
    const { recoveryCodes } = await users.createMFARecoveryCodes({ userId });
    assert.deepEqual((await users.getMFARecoveryCodes({ userId })).recoveryCodes, recoveryCodes);
    assert.equal((await users.listMFAFactors({ userId })).recoveryCode, true);
    assert.equal((await account.listMFAFactors()).recoveryCode, true);
    assert.equal((await users.listIdentities()).total, 0);
  });
});
