// Realtime by the official web SDKs: who is told what, over subscriptions by message (newest) and by address (24.x).

import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { Permission, Role } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { Socket } from '../harness/socket.mjs';
import { until, untilInstant } from '../harness/until.mjs';
import { answered, byAddress, clearStorage, clientOf, connected, newest, page, sockets, storedSession, warnings } from './browser.mjs';
import { asAdmin, BIRTHDAY, BIRTHDAYS, createBirthdays, PASSWORD, refused, signUp } from './server.mjs';

const ROWS = 'tablesdb.main.tables.birthdays.rows';
const lastEvent = (seen) => seen.at(-1);

/** What the server says to a client that it refuses, before it closes the socket. */
async function refusal(sdk, client) {
  const errors = [];
  const realtime = new sdk.Realtime(client);
  realtime.onError((error, code) => errors.push({ code, message: error.message }));
  realtime.reconnect = false;
  await realtime.subscribe(ROWS, () => assert.fail('an event'));
  await until('the error', () => errors.some(({ code }) => code !== undefined));
  await until('the end of the socket', () => sockets.at(-1).readyState === WebSocket.CLOSED);
  return errors.find(({ code }) => code !== undefined);
}

// Each SDK with the way in which its subscription is known to be in place on the server.
const SDKS = [
  { name: 'appwrite 27', sdk: newest, inPlace: () => answered('subscribe') },
  { name: 'appwrite 24', sdk: byAddress, inPlace: connected },
];

