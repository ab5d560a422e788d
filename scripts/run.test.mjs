// When scripts/run.sh builds: in a folder of its own, with programs that only write the files that a build leaves.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, beforeEach, test } from 'node:test';

const SOURCES = ['.cargo/config.toml', 'Cargo.lock', 'Cargo.toml', 'crates/a/src/lib.rs', 'crates/a/tests/a.rs', 'frontend/src/lib.rs', 'Leptos.toml', 'public/icon.svg', 'rust-toolchain.toml', 'src/main.rs', 'style/main.css'];
const CARGO = `#!/usr/bin/env bash
set -e
[ ! -e broken-server ]
mkdir -p target/debug
printf '#!/bin/sh\\ncat "$(dirname "$0")/hash.txt" "$LEPTOS_SITE_ROOT/page"\\n' >target/debug/leptos-birthdays
chmod +x target/debug/leptos-birthdays
`;
const FRONTEND = `import { appendFileSync, copyFileSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
appendFileSync('bin/builds', 'built\\n');
rmSync('target/site', { recursive: true, force: true });
if (existsSync('broken-browser')) process.exit(1);
for (const folder of ['target/release', 'target/site']) mkdirSync(folder, { recursive: true });
copyFileSync('src/main.rs', 'target/site/page');
writeFileSync('target/release/hash.txt', 'hash\\n');
`;

const folder = mkdtempSync(join(tmpdir(), 'run-'));
after(() => rmSync(folder, { recursive: true }));

function write(name, text) {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text, { mode: 0o755 });
}

beforeEach(() => {
  rmSync(folder, { recursive: true, force: true });
  for (const name of SOURCES) write(name, 'first');
  write('bin/cargo', CARGO);
  write('bin/rustc', '#!/bin/sh\n');
  write('scripts/frontend/build.mjs', FRONTEND);
  write('scripts/tools.sh', '#!/bin/sh\n');
  for (const script of ['scripts/run.sh', 'scripts/build.sh']) {
    write(script, '');
    copyFileSync(join(import.meta.dirname, '..', script), join(folder, script));
  }
});

/** Runs it to its end. `page` is what the program printed; `builds` counts the builds so far. */
function run(env = {}) {
  const ended = spawnSync(join(folder, 'scripts/run.sh'), { encoding: 'utf8', env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env.PATH}`, ...env } });
  const builds = join(folder, 'bin/builds');
  return { status: ended.status, page: ended.stdout, builds: existsSync(builds) ? readFileSync(builds, 'utf8').split('\n').length - 1 : 0 };
}

const first = { status: 0, page: 'hash\nfirst', builds: 1 };

test('second start builds nothing', () => {
  assert.deepEqual(run(), first);
  assert.deepEqual(run(), first);
});

for (const name of [...SOURCES.filter((name) => !name.includes('/tests/')), 'scripts/run.sh', 'scripts/build.sh']) {
  test(`change of ${name} builds again`, () => {
    run();
    appendFileSync(join(folder, name), '\n');
    assert.equal(run().builds, 2);
  });
}

test('new, deleted or older file builds again', () => {
  run();
  write('crates/a/src/new.rs', 'new');
  assert.equal(run().builds, 2);
  rmSync(join(folder, 'crates/a/src/new.rs'));
  assert.equal(run().builds, 3);
  write('src/main.rs', 'older');
  utimesSync(join(folder, 'src/main.rs'), 0, 0);
  assert.deepEqual(run(), { status: 0, page: 'hash\nolder', builds: 4 });
});

test("compiler flags build again, a test's change does not", () => {
  run();
  write('crates/a/tests/a.rs', 'second');
  assert.equal(run().builds, 1);
  assert.equal(run({ RUSTFLAGS: '-O' }).builds, 2);
});

test('other builds in between change nothing', () => {
  run();
  rmSync(join(folder, 'target/site'), { recursive: true });
  write('target/debug/leptos-birthdays', 'another program');
  assert.deepEqual(run(), first);
});

for (const half of ['browser', 'server']) {
  test(`failed build of the ${half} starts nothing and is repeated`, () => {
    run();
    write('src/main.rs', 'second');
    write(`broken-${half}`, '');
    const { status, page } = run();
    assert.deepEqual({ status, page }, { status: 1, page: '' });
    rmSync(join(folder, `broken-${half}`));
    const { status: then, page: shown } = run();
    assert.deepEqual({ then, shown }, { then: 0, shown: 'hash\nsecond' });
  });
}

test('change during a build builds again at the next start', () => {
  write('bin/cargo', CARGO.replace('mkdir', 'until [ -e target/release/hash.txt ] || [ $SECONDS -gt 60 ]; do :; done\nprintf second >src/main.rs\nmkdir'));
  run();
  write('bin/cargo', CARGO);
  assert.deepEqual(run(), { status: 0, page: 'hash\nsecond', builds: 2 });
});

test("another build deletes the release's server", () => {
  write('target/release/leptos-birthdays', 'the program of scripts/build.sh production');
  assert.deepEqual(run(), first);
  assert.equal(existsSync(join(folder, 'target/release/leptos-birthdays')), false);
});
