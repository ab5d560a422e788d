// Starts its own local-appwrite, and signs up and in: node --test sign_in.test.mjs
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, test } from 'node:test';

const server = spawn('local-appwrite', ['--ephemeral', '--listen', '127.0.0.1:0', '--api-key', 'test-key']);
after(() => server.kill());
const [firstLine] = await server.stdout.setEncoding('utf8').take(1).toArray();
const endpoint = /http\S+/.exec(firstLine)[0];

const call = async (path, body, headers = {}) => {
  const method = body ? 'POST' : 'GET';
  headers = { 'content-type': 'application/json', 'x-appwrite-project': 'demo', ...headers };
  return (await fetch(endpoint + path, { method, headers, body: body && JSON.stringify(body) })).json();
};

test('a user signs up and signs in', async () => {
  const account = { userId: 'unique()', email: 'ann@example.com', password: 'Correct-horse-1', name: 'Ann' };
  await call('/account', account);
  const session = await call('/account/sessions/email', account, { 'x-appwrite-key': 'test-key' });
  const user = await call('/account', undefined, { 'x-appwrite-session': session.secret });
  assert.equal(user.name, 'Ann');
});
