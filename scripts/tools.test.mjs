// How scripts/tools.sh installs a tool that is missing: with a `cargo` that only writes down what it is asked for.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';

const CARGO = `#!/usr/bin/env bash
echo "$*" >>"$(dirname "$0")/asked"
[ "$1" = install ] || { [ "$1" = binstall ] && [ -e "$(dirname "$0")/downloads" ]; }
`;
let folder;

const write = (name, text) => writeFileSync(join(folder, name), text, { mode: 0o755 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tools-'));
  mkdirSync(join(folder, 'scripts'));
  copyFileSync('scripts/tools.sh', join(folder, 'scripts/tools.sh'));
  write('cargo', CARGO);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Installs cargo-leptos. Returns the subcommands of cargo that did it. */
function install() {
  const { status, stderr } = spawnSync('bash', ['scripts/tools.sh', 'cargo-leptos'], { cwd: folder, env: { PATH: `${folder}:/usr/bin:/bin` }, encoding: 'utf8' });
  assert.equal(status, 0, stderr);
  const asked = readFileSync(join(folder, 'asked'), 'utf8').trim().split('\n');
  return asked.map((line) => line.split(' ')[0]).filter((subcommand) => subcommand !== 'leptos');
}

test("wasm-parts has the app's version of wasm-bindgen", () => {
  const [app, tool] = ['Cargo.lock', 'scripts/wasm-parts/Cargo.lock'].map((file) => readFileSync(file, 'utf8'));
  const version = (lock, name) => lock.match(new RegExp(`name = "${name}"\nversion = "(.*)"`))?.[1];
  assert.equal(version(tool, 'wasm-bindgen-cli-support'), version(app, 'wasm-bindgen'));
});

test('tool is built from its crate', () => {
  assert.deepEqual(install(), ['install']);
});

test('with cargo-binstall, its maintainers\' program is downloaded', () => {
  write('cargo-binstall', '');
  write('downloads', '');
  assert.deepEqual(install(), ['binstall']);
});

test('tool is built if it cannot be downloaded', () => {
  write('cargo-binstall', '');
  assert.deepEqual(install(), ['binstall', 'install']);
});
