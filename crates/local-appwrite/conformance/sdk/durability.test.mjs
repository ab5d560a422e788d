// Acknowledged writes survive a kill at any moment.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { Query } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { asAdmin, BIRTHDAY, BIRTHDAYS, createBirthdays, refused, signUp, withJwt, withSession } from './server.mjs';

const WRITERS = 4;
const ACKNOWLEDGED_BEFORE_KILL = 60;

describe('a kill', () => {
  /** A data folder for this test, and a function that starts a backend on it again. */
  function keptData(context) {
    const data = mkdtempSync(join(tmpdir(), 'local-appwrite-kept-'));
    const started = [];
    context.after(async () => {
      for (const backend of started) await backend.stop('SIGKILL');
      rmSync(data, { recursive: true, force: true });
    });
    return async () => {
      const backend = await startBackend({ data });
      started.push(backend);
      return backend;
    };
  }

  test('keeps users signed in and signed out', async (context) => {
    const start = keptData(context);
    let backend = await start();
    const [ann, bob] = [await signUp(backend), await signUp(backend, 'Bob')];
    const { jwt } = await ann.account.createJWT();
    await bob.account.deleteSession({ sessionId: 'current' });
    await backend.stop('SIGKILL');
    backend = await start();
    assert.equal((await withSession(backend, ann.session.secret).account.get()).$id, ann.user.$id);
    assert.equal((await withJwt(backend, jwt).account.get()).$id, ann.user.$id);
    await refused(withSession(backend, bob.session.secret).account.get(), 401, 'general_unauthorized_scope');
  });

  test('during many writes loses no acknowledged one', async (context) => {
    const start = keptData(context);
    let backend = await start();
    await createBirthdays(backend);
    const acknowledged = [];
    let killed;
    const write = async (writer) => {
      const { tables } = asAdmin(backend);
      for (let turn = 0; !killed; turn += 1) {
        const rowId = `w${writer}-${turn}`;
        try {
          await tables.createRow({ ...BIRTHDAYS, rowId, data: { name: rowId, birthday: BIRTHDAY } });
        } catch (error) {
          if (!killed) throw error;
          return;
        }
        acknowledged.push(rowId);
        if (acknowledged.length === ACKNOWLEDGED_BEFORE_KILL) killed = backend.stop('SIGKILL');
      }
    };
    await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
    await killed;
    backend = await start();
    const { rows } = await asAdmin(backend).tables.listRows({ ...BIRTHDAYS, queries: [Query.limit(500)] });
    const kept = new Set(rows.map(({ $id }) => $id));
    assert.ok(acknowledged.length >= ACKNOWLEDGED_BEFORE_KILL);
    assert.deepEqual(acknowledged.filter((rowId) => !kept.has(rowId)), []);
  });
});
