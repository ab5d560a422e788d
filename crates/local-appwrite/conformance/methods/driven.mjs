// Calls the methods of `node-appwrite` with valid arguments, one scene for each service, and checks their effects.

import assert from 'node:assert/strict';
import * as sdk from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';
import { codeOf, linkOf, newestMessage } from '../harness/backend.mjs';
import { choose } from '../harness/provider.mjs';
import { totp } from '../harness/totp.mjs';
import { asAdmin, PASSWORD, signUp } from '../sdk/server.mjs';

/** A service that passes its responses to `heard`. */
function heardService(name, client, heard) {
  const service = new sdk[name](client);
  return new Proxy(service, {
    get(target, method) {
      if (typeof target[method] !== 'function') return target[method];
      return async (...parameters) => {
        const answer = await target[method](...parameters);
        heard(`${name}.${String(method)}`, answer);
        return answer;
      };
    },
  });
}

const SQUARE = [[[0, 0], [0, 9], [9, 9], [9, 0], [0, 0]]];
const DAY = '2030-01-31T12:00:00.000+00:00';

/** Kinds of columns, each with the parameters to create it and to change it. */
const KINDS = {
  BigInt: [{ xdefault: 7 }, { xdefault: 8, min: 1, max: 9 }],
  Boolean: [{ xdefault: false }, { xdefault: true }],
  Datetime: [{ xdefault: DAY }, { xdefault: '2031-01-31T12:00:00.000+00:00' }],
  Email: [{ xdefault: 'ann@example.com' }, { xdefault: 'bob@example.com' }],
  Enum: [{ elements: ['a', 'b'], xdefault: 'a' }, { elements: ['b', 'c'], xdefault: 'c' }],
  Float: [{ xdefault: 1.5 }, { xdefault: 2.5, min: 1.5, max: 9.5 }],
  Integer: [{ xdefault: 1 }, { xdefault: 2, min: 1, max: 9 }],
  Ip: [{ xdefault: '10.0.0.1' }, { xdefault: '10.0.0.2' }],
  Line: [{ xdefault: [[1, 2], [3, 4]] }, { xdefault: [[1, 2], [5, 6]] }],
  Longtext: [{ xdefault: 'long' }, { xdefault: 'longer' }],
  Mediumtext: [{ xdefault: 'medium' }, { xdefault: 'larger' }],
  Point: [{ xdefault: [1, 2] }, { xdefault: [3, 4] }],
  Polygon: [{ xdefault: SQUARE }, { xdefault: SQUARE.map((ring) => ring.map(([x, y]) => [x + 1, y])) }],
  String: [{ size: 20, xdefault: 'text' }, { size: 30, xdefault: 'new' }],
  Text: [{ xdefault: 'text' }, { xdefault: 'new' }],
  Url: [{ xdefault: 'https://example.com/a' }, { xdefault: 'https://example.com/b' }],
  Varchar: [{ size: 20, xdefault: 'text' }, { size: 30, xdefault: 'new' }],
};

/** Databases by their new names and by their old names. */
const NAMES = {
  TablesDB: { Table: 'Table', Column: 'Column', Row: 'Row', tableId: 'tableId', rowId: 'rowId', rows: 'rows', columns: 'columns', column: 'column', related: 'relatedTableId', rowSecurity: 'rowSecurity' },
  Databases: { Table: 'Collection', Column: 'Attribute', Row: 'Document', tableId: 'collectionId', rowId: 'documentId', rows: 'documents', columns: 'attributes', column: 'attribute', related: 'relatedCollectionId', rowSecurity: 'documentSecurity' },
};

