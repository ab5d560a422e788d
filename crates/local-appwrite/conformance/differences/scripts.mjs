// Plays the steps whose requests are not recorded: images, and WebSocket frames.

import { exchange, RECORDING_CLIENT } from '../harness/http.mjs';
import { Socket } from '../harness/socket.mjs';

/** The client's first message, by the case's name. The answer is the second frame; the pong to a ping is the third. */
const MESSAGES = {
  'message unknown type': { type: 'nope', data: {} },
  'message no type': { data: {} },
  'message null': null,
  'message auth none': { type: 'authentication' },
  'message auth bad': { type: 'authentication', data: { session: 'bad' } },
  'message auth no session': { type: 'authentication', data: {} },
  'message subscribe obj': { type: 'subscribe', data: { a: 1 } },
  'message subscribe bad query': { type: 'subscribe', data: [{ channels: ['rows'], queries: ['bad'] }] },
  'message subscribe no channels': { type: 'subscribe', data: [{}] },
  'message subscribe channels str': { type: 'subscribe', data: [{ channels: 'rows' }] },
  'message unsubscribe none': { type: 'unsubscribe' },
  'message unsubscribe str': { type: 'unsubscribe', data: ['x'] },
};

const ROW_CHANNELS = ['databases.rt647969.collections.t.documents', 'databases.rt647969.tables.t.rows', 'documents', 'rows', 'tablesdb.rt647969.tables.t.rows'];

/** The actions before the last frame, by the case's name. */
const EVENTS = {
  'row events other vocabularies': { channels: ROW_CHANNELS, at: 2, act: documentOf('v') },
  'legacy channel only': { channels: [ROW_CHANNELS[0]], at: 2, act: documentOf('lc') },
  // The recording has only the second, fourth and fifth event: a session's end, a token, and a change by a key.
  'account events': {
    channels: ['account'], user: 'rt2-647969', at: 5, act: accountEvents,
  },
  'own session ends': {
    channels: ['account', 'account.rt2-647969.delete'],
    user: 'rt2-647969',
    at: 1,
    act: (resources) => as(resources, 'rt2-647969', 'DELETE', '/account/sessions/current'),
  },
  'user blocked by admin': {
    channels: ['account'], user: 'rt3-647969', at: 1, act: (resources) => resources.key('PATCH', '/users/rt3-647969/status', { status: false }),
  },
  'user deleted by admin': {
    channels: ['account'], user: 'rt4-647969', at: 1, act: (resources) => resources.key('DELETE', '/users/rt4-647969'),
  },
};

// One row through the new API, and one through the old API.
function documentOf(prefix) {
  return async (resources) => {
    const permissions = ['read("any")'];
    await resources.key('POST', '/tablesdb/rt647969/tables/t/rows', { rowId: `${prefix}1`, data: { s: 'x' }, permissions });
    await resources.key('POST', '/databases/rt647969/collections/t/documents', { documentId: `${prefix}2`, data: { s: 'x' }, permissions });
  };
}

async function as(resources, user, method, path, body = null, session = null) {
  const own = { 'X-Appwrite-Session': session ?? (await resources.session(user)), 'Content-Type': 'application/json' };
  return exchange(resources.backend.endpoint, { method, path, headers: { ...RECORDING_CLIENT, 'X-Appwrite-Project': 'demo', ...own }, body });
}

async function accountEvents(resources) {
  const user = 'rt2-647969';
  const other = await resources.key('POST', `/users/${user}/sessions`);
  await as(resources, user, 'DELETE', '/account/sessions/current', null, other.secret);
  await as(resources, user, 'PATCH', '/account/name', { name: 'Other' });
  await as(resources, user, 'POST', '/account/verifications/email', { url: 'http://localhost:3000/' });
  await resources.key('PATCH', `/users/${user}/name`, { name: 'User rt2' });
}

async function withSocket(resources, channels, user, work) {
  const query = ['project=demo', ...channels.map((channel) => `channels[]=${channel}`)].join('&');
  const headers = user ? { 'x-appwrite-session': await resources.session(user) } : {};
  const socket = await Socket.open(`${resources.backend.realtimeEndpoint}/realtime?${query}`, { headers, origin: 'http://localhost:3000' });
  try {
    return await work(socket);
  } finally {
    await socket.close();
  }
}

async function framesAfterMessage(resources, message) {
  return withSocket(resources, ['account'], undefined, async (socket) => {
    const frames = [await socket.next('the connected frame')];
    socket.send(message);
    frames.push(await socket.next('the answer'));
    socket.send({ type: 'ping' });
    frames.push(await socket.next('the pong'));
    return frames;
  });
}

async function framesOfEvents(resources, { channels, user, at, act }) {
  if (!user) {
    await resources.once('the table of rows', async () => {
      await resources.key('POST', '/tablesdb', { databaseId: 'rt647969', name: 'R' });
      await resources.key('POST', '/tablesdb/rt647969/tables', { tableId: 't', name: 'T', rowSecurity: true });
      await resources.key('POST', '/tablesdb/rt647969/tables/t/columns/string', { key: 's', size: 9, required: false });
    });
  }
  return withSocket(resources, channels, user, async (socket) => {
    const frames = [await socket.next('the connected frame')];
    await act(resources);
    while (frames.length <= at) frames.push(await socket.next('the event'));
    return frames;
  });
}

/** The recorded facts of an image: status, content type, the error's type, the first bytes, caching. */
async function picture(resources, query) {
  const headers = { ...RECORDING_CLIENT, 'X-Appwrite-Project': 'demo' };
  const { status, headers: got, body } = await exchange(resources.backend.endpoint, { method: 'GET', path: `/avatars/initials?${query}`, headers });
  return [status, got['content-type'].toLowerCase(), body.type ?? null, Buffer.from(JSON.stringify(body)).toString('hex').slice(0, 8), got['cache-control']];
}

const PICTURES = { 'initials {"name": ""}': 'name=', 'initials {"name": "A", "width": 0}': 'name=A&width=0' };

/** The live counterpart of a step without a request. */
export async function play(resources, entry) {
  if (entry.case in MESSAGES) return { body: await framesAfterMessage(resources, MESSAGES[entry.case]) };
  if (entry.case in EVENTS) return { body: await framesOfEvents(resources, EVENTS[entry.case]) };
  if (entry.case in PICTURES) return { body: await picture(resources, PICTURES[entry.case]) };
  throw new Error('there is no script for this step');
}
