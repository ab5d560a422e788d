// Starts, stops, kills and restarts the two programs under test, each with its own port and data folder.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hashList, outputName, profile, program, siteFolder } from './programs.js';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 15_000;

export const PROJECT_ID = 'demo';
/** A key with all scopes, for the tests' own requests. */
export const API_KEY = 'key-of-the-browser-tests';
/** The app's key, with the scopes that it needs. */
export const APP_KEY = 'key-of-the-app-under-test';

/** A program that prints a line when it is ready. */
export class Server {
  #command;
  #args;
  #env;
  #ready;
  #process;
  /** Its output on both streams, from all its starts. */
  log = '';

  constructor({ command, args = [], env = {}, ready }) {
    this.#command = command;
    this.#args = args;
    this.#env = env;
    this.#ready = ready;
  }

  /** Starts it and returns the match of `ready`. Fails with the log if it exits first or is not ready in time. */
  async start() {
    const from = this.log.length;
    this.#process = spawn(this.#command, this.#args, { env: { ...quietEnvironment(), ...this.#env } });
    const started = this.#process;
    return new Promise((resolve, reject) => {
      const giveUp = (why) => {
        clearTimeout(timer);
        started.kill('SIGKILL');
        reject(new Error(`${this.#command} ${why}. It wrote:\n${this.log.slice(from)}`));
      };
      const timer = setTimeout(() => giveUp(`was not ready within ${START_LIMIT_MS / 1000} s`), START_LIMIT_MS);
      const ended = (code, signal) => giveUp(`ended with ${signal ?? code} before it was ready`);
      const read = (chunk) => {
        this.log += chunk;
        const match = this.#ready.exec(this.log.slice(from));
        if (!match) return;
        clearTimeout(timer);
        started.off('exit', ended);
        resolve(match);
      };
      started.stdout.setEncoding('utf8').on('data', read);
      started.stderr.setEncoding('utf8').on('data', read);
      started.once('error', (error) => giveUp(`could not be started: ${error.message}`));
      started.once('exit', ended);
    });
  }

  /** Its process id while it runs. */
  get process() {
    return this.#process?.pid;
  }

  /** Runs it until it exits, for configurations that it must refuse. */
  async runToEnd() {
    const child = spawn(this.#command, this.#args, { env: { ...quietEnvironment(), ...this.#env } });
    const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    child.stdout.setEncoding('utf8').on('data', (chunk) => (this.log += chunk));
    child.stderr.setEncoding('utf8').on('data', (chunk) => (this.log += chunk));
    const [code, signal] = await once(child, 'close');
    clearTimeout(timer);
    return { code, signal, log: this.log };
  }

  /** Stops it like an operator, waits for the exit, and returns its exit code. */
  async stop() {
    return this.#end('SIGTERM');
  }

  /** Kills it like a crash, without cleanup. */
  async kill() {
    await this.#end('SIGKILL');
  }

  async #end(signal) {
    const running = this.#process;
    this.#process = undefined;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, 'exit');
    running.kill(signal);
    const timer = setTimeout(() => running.kill('SIGKILL'), STOP_LIMIT_MS);
    const [code, by] = await gone;
    clearTimeout(timer);
    if (signal === 'SIGTERM' && by === 'SIGKILL') {
      throw new Error(`${this.#command} did not end within ${STOP_LIMIT_MS / 1000} s of SIGTERM. It wrote:\n${this.log}`);
    }
    return code;
  }
}

/** The local backend as a separate program. */
export class Backend extends Server {
  #folder;
  port;

