// Packs the binary of LOCAL_APPWRITE_BIN, installs the package in an empty project, and starts it from there.
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';

const folder = mkdtempSync(join(tmpdir(), 'local-appwrite-npm-'));
after(() => rmSync(folder, { recursive: true }));

test('package installs offline and its program starts', async () => {
  const { LOCAL_APPWRITE_BIN: binary } = process.env;
  assert.ok(binary, 'LOCAL_APPWRITE_BIN names the binary');
  const built = execFileSync(process.execPath, [join(import.meta.dirname, 'build.mjs'), binary, folder], { encoding: 'utf8' });
  const project = mkdtempSync(join(folder, 'project-'));
  writeFileSync(join(project, 'package.json'), '{"private": true}');
  execFileSync('npm', ['install', '--offline', '--no-audit', '--no-fund', built.trim()], { cwd: project });

  const program = spawn(join(project, 'node_modules/.bin/local-appwrite'), ['--ephemeral', '--listen', '127.0.0.1:0']);
  try {
    const [line] = await program.stdout.setEncoding('utf8').take(1).toArray();
    const answer = await fetch(`${/http\S+/.exec(line)[0]}/health/version`);
    assert.deepEqual(await answer.json(), { version: '2.7.1' });
  } finally {
    program.kill();
  }
});
