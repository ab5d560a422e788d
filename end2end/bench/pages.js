// Pages a second and their delay: the app compared with a minimal server (benches/pages), in rounds that alternate. On
// Linux, the measured server has one core of its own; Appwrite's stand-in and the load share the others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../support/programs.js';
import { API_KEY, App, freePort, PROJECT_ID, Server } from '../support/servers.js';
import { onOwnCore, othersCores, pinned } from './cores.js';
import { quantile } from './figures.js';
import { residentMemory } from './memory.js';
import { save } from './results.js';

const ROUNDS = Number(process.env.ROUNDS ?? 3);
const SECONDS = 2;
const PAGES = [
  { page: 'public page', path: '/login', contains: '<form' },
  { page: 'signed-in page, 25 rows', path: '/birthdays', cookie: 'session=a2F5; signed-in=1', contains: 'Person number 24' },
];

const [appwritePort, floorPort, appPort] = [await freePort(), await freePort(), await freePort()];
const appwriteEndpoint = `http://127.0.0.1:${appwritePort}/v1`;
const appwrite = new Server({ command: program('page-appwrite'), args: ['--port', appwritePort].map(String), ready: /listening/ });
const floor = new Server({
  command: program('page-floor'),
  args: ['--port', floorPort, '--appwrite', appwriteEndpoint].map(String),
  ready: /listening/,
});
const app = await App.prepare({
  port: appPort,
  env: {
    LEPTOS_ENV: 'PROD',
    APP_ORIGIN: `http://localhost:${appPort}`,
    APPWRITE_ENDPOINT: appwriteEndpoint,
    APPWRITE_PROJECT_ID: PROJECT_ID,
    APPWRITE_API_KEY: API_KEY,
    TRUSTED_PROXIES: '127.0.0.1/32',
    TOKIO_WORKER_THREADS: '1',
  },
});
try {
  for (const server of [appwrite, floor, app]) await server.start();
  for (const server of [floor, app]) onOwnCore(server.process);
  const idle = residentMemory(app.process);
  const figures = new Map();
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const page of PAGES) {
      for (const [server, port] of [['floor', floorPort], ['app', appPort]]) {
        const key = `${page.page} ${server}`;
        figures.set(key, [...(figures.get(key) ?? []), await load(page, port)]);
      }
    }
  }
  print(figures, idle, residentMemory(app.process));
} finally {
  for (const server of [app, floor, appwrite]) await server.kill();
}

async function load({ path, cookie, contains }, port) {
  const args = ['--port', port, '--path', path, '--contains', contains, '--seconds', SECONDS, ...(cookie ? ['--cookie', cookie] : [])];
  const [command, ...rest] = pinned([program('page-load'), ...args.map(String)], othersCores);
  const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk) => (text += chunk));
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`${path}: the load ended with ${code}`);
  return JSON.parse(text);
}

function print(figures, idle, loaded) {
  const rows = PAGES.map(({ page }) => {
    const [ours, floors] = ['app', 'floor'].map((server) => {
      const rounds = figures.get(`${page} ${server}`);
      const median = (name) => quantile(rounds.map((round) => round[name]), 0.5);
      return { perSecond: median('perSecond'), p99: median('p99'), bytes: median('bytes') };
    });
    const line = ({ perSecond, p99, bytes }) => `${perSecond.toFixed(0)} /s, 99% in ${p99.toFixed(1)} ms, ${bytes} bytes`;
    return [page, (ours.perSecond / floors.perSecond).toFixed(2), line(ours), line(floors)];
  });
  save('pages', { head: [`medians of ${ROUNDS} rounds of ${SECONDS} s`, 'share of the floor', 'app', 'floor'], rows });
  console.log(`memory of the app: at its start ${idle}; after the load ${loaded}`);
}
