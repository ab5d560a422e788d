// Creates the users, tables and rows that a case needs. The recording shows them only in its responses.

import { API_KEY, MIN_KEY } from '../harness/backend.mjs';
import { exchange, RECORDING_CLIENT } from '../harness/http.mjs';

const PASSWORD = 'password-1234';

/** A backend and the resources created in it so far. */
export class Resources {
  #made = new Map();

  constructor(backend) {
    this.backend = backend;
    this.values = new Map();
  }

  once(name, make) {
    if (!this.#made.has(name)) this.#made.set(name, make());
    return this.#made.get(name);
  }

  async key(method, path, body = null) {
    const headers = { ...RECORDING_CLIENT, 'X-Appwrite-Project': 'demo', 'X-Appwrite-Key': API_KEY, 'Content-Type': 'application/json' };
    const answer = await exchange(this.backend.endpoint, { method, path, headers, body });
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** A user who signed up under this id. */
  person(id) {
    return this.once(`person ${id}`, () => {
      const user = { userId: id, email: `${id.toLowerCase().replace('-', '.')}@example.com`, password: PASSWORD, name: `User ${id.split('-')[0]}` };
      return this.key('POST', '/account', user);
    });
  }

  /** The secret of the session of a user, a guest, or a user who signed in by a link. */
  session(name) {
    return this.once(`session ${name}`, async () => {
      if (name === 'anonymous') return (await this.key('POST', '/account/sessions/anonymous')).secret;
      if (name === 'magic') {
        const token = await this.key('POST', '/account/tokens/magic-url', { userId: 'unique()', email: 'mgf.648875@example.com' });
        return (await this.key('POST', '/account/sessions/token', { userId: token.userId, secret: token.secret })).secret;
      }
      const { email } = await this.person(name);
      return (await this.key('POST', '/account/sessions/email', { email, password: PASSWORD })).secret;
    });
  }

  jwt(name) {
    return this.once(`jwt ${name}`, async () => {
      const headers = { ...RECORDING_CLIENT, 'X-Appwrite-Project': 'demo', 'X-Appwrite-Session': await this.session(name) };
      return (await exchange(this.backend.endpoint, { method: 'POST', path: '/account/jwts', headers })).body.jwt;
    });
  }

  /** Replaces the placeholders in a text. */
  async filled(text) {
    let result = text.replace('<API_KEY>', API_KEY).replace('<MIN_KEY>', MIN_KEY);
    for (const [recorded, live] of this.values) result = result.replaceAll(recorded, live);
    const [, kind, name] = /<(SESSION|JWT|UNSIGNED JWT) ([^>]+)>/.exec(result) ?? [];
    if (!kind) return result;
    if (kind === 'UNSIGNED JWT') {
      const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');
      return `${part({ typ: 'JWT', alg: 'none' })}.${part({ userId: name, sessionId: '', exp: 9_999_999_999 })}.`;
    }
    return result.replace(/<[^>]+>/, kind === 'SESSION' ? await this.session(name) : await this.jwt(name));
  }
}

async function table(resources, database, id, columns, more = {}) {
  await resources.once(`database ${database}`, () => resources.key('POST', '/tablesdb', { databaseId: database, name: 'DB' }));
  await resources.key('POST', `/tablesdb/${database}/tables`, { tableId: id, name: 'T', ...more });
  for (const [kind, key, options] of columns) {
    await resources.key('POST', `/tablesdb/${database}/tables/${id}/columns/${kind}`, { key, required: false, ...options });
  }
}

const QUERIED = [
  ['q0', { s: 'apple', n: 1, f: 1.5, b: true, d: '2024-01-01', arr: ['x', 'y'], ft: 'the quick brown fox' }],
  ['q1', { s: 'Banana', n: 2, f: 2.5, b: false, d: '2024-02-01', arr: ['x'], ft: 'jumps over lazy dogs' }],
  ['q2', { s: 'cherry', n: 3, f: 3.5, b: null, d: '2024-03-01', arr: [], ft: 'quick silver' }],
  ['q3', { s: 'Äpfel', b: true }],
  ['q4', { s: 'apple pie', n: 10, f: 0, b: false, d: '2024-01-01T12:00:00Z', arr: ['z z'], ft: 'brownie fox-trot' }],
  ['q5', { s: '100%_x', n: -5, f: -1.25, b: null, d: '2023-12-31', arr: ['X'], ft: '' }],
];

async function queriedTable(resources) {
  const columns = [
    ['string', 's', { size: 100 }], ['integer', 'n'], ['float', 'f'], ['boolean', 'b'], ['datetime', 'd'],
    ['string', 'arr', { size: 20, array: true }], ['string', 'ft', { size: 500 }],
  ];
  await table(resources, 'db648284', 'qt', columns);
  await resources.key('POST', '/tablesdb/db648284/tables/qt/indexes', { key: 'ft', type: 'fulltext', columns: ['ft'] });
  for (const [rowId, data] of QUERIED) await resources.key('POST', '/tablesdb/db648284/tables/qt/rows', { rowId, data });
}

const valueColumns = [
  ['string', 's', { size: 50, required: true }], ['integer', 'n', { min: -10, max: 1000 }], ['integer', 'big'],
  ['float', 'f', { min: -1.5, max: 99.5 }], ['float', 'g'], ['boolean', 'b', { default: true }], ['email', 'e'],
  ['enum', 'en', { elements: ['a', 'b c', 'ü'], default: 'a' }], ['url', 'u'], ['ip', 'ip'], ['datetime', 'd'],
  ['string', 'arr', { size: 10, array: true }], ['integer', 'ints', { array: true }], ['string', 'df', { size: 20, default: 'déf' }],
  ['text', 'tx'], ['varchar', 'vc', { size: 20 }], ['datetime', 'ds', { array: true }],
];

const valueTable = (resources) => table(resources, 'db648425', 't', valueColumns);
const row = (resources, rowId, data, permissions = []) => resources.key('POST', '/tablesdb/db648425/tables/t/rows', { rowId, data, permissions });

const all = (role) => ['read', 'create', 'update', 'delete'].map((action) => `${action}("${role}")`);
const GUARDED = {
  pnone: [], pusers: all('users'), pcreate: ['create("users")'], pany: all('any'), pguest: all('guests'),
  pver: ['read("users/verified")'], plabel: ['read("label:vip")'],
};

async function guardedTable(resources, id) {
  await table(resources, 'db648284', id, [['string', 's', { size: 20 }]], { permissions: GUARDED[id], rowSecurity: id === 'pcreate' });
  await resources.key('POST', `/tablesdb/db648284/tables/${id}/rows`, { rowId: 'r', data: { s: 'x' } });
}

/** The resources that the cases of an area need. */
const AREAS = {
  'rows-queries': queriedTable,
  'rows-values': valueTable,
  rows: valueTable,
};

/** Additional requirements of a case, by its id. */
const CASES = {
  275: queriedTable,
  326: async (resources) => {
    await resources.key('POST', '/account', { userId: 'Case-648283', email: 'case.648283@example.com', password: PASSWORD, name: 'User Case' });
    await resources.key('POST', '/tablesdb', { databaseId: 'Lc648283', name: 'x' });
    await resources.key('POST', '/tablesdb/Lc648283/tables', { tableId: 'Tab', name: 'x' });
  },
  327: async (resources) => {
    await resources.key('POST', '/tablesdb', { databaseId: 'db648425', name: 'DB' });
    await resources.key('POST', '/databases', { databaseId: 'ldb648425', name: 'Leg' });
  },
  328: async (resources) => {
    await resources.key('POST', '/tablesdb', { databaseId: 'db648425', name: 'DB' });
    await resources.key('POST', '/tablesdb/db648425/tables', { tableId: 't', name: 'T' });
  },
  329: async (resources) => {
    await valueTable(resources);
    await resources.key('POST', '/tablesdb/db648425/tables/t/indexes', { key: 'i_n', type: 'key', columns: ['n'] });
  },
  398: (resources) => row(resources, 'g1', { s: 'one', n: 1, arr: ['a'] }, ['read("any")']),
  399: (resources) => row(resources, 'u1', { s: 'b', n: 1 }),
  71: (resources) => resources.key('PATCH', '/users/um-647969/mfa/recovery-codes'),
  72: (resources) => resources.person('um-647969'),
  174: (resources) => resources.key('POST', '/teams', { teamId: 'tm647969', name: 'T' }),
};

/** The actions between two recorded steps, by the `id#step` of the second one. */
export const BEFORE = {
  '326#5': (resources) => resources.key('POST', '/tablesdb/Lc648283/tables/Tab/columns/string', { key: 'Ab', size: 9, required: false }),
};

/** Additions to the recorded request, by `id#step`. */
export const QUERIES = {
  '52#0': [['code', 'x'], ['state', 'garbage']],
  '398#2': [['queries[]', '{"method":"limit","values":[1]}']],
};

/** Creates by key the users that the path names. */
async function users(resources, path) {
  const [, id] = /^\/users\/((?:pc\d+|us1|ecl|uto|ujw|ude|um)-\d+)/.exec(path) ?? [];
  if (!id) return;
  if (/^(us1|um|ecl|uto|ujw|ude)-/.test(id)) await resources.person(id);
  else await resources.once(`user ${id}`, () => resources.key('POST', '/users', { userId: id, email: `${id.replace('-', '.')}@example.com`, name: 'PC' }));
  if (id.startsWith('ecl-')) await resources.once('number', () => resources.key('PATCH', `/users/${id}/phone`, { number: '+16666482833' }));
}

/** Creates what the case needs. */
export async function prepare(resources, entry) {
  const area = AREAS[entry.area];
  if (area) await resources.once(`area ${entry.area}`, () => area(resources));
  if (entry.area === 'users') await resources.person('us1-648283');
  if (entry.area === 'rows-permissions' && entry.case.startsWith('table ')) await guardedTable(resources, entry.case.slice('table '.length));
  for (const { request } of entry.steps) if (request) await users(resources, request.path);
  await CASES[entry.id]?.(resources);
}