for (const profile of ['2', '1.9']) {
  for (const { name, sdk, inPlace } of SDKS) {
    describe(`Realtime by ${name}, profile ${profile}`, () => {
      let backend;
      let kim;
      let leo;
      const open = [];
      before(async () => {
        backend = await startBackend({ profile });
        await createBirthdays(backend);
        kim = await signUp(backend, 'Kim');
        leo = await signUp(backend, 'Leo');
      });
      beforeEach(clearStorage);
      after(async () => {
        for (const realtime of open) await realtime.disconnect?.();
        for (const socket of sockets) socket.terminate();
        await backend?.stop();
      });

      const row = (text, permissions) => ({ ...BIRTHDAYS, rowId: 'unique()', data: { name: text, birthday: BIRTHDAY }, permissions });
      const toAny = [Permission.read(Role.any())];

      /** Subscribes, and answers what was seen so far, the subscription, and the way to a client's end. */
      async function listen(channels, identity = {}, queries = []) {
        const realtime = new sdk.Realtime(clientOf(sdk, backend, identity));
        open.push(realtime);
        const seen = [];
        const subscription = await realtime.subscribe(channels, (event) => seen.push(event), queries);
        await inPlace();
        return { realtime, subscription, seen, names: () => seen.map(({ payload }) => payload.name) };
      }

      /** Makes a row that everybody sees, and waits for it: whatever came before it has been seen by then. */
      async function marker(listener) {
        const marked = await kim.tables.createRow(row('marker', toAny));
        await until('the marker', () => listener.seen.some(({ payload }) => payload.$id === marked.$id));
        return listener.names().filter((text) => text !== 'marker');
      }

      test('a guest is told of public rows only', async () => {
        const guest = await listen(ROWS);
        assert.equal((await connected()).data.user, null);
        await kim.tables.createRow(row('private'));
        await kim.tables.createRow(row('users', [Permission.read(Role.users())]));
        await kim.tables.createRow(row('public', toAny));
        assert.deepEqual(await marker(guest), ['public']);
        await guest.subscription.close();
      });

      test('a session is told of what its user may read: created, changed, deleted', async () => {
        const listener = await listen(ROWS, { session: kim.session.secret });
        await answered('authentication');
        const { $id: rowId } = await kim.tables.createRow(row('own'));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.deleteRow({ ...BIRTHDAYS, rowId });
        await until('three events', () => listener.seen.length === 3);
        assert.deepEqual(listener.seen.map(({ events }) => events[0]), ['create', 'update', 'delete'].map((action) => `${ROWS}.${rowId}.${action}`));
        assert.ok(listener.seen.every(({ channels }) => channels.includes(ROWS) && channels.includes('rows')));
        assert.equal(lastEvent(listener.seen).payload.note, 'n');
        await listener.subscription.close();
      });

      test('a user is never told of another\'s private rows', async () => {
        const listener = await listen(ROWS, { session: leo.session.secret });
        await answered('authentication');
        const { $id: rowId } = await kim.tables.createRow(row('kim only'));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.createRow(row('users', [Permission.read(Role.users())]));
        await leo.tables.createRow(row('leo only'));
        assert.deepEqual(await marker(listener), ['users', 'leo only']);
        await listener.subscription.close();
      });

      test('signing in by the SDK identifies its socket', async () => {
        const client = clientOf(sdk, backend);
        const account = new sdk.Account(client);
        await account.createEmailPasswordSession({ email: kim.email, password: PASSWORD });
        assert.ok(storedSession(), 'the session came in X-Fallback-Cookies');
        const isNewer = sdk === newest && profile === '1.9';
        assert.equal(warnings.some((text) => text.includes('Please downgrade your SDK')), isNewer);
        assert.equal((await account.get()).$id, kim.user.$id);
        const realtime = new sdk.Realtime(client);
        open.push(realtime);
        const seen = [];
        const subscription = await realtime.subscribe(ROWS, (event) => seen.push(event));
        assert.equal((await answered('authentication')).data.user.$id, kim.user.$id);
        const own = await kim.tables.createRow(row('own'));
        await until('the own row', () => seen.some(({ payload }) => payload.$id === own.$id));
        await subscription.close();
        await account.deleteSession({ sessionId: 'current' });
      });

      test('one socket serves several subscriptions, and each is told of its own', async () => {
        const realtime = new sdk.Realtime(clientOf(sdk, backend));
        open.push(realtime);
        const [seenCreated, seenAll] = [[], []];
        const before = sockets.length;
        const subscriptions = await Promise.all([
          realtime.subscribe('rows.create', (event) => seenCreated.push(event)),
          realtime.subscribe(ROWS, (event) => seenAll.push(event)),
        ]);
        await inPlace();
        assert.equal(sockets.length, before + 1);
        const { $id: rowId } = await kim.tables.createRow(row('both', [...toAny, Permission.update(Role.user(kim.user.$id))]));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await until('both events', () => seenAll.length === 2);
        assert.deepEqual(seenCreated.map(({ events }) => events[0]), [`${ROWS}.${rowId}.create`]);
        for (const subscription of subscriptions) await subscription.close();
      });

      test('queries choose which rows one is told of', async () => {
        const listener = await listen(ROWS, {}, [sdk.Query.equal('name', ['wanted', 'marker'])]);
        await kim.tables.createRow(row('unwanted', toAny));
        await kim.tables.createRow(row('wanted', toAny));
        assert.deepEqual(await marker(listener), ['wanted']);
        await listener.subscription.close();
      });

      test('a single row has a channel of its own', async () => {
        const own = [...toAny, Permission.update(Role.user(kim.user.$id)), Permission.delete(Role.user(kim.user.$id))];
        const { $id: rowId } = await kim.tables.createRow(row('watched', own));
        const other = await kim.tables.createRow(row('other', own));
        const listener = await listen(`${ROWS}.${rowId}`);
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId: other.$id, data: { note: 'n' } });
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.deleteRow({ ...BIRTHDAYS, rowId });
        await until('two events', () => listener.seen.length === 2);
        assert.deepEqual(listener.seen.map(({ events }) => events[0]), [`${ROWS}.${rowId}.update`, `${ROWS}.${rowId}.delete`]);
        await listener.subscription.close();
      });

      test('one\'s account has a channel, and nobody else\'s', async () => {
        const listener = await listen(['account', `account.${kim.user.$id}`], { session: leo.session.secret });
        await answered('authentication');
        await asAdmin(backend).account.createEmailPasswordSession({ email: kim.email, password: PASSWORD });
        const session = await asAdmin(backend).account.createEmailPasswordSession({ email: leo.email, password: PASSWORD });
        await until('an event', () => listener.seen.length > 0);
        assert.equal(listener.seen[0].events[0], `users.${leo.user.$id}.sessions.${session.$id}.create`);
        await leo.account.deleteSession({ sessionId: session.$id });
        await until('a second event', () => listener.seen.length > 1);
        assert.equal(listener.seen[1].events[0], `users.${leo.user.$id}.sessions.${session.$id}.delete`);
        await listener.subscription.close();
      });

      test('a page of another origin is refused, in words', async (context) => {
        const { origin } = page;
        context.after(() => { page.origin = origin; });
        page.origin = 'https://evil.example';
        const { code, message } = await refusal(sdk, clientOf(sdk, backend));
        assert.equal(code, 1008);
        assert.match(message, /^Invalid Origin\. Register your new client \(evil\.example\)/);
        await refused(new sdk.Account(clientOf(sdk, backend)).createEmailPasswordSession({ email: kim.email, password: PASSWORD }), 403, 'general_unknown_origin');
      });

      test('an unknown project is refused, in words', async () => {
        const client = clientOf(sdk, backend);
        client.setProject('nowhere');
        assert.deepEqual(await refusal(sdk, client), { code: 1008, message: 'Missing or unknown project ID' });
      });
    });
  }
}

