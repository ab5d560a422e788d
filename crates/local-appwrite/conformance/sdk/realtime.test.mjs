// Realtime with the official web SDKs: events per user, and subscriptions by message (newest) and by URL (24.x).

import assert from 'node:assert/strict';
import { after, afterEach, before, describe, test } from 'node:test';
import { Permission, Presences, Role } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { Socket } from '../harness/socket.mjs';
import { until, untilInstant } from '../harness/until.mjs';
import { answered, byAddress, clientOf, connected, hangUp, newest, page, previous, realtimeOf, sockets, storedSession, warnings } from './browser.mjs';
import { asAdmin, BIRTHDAY, BIRTHDAYS, createBirthdays, PASSWORD, refused, signUp } from './server.mjs';

const ROWS = 'tablesdb.main.tables.birthdays.rows';
const lastEvent = (seen) => seen.at(-1);

/** The server's message to a refused client, before it closes the socket. */
async function refusal(sdk, client) {
  const errors = [];
  const realtime = realtimeOf(sdk, client);
  realtime.onError((error, code) => errors.push({ code, message: error.message }));
  realtime.reconnect = false;
  await realtime.subscribe(ROWS, () => assert.fail('an event'));
  await until('the error', () => errors.some(({ code }) => code !== undefined));
  await until('the end of the socket', () => sockets.at(-1).readyState === WebSocket.CLOSED);
  return errors.find(({ code }) => code !== undefined);
}

/** A backend for one test, with a table, the signed-in users Kim and Leo, and a JWT of Kim. */
async function scene(context, profile) {
  const backend = await startBackend({ profile });
  context.after(hangUp);
  context.after(() => backend.stop());
  await createBirthdays(backend);
  const [kim, leo] = [await signUp(backend, 'Kim'), await signUp(backend, 'Leo')];
  const { jwt } = await kim.account.createJWT({ duration: 60 });
  return { backend, kim, leo, jwt };
}

const birthday = (name, permissions) => ({ ...BIRTHDAYS, rowId: 'unique()', data: { name, birthday: BIRTHDAY }, permissions });
const toAny = [Permission.read(Role.any())];

// Each SDK, and how a test sees that the server has the SDK's subscription.
const SDKS = [
  { name: 'appwrite 28', sdk: newest, inPlace: () => answered('subscribe') },
  { name: 'appwrite 27', sdk: previous, inPlace: () => answered('subscribe') },
  { name: 'appwrite 24', sdk: byAddress, inPlace: connected },
];