async function databases(name, client, heard) {
  const api = heardService(name, client, heard);
  const as = NAMES[name];
  const databaseId = `judged-${name}`.toLowerCase();
  assert.equal((await api.create({ databaseId, name: 'Judged' })).name, 'Judged');
  assert.equal((await api.update({ databaseId, name: 'Renamed' })).name, 'Renamed');
  assert.equal((await api.get({ databaseId })).name, 'Renamed');
  assert.ok((await api.list()).databases.some(({ $id }) => $id === databaseId));
  const at = { databaseId, [as.tableId]: 'things' };
  await api[`create${as.Table}`]({ ...at, name: 'Things', permissions: ['create("users")'] });
  const changed = await api[`update${as.Table}`]({ ...at, name: 'All things', permissions: [], [as.rowSecurity]: true });
  assert.deepEqual([changed.name, changed[as.rowSecurity], changed.$permissions], ['All things', true, []]);

  for (const [kind, [made, change]] of Object.entries(KINDS)) {
    const key = kind.toLowerCase();
    const column = await api[`create${kind}${as.Column}`]({ ...at, key, required: false, ...made });
    assert.deepEqual(column.default, made.xdefault, kind);
    const updated = await api[`update${kind}${as.Column}`]({ ...at, key, required: false, ...change });
    assert.deepEqual(updated.default, change.xdefault, kind);
    assert.equal((await api[`get${as.Column}`]({ ...at, key })).key, key);
  }
  assert.equal((await api[`list${as.Column}s`](at)).total, Object.keys(KINDS).length);
  await api[`create${as.Table}`]({ ...at, [as.tableId]: 'owners', name: 'Owners' });
  const link = { ...at, [as.related]: 'owners', type: 'manyToOne', twoWay: true, key: 'owner', twoWayKey: 'things', onDelete: 'cascade' };
  assert.equal((await api[`createRelationship${as.Column}`](link)).twoWayKey, 'things');
  assert.equal((await api[`updateRelationship${as.Column}`]({ ...at, key: 'owner', onDelete: 'setNull' })).onDelete, 'setNull');
  await api[`delete${as.Column}`]({ ...at, key: 'owner' });

  const index = { ...at, key: 'by_integer', type: 'key', [as.columns]: ['integer'], orders: ['DESC'] };
  assert.deepEqual((await api.createIndex(index))[as.columns], ['integer']);
  assert.equal((await api.getIndex({ ...at, key: 'by_integer' })).type, 'key');
  assert.equal((await api.listIndexes(at)).total, 1);
  await api.deleteIndex({ ...at, key: 'by_integer' });
  assert.equal((await api[`get${as.Table}`](at)).indexes.length, 0);
  assert.equal((await api[`list${as.Table}s`]({ databaseId })).total, 2);
  await rows(api, as, at);
  await transactions(api, as, at);
  await api[`delete${as.Table}`]({ ...at, [as.tableId]: 'owners' });
  await api.delete({ databaseId });
}

async function rows(api, as, at) {
  const one = { ...at, [as.rowId]: 'one' };
  const made = await api[`create${as.Row}`]({ ...one, data: { string: 'mine' } });
  for (const [kind, [, change]] of Object.entries(KINDS)) {
    const wanted = kind === 'String' ? 'mine' : change.xdefault;
    assert.deepEqual(made[kind.toLowerCase()], wanted, `the default of ${kind}`);
  }
  assert.equal((await api[`get${as.Row}`](one)).string, 'mine');
  assert.equal((await api[`update${as.Row}`]({ ...one, data: { string: 'yours' } })).string, 'yours');
  assert.equal((await api[`upsert${as.Row}`]({ ...one, data: { string: 'ours' } })).string, 'ours');
  const count = { ...one, [as.column]: 'integer' };
  assert.equal((await api[`increment${as.Row}${as.Column}`]({ ...count, value: 3, max: 9 })).integer, 5);
  assert.equal((await api[`decrement${as.Row}${as.Column}`]({ ...count, value: 1, min: 1 })).integer, 4);
  const several = ['two', 'three'].map(($id) => ({ $id, string: $id }));
  assert.equal((await api[`create${as.Row}s`]({ ...at, [as.rows]: several })).total, 2);
  assert.equal((await api[`upsert${as.Row}s`]({ ...at, [as.rows]: several })).total, 2);
  const queries = [sdk.Query.equal('string', 'two')];
  assert.equal((await api[`update${as.Row}s`]({ ...at, data: { integer: 9 }, queries }))[as.rows][0].integer, 9);
  assert.equal((await api[`list${as.Row}s`]({ ...at, queries: [sdk.Query.equal('integer', 9)] })).total, 1);
  assert.equal((await api[`delete${as.Row}s`]({ ...at, queries })).total, 1);
  await api[`delete${as.Row}`](one);
  assert.deepEqual((await api[`list${as.Row}s`](at))[as.rows].map(({ $id }) => $id), ['three']);
}

