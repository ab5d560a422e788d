// Restarts two instances of the app in turn behind each proxy of deploy/, while clients load pages, send forms and hold relayed
// sockets. Fails if a request fails, a row is lost or written twice, or a socket needs more than five seconds to be live again.
// `node end2end/soak/rolling-restart.js [--proxies nginx,caddy] [--rounds 4] [--clients 16]`, on a release that is built.
import { Agent, request as send } from 'node:https';
import { parseArgs } from 'node:util';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { isInstalled, Proxy, proxyNames } from '../deploy/proxy.js';
import { App, Backend } from '../support/servers.js';
import { parseSetCookie, request as plainRequest } from '../support/wire.js';

const { values: chosen } = parseArgs({
  options: {
    proxies: { type: 'string', default: proxyNames.join(',') },
    rounds: { type: 'string', default: '4' },
    clients: { type: 'string', default: '16' },
  },
});
/** Appwrite accepts 60 rows per minute from a user. */
const BETWEEN_FORMS_MS = 1_200;
/** The load continues for this long with both instances: proxies ask for the health each second. */
const BETWEEN_RESTARTS_MS = 3_000;
const LIVE_AGAIN_LIMIT_MS = 5_000;
const PASSWORD = 'correct horse battery staple';
const ROWS = '/tablesdb/main/tables/birthdays/rows';

async function run(name) {
  const backend = await Backend.start();
  const proxy = await Proxy.prepare(name);
  const env = { LEPTOS_ENV: 'PROD', APP_ORIGIN: proxy.origin, REALTIME: 'relay', STOP_DELAY: '3s', TRUSTED_PROXIES: '127.0.0.1/32' };
  const apps = [await App.start({ backend, env }), await App.start({ backend, env })];
  const load = new Load(proxy);
  try {
    await proxy.start(apps.map(({ port }) => port));
    const { finished } = await load.start(Number(chosen.clients));
    const stops = [];
    for (let restart = 0; restart < Number(chosen.rounds) * 2; restart += 1) {
      await wait(BETWEEN_RESTARTS_MS);
      const app = apps[restart % 2];
      const from = performance.now();
      await app.stop();
      stops.push(performance.now() - from);
      await app.start();
      await isReady(app);
    }
    await wait(BETWEEN_RESTARTS_MS);
    load.stop();
    await finished;
    return report(name, load, stops, await namesOfRows(backend));
  } finally {
    load.stop();
    await proxy.dispose();
    for (const app of apps) await app.dispose();
    await backend.dispose();
  }
}

async function isReady({ origin }) {
  for (let tries = 0; (await plainRequest(origin, '/readyz').catch(() => ({}))).status !== 200; tries += 1) {
    if (tries > 100) throw new Error('an instance is not ready after its start');
    await wait(50);
  }
}

function report(name, load, stops, names) {
  const found = new Map();
  for (const row of names) found.set(row, (found.get(row) ?? 0) + 1);
  const lost = load.acknowledged.filter((row) => !found.has(row));
  const doubled = [...found].filter(([, count]) => count > 1);
  const late = load.gaps.filter((gap) => gap > LIVE_AGAIN_LIMIT_MS);
  const codes = Object.entries(countOf(load.closes)).map(([code, list]) => `${code}: ${list.length}`);
  const longest = (values) => (values.length ? `${Math.round(Math.max(...values))} ms` : 'none');
  console.log(`${name}: ${stops.length} restarts, ${load.answers} answers, ${load.acknowledged.length} rows, ${load.closes.length} closed sockets (${codes.join(', ')})`);
  console.log(`  failed requests ${load.failures.length}, lost rows ${lost.length}, doubled rows ${doubled.length}`);
  console.log(`  longest answer ${longest(load.delays)}, longest stop ${longest(stops)}, longest time until a socket is live again ${longest(load.gaps)}`);
  for (const [failure, list] of Object.entries(countOf(load.failures)).slice(0, 8)) console.log(`  ${list.length} × ${failure}`);
  return load.failures.length + lost.length + doubled.length + late.length === 0 && load.gaps.length > 0;
}

function countOf(values) {
  const groups = {};
  for (const value of values) (groups[value] ??= []).push(value);
  return groups;
}

async function namesOfRows(backend) {
  const names = [];
  for (let after; ; ) {
    const queries = [{ method: 'limit', values: [500] }, ...(after ? [{ method: 'cursorAfter', values: [after] }] : [])];
    const parameters = queries.map((query) => `queries[]=${encodeURIComponent(JSON.stringify(query))}`).join('&');
    const { body } = await backend.call('GET', `${ROWS}?${parameters}`);
    if (body.rows.length === 0) return names;
    names.push(...body.rows.map((row) => row.name));
    after = body.rows.at(-1).$id;
  }
}

/** Clients that load pages and send forms, each with a socket. Each has its own address, so that limits per address do not apply. */
class Load {
  #proxy;
  #isRunning = true;
  answers = 0;
  delays = [];
  failures = [];
  acknowledged = [];
  closes = [];
  gaps = [];

