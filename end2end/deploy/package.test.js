// The package of scripts/package.sh in an empty root: its files, the C library, a shell, the certificates of public
// authorities, and nothing else. The file system is
// read-only, and the user has no rights outside.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { projectFolder } from '../support/programs.js';
import { APP_KEY, Backend, freePort, PROJECT_ID, Server } from '../support/servers.js';
import { postForm, request } from '../support/wire.js';

const canIsolate = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
const options = canIsolate ? {} : { skip: 'this machine has no user namespaces' };
/** The app does not start without certificates, even if it calls Appwrite by http. */
const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt';
const PASSWORD = 'correct horse battery staple';

let root;
let backend;
before(async () => {
  root = mkdtempSync(join(tmpdir(), 'package-'));
  const dist = join(projectFolder, 'dist');
  const archive = readdirSync(dist).find((name) => name.endsWith('.tar.gz'));
  mkdirSync(join(root, 'app'));
  execFileSync('tar', ['--extract', '--file', join(dist, archive), '--directory', join(root, 'app'), '--strip-components', '1']);
  for (const program of [join(root, 'app/leptos-birthdays'), '/bin/sh', '/usr/bin/dirname']) addLibraries(program);
  for (const file of ['/bin/sh', '/usr/bin/dirname', CERTIFICATES]) add(file);
  backend = await Backend.start();
});
after(async () => {
  await backend?.dispose();
  rmSync(root, { recursive: true, force: true });
});

test('package needs only the C library', () => {
  const libraries = librariesOf(join(root, 'app/leptos-birthdays')).map((path) => path.split('/').at(-1));
  const known = /^(ld-linux.*|libc|libm|libgcc_s|libpthread|libdl)\.so/;
  assert.deepEqual(libraries.filter((name) => !known.test(name)), []);
});

test('package without settings names each missing one', options, async () => {
  const { code, log } = await inRoot({}).runToEnd();
  assert.equal(code, 1);
  for (const name of ['APPWRITE_ENDPOINT', 'APP_ORIGIN']) assert.match(log, new RegExp(name));
});

test('package runs in an empty read-only root', options, async () => {
  const port = await freePort();
  const origin = `http://localhost:${port}`;
  const app = inRoot({
    APPWRITE_ENDPOINT: backend.endpoint,
    APPWRITE_PROJECT_ID: PROJECT_ID,
    APPWRITE_API_KEY: APP_KEY,
    APP_ORIGIN: origin,
    LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
  });
  await app.start();
  try {
    assert.equal((await request(origin, '/readyz')).status, 200);
    const page = await request(origin, '/signup');
    assert.equal(page.status, 200);
    const files = new Set(page.body.match(/\/pkg\/[^"' )]+\.(?:js|wasm)/g));
    assert.ok(files.size >= 2, page.body);
    for (const file of files) {
      const { status, headers } = await request(origin, file, { headers: { 'accept-encoding': 'br' } });
      assert.deepEqual([file, status, headers['content-encoding']], [file, 200, 'br']);
    }
    const fields = { name: 'Ada', email: 'ada@example.org', password: PASSWORD, page: '/signup' };
    const signedUp = await postForm(origin, '/actions/sign_up', fields);
    assert.equal(signedUp.status, 303, signedUp.body);
    const cookie = signedUp.setCookies.map(({ name, value }) => `${name}=${value}`).join('; ');
    assert.match((await request(origin, '/birthdays', { headers: { cookie } })).body, /Add birthday/);
  } finally {
    assert.equal(await app.stop(), 0, app.log);
  }
});

/** Starts the package's program. `unshare` and `chroot` keep the id of the process. */
function inRoot(env) {
  const steps = `mount --bind "${root}" "${root}" && mount -o remount,bind,ro "${root}" && exec chroot "${root}" /app/start`;
  return new Server({ command: 'unshare', args: ['--user', '--map-root-user', '--mount', 'sh', '-c', steps], env, ready: /^open (http\S+)/m });
}

function librariesOf(program) {
  return [...execFileSync('ldd', [program], { encoding: 'utf8' }).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
}

function addLibraries(program) {
  for (const path of librariesOf(program)) add(path);
}

function add(path) {
  const copy = join(root, path);
  mkdirSync(dirname(copy), { recursive: true });
  cpSync(path, copy, { dereference: true });
}