async function transactions(api, as, at) {
  const { $id: transactionId } = await api.createTransaction({ ttl: 120 });
  const operation = { action: 'create', databaseId: at.databaseId, [as.tableId]: at[as.tableId], [as.rowId]: 'staged', data: { string: 's' } };
  assert.equal((await api.createOperations({ transactionId, operations: [operation] })).operations, 1);
  assert.equal((await api.getTransaction({ transactionId })).status, 'pending');
  assert.ok((await api.listTransactions()).total >= 1);
  assert.equal((await api.updateTransaction({ transactionId, commit: true })).status, 'committed');
  assert.equal((await api[`get${as.Row}`]({ ...at, [as.rowId]: 'staged' })).string, 's');
  const other = await api.createTransaction();
  await api.deleteTransaction({ transactionId: other.$id });
}

async function storage(client, heard) {
  const api = heardService('Storage', client, heard);
  const tokens = heardService('Tokens', client, heard);
  const bucketId = 'judged';
  await api.createBucket({ bucketId, name: 'Judged', fileSecurity: true });
  assert.equal((await api.updateBucket({ bucketId, name: 'Renamed', permissions: ['read("any")'] })).name, 'Renamed');
  assert.equal((await api.getBucket({ bucketId })).fileSecurity, false);
  assert.equal((await api.listBuckets()).total, 1);
  const file = InputFile.fromPlainText('Hello, world', 'hello.txt');
  const at = { bucketId, fileId: 'hello' };
  const sent = await api.createFile({ ...at, file, permissions: ['read("users")'] });
  assert.deepEqual([sent.sizeOriginal, sent.chunksUploaded, sent.mimeType], [12, 1, 'text/plain']);
  assert.equal((await api.updateFile({ ...at, name: 'renamed.txt', permissions: [] })).name, 'renamed.txt');
  assert.deepEqual((await api.getFile(at)).$permissions, []);
  assert.equal((await api.listFiles({ bucketId })).total, 1);
  for (const method of ['getFileView', 'getFileDownload']) {
    assert.equal(Buffer.from(await api[method](at)).toString(), 'Hello, world', method);
  }
  const token = await tokens.createFileToken({ ...at });
  const tokenId = token.$id;
  assert.equal((await tokens.get({ tokenId })).resourceType, 'files');
  assert.equal((await tokens.list(at)).total, 1);
  assert.equal(Date.parse((await tokens.update({ tokenId, expire: DAY })).expire), Date.parse(DAY));
  await tokens.delete({ tokenId });
  await api.deleteFile(at);
  await api.deleteBucket({ bucketId });
}

