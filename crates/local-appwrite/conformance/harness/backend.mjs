// Starts the `local-appwrite` binary on its own port with a fresh data folder, and stops it again.

import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { exchange } from './http.mjs';
import { until } from './until.mjs';

const READY = /^local-appwrite listening on (http:\/\/\S+\/v1) \(project (\S+), profile (\S+)\)$/m;
const START_DEADLINE_MS = 30_000;
const STOP_DEADLINE_MS = 10_000;

/** A key with every scope, as `<API_KEY>` in the recordings. */
export const API_KEY = 'standard_conformance_all_scopes';
/** A key with the scope `sessions.write` only, as `<MIN_KEY>` in the recordings. */
export const MIN_KEY = 'standard_conformance_sessions_write';

/** The binary under test: `LOCAL_APPWRITE_BIN`, else the newest build in the workspace's `target`. */
export function binaryPath() {
  const named = process.env.LOCAL_APPWRITE_BIN;
  if (named) {
    const path = resolve(named);
    if (!existsSync(path)) throw new Error(`LOCAL_APPWRITE_BIN names ${path}, which does not exist`);
    return path;
  }
  const target = join(dirname(fileURLToPath(import.meta.url)), '../../../../target');
  const builds = ['debug', 'release']
    .map((kind) => join(target, kind, 'local-appwrite'))
    .filter((path) => existsSync(path))
    .sort((a, b) => statSync(b).mtimeMs - statSync(a).mtimeMs);
  if (builds.length === 0) {
    throw new Error('no local-appwrite binary: run `cargo build -p local-appwrite`, or name one in LOCAL_APPWRITE_BIN');
  }
  return builds[0];
}

// The caller's environment without variables that would configure the binary.
function plainEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(LOCAL_APPWRITE_|LEPTOS_)/.test(name)));
}

/** Runs the binary with arguments that it should refuse. Returns `{code, errors}` once it has exited. */
export function runBinary(args, environment = {}) {
  const child = spawn(binaryPath(), args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...plainEnvironment(), ...environment } });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text) => { errors += text; });
  return new Promise((done, fail) => {
    const deadline = setTimeout(() => {
      child.kill('SIGKILL');
      fail(new Error(`the binary accepted ${args.join(' ')}`));
    }, START_DEADLINE_MS);
    child.once('error', fail);
    child.once('close', (code) => {
      clearTimeout(deadline);
      done({ code, errors });
    });
  });
}

/**
 * Starts a backend and waits until it says that it listens.
 *
 * `profile` is the emulated version (`1.5`, `1.9` or `2`); `sessionDuration` is in seconds; `data` is a data folder
 * that the caller keeps and removes (default: a temporary one); `more` are further arguments.
 */
export async function startBackend({ profile = '1.9', platforms = [], sessionDuration, data, more = [] } = {}) {
  const directory = data ?? mkdtempSync(join(tmpdir(), 'local-appwrite-'));
  const args = ['--listen', '127.0.0.1:0', '--data', directory, '--profile', profile, '--project', 'demo'];
  args.push('--api-key', API_KEY, '--api-key', `${MIN_KEY}=sessions.write`);
  for (const host of platforms) args.push('--platform', host);
  if (sessionDuration !== undefined) args.push('--session-duration', String(sessionDuration));
  args.push(...more);

  const child = spawn(binaryPath(), args, { stdio: ['ignore', 'pipe', 'pipe'], env: plainEnvironment() });
  let output = '';
  let errors = '';
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  child.stderr.setEncoding('utf8').on('data', (text) => { errors = (errors + text).slice(-20_000); });

  const cleanUp = () => {
    if (!data) rmSync(directory, { recursive: true, force: true });
  };
  const stop = async (signal = 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      await exited;
      clearTimeout(deadline);
    }
    cleanUp();
    return exited;
  };

  const ready = await new Promise((done, fail) => {
    const deadline = setTimeout(
      () => fail(new Error(`the backend did not say that it listens within ${START_DEADLINE_MS} ms\n${output}${errors}`)),
      START_DEADLINE_MS,
    );
    child.once('error', fail);
    exited.then(({ code, signal }) => fail(new Error(`the backend ended at start (${code ?? signal})\n${output}${errors}`)));
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output = (output + text).slice(-20_000);
      const match = READY.exec(output);
      if (match) {
        clearTimeout(deadline);
        done({ endpoint: match[1], project: match[2], profile: match[3] });
      }
    });
  }).catch(async (error) => {
    await stop('SIGKILL');
    throw error;
  });

  const origin = new URL(ready.endpoint).origin;
  return {
    ...ready,
    data: directory,
    origin,
    realtimeEndpoint: ready.endpoint.replace(/^http/, 'ws'),
    /** Stops the backend (with SIGTERM by default), and returns `{code, signal}`. */
    stop,
    /** The backend's log so far. */
    log: () => errors,
    /** The emails and text messages that the backend kept, newest last. */
    async outbox() {
      const { status, body } = await exchange(origin, { method: 'GET', path: '/outbox/messages' });
      if (status !== 200) throw new Error(`GET /outbox/messages answered ${status}`);
      return Array.isArray(body) ? body : body.messages;
    },
  };
}

/** Waits for the newest message to `to` whose subject matches, and returns it. */
export function newestMessage(backend, to, subject = /^/) {
  return until(`a message to ${to}`, async () =>
    (await backend.outbox()).filter((message) => message.to === to && subject.test(message.subject ?? '')).at(-1));
}

/** The URL in a message that contains a secret. */
export function linkOf(message) {
  const addresses = [...message.html.matchAll(/href="([^"]+)"/g)].map((match) => match[1].replaceAll('&amp;', '&'));
  const link = addresses.find((address) => address.includes('secret='));
  if (!link) throw new Error(`no link with a secret in ${JSON.stringify(message.subject)}`);
  return new URL(link);
}

/** The 6-digit code in a message. */
export function codeOf(message) {
  const [code] = message.text.match(/\b\d{6}\b/) ?? [];
  if (!code) throw new Error(`no code of six digits in ${JSON.stringify(message.text)}`);
  return code;
}
