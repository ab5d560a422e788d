// The app in a browser without JavaScript: sign-up, a row that others see, sign-out.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

const origin = 'http://localhost:3100';
const program = join(process.env.CARGO_TARGET_DIR ?? 'target', 'debug', 'notes');
let app;

before(async () => {
  const data = mkdtempSync(join(tmpdir(), 'app-'));
  const settings = { LEPTOS_SITE_ADDR: '127.0.0.1:3100', LOCAL_APPWRITE_LISTEN: '127.0.0.1:0', LOCAL_APPWRITE_DATA: data };
  app = spawn(program, { env: { ...process.env, ...settings }, stdio: ['ignore', 'pipe', 'inherit'] });
  for await (const text of app.stdout) if (String(text).includes('open http')) return;
  throw new Error('The app did not start.');
});
after(() => app.kill());

/** A browser that keeps cookies and posts forms. */
function browser() {
  const cookies = new Map();
  const send = async (path, options = {}) => {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ');
    const headers = { accept: 'text/html', 'sec-fetch-site': 'same-origin', cookie, ...options.headers };
    const answer = await fetch(origin + path, { redirect: 'manual', ...options, headers });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      if (/max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
    return { status: answer.status, location: answer.headers.get('location'), text: await answer.text() };
  };
  const post = (action, fields) =>
    send(`/actions/${action}`, { method: 'POST', headers: { origin }, body: new URLSearchParams(fields) });
  return { send, post };
}

async function someone(name) {
  const them = browser();
  const signedUp = await them.post('sign_up', { name, email: `${name}@example.com`, password: 'Correct-horse-1', page: '/signup' });
  assert.deepEqual([signedUp.status, signedUp.location], [303, '/']);
  return them;
}

test('signed-out user is redirected to the sign-in page', async () => {
  const { status, location } = await browser().send('/');
  assert.deepEqual([status, location], [303, '/login?next=%2F']);
});

test('files of a page can be loaded', async () => {
  const { send } = browser();
  const files = (await send('/login')).text.match(/\/pkg\/[^"' )]+/g);
  for (const kind of ['.js', '.wasm']) assert.ok(files.some((file) => file.endsWith(kind)), `${kind} of ${files}`);
  for (const file of files) assert.equal((await send(file)).status, 200, file);
});

test('sign-in methods without pages are refused', async () => {
  const forms = {
    ask_for_proof: { proof: 'magic_link', address: 'ann@example.com' },
    ask_recovery: { email: 'ann@example.com' },
    continue_as_guest: {},
  };
  for (const [form, fields] of Object.entries(forms)) {
    const headers = { origin, accept: 'application/json' };
    const answer = await browser().send(`/actions/${form}`, { method: 'POST', headers, body: new URLSearchParams(fields) });
    assert.deepEqual([answer.status, answer.text], [501, '"MethodUnavailable"'], form);
  }
});

test('other users see a row until sign-out', async () => {
  const [ann, ben] = [await someone('ann'), await someone('ben')];
  await ann.post('add_row', { table: 'notes', text: 'Water the <plants>', page: '/' });
  assert.match((await ben.send('/')).text, /Water the &lt;plants&gt;/);
  await ben.post('sign_out', { page: '/' });
  assert.equal((await ben.send('/')).status, 303);
});
