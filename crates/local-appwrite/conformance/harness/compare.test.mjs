// Tests of the comparison: recordings match themselves, and relevant changes are detected.

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { recording } from '../replay/plan.mjs';
import { Correspondence, decodeJwt } from './compare.mjs';

const START = Date.parse('2026-11-21T06:49:14.000+00:00');
const fresh = () => new Correspondence(START, START);

function asAnswer({ status, headers, body }, lifetimeOf) {
  const live = { status, headers: { ...headers }, body: structuredClone(body), before: START, after: START };
  if (headers['set-cookie']) live.headers['set-cookie'] = headers['set-cookie'].split(/, (?=a_session_)/);
  if (headers['x-ratelimit-reset']) live.before = live.after = Number(headers['x-ratelimit-reset']) * 1000 - 1000;
  if (body?.jwt) live.before = live.after = (decodeJwt(body.jwt).payload.exp - lifetimeOf) * 1000;
  return live;
}

describe('the comparison', () => {
  for (const file of readdirSync(new URL('../recordings', import.meta.url)).map((name) => name.replace('.json', ''))) {
    if (file === 'realtime') continue;
    test(`finds no difference between ${file}.json and itself`, () => {
      const correspondence = fresh();
      for (const entry of recording(file).filter((item) => item.request)) {
        const live = asAnswer(entry.response, entry.request.body?.duration ?? 900);
        if (entry.response.body?.jwt) delete entry.response.headers['x-ratelimit-reset'], delete live.headers['x-ratelimit-reset'];
        assert.deepEqual(correspondence.compareExchange(entry, live, { isCounted: true }), [], entry.name);
      }
    });
  }

  const [signUp] = recording('account-create');
  const [signIn] = recording('sessions-email');
  const differencesOf = (entry, change) => {
    const live = asAnswer(entry.response);
    change(live);
    return fresh().compareExchange(entry, live, { isCounted: true }).join('\n');
  };
  const noticed = [
    ['another status', signUp, (live) => { live.status = 200; }, /^status: expected 201/],
    ['a missing key', signUp, (live) => { delete live.body.labels; }, /^body\.labels: expected \[\], got nothing/],
    ['a key too many', signUp, (live) => { live.body.extra = 1; }, /^body\.extra: expected nothing, got 1/],
    ['another kind', signUp, (live) => { live.body.prefs = []; }, /^body\.prefs: expected \{\} \(object\), got \[\] \(array\)/],
    ['another value', signUp, (live) => { live.body.name = 'Bob'; }, /^body\.name: expected "Ann", got "Bob"/],
    ['an id of another form', signUp, (live) => { live.body.$id = 'short'; }, /^body\.\$id: expected an id of 20 hex characters/],
    ['a date of another form', signUp, (live) => { live.body.$createdAt = '2026-11-21T06:49:14Z'; }, /^body\.\$createdAt: expected a date like/],
    ['ids that do not agree', signUp, (live) => { live.body.targets[0].userId = '0'.repeat(20); }, /^body\.targets\[0\]\.userId: expected "6b013eead5da1434bc67"/],
    ['an update at another instant than the creation', signUp, (live) => { live.body.$updatedAt = '2026-11-21T06:49:14.900+00:00'; }, /^body\.\$updatedAt: expected the same instant/],
    ['another lifetime', signIn, (live) => { live.body.expire = '2026-11-22T06:49:17.065+00:00'; }, /^body\.expire: expected about 2027-11-21T06:49:17/],
    ['a missing header', signUp, (live) => { delete live.headers['x-ratelimit-limit']; }, /^header x-ratelimit-limit: expected "10", got nothing/],
    ['a header too many', signUp, (live) => { live.headers['cache-control'] = 'no-store'; }, /^header cache-control: expected nothing, got "no-store"/],
    ['another content type', signUp, (live) => { live.headers['content-type'] = 'application/json'; }, /^header content-type/],
    ['a limit that leaves less', signUp, (live) => { live.headers['x-ratelimit-remaining'] = '8'; }, /^header x-ratelimit-remaining: expected "9", got "8"/],
    ['a window off the clock', signUp, (live) => { live.headers['x-ratelimit-reset'] = '1795244399'; }, /^header x-ratelimit-reset: expected the end of the clock's current 3600 s/],
    ['a cookie attribute', signIn, (live) => { live.headers['set-cookie'][1] = live.headers['set-cookie'][1].replace('None', 'Lax'); }, /^header set-cookie\[1\]\[5\]: expected "SameSite=None", got "SameSite=Lax"/],
    ['a secret without its user', signIn, (live) => { live.body.secret = Buffer.from('{"secret":"ab"}').toString('base64'); }, /^body\.secret/],
  ];
  for (const [what, entry, change, pattern] of noticed) {
    test(`notices ${what}`, () => assert.match(differencesOf(entry, change), pattern));
  }

  test('replaces recorded ids with live ones and never guesses', () => {
    const correspondence = fresh();
    const id = signUp.response.body.$id;
    correspondence.promise(signUp.response.body);
    assert.throws(() => correspondence.translate(`/users/${id}`), /no live counterpart/);
    correspondence.compare(id, 'a'.repeat(20));
    assert.equal(correspondence.translate(`/users/${id}`), `/users/${'a'.repeat(20)}`);
    assert.equal(correspondence.translate(`read("user:${id}")`), `read("user:${'a'.repeat(20)}")`);
  });

  test('alters a live JWT as the recording altered its own', () => {
    const [good, , , , , , , , bad] = recording('jwt');
    const correspondence = fresh();
    correspondence.bind(good.response.body.jwt, 'eyJa.eyJb.signature');
    assert.equal(correspondence.translate(bad.request.headers['X-Appwrite-JWT']), 'eyJa.eyJb.signatabc');
  });
});
