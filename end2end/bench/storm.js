// An event storm: 200 changes of rows within a second, while 500 pages of 50 users are open. Each page is a relayed socket
// that fetches at most twice a second, and never twice at the same time, as the app's own pages do. Measures the calls to the server, and the time until
// the last change is in each page's list. A second table has the time of the app's start, and its memory before and after.
import { Agent, request as send } from 'node:http';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { App, Backend, freePort } from '../support/servers.js';
import { request } from '../support/wire.js';
import { onOtherCores, onOwnCore } from './cores.js';
import { quantile } from './figures.js';
import { residentMemory } from './memory.js';
import { save } from './results.js';

const { values: chosen } = parseArgs({ options: { pages: { type: 'string', default: '500' }, changes: { type: 'string', default: '200' } } });
const [PAGES, CHANGES] = [Number(chosen.pages), Number(chosen.changes)];
const PEOPLE = 50;
const STARTS = 5;
const BETWEEN_FETCHES_MS = 500;
const LIMIT_MS = 60_000;
const PASSWORD = 'correct horse battery staple';
const ROWS = '/tablesdb/main/tables/birthdays/rows';

/** A page: its socket and the state of its list. */
class Page {
  #person;
  #origin;
  #last;
  #isFetching = false;
  #isStale = false;
  #latest = -Infinity;
  fetches = 0;
  /** Settles when the page no longer fetches. */
  fetching = Promise.resolve();
  failures = 0;
  /** Settles when the page's list shows the last change. */
  settled = new Promise((resolve) => (this.settle = resolve));

