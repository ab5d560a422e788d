// Starts the servers and the load test of the relay, and exits with its status. On Linux, the app has one core of its
// own; Appwrite and the load share the others.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { program } from '../support/programs.js';
import { API_KEY, App, Backend, freePort } from '../support/servers.js';
import { onOtherCores, onOwnCore, othersCores, pinned } from './cores.js';

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
  const load = [program('relay-load'), '--app', app.origin, '--app-process', app.process, '--appwrite', backend.endpoint, '--api-key', API_KEY];
  const [command, ...args] = pinned([...load, ...process.argv.slice(2)], othersCores);
  // Runs in parallel: a server whose output nobody reads blocks.
  const [code] = await once(spawn(command, args.map(String), { stdio: 'inherit' }), 'exit');
  process.exitCode = code ?? 1;
} finally {
  await app.dispose();
  await backend.dispose();
}
