// Measures if response times reveal who has an account: 200 responses for addresses with an account and 200 without,
// per sign-in method and delay to Appwrite, compared by a rank test (Mann-Whitney). A p of 0.01 or less occurs by
// chance in one run of a hundred. If it recurs, with a share far from one half, it is a leak. `--delays 0,495` and
// `--methods sign-in,code` measure only these; `--at-once 8` sends more requests at a time.
import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { App, Backend } from '../support/servers.js';
import { SlowNetwork } from '../support/slow-network.js';
import { postForm } from '../support/wire.js';
import { ms, quantile } from './figures.js';

const SAMPLE = 200;
const { values: chosen } = parseArgs({
  options: {
    delays: { type: 'string', default: '0,250,485,495,900' },
    methods: { type: 'string', default: 'sign-in,recovery,link,code' },
    'at-once': { type: 'string', default: '4' },
  },
});
/** Concurrent requests. Only a few, because waiting for a core would hide a difference. */
const AT_ONCE = Number(chosen['at-once']);
const PASSWORD = 'a password of nobody';

const METHODS = [
  { name: 'sign-in', path: '/actions/sign_in', fields: (email) => ({ email, password: PASSWORD }) },
  { name: 'recovery', path: '/actions/ask_recovery', fields: (email) => ({ email }) },
  { name: 'link', path: '/actions/ask_for_proof', fields: (address) => ({ proof: 'magic_link', address }) },
  { name: 'code', path: '/actions/ask_for_proof', fields: (address) => ({ proof: 'email_code', address }) },
];

const backend = await Backend.start();
try {
  console.log(`Who has an account: ${SAMPLE} answers with one, ${SAMPLE} without`);
  console.log('upstream             with, median   without, median   share in which "with" is slower       p');
  for (const delay of chosen.delays.split(',').map(Number)) await measureAt(delay);
} finally {
  await backend.dispose();
}

/** Measures all methods with this delay to Appwrite, in milliseconds. */
async function measureAt(delay) {
  const slow = await SlowNetwork.start(backend.port, delay);
  const app = await App.start({
    backend,
    // Each request has another client address, so that limits per address do not apply.
    env: { TRUSTED_PROXIES: '127.0.0.1/32,::1/128', APPWRITE_ENDPOINT: slow.endpoint },
  });
  try {
    for (const method of METHODS.filter(({ name }) => chosen.methods.split(',').includes(name))) report(delay, method, await measure(app, method));
  } finally {
    await app.dispose();
    await slow.stop();
  }
}

async function measure(app, { path, fields }) {
  const questions = [];
  for (let at = 0; at < SAMPLE; at++) {
    const [known, unknown] = [newAddress(), newAddress()];
    await signUp(known);
    questions.push({ email: known, isKnown: true, turn: Math.random() }, { email: unknown, isKnown: false, turn: Math.random() });
  }
  questions.sort((one, other) => one.turn - other.turn);
  const times = { known: [], unknown: [] };
  let outcome;
  const ask = async () => {
    for (let next = questions.pop(); next; next = questions.pop()) {
      const sent = performance.now();
      const { status } = await postForm(app.origin, path, fields(next.email), { 'x-forwarded-for': clientAddress() });
      times[next.isKnown ? 'known' : 'unknown'].push(performance.now() - sent);
      outcome ??= status;
      if (status !== outcome) throw new Error(`${path} answered ${status}, and ${outcome} before`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return times;
}

function report(delay, { name }, { known, unknown }) {
  const { share, p } = compare(known, unknown);
  const cells = [`${delay} ms`.padEnd(10), name.padEnd(8), ms(quantile(known, 0.5)).padStart(15), ms(quantile(unknown, 0.5)).padStart(18), share.toFixed(3).padStart(36), p.toFixed(3).padStart(8)];
  console.log(cells.join(''));
}

/**
 * The rank test: the share of pairs in which `a` is larger than `b`, and the probability of a share as far from one half
 * by chance.
 */
function compare(a, b) {
  let wins = 0;
  for (const x of a) for (const y of b) wins += x > y ? 1 : x === y ? 0.5 : 0;
  const pairs = a.length * b.length;
  const deviation = Math.sqrt((pairs * (a.length + b.length + 1)) / 12);
  return { share: wins / pairs, p: 2 * upperTail(Math.abs(wins - pairs / 2) / deviation) };
}

/** The part of a normal distribution beyond `z`, by Simpson's rule. */
function upperTail(z) {
  const [steps, end] = [1000, Math.max(z + 1, 10)];
  const width = (end - z) / steps;
  let sum = 0;
  for (let at = 0; at <= steps; at++) {
    const weight = at === 0 || at === steps ? 1 : at % 2 ? 4 : 2;
    sum += weight * Math.exp(-((z + at * width) ** 2) / 2);
  }
  return (sum * width) / 3 / Math.sqrt(2 * Math.PI);
}

function newAddress() {
  return `ada.${randomUUID()}@example.org`;
}

async function signUp(email) {
  const { status } = await backend.call('POST', '/account', { body: { userId: randomUUID(), email, password: `not ${PASSWORD}` } });
  if (status !== 201) throw new Error(`the backend answered ${status} to a sign-up`);
}

function clientAddress() {
  const part = () => Math.floor(Math.random() * 256);
  return `10.${part()}.${part()}.${part()}`;
}
