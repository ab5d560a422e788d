// Replays the recorded Realtime scenes: opens the recorded sockets, sends the recorded messages, causes the recorded
// events over HTTP, and compares each frame. Each scene is a test.
//
// A marker proves that nothing else arrived: the event of a public row created afterwards must be the next frame.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBackend } from '../harness/backend.mjs';
import { Correspondence, decodeJwt } from '../harness/compare.mjs';
import { Caller, createBirthdays, createJwt, createPerson, createSession, PASSWORD, ROWS } from '../harness/fixture.mjs';
import { Socket } from '../harness/socket.mjs';
import { untilInstant, within } from '../harness/until.mjs';
import { isRecordingInForce } from '../in-force.mjs';
import { disappeared, judge } from './accepted.mjs';
import { recording, startOf } from './plan.mjs';

const FILE = 'realtime';
const TABLE_ROWS = 'tablesdb.main.tables.birthdays.rows';
const KIM = { id: '6b014042f2eb244f71b4', name: 'Kim', email: 'kim244098@example.com' };
const LEO = { id: '6b014044267f6c20b911', name: 'Leo', email: 'leo244098@example.com' };

const bySession = (resources) => ({ 'x-appwrite-session': resources.kim.session.secret });
const ACCOUNT_AND_ROWS = [TABLE_ROWS, 'account', 'rows', 'documents'];

/** Creates, updates and deletes a private row of Kim, one step a call. */
function privateRow(name) {
  let row;
  return {
    create: async ({ kim }) => { row = await kim.caller.createRow(name); },
    update: ({ kim }) => kim.caller.request('PATCH', `${ROWS}/${row.$id}`, { data: { note: 'n' } }),
    delete: ({ kim }) => kim.caller.request('DELETE', `${ROWS}/${row.$id}`),
  };
}

const createUpdateDelete = (name, from = 1) => {
  const row = privateRow(name);
  return { [from]: row.create, [from + 1]: row.update, [from + 2]: row.delete };
};

const wholeLifeOf = (name) => async (resources) => {
  const row = privateRow(name);
  await row.create(resources);
  await row.update(resources);
  await row.delete(resources);
};

/**
 * The parts that are missing in a scene's recording, by the scene's name.
 * - `prepare`: creates what the scene needs before the socket opens, and passes it on as `resources.own`
 * - `headers`, `query`: values that the recording truncated (`channels`, `jwt`)
 * - `before`: HTTP requests to send before the frame with this index
 * - `unseen`: actions at the end, whose events do not reach the client
 */
const SCENES = {
  'guest connected, any row event': {
    before: {
      1: async ({ kim }) => {
        await wholeLifeOf('Private')({ kim });
        await kim.caller.createRow('Pub', ['read("any")']);
      },
    },
  },
  'session header: connected user, create update delete': { headers: bySession, before: createUpdateDelete('Live') },
  'jwt header': {
    headers: async ({ backend, kim }) => ({ 'x-appwrite-jwt': await createJwt(backend, kim.session) }),
    before: createUpdateDelete('Live'),
  },
  'jwt in query (1.9.6: ignored, guest)': {
    query: async ({ backend, kim }) => ({ jwt: await createJwt(backend, kim.session) }),
    unseen: wholeLifeOf('Private'),
  },
  cookie: {
    headers: ({ kim }) => ({ Cookie: `a_session_demo=${kim.session.secret}` }),
    before: { 1: privateRow('Cook').create },
  },
  'authentication message': {
    prepare: ({ correspondence, kim }, scene) => {
      const { sent } = scene.frames.find((entry) => entry.sent);
      correspondence.bind(sent.data.session, kim.session.secret);
    },
    before: { 1: wholeLifeOf('Before'), 3: privateRow('Auth').create },
  },
  'authentication message bad': { unseen: wholeLifeOf('Private') },
  'authentication message with jwt': {
    prepare: async ({ backend, correspondence, kim }, scene) => {
      const { sent } = scene.frames.find((entry) => entry.sent);
      correspondence.bind(sent.data.session, await createJwt(backend, kim.session));
    },
    unseen: wholeLifeOf('Private'),
  },
  'bad jwt header': { headers: () => ({ 'x-appwrite-jwt': 'abc.def.ghi' }) },
  'expired jwt header': {
    headers: async ({ backend, kim }) => {
      const jwt = await createJwt(backend, kim.session, 1);
      await untilInstant((decodeJwt(jwt).payload.exp + 1) * 1000);
      return { 'x-appwrite-jwt': jwt };
    },
  },
  'jwt whose session is deleted': {
    headers: async ({ backend, kim }) => {
      const session = await createSession(backend, kim.email);
      const jwt = await createJwt(backend, session);
      await kim.caller.request('DELETE', `/account/sessions/${session.$id}`);
      return { 'x-appwrite-jwt': jwt };
    },
    unseen: wholeLifeOf('Private'),
  },
  'garbage session header': { headers: () => ({ 'x-appwrite-session': 'garbage' }), unseen: wholeLifeOf('Private') },
  'own session deleted while connected: event, then still receives': {
    prepare: ({ backend, kim }) => createSession(backend, kim.email),
    query: () => ({ channels: ACCOUNT_AND_ROWS }),
    headers: async ({ backend, own }) => ({ 'x-appwrite-jwt': await createJwt(backend, own) }),
    before: {
      1: ({ kim, own }) => kim.caller.request('DELETE', `/account/sessions/${own.$id}`),
      2: privateRow('After delete').create,
    },
  },
  'account events: name, prefs, new session': {
    query: () => ({ channels: ACCOUNT_AND_ROWS }),
    headers: bySession,
    before: {
      1: ({ kim }) => kim.caller.request('PATCH', '/account/name', { name: 'Kim2' }),
      2: ({ kim }) => kim.caller.request('PATCH', '/account/prefs', { prefs: { a: 1 } }),
      3: ({ backend, kim }) => createSession(backend, kim.email),
    },
    unseen: ({ mia }) => mia.caller.request('PATCH', '/account/prefs', { prefs: { b: 1 } }),
  },
  'other user does not receive private rows': {
    headers: ({ leo }) => ({ 'x-appwrite-session': leo.session.secret }),
    before: {
      1: async ({ kim }) => {
        await wholeLifeOf('Private')({ kim });
        await kim.caller.createRow('Shared', ['read("users")']);
      },
    },
  },
  'action suffix channel': {
    headers: bySession,
    before: {
      1: async (resources) => {
        resources.own = privateRow('Live');
        await resources.own.create(resources);
      },
    },
    unseen: async (resources) => {
      await resources.own.update(resources);
      await resources.own.delete(resources);
    },
  },
  'message mode: no channels, subscribe, unsubscribe, ping': {
    headers: bySession,
    before: { 3: wholeLifeOf('Before'), 5: privateRow('Msg mode').create },
  },
  unsubscribe: { headers: bySession, unseen: wholeLifeOf('After') },
  'bad messages': { headers: bySession, unseen: wholeLifeOf('Private') },
  'unknown project': {},
  'foreign origin': {},
  'no origin': { headers: bySession },
  presence: { headers: bySession },
  'email change while connected': {
    query: () => ({ channels: ACCOUNT_AND_ROWS }),
    headers: bySession,
    before: { 1: ({ kim }) => kim.caller.request('PATCH', '/account/email', { email: `z${KIM.email}`, password: PASSWORD }) },
  },
};