describe('what only the newest SDK can do', () => {
  let backend;
  let kim;
  const seen = [];
  let realtime;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    await createBirthdays(backend);
    kim = await signUp(backend, 'Kim');
    clearStorage();
  });
  after(async () => {
    await realtime?.disconnect();
    await backend?.stop();
  });
  const create = (name) =>
    kim.tables.createRow({ ...BIRTHDAYS, rowId: 'unique()', data: { name, birthday: BIRTHDAY }, permissions: [Permission.read(Role.any())] });

  test('unsubscribe and subscribe again on the socket that stays', async () => {
    realtime = new newest.Realtime(clientOf(newest, backend));
    const first = await realtime.subscribe('rows', (event) => seen.push(['first', event.payload.name]));
    await answered('subscribe');
    const second = await realtime.subscribe('documents', (event) => seen.push(['second', event.payload.name]));
    await until('the second subscription', () => sockets.at(-1).received.filter(({ data }) => data?.to === 'subscribe').length === 2);
    await first.unsubscribe();
    await answered('unsubscribe');
    await create('after');
    await until('an event', () => seen.length > 0);
    assert.deepEqual(seen, [['second', 'after']]);
    await second.close();
  });

  test('update a subscription in place', async () => {
    const names = [];
    const subscription = await realtime.subscribe('rows', (event) => names.push(event.payload.name), [newest.Query.equal('name', 'a')]);
    await answered('subscribe');
    await subscription.update({ queries: [newest.Query.equal('name', 'b')] });
    await until('the second answer', () => sockets.at(-1).received.filter(({ data }) => data?.to === 'subscribe').length === 2);
    await create('a');
    await create('b');
    await until('an event', () => names.length > 0);
    assert.deepEqual(names, ['b']);
    await subscription.close();
  });
});