  /** `options.port`: 0 for a free one. `options.args`: further arguments. */
  static async start({ port, args = [], env = {} } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'local-appwrite-'));
    const chosen = port ?? (await freePort());
    const backend = new Backend({
      command: program('local-appwrite'),
      args: ['--listen', `127.0.0.1:${chosen}`, '--data', folder, '--api-key', API_KEY, '--api-key', `${APP_KEY}=sessions.write,users.read,users.write`, ...args],
      env,
      ready: /local-appwrite listening on (http:\S+\/v1)/,
    });
    backend.#folder = folder;
    backend.port = chosen;
    await backend.start();
    await createTables({ APPWRITE_ENDPOINT: backend.endpoint, APPWRITE_PROJECT_ID: PROJECT_ID, APPWRITE_API_KEY: API_KEY });
    return backend;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  /** Calls the backend like any Appwrite client, with a session's secret, or else the API key. */
  async call(method, path, { session, body } = {}) {
    const headers = { 'x-appwrite-project': PROJECT_ID };
    if (session) headers['x-appwrite-session'] = session;
    else headers['x-appwrite-key'] = API_KEY;
    if (body !== undefined) headers['content-type'] = 'application/json';
    const answer = await fetch(this.endpoint + path, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : undefined };
  }

  /** Moves its clock forward. */
  async passTime(seconds) {
    const { status } = await this.call('POST', '/../local/clock', { body: { seconds } });
    if (status !== 200) throw new Error(`The clock did not move: ${status}`);
  }

  /** The page with the emails and text messages that it kept. */
  get outbox() {
    return `http://127.0.0.1:${this.port}/outbox`;
  }

  /** The emails and text messages to this address or number, the newest last: `{ kind, subject, text, html }`. */
  async messagesTo(address) {
    const answer = await fetch(`${this.outbox}/messages`);
    return (await answer.json()).filter((message) => message.to === address);
  }

  async dispose() {
    await this.kill();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** Creates the app's tables like an operator. */
async function createTables(env) {
  const { code, log } = await new Server({ command: program('leptos-birthdays'), args: ['create-tables'], env, ready: /$^/ }).runToEnd();
  if (code !== 0) throw new Error(`The tables could not be created:\n${log}`);
}

/** The app. */
export class App extends Server {
  #folder;
  port;

  /** Uses this backend, or starts its own without one. `env` overrides the default environment. */
  static async start({ backend, env = {}, port } = {}) {
    const app = await App.prepare({ backend, env, port });
    await app.start();
    return app;
  }

  /** Creates an app like `start`, without starting it. */
  static async prepare({ backend, env = {}, port } = {}) {
    const folder = mkdtempSync(join(tmpdir(), 'leptos-birthdays-'));
    const chosen = port ?? (await freePort());
    const appwrite = backend
      ? { APPWRITE_ENDPOINT: backend.endpoint, APPWRITE_PROJECT_ID: PROJECT_ID, APPWRITE_API_KEY: APP_KEY, OAUTH_PROVIDERS: 'mock' }
      : { LOCAL_APPWRITE_LISTEN: '127.0.0.1:0', LOCAL_APPWRITE_DATA: folder };
    // All users in a test share one address.
    if (backend && env.LEPTOS_ENV !== 'PROD' && !env.APP_ORIGIN?.startsWith('https:')) appwrite.RELAXED_LIMITS = 'yes';
    const app = new App({
      command: program('leptos-birthdays'),
      env: { ...leptosEnvironment(chosen), ...appwrite, ...env },
      ready: /^open (http\S+)/m,
    });
    app.#folder = folder;
    app.port = chosen;
    return app;
  }

  /** The host name that users open. To browsers, `localhost` and `127.0.0.1` are different sites. */
  get origin() {
    return `http://localhost:${this.port}`;
  }

  async dispose() {
    await this.kill();
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** A free loopback port. Restarts use it again, so that addresses stay the same. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

function leptosEnvironment(port) {
  const list = hashList();
  return {
    LEPTOS_OUTPUT_NAME: outputName,
    LEPTOS_SITE_ROOT: siteFolder,
    LEPTOS_SITE_PKG_DIR: 'pkg',
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    LEPTOS_ENV: 'DEV',
    ...(list && { LEPTOS_HASH_FILES: 'true', LEPTOS_HASH_FILE_NAME: list }),
  };
}

/** The tests' environment, without variables that configure the programs. */
function quietEnvironment() {
  const kept = Object.entries(process.env).filter(([name]) => !/^(LEPTOS_|APPWRITE_|LOCAL_APPWRITE_|APP_|OAUTH_|RELAXED_|RATE_LIMIT_|SESSION_|TRUSTED_|REALTIME|RUST_LOG)/.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1' };
}