  constructor(person, origin, last) {
    [this.#person, this.#origin, this.#last] = [person, origin, last];
  }

  async open() {
    const { cookie, address } = this.#person;
    const channels = ['account', 'tablesdb.main.tables.birthdays.rows'].map((channel) => `channels[]=${channel}`).join('&');
    this.socket = new WebSocket(`${this.#origin.replace('http', 'ws')}/realtime?${channels}`, { headers: { cookie, origin: this.#origin, 'x-forwarded-for': address } });
    await new Promise((resolve, reject) => {
      this.socket.on('error', reject);
      this.socket.on('message', (data) => {
        const text = data.toString();
        if (text.includes('"type":"connected"')) resolve();
        else if (text.includes('"type":"event"')) this.#event();
      });
    });
  }

  #event() {
    this.#isStale = true;
    if (!this.#isFetching) this.fetching = this.#fetch();
  }

  async #fetch() {
    this.#isFetching = true;
    while (this.#isStale) {
      const pause = this.#latest + BETWEEN_FETCHES_MS - performance.now();
      if (pause > 0) await wait(pause);
      this.#isStale = false;
      this.#latest = performance.now();
      this.fetches += 1;
      const { status, body } = await list(this.#person, this.#origin);
      if (status !== 200) {
        this.failures += 1;
        this.#isStale = true;
      } else if (body.includes(this.#last)) this.settle(performance.now());
    }
    this.#isFetching = false;
  }
}

const starts = [];
const backend = await Backend.start();
const port = await freePort();
const app = await App.prepare({
  backend,
  port,
  env: { LEPTOS_ENV: 'PROD', APP_ORIGIN: `http://localhost:${port}`, REALTIME: 'relay', TRUSTED_PROXIES: '127.0.0.1/32', TOKIO_WORKER_THREADS: '1' },
});
const agent = new Agent({ keepAlive: true, maxSockets: 128 });
try {
  for (let start = 0; start < STARTS; start += 1) {
    if (start > 0) await app.stop();
    starts.push(await startOf(app));
  }
  const idle = residentMemory(app.process);
  onOwnCore(app.process);
  onOtherCores(backend.process);
  const people = await Promise.all(Array.from({ length: PEOPLE }, (_, number) => signIn(number)));
  const row = await backend.call('POST', ROWS, { body: { rowId: 'storm', data: { name: 'Storm', birthday: '1906-12-09T00:00:00.000+00:00' }, permissions: ['read("users")'] } });
  if (row.status !== 201) throw new Error(`the row was not created: ${JSON.stringify(row.body)}`);
  const pages = Array.from({ length: PAGES }, (_, number) => new Page(people[number % PEOPLE], app.origin, `Storm ${CHANGES - 1}.`));
  for (let next = 0; next < PAGES; next += 25) await Promise.all(pages.slice(next, next + 25).map((page) => page.open()));
  const open = residentMemory(app.process);

  const from = performance.now();
  let last;
  for (let change = 0; change < CHANGES; change += 1) {
    const { status } = await backend.call('PATCH', `${ROWS}/storm`, { body: { data: { name: `Storm ${change}.` } } });
    if (status !== 200) throw new Error(`a change answered ${status}`);
    last = performance.now();
    await wait(from + ((change + 1) * 1000) / CHANGES - last);
  }
  const late = wait(LIMIT_MS, 'late', { ref: false });
  const ends = await Promise.race([Promise.all(pages.map(({ settled }) => settled)), late]);
  if (ends === 'late') throw new Error('some pages do not show the last change');
  const delays = ends.map((end) => end - last);
  const fetches = pages.reduce((sum, page) => sum + page.fetches, 0);
  const failures = pages.reduce((sum, page) => sum + page.failures, 0);
  for (const { socket } of pages) socket.terminate();
  await Promise.all(pages.map(({ fetching }) => fetching));
  save('storm', {
    head: [`${CHANGES} changes, ${PAGES} pages`, ''],
    rows: [
      ['the changes took', `${((last - from) / 1000).toFixed(1)} s`],
      ['fetches of all pages', fetches],
      ['fetches without the rule (one an event)', CHANGES * PAGES],
      ['refused fetches (tried again)', failures],
      ['last change in half of the lists after', `${(quantile(delays, 0.5) / 1000).toFixed(1)} s`],
      ['last change in all lists after', `${(Math.max(...delays) / 1000).toFixed(1)} s`],
    ],
  });
  save('start', {
    head: ['', ''],
    rows: [
      [`start until \`/readyz\` answers 200, median of ${STARTS}`, `${Math.round(quantile(starts, 0.5))} ms`],
      ['memory after the start', idle],
      [`with ${PAGES} relayed connections`, open],
      ['after the storm', residentMemory(app.process)],
    ],
  });
} finally {
  agent.destroy();
  await app.dispose();
  await backend.dispose();
}

/** The time from the start of the process until it is ready. */
async function startOf(server) {
  const from = performance.now();
  await server.start();
  while ((await request(server.origin, '/readyz').catch(() => ({}))).status !== 200) await wait(1);
  return performance.now() - from;
}

async function signIn(number) {
  const [email, address] = [`person.${number}@example.org`, `10.0.0.${number + 1}`];
  const made = await backend.call('POST', '/users', { body: { userId: 'unique()', email, password: PASSWORD, name: 'Person' } });
  if (made.status !== 201) throw new Error(`a user was not created: ${JSON.stringify(made.body)}`);
  const body = JSON.stringify({ email, password: PASSWORD });
  const answer = await request(app.origin, '/api/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin: app.origin, 'x-forwarded-for': address, 'content-length': Buffer.byteLength(body) },
    body,
  });
  const cookies = answer.setCookies.map(({ name, value }) => `${name}=${value}`);
  if (answer.status !== 200) throw new Error(`a sign-in answered ${answer.status}: ${answer.body}`);
  return { cookie: cookies.join('; '), address };
}

/** The request that a page's script sends. */
function list({ cookie, address }, origin) {
  return new Promise((resolve, reject) => {
    const headers = { host: `localhost:${port}`, origin, cookie, accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin', 'x-forwarded-for': address };
    const outgoing = send({ agent, host: '127.0.0.1', port, method: 'POST', path: '/actions/list_birthdays', headers }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (chunk) => (body += chunk)).on('error', reject);
      answer.on('end', () => resolve({ status: answer.statusCode, body }));
    });
    outgoing.on('error', reject);
    outgoing.end('');
  });
}