describe('presence', () => {
  test('tells who else is there, and that they went', async () => {
    const backend = await startBackend({ profile: '2' });
    try {
      clearStorage();
      const [kim, leo] = [await signUp(backend, 'Kim'), await signUp(backend, 'Leo')];
      const watching = new newest.Realtime(clientOf(newest, backend, { session: leo.session.secret }));
      const seen = [];
      await watching.subscribe('presences', ({ events, payload }) => seen.push([events[0].split('.').at(-1), payload.status, payload.userId]));
      await answered('authentication');
      const there = new newest.Realtime(clientOf(newest, backend, { session: kim.session.secret }));
      await there.subscribe('rows', () => {});
      await answered('authentication');
      await there.upsertPresence({ presenceId: 'kim-here', status: 'reading', permissions: [Permission.read(Role.users())] });
      await until('the presence', () => seen.length === 1);
      await there.disconnect();
      await until('its end', () => seen.length === 2);
      assert.deepEqual(seen, [['upsert', 'reading', kim.user.$id], ['delete', 'reading', kim.user.$id]]);
      await watching.disconnect();
    } finally {
      await backend.stop();
    }
  });
});

describe('a JWT in the socket\'s address', () => {
  /** A backend with a user who is signed in, gone when the test is over. */
  async function scene(context, profile) {
    clearStorage();
    const backend = await startBackend({ profile });
    context.after(() => backend.stop());
    await createBirthdays(backend);
    const kim = await signUp(backend, 'Kim');
    const { jwt } = await kim.account.createJWT({ duration: 60 });
    return { backend, kim, jwt };
  }

  for (const [profile, isHonored] of [['2', true], ['1.9', false]]) {
    test(`${isHonored ? 'identifies its user' : 'is ignored, without a word'} on profile ${profile}`, async (context) => {
      const { backend, kim, jwt } = await scene(context, profile);
      const realtime = new newest.Realtime(clientOf(newest, backend, { jwt }));
      const names = [];
      await realtime.subscribe('rows', (event) => names.push(event.payload.name));
      await answered('subscribe');
      const { user } = (await connected()).data;
      if (isHonored) assert.equal(user.$id, kim.user.$id);
      else assert.equal(user, null);
      const create = (name, permissions) =>
        kim.tables.createRow({ ...BIRTHDAYS, rowId: 'unique()', data: { name, birthday: BIRTHDAY }, permissions });
      await create('private');
      await create('public', [Permission.read(Role.any())]);
      await until('the public row', () => names.includes('public'));
      assert.deepEqual(names, isHonored ? ['private', 'public'] : ['public']);
      await realtime.disconnect();
    });
  }

  test('of a deleted session makes a guest, without a word', async (context) => {
    const { backend, kim, jwt } = await scene(context, '2');
    await kim.account.deleteSession({ sessionId: 'current' });
    const realtime = new newest.Realtime(clientOf(newest, backend, { jwt }));
    await realtime.subscribe('rows', () => {});
    assert.equal((await connected()).data.user, null);
    await realtime.disconnect();
  });

  const broken = {
    'that has expired': async ({ kim }) => {
      const { jwt } = await kim.account.createJWT({ duration: 1 });
      await untilInstant((decodeJwt(jwt).payload.exp + 1) * 1000);
      return jwt;
    },
    'that was tampered with': ({ jwt }) => `${jwt.slice(0, -4)}AAAA`,
    'that is none': () => 'abc',
  };
  for (const [what, make] of Object.entries(broken)) {
    test(`${what} is refused, in words`, async (context) => {
      const world = await scene(context, '2');
      const { code, message } = await refusal(newest, clientOf(newest, world.backend, { jwt: await make(world) }));
      assert.equal(code, 401);
      assert.match(message, /^Failed to verify JWT/);
    });
  }

  test('together with a cookie is refused, in words', async (context) => {
    const { backend, kim, jwt } = await scene(context, '2');
    const socket = await Socket.open(`${backend.realtimeEndpoint}/realtime?project=demo&jwt=${jwt}`, {
      headers: { Cookie: `a_session_demo=${kim.session.secret}` },
      origin: page.origin,
    });
    const { type, data } = await socket.next('the refusal');
    assert.deepEqual([type, data.code], ['error', 403]);
    await socket.close();
  });
});
