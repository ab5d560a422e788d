// The binary's start, and the settings that it refuses.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runBinary, startBackend } from '../harness/backend.mjs';
import { exchange } from '../harness/http.mjs';
import { Socket } from '../harness/socket.mjs';
import { within } from '../harness/until.mjs';
import { asAdmin } from './server.mjs';

describe('the binary', () => {
  for (const [profile, version] of [['2', /^2\./], ['1.9', /^1\.9\.6$/], ['1.5', /^1\.5\./]]) {
    test(`shows its version to everyone on profile ${profile}`, async () => {
      const backend = await startBackend({ profile });
      try {
        assert.equal(backend.profile, profile);
        const { status, body } = await exchange(backend.endpoint, { method: 'GET', path: '/health/version' });
        assert.deepEqual([status, Object.keys(body)], [200, ['version']]);
        assert.match(body.version, version);
      } finally {
        await backend.stop();
      }
    });
  }

  test('starts without a database', async () => {
    const backend = await startBackend({ profile: '2' });
    try {
      assert.equal((await asAdmin(backend).tables.list()).total, 0);
    } finally {
      await backend.stop();
    }
  });

  test('refuses a data folder in use', async () => {
    const backend = await startBackend();
    try {
      const { code, errors } = await runBinary(['--listen', '127.0.0.1:0', '--data', backend.data]);
      assert.notEqual(code, 0);
      assert.ok(errors.includes(backend.data), errors);
    } finally {
      await backend.stop();
    }
  });

  test('stops on a signal despite open sockets', async () => {
    const backend = await startBackend();
    const socket = await Socket.open(`${backend.realtimeEndpoint}/realtime?project=demo&channels[]=rows`);
    await socket.next('the connected frame');
    assert.deepEqual(await backend.stop(), { code: 0, signal: null });
    await within(socket.closed, 'the end of the socket');
  });

  const unfit = {
    'an address beyond loopback': [['--listen', '0.0.0.0:0'], {}, /loopback/i],
    'an unknown profile': [['--listen', '127.0.0.1:0', '--profile', '3'], {}, /profile/i],
    'a production environment': [['--listen', '127.0.0.1:0'], { LEPTOS_ENV: 'PROD' }, /PROD/],
  };
  for (const [what, [args, environment, words]] of Object.entries(unfit)) {
    test(`refuses ${what} with a message`, async (context) => {
      const data = mkdtempSync(join(tmpdir(), 'local-appwrite-refused-'));
      context.after(() => rmSync(data, { recursive: true, force: true }));
      const { code, errors } = await runBinary(['--data', data, ...args], environment);
      assert.notEqual(code, 0);
      assert.match(errors, words);
    });
  }
});