for (const profile of ['2', '1.9']) {
  for (const { name, sdk, inPlace } of SDKS) {
    describe(`Realtime by ${name}, profile ${profile}`, () => {
      let backend;
      let kim;
      let leo;
      before(async () => {
        backend = await startBackend({ profile });
        await createBirthdays(backend);
        kim = await signUp(backend, 'Kim');
        leo = await signUp(backend, 'Leo');
      });
      afterEach(hangUp);
      after(() => backend?.stop());

      /** Subscribes, and returns the events from then on. */
      async function listen(channels, identity = {}, queries = []) {
        const realtime = realtimeOf(sdk, clientOf(sdk, backend, identity));
        const seen = [];
        await realtime.subscribe(channels, (event) => seen.push(event), queries);
        await inPlace();
        return { seen, names: () => seen.map(({ payload }) => payload.name) };
      }

      /** Creates a public row and waits for its event: by then, all earlier events have arrived. */
      async function marker(listener) {
        const marked = await kim.tables.createRow(birthday('marker', toAny));
        await until('the marker', () => listener.seen.some(({ payload }) => payload.$id === marked.$id));
        return listener.names().filter((text) => text !== 'marker');
      }

      test('a guest gets events of public rows only', async () => {
        const guest = await listen(ROWS);
        assert.equal((await connected()).data.user, null);
        await kim.tables.createRow(birthday('private'));
        await kim.tables.createRow(birthday('users', [Permission.read(Role.users())]));
        await kim.tables.createRow(birthday('public', toAny));
        assert.deepEqual(await marker(guest), ['public']);
      });

      test('a session gets events of readable rows', async () => {
        const listener = await listen(ROWS, { session: kim.session.secret });
        await answered('authentication');
        const { $id: rowId } = await kim.tables.createRow(birthday('own'));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.deleteRow({ ...BIRTHDAYS, rowId });
        await until('three events', () => listener.seen.length === 3);
        assert.deepEqual(listener.seen.map(({ events }) => events[0]), ['create', 'update', 'delete'].map((action) => `${ROWS}.${rowId}.${action}`));
        assert.ok(listener.seen.every(({ channels }) => channels.includes(ROWS) && channels.includes('rows')));
        assert.equal(lastEvent(listener.seen).payload.note, 'n');
      });

      test('a user never gets events of private rows of others', async () => {
        const listener = await listen(ROWS, { session: leo.session.secret });
        await answered('authentication');
        const { $id: rowId } = await kim.tables.createRow(birthday('kim only'));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.createRow(birthday('users', [Permission.read(Role.users())]));
        await leo.tables.createRow(birthday('leo only'));
        assert.deepEqual(await marker(listener), ['users', 'leo only']);
      });

      test('signing in by the SDK identifies its socket', async () => {
        const client = clientOf(sdk, backend);
        const account = new sdk.Account(client);
        await account.createEmailPasswordSession({ email: kim.email, password: PASSWORD });
        assert.ok(storedSession(), 'the session came in X-Fallback-Cookies');
        const isNewer = sdk !== byAddress && profile === '1.9';
        assert.equal(warnings.some((text) => text.includes('Please downgrade your SDK')), isNewer);
        assert.equal((await account.get()).$id, kim.user.$id);
        const realtime = realtimeOf(sdk, client);
        const seen = [];
        await realtime.subscribe(ROWS, (event) => seen.push(event));
        assert.equal((await answered('authentication')).data.user.$id, kim.user.$id);
        const own = await kim.tables.createRow(birthday('own'));
        await until('the own row', () => seen.some(({ payload }) => payload.$id === own.$id));
        await account.deleteSession({ sessionId: 'current' });
      });

      test('each subscription of a socket gets its own events', async () => {
        const realtime = realtimeOf(sdk, clientOf(sdk, backend));
        const [seenCreated, seenAll] = [[], []];
        const before = sockets.length;
        await Promise.all([
          realtime.subscribe('rows.create', (event) => seenCreated.push(event)),
          realtime.subscribe(ROWS, (event) => seenAll.push(event)),
        ]);
        await inPlace();
        assert.equal(sockets.length, before + 1);
        const { $id: rowId } = await kim.tables.createRow(birthday('both', [...toAny, Permission.update(Role.user(kim.user.$id))]));
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await until('both events', () => seenAll.length === 2);
        assert.deepEqual(seenCreated.map(({ events }) => events[0]), [`${ROWS}.${rowId}.create`]);
      });

      test('queries filter row events', async () => {
        const listener = await listen(ROWS, {}, [sdk.Query.equal('name', ['wanted', 'marker'])]);
        await kim.tables.createRow(birthday('unwanted', toAny));
        await kim.tables.createRow(birthday('wanted', toAny));
        assert.deepEqual(await marker(listener), ['wanted']);
      });

      test('a single row has a channel of its own', async () => {
        const own = [...toAny, Permission.update(Role.user(kim.user.$id)), Permission.delete(Role.user(kim.user.$id))];
        const { $id: rowId } = await kim.tables.createRow(birthday('watched', own));
        const other = await kim.tables.createRow(birthday('other', own));
        const listener = await listen(`${ROWS}.${rowId}`);
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId: other.$id, data: { note: 'n' } });
        await kim.tables.updateRow({ ...BIRTHDAYS, rowId, data: { note: 'n' } });
        await kim.tables.deleteRow({ ...BIRTHDAYS, rowId });
        await until('two events', () => listener.seen.length === 2);
        assert.deepEqual(listener.seen.map(({ events }) => events[0]), [`${ROWS}.${rowId}.update`, `${ROWS}.${rowId}.delete`]);
      });

      test('the account channel belongs to the user', async () => {
        const listener = await listen(['account', `account.${kim.user.$id}`], { session: leo.session.secret });
        await answered('authentication');
        await asAdmin(backend).account.createEmailPasswordSession({ email: kim.email, password: PASSWORD });
        const session = await asAdmin(backend).account.createEmailPasswordSession({ email: leo.email, password: PASSWORD });
        await until('an event', () => listener.seen.length > 0);
        assert.equal(listener.seen[0].events[0], `users.${leo.user.$id}.sessions.${session.$id}.create`);
        await leo.account.deleteSession({ sessionId: session.$id });
        await until('a second event', () => listener.seen.length > 1);
        assert.equal(listener.seen[1].events[0], `users.${leo.user.$id}.sessions.${session.$id}.delete`);
      });

      test('a page of another origin is refused with a message', async (context) => {
        const { origin } = page;
        context.after(() => { page.origin = origin; });
        page.origin = 'https://evil.example';
        const { code, message } = await refusal(sdk, clientOf(sdk, backend));
        assert.equal(code, 1008);
        assert.match(message, /^Invalid Origin\. Register your new client \(evil\.example\)/);
        await refused(new sdk.Account(clientOf(sdk, backend)).createEmailPasswordSession({ email: kim.email, password: PASSWORD }), 403, 'general_unknown_origin');
      });

      test('an unknown project is refused with a message', async () => {
        const client = clientOf(sdk, backend);
        client.setProject('nowhere');
        assert.deepEqual(await refusal(sdk, client), { code: 1008, message: 'Missing or unknown project ID' });
      });
    });
  }
}