function sceneUrl(backend, recorded, { channels, jwt } = {}) {
  const [path] = recorded.split('&…');
  const parameters = [...(channels ?? []).slice(1).map((channel) => `channels[]=${channel}`), ...(jwt ? [`jwt=${jwt}`] : [])];
  return [`${backend.realtimeEndpoint}${path.replace('/v1', '')}`, ...parameters].join('&');
}

// Compares the received frames with `entries`, from the first received one, one by one.
async function play(resources, scene, script, socket) {
  const differences = [];
  for (const [index, entry] of scene.frames.entries()) {
    await script.before?.[index]?.(resources);
    if ('sent' in entry) {
      socket.send(resources.correspondence.translate(entry.sent));
      continue;
    }
    resources.correspondence.promise(entry.frame);
    const frame = await socket.next(`frame ${index} (${entry.frame.type} ${entry.frame.data?.events?.[0] ?? ''})`);
    differences.push(...resources.correspondence.compare(entry.frame, frame, `frame ${index}`));
  }
  return differences;
}

// Checks that no frame came between the last one and the event of a public row.
async function proveSilence(resources, scene, script, socket) {
  await script.unseen?.(resources);
  if (!/channels\[\]=(rows|tablesdb)/.test(scene.url)) {
    socket.send({ type: 'subscribe', data: [{ subscriptionId: 'marker', channels: ['rows'] }] });
    const answer = await socket.next('the answer to the marker\'s subscription');
    assert.equal(answer.data?.to, 'subscribe', `a frame that the recording does not have: ${JSON.stringify(answer).slice(0, 300)}`);
  }
  const marker = await resources.kim.caller.createRow('Marker', ['read("any")']);
  const frame = await socket.next('the marker');
  assert.equal(frame.data?.payload?.$id, marker.$id, `a frame that the recording does not have: ${JSON.stringify(frame).slice(0, 300)}`);
}

const scenes = recording(FILE);

describe('recorded: Realtime scenes', { skip: isRecordingInForce(FILE) ? false : 'not in force yet (see in-force.mjs)' }, () => {
  const resources = {};
  before(async () => {
    resources.backend = await startBackend({ profile: '1.9' });
    resources.correspondence = new Correspondence(startOf([FILE]), Date.now());
    await createBirthdays(resources.backend);
    resources.kim = await createPerson(resources.backend, KIM.name, KIM.email);
    resources.leo = await createPerson(resources.backend, LEO.name, LEO.email);
    resources.mia = await createPerson(resources.backend, 'Mia', 'mia@example.com');
    resources.correspondence.bind(KIM.id, resources.kim.id);
    resources.correspondence.bind(LEO.id, resources.leo.id);
  });
  after(() => resources.backend?.stop());

  test('each recorded scene has its script', () => {
    assert.deepEqual(scenes.map((scene) => scene.name).sort(), Object.keys(SCENES).sort());
  });

  for (const scene of scenes) {
    test(`realtime: ${scene.name}`, async () => {
      const script = SCENES[scene.name];
      resources.own = await script.prepare?.(resources, scene);
      const url = sceneUrl(resources.backend, scene.url, await script.query?.(resources));
      const socket = await Socket.open(url, { headers: await script.headers?.(resources), origin: scene.origin });
      try {
        judge(FILE, scene.name, `${FILE}.json ${scene.name}`, await play(resources, scene, script, socket));
        if (scene.closed_by_server) await within(socket.closed, 'the server closes the socket');
        else await proveSilence(resources, scene, script, socket);
      } finally {
        await socket.close();
      }
    });
  }

  test('every accepted difference is still there', () => {
    assert.deepEqual(disappeared([FILE]), []);
  });
});
