// Replays the recorded HTTP exchanges in order and lists the differences. Each exchange is a test.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { API_KEY, MIN_KEY, startBackend } from '../harness/backend.mjs';
import { Correspondence } from '../harness/compare.mjs';
import { exchange as send, RECORDING_CLIENT } from '../harness/http.mjs';
import { untilInstant } from '../harness/until.mjs';
import { isRecordingInForce } from '../in-force.mjs';
import { disappeared, judge } from './accepted.mjs';
import { BEFORE, OTHER, recording, REQUEST, RUNS, startOf } from './plan.mjs';

const HOUR_MS = 3_600_000;
const COUNTED_RUN_MS = 30_000;

class Replay {
  constructor(backend, recordedStart) {
    this.backend = backend;
    this.correspondence = new Correspondence(recordedStart, Date.now());
    this.correspondence.bind('<API_KEY>', API_KEY);
    this.correspondence.bind('<MIN_KEY>', MIN_KEY);
  }

  /** Sends a recorded request with live values. */
  send({ method, path, headers, body }) {
    return send(this.backend.endpoint, {
      method,
      path: this.correspondence.translate(path),
      // The host name of the recorded server, which some messages contain.
      headers: { ...RECORDING_CLIENT, Host: 'localhost', ...this.correspondence.translate(headers) },
      body: this.correspondence.translate(body),
    });
  }
}

function titleOf(file, index, { name, request }) {
  return `${file}.json [${index}] ${name}${request ? `: ${request.method} ${request.path.slice(0, 100)}` : ''}`;
}

for (const { name, isCounted, files } of RUNS) {
  describe(`recorded: ${name}`, () => {
    const inForce = files.filter(isRecordingInForce);
    let replay;
    before(async () => {
      if (inForce.length === 0) return;
      // Rate limit windows end at the full hour, so a counted run near it starts after it.
      if (isCounted && HOUR_MS - (Date.now() % HOUR_MS) < COUNTED_RUN_MS) await untilInstant(Math.ceil(Date.now() / HOUR_MS) * HOUR_MS);
      replay = new Replay(await startBackend({ profile: '1.9' }), startOf(files));
    });
    after(() => replay?.backend.stop());

    for (const file of files) {
      const entries = recording(file);
      if (!isRecordingInForce(file)) {
        test(`${file}: ${entries.length} exchanges`, { skip: 'not in force yet (see in-force.mjs)' }, () => {});
        continue;
      }
      entries.forEach((entry, index) => {
        test(`${file}: ${entry.name}`, async () => {
          const key = `${file}#${entry.name}`;
          await BEFORE[key]?.(replay, entries);
          if (!entry.request) {
            assert.ok(OTHER[key], `replay/plan.mjs knows what to do with ${key}`);
            judge(file, entry.name, titleOf(file, index, entry), await OTHER[key](replay, entry, entries));
            return;
          }
          const request = REQUEST[key]?.(entry.request, replay) ?? entry.request;
          const answer = await replay.send(request);
          const differences = replay.correspondence.compareExchange(entry, answer, { isCounted });
          judge(file, entry.name, titleOf(file, index, entry), differences);
        });
      });
    }

    test('every accepted difference is still there', () => {
      assert.deepEqual(disappeared(inForce), []);
    });
  });
}
