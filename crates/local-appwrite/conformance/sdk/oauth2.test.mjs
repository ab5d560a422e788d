// OAuth2 sign-in with the provider `mock`: the user enters an address, and allows or denies, on its page.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startBackend } from '../harness/backend.mjs';
import { choose } from '../harness/provider.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, refused, withSession } from './server.mjs';

const SUCCESS = 'http://localhost:3000/oauth/done?state=nonce';
const FAILURE = 'http://localhost:3000/oauth/failed?state=nonce';

describe('OAuth2 by the provider mock', { skip: skipOf('oauth2') }, () => {
  let backend;
  let account;
  const start = () => account.createOAuth2Token({ provider: 'mock', success: SUCCESS, failure: FAILURE });
  before(async () => {
    backend = await startBackend();
    account = asAdmin(backend).account;
  });
  after(() => backend?.stop());

  test('returns the token with the query of the success page', async () => {
    const done = await choose(backend, await start(), /^allow/i);
    const { userId, secret, state } = Object.fromEntries(done.searchParams);
    assert.deepEqual([done.origin + done.pathname, state], ['http://localhost:3000/oauth/done', 'nonce']);
    const session = await account.createSession({ userId, secret });
    assert.equal(session.userId, userId);
    assert.equal(session.provider, 'mock');
    const person = withSession(backend, session.secret);
    assert.equal((await person.account.get()).$id, userId);
    const { identities } = await person.account.listIdentities();
    assert.deepEqual(identities.map(({ provider }) => provider), ['mock']);
    await refused(account.createSession({ userId, secret }), 401, 'user_invalid_token');
  });

  test('signs in the same user again', async () => {
    const [one, two] = [await choose(backend, await start(), /^allow/i), await choose(backend, await start(), /^allow/i)];
    assert.equal(one.searchParams.get('userId'), two.searchParams.get('userId'));
  });

  test('redirects denied sign-ins to the failure page with the reason', async () => {
    const failed = await choose(backend, await start(), /^deny/i);
    assert.deepEqual([failed.pathname, failed.searchParams.get('state')], ['/oauth/failed', 'nonce']);
    const error = JSON.parse(failed.searchParams.get('error'));
    assert.deepEqual(Object.keys(error).sort(), ['code', 'message', 'type']);
    assert.match(error.type, /^user_oauth2_/);
  });

  test('redirects only to platforms of the project', async () => {
    await assert.rejects(account.createOAuth2Token({ provider: 'mock', success: 'https://evil.example/', failure: FAILURE }), { code: 400 });
    await assert.rejects(account.createOAuth2Token({ provider: 'mock', success: SUCCESS, failure: 'https://evil.example/' }), { code: 400 });
  });

  test('is refused for a disabled or unknown provider', async () => {
    await assert.rejects(account.createOAuth2Token({ provider: 'github', success: SUCCESS, failure: FAILURE }), { code: 412 });
    await assert.rejects(account.createOAuth2Token({ provider: 'nobody', success: SUCCESS, failure: FAILURE }), { code: 400 });
  });
});
