// Starts the servers and the load test of the relay, and exits with its status. On Linux, the app has one core of its
// own; Appwrite and the load share the others.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { program } from '../support/programs.js';
import { API_KEY, App, Backend, freePort } from '../support/servers.js';

const cores = availableParallelism();
const canPin = cores > 1 && spawnSync('taskset', ['--version']).status === 0;
const othersCores = cores > 2 ? `1-${cores - 1}` : '1';

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
  if (canPin) {
    pin(app.process, '0');
    pin(backend.process, othersCores);
  }
  const load = [program('relay-load'), '--app', app.origin, '--app-process', app.process, '--appwrite', backend.endpoint, '--api-key', API_KEY];
  const [command, ...args] = [...(canPin ? ['taskset', '--cpu-list', othersCores] : []), ...load, ...process.argv.slice(2)];
  // Runs in parallel: a server whose output nobody reads blocks.
  const [code] = await once(spawn(command, args.map(String), { stdio: 'inherit' }), 'exit');
  process.exitCode = code ?? 1;
} finally {
  await app.dispose();
  await backend.dispose();
}

/** Restricts all threads of a process to these cores. */
function pin(id, list) {
  const { status, stderr } = spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', list, String(id)]);
  if (status !== 0) throw new Error(`taskset: ${stderr}`);
}
