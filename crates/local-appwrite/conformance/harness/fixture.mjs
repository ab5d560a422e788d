// Creates what tests need by plain requests: users, sessions, JWTs and a table of birthdays.

import { API_KEY } from './backend.mjs';
import { exchange, RECORDING_CLIENT } from './http.mjs';
import { until } from './until.mjs';

export const PASSWORD = 'Correct-horse-1';
export const BIRTHDAY = '2012-02-03T00:00:00.000+00:00';
export const ROWS = '/tablesdb/main/tables/birthdays/rows';

/** Sends requests with a credential: `byKey`, a session's secret, a JWT, or none. */
export class Caller {
  #backend;
  #credentials;

  constructor(backend, credentials) {
    this.#backend = backend;
    this.#credentials = credentials;
  }

  static byKey = (backend) => new Caller(backend, { 'X-Appwrite-Key': API_KEY });
  static bySession = (backend, secret) => new Caller(backend, { 'X-Appwrite-Session': secret });

  /** Returns the response's body. Fails unless the response is a success. */
  async request(method, path, body = null) {
    const headers = { ...RECORDING_CLIENT, 'Content-Type': 'application/json', 'X-Appwrite-Project': 'demo', ...this.#credentials };
    const answer = await exchange(this.#backend.endpoint, { method, path, headers, body });
    if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status} ${JSON.stringify(answer.body).slice(0, 400)}`);
    return answer.body;
  }

  /** Creates a row with these permissions, or else with Appwrite's default ones. */
  createRow(name, permissions) {
    return this.request('POST', ROWS, { rowId: 'unique()', data: { name, birthday: BIRTHDAY }, permissions });
  }
}

/** Creates the database `main` with the table `birthdays` (name, birthday, note; row security on). */
export async function createBirthdays(backend) {
  const key = Caller.byKey(backend);
  const table = '/tablesdb/main/tables/birthdays';
  await key.request('POST', '/tablesdb', { databaseId: 'main', name: 'Main' });
  await key.request('POST', '/tablesdb/main/tables', { tableId: 'birthdays', name: 'Birthdays', rowSecurity: true, permissions: ['create("users")'] });
  await key.request('POST', `${table}/columns/string`, { key: 'name', size: 128, required: true });
  await key.request('POST', `${table}/columns/datetime`, { key: 'birthday', required: true });
  await key.request('POST', `${table}/columns/string`, { key: 'note', size: 64, required: false });
  await until('the columns to be available', async () => {
    const { columns } = await key.request('GET', `${table}/columns`);
    return columns.length === 3 && columns.every((column) => column.status === 'available');
  });
}

/** Signs a user up and in. Returns `{id, email, session, caller}`; `session` comes from the sign-in. */
export async function createPerson(backend, name, email) {
  const key = Caller.byKey(backend);
  const { $id: id } = await key.request('POST', '/account', { userId: 'unique()', email, password: PASSWORD, name });
  const session = await createSession(backend, email);
  return { id, email, session, caller: Caller.bySession(backend, session.secret) };
}

/** Creates a session by email and password, with its secret. */
export function createSession(backend, email, password = PASSWORD) {
  return Caller.byKey(backend).request('POST', '/account/sessions/email', { email, password });
}

/** Creates a JWT for the session, valid for `duration` seconds or else for the server's default. */
export async function createJwt(backend, session, duration) {
  const { jwt } = await Caller.bySession(backend, session.secret).request('POST', '/account/jwts', duration === undefined ? {} : { duration });
  return jwt;
}
