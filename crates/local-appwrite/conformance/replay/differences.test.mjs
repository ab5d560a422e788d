// Plays the cases in which this backend once differed from a real Appwrite (its main branch of July 2026), and counts
// how many match. `DIFFERENCES_REPORT=1` lists the differences of the open cases.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { ACCEPTED, OPEN, UNPLAYED } from '../differences/accepted.mjs';
import { judge } from '../differences/judge.mjs';
import { play } from '../differences/scripts.mjs';
import { BEFORE, prepare, QUERIES, Resources } from '../differences/resources.mjs';
import { startBackend } from '../harness/backend.mjs';
import { exchange, RECORDING_CLIENT } from '../harness/http.mjs';

const CASES = JSON.parse(readFileSync(new URL('../differences/cases.json', import.meta.url), 'utf8'));

const resourcesByName = new Map();

// The cases of an area depend on earlier ones; those of the schema count existing objects.
function resourcesOf({ area, id }) {
  const name = area === 'tables-schema' ? `${area} ${id}` : area;
  if (!resourcesByName.has(name)) resourcesByName.set(name, startBackend({ profile: '1.9-next' }).then((backend) => new Resources(backend)));
  return resourcesByName.get(name);
}

// `json` stays text, because `1.0` must be sent as `1.0`.
async function bodyOf(resources, { json, body }) {
  if (json !== undefined) return resources.filled(json);
  if (body === undefined) return null;
  const text = JSON.stringify(body, (_, value) => (typeof value?.repeat === 'string' ? value.repeat.repeat(value.times) : value));
  return typeof body === 'string' ? body : JSON.parse(await resources.filled(text));
}

async function send(resources, request, more = []) {
  const { method, path, headers, query = [] } = request;
  const isAbsolute = path.startsWith('!');
  const base = isAbsolute ? resources.backend.origin : resources.backend.endpoint;
  const text = new URLSearchParams([...query, ...more]).toString();
  const filled = {};
  for (const [name, value] of Object.entries(headers)) filled[name] = await resources.filled(value);
  return exchange(base, {
    method,
    path: `${await resources.filled(isAbsolute ? path.slice(1) : path)}${text && `?${text}`}`,
    headers: { ...RECORDING_CLIENT, ...filled },
    body: await bodyOf(resources, request),
  });
}

async function differencesOf(entry) {
  const resources = await resourcesOf(entry);
  await prepare(resources, entry);
  const lines = [];
  for (const [index, step] of entry.steps.entries()) {
    const name = `${entry.id}#${index}`;
    if (UNPLAYED.has(name)) continue;
    await BEFORE[name]?.(resources);
    const answer = step.request ? await send(resources, step.request, QUERIES[name]) : await play(resources, entry, step);
    if (entry.id === 401 && index === 0 && answer.body?.$id) resources.values.set('6b076c053cbb045a5f89', answer.body.$id);
    lines.push(...judge(step, answer).map((line) => `${step.name}: ${line}`));
  }
  return lines;
}

describe('differences from the main branch of July 2026', () => {
  after(async () => {
    await Promise.all([...resourcesByName.values()].map(async (resources) => (await resources).backend.stop()));
  });

  test('every case has exactly one verdict', () => {
    const ids = new Set(CASES.map((entry) => entry.id));
    for (const id of [...OPEN, ...ACCEPTED.keys()]) assert.ok(ids.has(id), `case ${id}`);
    assert.deepEqual([...OPEN].filter((id) => ACCEPTED.has(id)), []);
  });

  for (const entry of CASES) {
    test(`${entry.id} ${entry.area}: ${entry.case.slice(0, 100)}`, async (t) => {
      const isLeft = OPEN.has(entry.id) || ACCEPTED.has(entry.id);
      const lines = await differencesOf(entry).catch((error) => [`could not be played: ${error.message}`]);
      if (!isLeft) assert.deepEqual(lines, []);
      else if (process.env.DIFFERENCES_REPORT) t.diagnostic(lines.join('\n') || 'matches now');
      else assert.notDeepEqual(lines, [], 'it matches now: take it off the list');
    });
  }
});
