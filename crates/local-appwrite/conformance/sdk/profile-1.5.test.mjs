// The profile 1.5 with the SDKs of Appwrite 1.5: old paths, documents instead of rows, Realtime subscriptions by URL.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, describe, test } from 'node:test';
import { Account, Client, Databases, Permission, Query, Role, Users } from 'node-appwrite-13';
import { API_KEY, linkOf, newestMessage, startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { exchange } from '../harness/http.mjs';
import { totp } from '../harness/totp.mjs';
import { until } from '../harness/until.mjs';
import { clearStorage, clientOf, connected, sockets } from './browser.mjs';
import { asAdmin, BIRTHDAY, PASSWORD, refused } from './server.mjs';

const web = createRequire(import.meta.url)('appwrite-15');
const WHERE = ['main', 'birthdays'];

describe('profile 1.5 by the SDKs of that time', () => {
  let backend;
  let admin;
  const servicesOf = (set) => {
    const client = set(new Client().setEndpoint(backend.endpoint).setProject(backend.project));
    return { account: new Account(client), databases: new Databases(client), users: new Users(client) };
  };
  const signUp = async (name) => {
    const email = `${name.toLowerCase()}@example.com`;
    const user = await admin.account.create('unique()', email, PASSWORD, name);
    const session = await admin.account.createEmailPasswordSession(email, PASSWORD);
    return { user, email, session, ...servicesOf((client) => client.setSession(session.secret)) };
  };
  let kim;
  let leo;
  before(async () => {
    backend = await startBackend({ profile: '1.5' });
    admin = servicesOf((client) => client.setKey(API_KEY));
    await admin.databases.create('main', 'Main');
    await admin.databases.createCollection(...WHERE, 'Birthdays', [Permission.create(Role.users())], true);
    await admin.databases.createStringAttribute(...WHERE, 'name', 128, true);
    await admin.databases.createDatetimeAttribute(...WHERE, 'birthday', true);
    await admin.databases.createStringAttribute(...WHERE, 'note', 64, false);
    await until('the attributes to be available', async () => {
      const { attributes } = await admin.databases.listAttributes(...WHERE);
      return attributes.length === 3 && attributes.every(({ status }) => status === 'available');
    });
    kim = await signUp('Kim');
    leo = await signUp('Leo');
  });
  after(() => backend?.stop());

  test('shows its version to everyone', async () => {
    const { status, body } = await exchange(backend.endpoint, { method: 'GET', path: '/health/version', headers: { 'X-Appwrite-Project': 'demo' } });
    assert.equal(status, 200);
    assert.match(body.version, /^1\.5\./);
  });

  test('creates accounts and sessions', async () => {
    assert.equal((await kim.account.get()).$id, kim.user.$id);
    assert.equal((await kim.account.listSessions()).total, 1);
    await refused(admin.account.createEmailPasswordSession(kim.email, 'wrong-password'), 401, 'user_invalid_credentials');
  });

  test('creates 15-minute JWTs at the old path', async () => {
    const { jwt } = await kim.account.createJWT();
    assert.ok(Math.abs(decodeJwt(jwt).payload.exp - Date.now() / 1000 - 900) < 5);
    assert.equal((await servicesOf((client) => client.setJWT(jwt)).account.get()).$id, kim.user.$id);
    const headers = { 'Content-Type': 'application/json', 'X-Appwrite-Project': 'demo', 'X-Appwrite-Session': kim.session.secret };
    const asked = await exchange(backend.endpoint, { method: 'POST', path: '/account/jwt', headers, body: { duration: 60 } });
    assert.equal(asked.status, 201);
    assert.ok(Math.abs(decodeJwt(asked.body.jwt).payload.exp - Date.now() / 1000 - 900) < 5);
    const path = { method: 'POST', path: '/account/jwts', headers, body: {} };
    assert.equal((await exchange(backend.endpoint, path)).status, 404);
  });

  test('verifies an email at the old path', async () => {
    await leo.account.createVerification('http://localhost:3000/verify');
    const { userId, secret } = Object.fromEntries(linkOf(await newestMessage(backend, leo.email)).searchParams);
    await leo.account.updateVerification(userId, secret);
    assert.equal((await leo.account.get()).emailVerification, true);
  });

  test('verifies second factors at the old path without a body', async () => {
    const mia = await signUp('Mia');
    const { secret } = await mia.account.createMfaAuthenticator('totp');
    await mia.account.updateMfaAuthenticator('totp', totp(secret));
    await mia.account.updateMFA(true);
    const session = await admin.account.createEmailPasswordSession(mia.email, PASSWORD);
    const again = servicesOf((client) => client.setSession(session.secret)).account;
    await refused(again.get(), 401, 'user_more_factors_required');
    const challenge = await again.createMfaChallenge('totp');
    const answer = await exchange(backend.endpoint, {
      method: 'PUT',
      path: '/account/mfa/challenge',
      headers: { 'Content-Type': 'application/json', 'X-Appwrite-Project': 'demo', 'X-Appwrite-Session': session.secret },
      body: { challengeId: challenge.$id, otp: totp(secret) },
    });
    assert.deepEqual([answer.status, answer.body], [204, '']);
    assert.equal((await again.get()).$id, mia.user.$id);
  });

  test('has no tables and no JWTs by key', async () => {
    const today = asAdmin(backend);
    await assert.rejects(today.tables.listRows({ databaseId: 'main', tableId: 'birthdays' }), { code: 404 });
    await assert.rejects(today.users.createJWT({ userId: kim.user.$id }), { code: 404 });
  });

  test('shows documents only to users whom their permissions name', async () => {
    const own = await kim.databases.createDocument(...WHERE, 'unique()', { name: 'Own', birthday: BIRTHDAY });
    const shared = await kim.databases.createDocument(...WHERE, 'unique()', { name: 'Shared', birthday: BIRTHDAY }, [Permission.read(Role.users())]);
    assert.deepEqual([own.$databaseId, own.$collectionId], WHERE);
    assert.ok(!('$tableId' in own) && !('$sequence' in own));
    const listed = await leo.databases.listDocuments(...WHERE, [Query.equal('name', ['Own', 'Shared'])]);
    assert.deepEqual(listed.documents.map(({ $id }) => $id), [shared.$id]);
    await refused(leo.databases.getDocument(...WHERE, own.$id), 404, 'document_not_found');
    await refused(leo.databases.updateDocument(...WHERE, own.$id, { note: 'x' }), 401, 'user_unauthorized');
    await refused(kim.databases.createDocument(...WHERE, own.$id, { name: 'Own', birthday: BIRTHDAY }), 409, 'document_already_exists');
    await refused(kim.databases.createDocument(...WHERE, 'unique()', { name: 'Own' }), 400, 'document_invalid_structure');
    assert.equal((await kim.databases.updateDocument(...WHERE, own.$id, { note: 'n' })).note, 'n');
    await kim.databases.deleteDocument(...WHERE, own.$id);
    await refused(kim.databases.getDocument(...WHERE, own.$id), 404, 'document_not_found');
  });

  test('sends document events to channels in the socket URL', async (context) => {
    clearStorage();
    const seen = [];
    const client = clientOf(web, backend);
    const stop = client.subscribe('documents', (event) => seen.push(event));
    context.after(async () => {
      stop();
      await until('the end of the socket', () => sockets.at(-1).readyState === WebSocket.CLOSED);
    });
    const { data } = await connected();
    assert.deepEqual(data.channels, ['documents']);
    assert.ok(!('subscriptions' in data), 'no subscriptions before 1.9');
    const create = (name, permissions) => kim.databases.createDocument(...WHERE, 'unique()', { name, birthday: BIRTHDAY }, permissions);
    await create('private');
    const shown = await create('public', [Permission.read(Role.any())]);
    await until('the public document', () => seen.some(({ payload }) => payload.$id === shown.$id));
    assert.equal(seen.length, 1);
    assert.equal(seen[0].events[0], `databases.main.collections.birthdays.documents.${shown.$id}.create`);
    assert.ok(!('subscriptions' in seen[0]));
  });

  test('refuses a socket without channels', async () => {
    const socket = new WebSocket(`${backend.realtimeEndpoint}/realtime?project=demo`);
    const error = await until('an error', () => socket.received.find(({ type }) => type === 'error'));
    assert.equal(error.data.code, 1008);
    assert.match(error.data.message, /channels/i);
  });
});
