// Sign-up, email sessions, the session list and JWTs, with the official server SDK.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { MIN_KEY, startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { untilInstant } from '../harness/until.mjs';
import { asAdmin, asGuest, PASSWORD, refused, signUp, withJwt, withSession } from './server.mjs';

for (const profile of ['1.9', '2']) {
  describe(`account by node-appwrite, profile ${profile}`, () => {
    let backend;
    let admin;
    before(async () => {
      backend = await startBackend({ profile });
      admin = asAdmin(backend);
    });
    after(() => backend?.stop());

    describe('sign-up', () => {
      test('returns an unverified user without a session', async () => {
        const user = await admin.account.create({ userId: 'unique()', email: 'new@example.com', password: PASSWORD, name: 'New' });
        assert.equal(user.name, 'New');
        assert.equal(user.email, 'new@example.com');
        assert.equal(user.status, true);
        assert.equal(user.emailVerification, false);
        assert.equal((await admin.users.listSessions({ userId: user.$id })).total, 0);
      });

      test('keeps the id that the caller chose', async () => {
        const user = await admin.account.create({ userId: 'chosen.id-1', email: 'chosen@example.com', password: PASSWORD });
        assert.equal(user.$id, 'chosen.id-1');
        await refused(admin.account.create({ userId: 'chosen.id-1', email: 'other@example.com', password: PASSWORD }), 409, 'user_already_exists');
      });

      test('stores the email in lower case', async () => {
        const user = await admin.account.create({ userId: 'unique()', email: 'MiXed@Example.com', password: PASSWORD });
        assert.equal(user.email, 'mixed@example.com');
        const session = await admin.account.createEmailPasswordSession({ email: 'mixeD@example.com', password: PASSWORD });
        assert.equal(session.userId, user.$id);
      });

      test('needs only the scope sessions.write', async () => {
        const user = await asAdmin(backend, MIN_KEY).account.create({ userId: 'unique()', email: 'min@example.com', password: PASSWORD });
        assert.equal(user.email, 'min@example.com');
      });

      const malformed = {
        'a taken e-mail': [{ email: 'new@example.com' }, 409, 'user_already_exists'],
        'a password of seven characters': [{ password: 'seven77' }, 400, 'general_argument_invalid'],
        'a password of 257 characters': [{ password: 'p'.repeat(257) }, 400, 'general_argument_invalid'],
        'an e-mail without a domain': [{ email: 'nobody' }, 400, 'general_argument_invalid'],
        'a name of 129 characters': [{ name: 'n'.repeat(129) }, 400, 'general_argument_invalid'],
        'an id that begins with a dot': [{ userId: '.dot' }, 400, 'general_argument_invalid'],
        'an id of 37 characters': [{ userId: 'i'.repeat(37) }, 400, 'general_argument_invalid'],
      };
      for (const [what, [change, code, type]] of Object.entries(malformed)) {
        test(`refuses ${what}`, () =>
          refused(admin.account.create({ userId: 'unique()', email: 'bad@example.com', password: PASSWORD, ...change }), code, type));
      }
    });

    describe('email sessions', () => {
      test('return a working secret to a key', async () => {
        const ann = await signUp(backend);
        assert.ok(ann.session.secret.length > 20);
        assert.equal(ann.session.provider, 'email');
        assert.deepEqual(ann.session.factors, ['password']);
        assert.equal((await ann.account.get()).$id, ann.user.$id);
      });

      test('hide the secret from callers without a key', async () => {
        const { email } = await signUp(backend);
        const session = await asGuest(backend).account.createEmailPasswordSession({ email, password: PASSWORD });
        assert.equal(session.secret, '');
      });

      test('last a year', async () => {
        const { session } = await signUp(backend);
        const days = (Date.parse(session.expire) - Date.now()) / 86_400_000;
        assert.ok(days > 364 && days < 366, session.expire);
      });

      test('are refused equally for wrong password and unknown email', async () => {
        const { email } = await signUp(backend);
        const wrong = await refused(admin.account.createEmailPasswordSession({ email, password: 'wrong-password' }), 401, 'user_invalid_credentials');
        const unknown = await refused(admin.account.createEmailPasswordSession({ email: 'nobody@example.com', password: PASSWORD }), 401, 'user_invalid_credentials');
        assert.equal(wrong.message, unknown.message);
      });

      test('are refused to a signed-in caller', async () => {
        const { account, email } = await signUp(backend);
        await refused(account.createEmailPasswordSession({ email, password: PASSWORD }), 401, 'user_session_already_exists');
      });

      test('are refused to a blocked user', async () => {
        const { user, email, account } = await signUp(backend);
        await admin.users.updateStatus({ userId: user.$id, status: false });
        await refused(admin.account.createEmailPasswordSession({ email, password: PASSWORD }), 403, 'user_blocked');
        await refused(account.get(), 403, 'user_blocked');
      });

      test('are limited without a key until one succeeds', async () => {
        const { email } = await signUp(backend);
        const guest = asGuest(backend);
        for (let attempt = 0; attempt < 9; attempt += 1) {
          await refused(guest.account.createEmailPasswordSession({ email, password: 'wrong-password' }), 401, 'user_invalid_credentials');
        }
        await guest.account.createEmailPasswordSession({ email, password: PASSWORD });
        await refused(guest.account.createEmailPasswordSession({ email, password: 'wrong-password' }), 401, 'user_invalid_credentials');
      });
    });

    describe('GET /account', () => {
      test('is refused to a guest', () => refused(asGuest(backend).account.get(), 401, 'general_unauthorized_scope'));
      test('is refused with an unknown session', () => refused(withSession(backend, 'garbage').account.get(), 401, 'general_unauthorized_scope'));
      test('is refused to a key', () => refused(admin.account.get(), 401, 'general_unauthorized_scope'));
      test('is refused in an unknown project', async () => {
        const { session } = await signUp(backend);
        const elsewhere = withSession(backend, session.secret);
        elsewhere.client.setProject('nowhere');
        await refused(elsewhere.account.get(), 404, 'project_not_found');
      });
    });

    describe('the session list', () => {
      test('marks the own session as current', async () => {
        const ann = await signUp(backend);
        const second = await admin.account.createEmailPasswordSession({ email: ann.email, password: PASSWORD });
        const { total, sessions } = await ann.account.listSessions();
        assert.equal(total, 2);
        assert.deepEqual(sessions.map(({ $id, current }) => [$id, current]), [[ann.session.$id, true], [second.$id, false]]);
        assert.ok(sessions.every((session) => session.secret === ''), 'no secret in a list');
      });

      test('returns own sessions by id or as "current"', async () => {
        const ann = await signUp(backend);
        const bob = await signUp(backend, 'Bob');
        assert.equal((await ann.account.getSession({ sessionId: 'current' })).$id, ann.session.$id);
        assert.equal((await ann.account.getSession({ sessionId: ann.session.$id })).$id, ann.session.$id);
        await refused(ann.account.getSession({ sessionId: bob.session.$id }), 404, 'user_session_not_found');
        await refused(ann.account.deleteSession({ sessionId: bob.session.$id }), 404, 'user_session_not_found');
        assert.equal((await bob.account.get()).$id, bob.user.$id);
      });

      test('does not contain deleted sessions, which no longer authenticate', async () => {
        const ann = await signUp(backend);
        const second = await admin.account.createEmailPasswordSession({ email: ann.email, password: PASSWORD });
        await ann.account.deleteSession({ sessionId: second.$id });
        await refused(withSession(backend, second.secret).account.get(), 401, 'general_unauthorized_scope');
        assert.equal((await ann.account.listSessions()).total, 1);
        await ann.account.deleteSession({ sessionId: 'current' });
        await refused(ann.account.get(), 401, 'general_unauthorized_scope');
      });

      test('is emptied with the own session included', async () => {
        const ann = await signUp(backend);
        const second = await admin.account.createEmailPasswordSession({ email: ann.email, password: PASSWORD });
        await ann.account.deleteSessions();
        for (const secret of [ann.session.secret, second.secret]) {
          await refused(withSession(backend, secret).account.get(), 401, 'general_unauthorized_scope');
        }
      });
    });

    describe('JWTs', () => {
      test('authenticate the user for 15 minutes by default', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT();
        assert.equal((await withJwt(backend, jwt).account.get()).$id, ann.user.$id);
        const { header, payload } = decodeJwt(jwt);
        assert.deepEqual(header, { typ: 'JWT', alg: 'HS256' });
        assert.deepEqual([payload.userId, payload.sessionId], [ann.user.$id, ann.session.$id]);
        assert.ok(Math.abs(payload.exp - Date.now() / 1000 - 900) < 5, `exp ${payload.exp}`);
        const short = decodeJwt((await ann.account.createJWT({ duration: 60 })).jwt).payload;
        assert.ok(Math.abs(short.exp - Date.now() / 1000 - 60) < 5, `exp ${short.exp}`);
      });

      test('cannot last longer than an hour', async () => {
        const ann = await signUp(backend);
        await refused(ann.account.createJWT({ duration: 3601 }), 400, 'general_argument_invalid');
      });

      test('expire', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT({ duration: 1 });
        await untilInstant((decodeJwt(jwt).payload.exp + 1) * 1000);
        await refused(withJwt(backend, jwt).account.get(), 401, 'user_jwt_invalid');
      });

      test('end with their session and leave a guest', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT();
        await ann.account.deleteSession({ sessionId: 'current' });
        await refused(withJwt(backend, jwt).account.get(), 401, 'general_unauthorized_scope');
      });

      test('are refused if altered, foreign or malformed', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT();
        const [header, , signature] = jwt.split('.');
        const forged = Buffer.from(JSON.stringify({ ...decodeJwt(jwt).payload, userId: 'chosen.id-1' })).toString('base64url');
        const unsigned = Buffer.from('{"typ":"JWT","alg":"none"}').toString('base64url');
        for (const bad of [`${header}.${forged}.${signature}`, `${unsigned}.${forged}.`, `${jwt.slice(0, -4)}AAAA`, 'abc']) {
          await refused(withJwt(backend, bad).account.get(), 401, 'user_jwt_invalid');
        }
      });

      test('are refused together with a session', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT();
        const both = withSession(backend, ann.session.secret);
        both.client.setJWT(jwt);
        await refused(both.account.get(), 403, 'user_jwt_and_cookie_set');
      });

      test('cannot be created with a JWT', async () => {
        const ann = await signUp(backend);
        const { jwt } = await ann.account.createJWT();
        const refusal = profile === '2' ? [403, 'user_jwt_creation_denied'] : [404, 'user_session_not_found'];
        await refused(withJwt(backend, jwt).account.createJWT(), ...refusal);
      });

      test('cannot be created by guests', () => refused(asGuest(backend).account.createJWT(), 401, 'general_unauthorized_scope'));
    });
  });
}

describe('a session\'s length', () => {
  test('comes from the project, and the session expires', async () => {
    const backend = await startBackend({ sessionDuration: 4 });
    try {
      const ann = await signUp(backend);
      assert.equal((await ann.account.get()).$id, ann.user.$id);
      await untilInstant(Date.parse(ann.session.expire));
      await refused(ann.account.get(), 401, 'general_unauthorized_scope');
    } finally {
      await backend.stop();
    }
  });
});
