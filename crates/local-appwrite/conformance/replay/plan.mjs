// The recordings to replay, in order, and the parts that they lack: requests of shortened loops, and values that
// the recorded client did not get from a response (an email, an authenticator).

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { decodeJwt } from '../harness/compare.mjs';
import { totp } from '../harness/totp.mjs';
import { until, untilInstant } from '../harness/until.mjs';

/**
 * The recorded runs: each began with an empty project, and its files build on each other in this order.
 * `isCounted`: requests were counted against their limits (this was off for the other runs, so `x-ratelimit-remaining`
 * never decreased there).
 */
export const RUNS = [
  {
    name: 'accounts, sessions and tokens',
    isCounted: false,
    files: ['account-create', 'sessions-email', 'account-get', 'jwt', 'sessions', 'profile', 'anonymous', 'tokens', 'recovery-verification'],
  },
  { name: 'verification, second factors and rows', isCounted: false, files: ['verification', 'mfa', 'tables', 'rows', 'misc'] },
  { name: 'rate limits', isCounted: true, files: ['rate-limits'] },
];

/** The content of a recording file. */
export function recording(file) {
  return JSON.parse(readFileSync(new URL(`../recordings/${file}.json`, import.meta.url), 'utf8'));
}

/** The earliest time (ms) in a run's responses, which is its start. */
export function startOf(files) {
  const created = /"\$createdAt":\s*"([^"]+)"/g;
  const instants = files.flatMap((file) => [...JSON.stringify(recording(file)).matchAll(created)].map((match) => Date.parse(match[1])));
  return Math.min(...instants);
}

const named = (exchanges, name) => exchanges.find((entry) => entry.name === name);

// The recording omits most requests of a loop. Sends them again.
async function repeat(replay, exchange, times, change = (request) => request) {
  let answer;
  for (let turn = 0; turn < times; turn += 1) answer = await replay.send(change(structuredClone(exchange.request), turn));
  return answer;
}

/** The actions right before an exchange, by `file#name`. */
export const BEFORE = {
  'jwt#expired jwt': async (replay, exchanges) => {
    const jwt = replay.correspondence.liveOf(named(exchanges, 'duration 1').response.body.jwt);
    await untilInstant((decodeJwt(jwt).payload.exp + 1) * 1000);
  },
  'sessions#list after eleven': async (replay, exchanges) => {
    const answer = await repeat(replay, named(exchanges, 'limit 0'), 10);
    const recorded = named(exchanges, 'list after eleven').request.headers['X-Appwrite-Session'];
    replay.correspondence.bind(recorded, answer.body.secret);
  },
  'rows#bad id': async (replay, exchanges) => {
    const request = structuredClone(named(exchanges, 'date only').request);
    request.body.data = { name: 'x', birthday: 'tomorrow' };
    const answer = await replay.send(request);
    assert.equal(answer.status, 201, `a row with the birthday "tomorrow": ${JSON.stringify(answer.body)}`);
    const midnight = (instant) => new Date(Math.floor(instant / 86_400_000 + 1) * 86_400_000).toISOString().replace('Z', '+00:00');
    assert.ok(
      [midnight(answer.before), midnight(answer.after)].includes(answer.body.birthday),
      `the birthday "tomorrow" is the next midnight, not ${answer.body.birthday}`,
    );
    const listed = named(exchanges, 'order limit').response.body.rows.find((row) => row.name === 'x');
    replay.correspondence.bind(listed.birthday, answer.body.birthday);
  },
  'rate-limits#email session without key, wrong password 9': (replay, exchanges) =>
    repeat(replay, named(exchanges, 'email session without key, wrong password 0'), 7),
  'rate-limits#recovery without key 9': (replay, exchanges) => repeat(replay, named(exchanges, 'recovery without key 0'), 7),
  'rate-limits#recovery without key 11': (replay, exchanges) => repeat(replay, named(exchanges, 'recovery without key 0'), 1),
  'rate-limits#extend session 9': (replay, exchanges) => repeat(replay, named(exchanges, 'extend session 0'), 7),
  'rate-limits#sign-up without key 9': (replay, exchanges) =>
    repeat(replay, named(exchanges, 'sign-up without key 0'), 7, (request, turn) => {
      request.body.email = request.body.email.replace(/^r0/, `r${turn + 2}`);
      return request;
    }),
};

const withTotp = (request, replay) => {
  const secret = replay.correspondence.liveOf(named(recording('mfa'), 'create totp').response.body.secret);
  return { ...request, body: { ...request.body, otp: totp(secret) } };
};

/** Changes to the recorded request, by `file#name`. */
export const REQUEST = {
  'mfa#confirm ok': withTotp,
  'mfa#answer ok': withTotp,
};

const newestMail = (replay, subject) =>
  until(`a mail "${subject}"`, async () => (await replay.backend.outbox()).filter((mail) => mail.subject === subject).at(-1), 5_000);

const linksOf = (mail) => [...mail.html.matchAll(/href="([^"]+)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));

async function mailWithLink(replay, entry) {
  const mail = await newestMail(replay, entry.subject);
  const [recorded] = entry.links.filter((link) => link.includes('secret='));
  const [live] = linksOf(mail).filter((link) => link.includes('secret='));
  replay.correspondence.promise(recorded);
  return replay.correspondence.compare(recorded, live, 'link');
}

async function mailWithCode(replay, entry) {
  const mail = await newestMail(replay, entry.subject);
  const [recorded] = entry.text.match(/\b\d{6}\b/);
  const code = mail.text.match(/\b\d{6}\b/)?.[0];
  if (!code) return [`text: expected a code of six digits, got ${JSON.stringify(mail.text)}`];
  const known = replay.correspondence.liveOf(recorded);
  replay.correspondence.bind(recorded, code);
  return known !== undefined && known !== code ? [`text: expected the code ${known} of the answer, got ${code}`] : [];
}

/** Entries of a recording that are not exchanges, by `file#name`: each returns its differences. */
export const OTHER = {
  'jwt#claims': async (replay, entry, exchanges) => {
    const { header, payload } = decodeJwt(replay.correspondence.liveOf(named(exchanges, 'ok default').response.body.jwt));
    const { exp, ...claims } = entry.payload;
    const { exp: liveExp, ...liveClaims } = payload;
    assert.equal(typeof liveExp, typeof exp);
    return [...replay.correspondence.compare(entry.header, header, 'header'), ...replay.correspondence.compare(claims, liveClaims, 'payload')];
  },
  'tokens#magic url mail': mailWithLink,
  'tokens#email otp mail': mailWithCode,
  'recovery-verification#recovery mail': mailWithLink,
  'verification#mail': mailWithLink,
  'mfa#email factor mail': mailWithCode,
};