describe('the newest SDK can', () => {
  const subscribedTwice = () =>
    until('the second answer', () => sockets.at(-1).received.filter(({ data }) => data?.to === 'subscribe').length === 2);

  test('unsubscribe on the socket that stays', async (context) => {
    const { backend, kim } = await scene(context, '2');
    const realtime = realtimeOf(newest, clientOf(newest, backend));
    const seen = [];
    const first = await realtime.subscribe('rows', (event) => seen.push(['first', event.payload.name]));
    await answered('subscribe');
    await realtime.subscribe('documents', (event) => seen.push(['second', event.payload.name]));
    await subscribedTwice();
    await first.unsubscribe();
    await answered('unsubscribe');
    await kim.tables.createRow(birthday('after', toAny));
    await until('an event', () => seen.length > 0);
    assert.deepEqual(seen, [['second', 'after']]);
  });

  test('update a subscription in place', async (context) => {
    const { backend, kim } = await scene(context, '2');
    const realtime = realtimeOf(newest, clientOf(newest, backend));
    const names = [];
    const subscription = await realtime.subscribe('rows', (event) => names.push(event.payload.name), [newest.Query.equal('name', 'a')]);
    await answered('subscribe');
    await subscription.update({ queries: [newest.Query.equal('name', 'b')] });
    await subscribedTwice();
    await kim.tables.createRow(birthday('a', toAny));
    await kim.tables.createRow(birthday('b', toAny));
    await until('an event', () => names.length > 0);
    assert.deepEqual(names, ['b']);
  });

  test('show presences and their end', async (context) => {
    const { backend, kim, leo } = await scene(context, '2');
    const watching = realtimeOf(newest, clientOf(newest, backend, { session: leo.session.secret }));
    const seen = [];
    await watching.subscribe('presences', ({ events, payload }) => seen.push([events[0].split('.').at(-1), payload.status, payload.userId]));
    await answered('authentication');
    const there = realtimeOf(newest, clientOf(newest, backend, { session: kim.session.secret }));
    await there.subscribe('rows', () => {});
    await answered('authentication');
    await there.upsertPresence({ presenceId: 'kim-here', status: 'reading', permissions: [Permission.read(Role.users())] });
    await until('the presence', () => seen.length === 1);
    const present = async ({ client }) => (await new Presences(client).list()).presences.map(({ $id, status }) => [$id, status]);
    assert.deepEqual(await present(leo), [['kim-here', 'reading']]);
    await there.disconnect();
    await until('its end', () => seen.length === 2);
    assert.deepEqual(await present(leo), []);
    assert.deepEqual(seen, [['upsert', 'reading', kim.user.$id], ['delete', 'reading', kim.user.$id]]);
  });
});

describe('a JWT in the socket URL', () => {
  for (const [profile, isHonored] of [['2', true], ['1.9', false]]) {
    test(`${isHonored ? 'identifies its user' : 'is silently ignored'} on profile ${profile}`, async (context) => {
      const { backend, kim, jwt } = await scene(context, profile);
      const realtime = realtimeOf(newest, clientOf(newest, backend, { jwt }));
      const names = [];
      await realtime.subscribe('rows', (event) => names.push(event.payload.name));
      await answered('subscribe');
      const { user } = (await connected()).data;
      if (isHonored) assert.equal(user.$id, kim.user.$id);
      else assert.equal(user, null);
      await kim.tables.createRow(birthday('private'));
      await kim.tables.createRow(birthday('public', toAny));
      await until('the public row', () => names.includes('public'));
      assert.deepEqual(names, isHonored ? ['private', 'public'] : ['public']);
    });
  }

  test('of a deleted session silently connects a guest', async (context) => {
    const { backend, kim, jwt } = await scene(context, '2');
    await kim.account.deleteSession({ sessionId: 'current' });
    const realtime = realtimeOf(newest, clientOf(newest, backend, { jwt }));
    await realtime.subscribe('rows', () => {});
    assert.equal((await connected()).data.user, null);
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
    test(`${what} is refused with a message`, async (context) => {
      const world = await scene(context, '2');
      const { code, message } = await refusal(newest, clientOf(newest, world.backend, { jwt: await make(world) }));
      assert.equal(code, 401);
      assert.match(message, /^Failed to verify JWT/);
    });
  }

  test('together with a cookie is refused with a message', async (context) => {
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
