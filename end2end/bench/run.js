// Starts the servers and the load test of the relay: with 1,000 and with 5,000 connections, or once with the given numbers. On Linux, the
// app has one core of its own; Appwrite and the load share the others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../support/programs.js';
import { API_KEY, App, Backend, freePort } from '../support/servers.js';
import { onOtherCores, onOwnCore, othersCores, pinned } from './cores.js';
import { save } from './results.js';

const RUNS = [
  { connections: 1000, writes: 50, pause: 200 },
  { connections: 5000, writes: 15, pause: 1500 },
];

const own = process.argv.slice(2);
if (own.length > 0) await load(own);
else {
  const columns = [];
  for (const run of RUNS) columns.push(figuresOf(await load(Object.entries(run).flatMap(([name, value]) => [`--${name}`, value]))));
  const names = [...columns[0].keys()];
  save('relay', {
    head: ['', ...RUNS.map(({ connections, writes, pause }) => `${connections} connections, ${writes} rows, one each ${pause} ms`)],
    rows: names.map((name) => [name, ...columns.map((figures) => figures.get(name) ?? '')]),
  });
}

/** Runs the load test with these arguments, and returns what it prints. */
async function load(args) {
  const backend = await Backend.start();
  const port = await freePort();
  const app = await App.start({
    backend,
    port,
    env: {
      LEPTOS_ENV: 'PROD',
      APP_ORIGIN: `http://localhost:${port}`,
      REALTIME: 'relay',
      // The load sends the addresses of many clients in `X-Forwarded-For`.
      TRUSTED_PROXIES: '127.0.0.1/32',
      TOKIO_WORKER_THREADS: '1',
    },
  });
  try {
    onOwnCore(app.process);
    onOtherCores(backend.process);
    const all = [program('relay-load'), '--app', app.origin, '--app-process', app.process, '--appwrite', backend.endpoint, '--api-key', API_KEY, ...args];
    const [command, ...rest] = pinned(all, othersCores);
    // Runs in parallel: a server whose output nobody reads blocks.
    const child = spawn(command, rest.map(String), { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      process.stdout.write(chunk);
      text += chunk;
    });
    const [code] = await once(child, 'close');
    if (code !== 0) throw new Error(`the load test ended with ${code}`);
    return text;
  } finally {
    await app.dispose();
    await backend.dispose();
  }
}

/** The figures by name, from lines like `  opened in              3.1 s`. */
function figuresOf(text) {
  return new Map([...text.matchAll(/^ {2}(\S.*?) {2,}(\S.*)$/gm)].map(([, name, figure]) => [name, figure.replace(/ +/g, ' ')]));
}
