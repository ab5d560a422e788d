// Behavior of the recorded Appwrite beyond its frames: Realtime's limits, and events that keep a socket open. Each fact
// is a test.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBackend } from '../harness/backend.mjs';
import { decodeJwt } from '../harness/compare.mjs';
import { Caller, createBirthdays, createJwt, createPerson, createSession } from '../harness/fixture.mjs';
import { Socket } from '../harness/socket.mjs';
import { untilInstant, within } from '../harness/until.mjs';

const MESSAGES_A_MINUTE = 32;
const CONNECTIONS_A_MINUTE = 128;
const FRAME_BYTES = 64_000;

describe('Realtime, seen beyond the recorded frames', () => {
  let backend;
  let kim;
  let leo;
  const sockets = [];
  const open = async (headers = {}, query = 'project=demo&channels[]=rows') => {
    const socket = await Socket.open(`${backend.realtimeEndpoint}/realtime?${query}`, { headers, origin: 'http://localhost:3000' });
    sockets.push(socket);
    return socket;
  };
  const openAs = async (headers) => {
    const socket = await open(headers);
    const { type, data } = await socket.next('the connected frame');
    return { socket, type, user: data.user ?? null };
  };
  before(async () => {
    backend = await startBackend({ profile: '1.9' });
    await createBirthdays(backend);
    kim = await createPerson(backend, 'Kim', 'kim@example.com');
    leo = await createPerson(backend, 'Leo', 'leo@example.com');
  });
  after(async () => {
    await Promise.all(sockets.map((socket) => socket.close()));
    await backend?.stop();
  });

  test('a socket outlives the JWT that opened it', async () => {
    const jwt = await createJwt(backend, kim.session, 1);
    const { socket, user } = await openAs({ 'x-appwrite-jwt': jwt });
    assert.equal(user.$id, kim.id);
    await untilInstant((decodeJwt(jwt).payload.exp + 1) * 1000);
    const row = await kim.caller.createRow('Private');
    assert.equal((await socket.next('the private row')).data.payload.$id, row.$id);
  });

  test('a socket stays open when its account is blocked', async () => {
    const { socket, user } = await openAs({ 'x-appwrite-session': leo.session.secret });
    assert.equal(user.$id, leo.id);
    await Caller.byKey(backend).request('PATCH', `/users/${leo.id}/status`, { status: false });
    const row = await kim.caller.createRow('Shared', ['read("users")']);
    assert.equal((await socket.next('the shared row')).data.payload.$id, row.$id);
    await Caller.byKey(backend).request('PATCH', `/users/${leo.id}/status`, { status: true });
  });

  test('a socket outlives its session and gets its deletion event', async () => {
    const session = await createSession(backend, leo.email);
    const socket = await open({ 'x-appwrite-session': session.secret }, 'project=demo&channels[]=rows&channels[]=account');
    assert.equal((await socket.next('the connected frame')).data.user.$id, leo.id);
    await Caller.bySession(backend, session.secret).request('DELETE', '/account/sessions');
    const ended = await socket.next('the end of the session');
    assert.equal(ended.data.events[0], `users.${leo.id}.sessions.${session.$id}.delete`);
    const row = await kim.caller.createRow('Shared', ['read("users")']);
    assert.equal((await socket.next('the shared row')).data.payload.$id, row.$id);
  });

  test('a cookie with a JWT closes the socket', async () => {
    const jwt = await createJwt(backend, kim.session);
    const socket = await open({ Cookie: `a_session_demo=${kim.session.secret}`, 'x-appwrite-jwt': jwt });
    const { type, data } = await socket.next('the refusal');
    assert.deepEqual([type, data.code], ['error', 403]);
    await within(socket.closed, 'the server closes the socket');
  });

  test('a socket without a project gets no events', async () => {
    const socket = await open({ 'x-appwrite-session': kim.session.secret }, 'channels[]=rows');
    const { type, data } = await socket.next('the connected frame');
    assert.deepEqual([type, data.user], ['connected', null]);
    await kim.caller.createRow('Public', ['read("any")']);
    socket.send({ type: 'ping' });
    assert.equal((await socket.next('the pong')).type, 'pong');
  });

  test('messages over the limit are refused without closing', async () => {
    const { socket } = await openAs({});
    let answer;
    let pongs = -1;
    do {
      socket.send({ type: 'ping' });
      answer = await socket.next('an answer');
      pongs += 1;
    } while (answer.type === 'pong' && pongs < 2 * MESSAGES_A_MINUTE);
    assert.deepEqual([answer.type, answer.data?.code], ['error', 1013]);
    // More than the limit passes only if a new minute started meanwhile.
    assert.ok(pongs >= MESSAGES_A_MINUTE, `refused after ${pongs}`);
    const row = await kim.caller.createRow('Public', ['read("any")']);
    assert.equal((await socket.next('the public row')).data.payload.$id, row.$id);
  });

  test('a frame over 64,000 bytes closes only its socket', async () => {
    const { socket } = await openAs({});
    const { socket: other } = await openAs({});
    socket.send({ type: 'ping', data: 'x'.repeat(FRAME_BYTES) });
    await within(socket.closed, 'the server closes the socket');
    other.send({ type: 'ping' });
    assert.equal((await other.next('the pong')).type, 'pong');
  });
});

describe('Realtime\'s connections', () => {
  test('are limited per minute and address, with a message', async () => {
    const backend = await startBackend({ profile: '1.9' });
    const sockets = [];
    try {
      const refusals = [];
      // One more than allowed may open if a new minute starts meanwhile: two windows allow at most twice as many.
      for (let opened = 0; opened <= 2 * CONNECTIONS_A_MINUTE && refusals.length === 0; opened += 1) {
        const socket = await Socket.open(`${backend.realtimeEndpoint}/realtime?project=demo&channels[]=rows`, { origin: 'http://localhost:3000' });
        sockets.push(socket);
        const { type, data } = await socket.next('the first frame');
        if (type === 'error') refusals.push({ code: data.code, opened });
      }
      assert.equal(refusals[0]?.code, 1013);
      assert.ok(refusals[0].opened >= CONNECTIONS_A_MINUTE, `refused after ${refusals[0].opened}`);
      await within(sockets.at(-1).closed, 'the server closes the refused socket');
    } finally {
      await Promise.all(sockets.map((socket) => socket.close()));
      await backend.stop();
    }
  });
});