  constructor(proxy) {
    this.#proxy = proxy;
  }

  /** Signs the clients up, and returns once their sockets are live. `finished` settles after `stop`. */
  async start(count) {
    const clients = await Promise.all(Array.from({ length: count }, (_, number) => this.#signUp(number)));
    const sockets = await Promise.all(clients.map((client) => this.#connect(client)));
    const all = [...clients.map((client) => this.#visit(client)), ...sockets.map((socket, number) => this.#stayLive(clients[number], socket))];
    return { finished: Promise.all(all) };
  }

  stop() {
    this.#isRunning = false;
  }

  async #signUp(number) {
    const client = { number, localAddress: `127.0.1.${number + 1}`, agent: new Agent({ keepAlive: true, maxSockets: 2 }) };
    const fields = { name: 'Ada', email: `ada.${number}@example.org`, password: PASSWORD, page: '/signup' };
    const { status, setCookies, body } = await this.#post(client, '/actions/sign_up', fields);
    if (status !== 303) throw new Error(`the sign-up answered ${status}: ${body}`);
    client.cookie = setCookies.filter(({ attributes }) => attributes['max-age'] !== '0').map(({ name, value }) => `${name}=${value}`).join('; ');
    return client;
  }

  async #visit(client) {
    for (let row = 0; this.#isRunning; row += 1) {
      const name = `Row ${client.number} ${row}`;
      await this.#try('form', async () => {
        const { status, headers } = await this.#post(client, '/actions/add_birthday', { name, date: '1906-12-09', visibility: 'signed-in', page: '/birthdays' });
        if (status !== 303) return `form: ${status}`;
        if (headers.location !== '/birthdays') return `form: to ${headers.location}`;
        this.acknowledged.push(name);
      });
      for (const next = Date.now() + BETWEEN_FORMS_MS; this.#isRunning && Date.now() < next; await wait(50)) {
        await this.#try('page', async () => {
          const { status, body } = await this.#ask(client, '/birthdays');
          if (status !== 200) return `page: ${status}`;
          if (!body.includes('</main>')) return 'page: incomplete';
        });
      }
    }
    client.agent.destroy();
  }

  async #try(what, body) {
    const from = performance.now();
    const failure = await body().catch((error) => `${what}: ${error.code ?? error.message}`);
    this.delays.push(performance.now() - from);
    if (failure) this.failures.push(failure);
    else this.answers += 1;
  }

  async #stayLive(client, first) {
    for (let socket = first; ; ) {
      const code = await Promise.race([socket.closed, this.#ended()]);
      if (!this.#isRunning) return socket.terminate();
      this.closes.push(code);
      const from = performance.now();
      socket = undefined;
      while (this.#isRunning && !socket) {
        socket = await this.#connect(client).catch(() => undefined);
        if (!socket) await wait(100);
      }
      if (!socket) return;
      this.gaps.push(performance.now() - from);
    }
  }

  async #ended() {
    while (this.#isRunning) await wait(100);
  }

  /** A socket that is live. Its `closed` settles with the code. */
  #connect({ cookie, localAddress }) {
    const { origin, certificate } = this.#proxy;
    const address = `${origin.replace('https', 'wss')}/realtime?channels[]=account&channels[]=tablesdb.main.tables.birthdays.rows`;
    const socket = new WebSocket(address, { ca: certificate, headers: { cookie, origin }, localAddress, handshakeTimeout: 5_000 });
    socket.closed = new Promise((resolve) => socket.on('close', resolve));
    return new Promise((resolve, reject) => {
      socket.on('error', reject).on('close', (code) => reject(new Error(`closed with ${code}`)));
      socket.on('message', (data) => String(data).includes('"type":"connected"') && resolve(socket));
    });
  }

  #post(client, path, fields) {
    const body = new URLSearchParams(fields).toString();
    const { origin } = this.#proxy;
    const headers = { 'content-type': 'application/x-www-form-urlencoded', origin, 'sec-fetch-site': 'same-origin', 'content-length': Buffer.byteLength(body) };
    return this.#ask(client, path, { method: 'POST', body, headers });
  }

  #ask({ cookie, localAddress, agent }, path, { body, headers, ...options } = {}) {
    const { origin, certificate: ca } = this.#proxy;
    const own = { accept: 'text/html', ...(cookie ? { cookie } : {}) };
    return new Promise((resolve, reject) => {
      const outgoing = send(origin + path, { ca, agent, localAddress, family: 4, headers: { ...own, ...headers }, ...options }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk) => (text += chunk));
        answer.on('error', reject);
        answer.on('end', () => resolve({ status: answer.statusCode, headers: answer.headers, setCookies: (answer.headers['set-cookie'] ?? []).map(parseSetCookie), body: text }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }
}

for (const name of chosen.proxies.split(',')) {
  if (!isInstalled(name)) console.log(`${name}: not installed`);
  else if (!(await run(name))) process.exitCode = 1;
}