async function teams(backend, client, heard) {
  const api = heardService('Teams', client, heard);
  const [ann, bob] = [await signUp(backend, 'Ann'), await signUp(backend, 'Bob')];
  const own = heardService('Teams', ann.client, heard);
  const teamId = 'judged';
  assert.equal((await own.create({ teamId, name: 'Judged', roles: ['chair'] })).total, 1);
  assert.equal((await api.updateName({ teamId, name: 'Renamed' })).name, 'Renamed');
  assert.equal((await api.get({ teamId })).name, 'Renamed');
  assert.equal((await own.list()).total, 1);
  await own.updatePrefs({ teamId, prefs: { color: 'red' } });
  assert.equal((await own.getPrefs({ teamId })).color, 'red');
  assert.deepEqual((await own.listInstallations({ teamId })).installations, []);
  const invited = await own.createMembership({ teamId, roles: ['guest'], email: bob.email, url: 'http://localhost:3000/join' });
  assert.equal(invited.confirm, false);
  const secret = linkOf(await newestMessage(backend, bob.email, /^Invitation/)).searchParams.get('secret');
  const at = { teamId, membershipId: invited.$id };
  const guests = heardService('Teams', new sdk.Client().setEndpoint(backend.endpoint).setProject(backend.project), heard);
  assert.equal((await guests.updateMembershipStatus({ ...at, userId: bob.user.$id, secret })).confirm, true);
  assert.deepEqual((await api.updateMembership({ ...at, roles: ['owner'] })).roles, ['owner']);
  assert.equal((await api.getMembership(at)).userEmail, bob.email);
  assert.equal((await api.listMemberships({ teamId })).total, 2);
  await api.deleteMembership(at);
  await api.delete({ teamId });
}

async function users(backend, client, heard) {
  const api = heardService('Users', client, heard);
  const bcrypt = '$2b$04$4mDuVh5p6mxV/rlY8Pt5ce9SpcmYKvPpZHuOgvnkP8.kyC1Jr0xz6';
  const imported = await api.createBcryptUser({ userId: 'bcrypt', email: 'bcrypt@example.com', password: bcrypt, name: 'B' });
  assert.deepEqual([imported.hash, imported.password], ['bcrypt', bcrypt]);
  const scrypt = { passwordSalt: 'salt', passwordCpu: 8, passwordMemory: 4, passwordParallel: 1, passwordLength: 64 };
  assert.equal((await api.createScryptUser({ userId: 'scrypt', email: 'scrypt@example.com', password: 'ab'.repeat(64), ...scrypt })).hash, 'scrypt');
  const userId = 'judged';
  await api.create({ userId, email: 'judged@example.com', phone: '+12025550142', password: PASSWORD, name: 'Judged' });
  assert.equal((await api.get({ userId })).phone, '+12025550142');
  for (const method of ['updateMfa', 'updateMFA']) assert.equal((await api[method]({ userId, mfa: true })).mfa, true);
  assert.equal((await api.updateEmailVerification({ userId, emailVerification: true })).emailVerification, true);
  assert.equal((await api.updatePhoneVerification({ userId, phoneVerification: true })).phoneVerification, true);
  await api.updatePrefs({ userId, prefs: { theme: 'dark' } });
  assert.equal((await api.getPrefs({ userId })).theme, 'dark');
  assert.equal((await api.createMfaRecoveryCodes({ userId })).recoveryCodes.length, 6);
  const other = { userId: 'bcrypt' };
  assert.equal((await api.createMFARecoveryCodes(other)).recoveryCodes.length, 6);
  for (const method of ['updateMfaRecoveryCodes', 'updateMFARecoveryCodes', 'getMfaRecoveryCodes', 'getMFARecoveryCodes']) {
    assert.equal((await api[method]({ userId })).recoveryCodes.length, 6, method);
  }
  for (const method of ['listMfaFactors', 'listMFAFactors']) assert.equal((await api[method]({ userId })).email, true, method);
  await api.updateMfa({ userId, mfa: false });
  const session = await api.createSession({ userId });
  assert.equal(session.provider, 'server');
  assert.equal((await api.listSessions({ userId })).total, 1);
  const own = new sdk.Account(new sdk.Client().setEndpoint(backend.endpoint).setProject(backend.project).setSession(session.secret));
  for (const method of ['deleteMfaAuthenticator', 'deleteMFAAuthenticator']) {
    const { secret } = await own.createMfaAuthenticator({ type: 'totp' });
    await own.updateMfaAuthenticator({ type: 'totp', otp: totp(secret) });
    await api[method]({ userId, type: 'totp' });
  }
  await api.deleteSession({ userId, sessionId: session.$id });
  await api.deleteSessions({ userId });
  assert.equal((await api.createToken({ userId, length: 8 })).secret.length, 8);
  assert.ok((await api.createJWT({ userId })).jwt);
  const target = { userId, targetId: 'second' };
  await api.createTarget({ ...target, providerType: 'email', identifier: 'second@example.com' });
  assert.equal((await api.getTarget(target)).identifier, 'second@example.com');
  assert.equal((await api.updateTarget({ ...target, identifier: 'third@example.com' })).identifier, 'third@example.com');
  assert.equal((await api.listTargets({ userId })).total, 3);
  await api.deleteTarget(target);
  const [identity] = (await api.listIdentities()).identities;
  assert.equal(identity.provider, 'mock');
  await api.deleteIdentity({ identityId: identity.$id });
  await api.delete({ userId });
}

