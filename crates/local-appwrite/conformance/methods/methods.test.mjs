// Calls every method of `node-appwrite` on the backend, and checks the table in `METHODS.md` and the counts in the README
// against the responses. `METHODS_WRITE=1` rewrites the table.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { ACCEPTED, OPEN } from '../differences/accepted.mjs';
import { API_KEY, startBackend } from '../harness/backend.mjs';
import { exchange } from '../harness/http.mjs';
import { DIFFERS } from './differs.mjs';
import { drive } from './driven.mjs';
import { sdkMethods, webMethods } from './sdk.mjs';
import { faultsOf } from './shapes.mjs';

const TABLE = new URL('../METHODS.md', import.meta.url);
const README = new URL('../../README.md', import.meta.url);
const json = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));

/** Methods whose paths Appwrite has removed: a real 2.x server also returns `general_route_not_found` for them. */
const REMOVED = ['Account.listLogs', 'Users.listLogs'];

const isParameter = (segment) => segment.startsWith('~');

/** Requests whose response from a real server is known and equals this backend's. */
function realRequests() {
  const recorded = readdirSync(new URL('../recordings/', import.meta.url)).flatMap((file) => json(`../recordings/${file}`));
  const cases = json('../differences/cases.json').filter(({ id }) => !OPEN.has(id) && !ACCEPTED.has(id));
  const requests = [...recorded, ...cases.flatMap(({ steps }) => steps)].map(({ request }) => request);
  return requests.filter((request) => request?.method && request.path).map(({ method, path }) => ({ method, path: path.split('?')[0] }));
}

function fits(template, { method, path }) {
  const [wanted, given] = [template.path.split('/'), path.split('/')];
  return template.method === method && wanted.length === given.length
    && wanted.every((segment, index) => (isParameter(segment) ? given[index] !== '' : segment === given[index]));
}

/** Counts the recorded responses that check each method. A request counts for the method with the fewest parameters. */
function judges(methods) {
  const counts = new Map(methods.map((method) => [method, 0]));
  const parameters = ({ path }) => path.split('/').filter(isParameter).length;
  for (const request of realRequests()) {
    const fitting = methods.filter((method) => fits(method, request));
    const least = Math.min(...fitting.map(parameters));
    for (const method of fitting) if (parameters(method) === least) counts.set(method, counts.get(method) + 1);
  }
  return counts;
}

async function ask(backend, { method, path, payload }) {
  const isBodiless = method === 'GET';
  const headers = { 'X-Appwrite-Project': 'demo', 'X-Appwrite-Key': API_KEY, 'Content-Type': 'application/json' };
  const body = isBodiless ? null : JSON.stringify(payload ?? {}).replaceAll('~', '');
  const answer = await exchange(backend.endpoint, { method, path: path.replaceAll('~', ''), headers, body });
  const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
  if (text.includes('general_route_not_found')) return 'unknown';
  return answer.body?.type === 'general_service_disabled' ? 'switched off' : 'there';
}

describe('methods of node-appwrite', () => {
  let backend;
  let methods;
  const [driven, faults] = [new Set(), new Set()];
  before(async () => {
    const played = await startBackend({ profile: '2' });
    try {
      await drive(played, (title, answer) => {
        driven.add(title);
        for (const fault of faultsOf(title, answer)) faults.add(`${title}: ${fault}`);
      });
    } finally {
      await played.stop();
    }
    backend = await startBackend({ profile: '2' });
    methods = await sdkMethods();
    const counts = judges(methods);
    for (const method of methods) {
      method.answer = await ask(backend, method);
      method.title = `${method.service}.${method.name}`;
      method.judges = counts.get(method);
    }
  });
  after(() => backend?.stop());

  test('return the shapes that the SDK declares', () => assert.deepEqual([...faults], []));

  test('have a known path unless Appwrite removed it', async () => {
    assert.deepEqual(methods.filter(({ answer }) => answer === 'unknown').map(({ title }) => title), REMOVED);
    const unknown = [];
    for (const method of await webMethods()) if ((await ask(backend, method)) === 'unknown') unknown.push(`${method.service}.${method.name}`);
    assert.deepEqual(unknown, [], 'of the SDK for pages');
  });

  test('listed as different exist', () => {
    const there = new Set(methods.filter(({ answer }) => answer === 'there').map(({ title }) => title));
    assert.deepEqual([...DIFFERS.keys()].filter((title) => !there.has(title)), []);
  });

  test('match the table and the counts in the README', () => {
    const verdict = ({ title, answer }) => (answer !== 'there' ? 'not there' : DIFFERS.has(title) ? 'differs' : 'same');
    const how = ({ title, answer }) => (answer === 'there' ? DIFFERS.get(title) ?? '' : answer === 'unknown' ? 'Appwrite has removed the path (profiles up to `1.9` have it)' : 'the service is switched off');
    const count = (some) => ['same', 'differs', 'not there'].map((wanted) => `${some.filter((method) => verdict(method) === wanted).length} ${wanted}`).join(' · ');
    const counts = `${methods.length} methods: ${count(methods)}`;
    const same = methods.filter((method) => verdict(method) === 'same');
    const isSceneOnly = (method) => !method.judges && driven.has(method.title);
    const judged = `Of the ${same.length} same, ${same.filter((method) => method.judges).length} are judged by answers of a real server, ${same.filter(isSceneOnly).length} more by a scene, ${same.filter((method) => !method.judges && !driven.has(method.title)).length} by neither`;
    const lines = [
      '# Methods of `node-appwrite` 27.1', '',
      'Written by `methods/methods.test.mjs`, which asks profile `2` for each. *Same*: it is answered, and this table lists no difference; *answers*',
      'counts the answers of a real server (recordings and differences) that this backend gives alike for the same request. *Scene*: `methods/driven.mjs`',
      'calls the method with the official SDK, checks what it does, and holds the answer against the shape that the SDK declares. Without either,',
      'the method follows the source of Appwrite, as far as it was read.', '', `${counts}. ${judged}.`,
    ];
    for (const service of new Set(methods.map((method) => method.service))) {
      const own = methods.filter((method) => method.service === service);
      lines.push('', `## ${service}: ${count(own)}`, '', '| method | request | answer | answers | scene | how it differs |', '|---|---|---|---|---|---|');
      for (const method of own) {
        const path = method.path.replaceAll('~', ':');
        lines.push(`| ${method.name} | ${method.method} ${path} | ${verdict(method)} | ${method.judges || ''} | ${driven.has(method.title) ? 'yes' : ''} | ${how(method)} |`);
      }
    }
    const table = `${lines.join('\n')}\n`;
    if (process.env.METHODS_WRITE) writeFileSync(TABLE, table);
    assert.equal(readFileSync(TABLE, 'utf8'), table, 'write it anew by METHODS_WRITE=1');
    assert.ok(readFileSync(README, 'utf8').includes(counts), `the README has to say "${counts}"`);
  });
});
