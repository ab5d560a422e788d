// Sign-in without a password: magic link, email code, phone code, a token made by an API key; and a guest who gets a
// full account.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ID } from 'node-appwrite';
import { codeOf, linkOf, newestMessage, startBackend } from '../harness/backend.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, asGuest, BIRTHDAY, BIRTHDAYS, createBirthdays, PASSWORD, refused, signUp, withSession } from './server.mjs';

const PAGE = 'http://localhost:3000/arrive?kept=1';

describe('magic links', { skip: skipOf('magic-link') }, () => {
  let backend;
  let account;
  before(async () => {
    backend = await startBackend();
    account = asAdmin(backend).account;
  });
  after(() => backend?.stop());

  test('are emailed, keep the page query and work once', async () => {
    const token = await account.createMagicURLToken({ userId: ID.unique(), email: 'magic@example.com', url: PAGE });
    const link = linkOf(await newestMessage(backend, 'magic@example.com'));
    const { userId, secret, kept } = Object.fromEntries(link.searchParams);
    assert.deepEqual([link.pathname, kept, userId], ['/arrive', '1', token.userId]);
    const session = await account.createSession({ userId, secret });
    assert.deepEqual([session.provider, session.factors], ['magic-url', ['email']]);
    const user = await withSession(backend, session.secret).account.get();
    assert.deepEqual([user.$id, user.email, user.emailVerification], [userId, 'magic@example.com', true]);
    await refused(account.createSession({ userId, secret }), 401, 'user_invalid_token');
  });

  test('expire after an hour and hide their secret', async () => {
    const token = await asGuest(backend).account.createMagicURLToken({ userId: ID.unique(), email: 'hour@example.com', url: PAGE });
    assert.equal(token.secret, '');
    assert.ok(Math.abs(Date.parse(token.expire) - Date.now() - 3_600_000) < 10_000, token.expire);
  });

  test('show one phrase in the response and the email', async () => {
    const { phrase } = await account.createMagicURLToken({ userId: ID.unique(), email: 'phrase@example.com', url: PAGE, phrase: true });
    assert.match(phrase, /^\S+ \S+$/);
    assert.ok((await newestMessage(backend, 'phrase@example.com')).text.includes(phrase));
  });

  test('for a known address belong to its user', async () => {
    const ann = await signUp(backend);
    const token = await account.createMagicURLToken({ userId: ID.unique(), email: ann.email, url: PAGE });
    assert.equal(token.userId, ann.user.$id);
  });

  test('are refused with a wrong secret or a foreign URL', async () => {
    const [one, other] = [await signUp(backend), await signUp(backend, 'Bob')];
    const { secret } = await account.createMagicURLToken({ userId: one.user.$id, email: one.email, url: PAGE });
    await refused(account.createSession({ userId: other.user.$id, secret }), 401, 'user_invalid_token');
    await refused(account.createSession({ userId: one.user.$id, secret: '0'.repeat(64) }), 401, 'user_invalid_token');
    await refused(account.createSession({ userId: 'nobody', secret }), 401, 'user_invalid_token');
    await refused(account.createMagicURLToken({ userId: ID.unique(), email: one.email, url: 'https://evil.example/' }), 400, 'general_argument_invalid');
  });
});

describe('codes', { skip: skipOf('codes') }, () => {
  let backend;
  let account;
  before(async () => {
    backend = await startBackend();
    account = asAdmin(backend).account;
  });
  after(() => backend?.stop());

  test('by email sign in once and create unknown users', async () => {
    const { userId, expire } = await account.createEmailToken({ userId: ID.unique(), email: 'code@example.com' });
    assert.ok(Math.abs(Date.parse(expire) - Date.now() - 900_000) < 10_000, expire);
    const secret = codeOf(await newestMessage(backend, 'code@example.com'));
    const session = await account.createSession({ userId, secret });
    assert.equal((await withSession(backend, session.secret).account.get()).emailVerification, true);
    await refused(account.createSession({ userId, secret }), 401, 'user_invalid_token');
  });

  test('by phone sign in once', async () => {
    const { userId } = await account.createPhoneToken({ userId: ID.unique(), phone: '+12025550199' });
    const secret = codeOf(await newestMessage(backend, '+12025550199'));
    const session = await account.createSession({ userId, secret });
    const user = await withSession(backend, session.secret).account.get();
    assert.deepEqual([user.phone, user.phoneVerification], ['+12025550199', true]);
  });

  test('are refused if wrong or without a phone number', async () => {
    const { userId, secret } = await account.createEmailToken({ userId: ID.unique(), email: 'wrong@example.com' });
    await refused(account.createSession({ userId, secret: secret === '000000' ? '000001' : '000000' }), 401, 'user_invalid_token');
    await refused(account.createPhoneToken({ userId: ID.unique(), phone: '12025550199' }), 400, 'general_argument_invalid');
    await refused(account.createEmailToken({ userId: ID.unique(), email: 'nobody' }), 400, 'general_argument_invalid');
  });

  test('created by a key have the requested length', async () => {
    const { user } = await signUp(backend);
    const { users } = asAdmin(backend);
    const token = await users.createToken({ userId: user.$id, length: 12, expire: 60 });
    assert.equal(token.secret.length, 12);
    assert.ok(Math.abs(Date.parse(token.expire) - Date.now() - 60_000) < 10_000, token.expire);
    const session = await account.createSession({ userId: user.$id, secret: token.secret });
    assert.equal(session.userId, user.$id);
    await refused(users.createToken({ userId: user.$id, length: 3 }), 400, 'general_argument_invalid');
    await refused(users.createToken({ userId: 'nobody' }), 404, 'user_not_found');
  });
});

describe('guests', { skip: skipOf('guests') }, () => {
  let backend;
  let account;
  before(async () => {
    backend = await startBackend();
    account = asAdmin(backend).account;
    await createBirthdays(backend);
  });
  after(() => backend?.stop());

  test('have no name and become members with their rows', async () => {
    const session = await account.createAnonymousSession();
    assert.deepEqual([session.provider, session.factors], ['anonymous', ['anonymous']]);
    const guest = withSession(backend, session.secret);
    assert.equal((await guest.account.get()).email, '');
    const row = await guest.tables.createRow({ ...BIRTHDAYS, rowId: ID.unique(), data: { name: 'Mine', birthday: BIRTHDAY } });
    await guest.account.updateEmail({ email: 'member@example.com', password: PASSWORD });
    const member = await account.createEmailPasswordSession({ email: 'member@example.com', password: PASSWORD });
    assert.equal(member.userId, session.userId);
    const again = withSession(backend, member.secret);
    assert.equal((await again.tables.getRow({ ...BIRTHDAYS, rowId: row.$id })).name, 'Mine');
    assert.equal((await guest.account.get()).$id, session.userId);
  });

  test('cannot take a used address', async () => {
    const ann = await signUp(backend);
    const session = await account.createAnonymousSession();
    const guest = withSession(backend, session.secret);
    await refused(guest.account.updateEmail({ email: ann.email, password: PASSWORD }), 409, 'user_target_already_exists');
    assert.equal((await guest.account.get()).email, '');
  });

  test('cannot be created while signed in', async () => {
    const ann = await signUp(backend);
    await refused(ann.account.createAnonymousSession(), 401, 'user_session_already_exists');
  });
});
