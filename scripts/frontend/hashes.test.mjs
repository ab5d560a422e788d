// Names with hashes: each file is found under the name by which another loads it, and a name changes with what it stands for.
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { addHashes } from './hashes.mjs';

const FILES = {
  'app.wasm': 'first',
  'app.css': 'a{}',
  'app.js': 'const a=()=>fetch(new URL("./chunk_1.wasm",import.meta.url)),b=()=>fetch(new URL("./chunk_10.wasm",import.meta.url));',
  'chunk_1.wasm': 'one',
  'chunk_10.wasm': 'ten',
  '__wasm_split_manifest.json': '{"account":["chunk_1","chunk_10"]}',
};

/** Returns the list of hashes as an object, and the contents by name. */
function named(files) {
  const folder = mkdtempSync(join(tmpdir(), 'hashes-'));
  try {
    for (const [name, contents] of Object.entries(files)) writeFileSync(join(folder, name), contents);
    const hashes = Object.fromEntries(addHashes(folder, 'app').trim().split('\n').map((line) => line.split(': ')));
    return { hashes, files: Object.fromEntries(readdirSync(folder).map((name) => [name, readFileSync(join(folder, name), 'utf8')])) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('each file is loaded by its name', () => {
  const { hashes, files } = named(FILES);
  const { [`app.${hashes.js}.js`]: script, [`__wasm_split_manifest.${hashes.manifest}.json`]: manifest } = files;
  assert.equal(files[`app.${hashes.wasm}.wasm`], FILES['app.wasm']);
  assert.equal(files[`app.${hashes.css}.css`], FILES['app.css']);
  const loaded = [...script.matchAll(/"\.\/(chunk[^"]*)"/g)].map(([, name]) => name);
  assert.deepEqual(loaded.map((name) => files[name]), ['one', 'ten']);
  assert.deepEqual(JSON.parse(manifest), { account: loaded.map((name) => name.replace('.wasm', '')) });
  assert.equal(Object.keys(files).length, Object.keys(FILES).length);
});

test('change of a part renames what loads it, and nothing else', () => {
  const before = named(FILES);
  const after = named({ ...FILES, 'chunk_10.wasm': 'changed' });
  assert.deepEqual(named(FILES), before);
  for (const kind of ['js', 'manifest']) assert.notEqual(after.hashes[kind], before.hashes[kind], kind);
  for (const kind of ['wasm', 'css']) assert.equal(after.hashes[kind], before.hashes[kind], kind);
});

test('app without parts has no list of them', () => {
  const { hashes, files } = named({ 'app.wasm': 'first', 'app.css': '', 'app.js': 'fetch("./app.wasm")' });
  assert.deepEqual(Object.keys(hashes), ['js', 'wasm', 'css']);
  assert.equal(files[`app.${hashes.js}.js`], `fetch("./app.${hashes.wasm}.wasm")`);
});
