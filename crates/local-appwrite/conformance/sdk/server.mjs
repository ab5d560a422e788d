// Appwrite's official server SDK (`node-appwrite`), set up for the backend in the roles that an application uses.

import assert from 'node:assert/strict';
import { Account, Client, TablesDB, Users } from 'node-appwrite';
import { API_KEY } from '../harness/backend.mjs';

export const PASSWORD = 'Correct-horse-1';
export const BIRTHDAY = '2012-02-03T00:00:00.000+00:00';

/** The services of the SDK for one caller. */
export class Services {
  constructor(client) {
    this.client = client;
    this.account = new Account(client);
    this.tables = new TablesDB(client);
    this.users = new Users(client);
  }

  /** A request for which the SDK has no method. */
  call(method, path, parameters = {}) {
    const headers = { 'content-type': 'application/json', 'X-Appwrite-Project': this.client.config.project };
    return this.client.call(method, new URL(this.client.config.endpoint + path), headers, parameters);
  }
}

const clientOf = (backend) => new Client().setEndpoint(backend.endpoint).setProject(backend.project);

export const asGuest = (backend) => new Services(clientOf(backend));
export const asAdmin = (backend, key = API_KEY) => new Services(clientOf(backend).setKey(key));
export const withSession = (backend, secret) => new Services(clientOf(backend).setSession(secret));
export const withJwt = (backend, jwt) => new Services(clientOf(backend).setJWT(jwt));

let people = 0;

/** Signs up and in, like an application's server. Returns `{user, session, email}` and the services of the session. */
export async function signUp(backend, name = 'Ann') {
  const admin = asAdmin(backend);
  people += 1;
  const email = `${name.toLowerCase()}.${people}@example.com`;
  const user = await admin.account.create({ userId: 'unique()', email, password: PASSWORD, name });
  const session = await admin.account.createEmailPasswordSession({ email, password: PASSWORD });
  return { user, session, email, ...withSession(backend, session.secret) };
}

/** Creates the database `main` with the table `birthdays` (name, birthday, note; row security on). */
export async function createBirthdays(backend) {
  const { tables } = asAdmin(backend);
  await tables.create({ databaseId: 'main', name: 'Main' });
  await tables.createTable({ databaseId: 'main', tableId: 'birthdays', name: 'Birthdays', rowSecurity: true, permissions: ['create("users")'] });
  await tables.createStringColumn({ ...BIRTHDAYS, key: 'name', size: 128, required: true });
  await tables.createDatetimeColumn({ ...BIRTHDAYS, key: 'birthday', required: true });
  await tables.createStringColumn({ ...BIRTHDAYS, key: 'note', size: 64, required: false });
}

/** The path of the rows of `createBirthdays`. */
export const BIRTHDAYS = Object.freeze({ databaseId: 'main', tableId: 'birthdays' });

/** Fails unless the server refuses `promise` with this status and this error type. */
export async function refused(promise, code, type) {
  const error = await promise.then(
    (answer) => assert.fail(`expected ${code} ${type}, got an answer: ${JSON.stringify(answer)?.slice(0, 300)}`),
    (thrown) => thrown,
  );
  if (error instanceof assert.AssertionError) throw error;
  assert.deepEqual({ code: error.code, type: error.type }, { code, type }, error.message);
  return error;
}