/** Signs in by the built-in provider, which creates an identity. */
async function byProvider(backend) {
  const { account } = asAdmin(backend);
  const page = 'http://localhost:3000/oauth';
  const start = await account.createOAuth2Token({ provider: 'mock', success: `${page}/done`, failure: `${page}/failed` });
  const end = await choose(backend, start, /^Allow/);
  const { userId, secret } = Object.fromEntries(end.searchParams);
  return account.createSession({ userId, secret });
}

async function account(backend, client, heard) {
  const api = heardService('Account', client, heard);
  const session = await byProvider(backend);
  const ofProvider = heardService('Account', new sdk.Client().setEndpoint(backend.endpoint).setProject(backend.project).setSession(session.secret), heard);
  const [identity] = (await ofProvider.listIdentities()).identities;
  await ofProvider.deleteIdentity({ identityId: identity.$id });
  await byProvider(backend);

  const email = 'links@example.com';
  const { userId } = await api.createMagicURLToken({ userId: 'unique()', email, url: 'http://localhost:3000/in' });
  const secret = linkOf(await newestMessage(backend, email)).searchParams.get('secret');
  assert.equal((await api.updateMagicURLSession({ userId, secret })).provider, 'magic-url');
  const phone = '+12025550177';
  const { userId: phoneUser } = await api.createPhoneToken({ userId: 'unique()', phone });
  const code = codeOf(await newestMessage(backend, phone));
  assert.equal((await api.updatePhoneSession({ userId: phoneUser, secret: code })).provider, 'phone');

  const ann = await signUp(backend, 'Ann');
  const own = heardService('Account', ann.client, heard);
  await own.updatePhone({ phone: '+12025550178', password: PASSWORD });
  await own.createPhoneVerification();
  const proof = { userId: ann.user.$id, secret: codeOf(await newestMessage(backend, '+12025550178')) };
  await own.updatePhoneVerification(proof);
  assert.equal((await own.get()).phoneVerification, true);
  assert.deepEqual((await own.listConsents()).consents, []);
}

async function project(client, heard) {
  const api = heardService('Project', client, heard);
  const strength = await api.updatePasswordStrengthPolicy({ min: 10, uppercase: true });
  assert.deepEqual([strength.min, strength.uppercase], [10, true]);
  assert.equal((await api.getPolicy({ policyId: 'password-strength' })).min, 10);
  await api.updatePasswordStrengthPolicy({ min: 8, uppercase: false });
}

/** Plays all scenes. Calls `heard` with each method and its response. */
export async function drive(backend, heard) {
  const { client } = asAdmin(backend);
  await project(client, heard);
  await account(backend, client, heard);
  await users(backend, client, heard);
  await teams(backend, client, heard);
  await storage(client, heard);
  for (const name of Object.keys(NAMES)) await databases(name, client, heard);
}
