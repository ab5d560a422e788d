// Measures `make watch`: how long after a change to a view the browser shows it, and what the time goes to. The first change is to a text in a
// page of the app, which needs no build; the second makes the page compute a text, which needs one; the third is to a component of the
// library, after a text that is computed. The changed files are restored. The first build may take minutes. `CHANGES=5` and `SHOW=yes` (the output) are variables.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { chromium } from '@playwright/test';
import { launchOptions } from '../support/chromium.js';
import { projectFolder } from '../support/programs.js';
import { freePort } from '../support/servers.js';
import { quantile } from './figures.js';

const CHANGES = Number(process.env.CHANGES || 5);
const VIEWS = [
  { where: 'a page (`src/auth/sign_in.rs`)', file: 'src/auth/sign_in.rs', from: '<h1>"Sign in"</h1>', to: (text) => `<h1>"Sign in ${text}"</h1>` },
  {
    where: 'a computed text of a page (`src/auth/sign_in.rs`)',
    file: 'src/auth/sign_in.rs',
    from: '<h1>"Sign in"</h1>',
    to: (text) => `<h1>"Sign in " {"${text}".to_lowercase()}</h1>`,
  },
  {
    where: 'a component (`crates/leptos-appwrite/src/components/form/fields.rs`)',
    file: 'crates/leptos-appwrite/src/components/form/fields.rs',
    from: '<label for=id.clone()>{label}</label>',
    to: (text) => `<label for=id.clone()>{label} " ${text}"</label>`,
  },
];
/** Lines of the output that end a step. */
const STEPS = [
  ['browser: cargo', /Cargo finished cargo build .*--lib/],
  ['browser: done', /Finished generating JS\/WASM/],
  ['server: cargo', /Cargo finished cargo build .*--bin/],
  ['server: stopped', /Serving at/],
  ['server: started', /^open http/],
];

const files = new Map(VIEWS.map(({ file }) => [join(projectFolder, file), readFileSync(join(projectFolder, file), 'utf8')]));
const restore = () => files.forEach((text, file) => writeFileSync(file, text));
const data = mkdtempSync(join(tmpdir(), 'watch-'));
const port = await freePort();
const watch = spawn('make', ['watch'], {
  cwd: projectFolder,
  // A group of its own, to stop it as Ctrl-C does.
  detached: true,
  env: {
    ...process.env, LEPTOS_SITE_ADDR: `127.0.0.1:${port}`, LEPTOS_RELOAD_PORT: String(await freePort()),
    LOCAL_APPWRITE_LISTEN: '127.0.0.1:0', LOCAL_APPWRITE_DATA: data,
  },
});
const ended = once(watch, 'exit');
let changed = performance.now();
let seen = {};
let read = '';
let open;
const opened = new Promise((resolve) => (open = resolve));
for (const stream of [watch.stdout, watch.stderr]) {
  stream.setEncoding('utf8').on('data', (chunk) => {
    if (process.env.SHOW) process.stderr.write(chunk);
    const lines = stripVTControlCharacters(read + chunk).split('\n');
    read = lines.pop();
    for (const line of lines) {
      for (const [step, pattern] of STEPS) if (pattern.test(line)) seen[step] = performance.now() - changed;
      if (/^open http/.test(line)) open();
    }
  });
}
const browser = await chromium.launch(launchOptions());
process.once('SIGINT', () => process.exit(130));
process.once('exit', () => {
  restore();
  try {
    process.kill(-watch.pid, 'SIGINT');
  } catch {
    // It has ended.
  }
  rmSync(data, { recursive: true, force: true });
});
await Promise.race([opened, ended.then(() => Promise.reject(new Error('make watch ended')))]);
console.log(`first build and start: ${((performance.now() - changed) / 1000).toFixed(1)} s`);
const page = await browser.newPage({ baseURL: `http://localhost:${port}` });
page.setDefaultTimeout(300_000);
await page.goto('/login');
await hydrated();
await watched();
for (const { where, file, from, to } of VIEWS) {
  const name = join(projectFolder, file);
  const times = [];
  for (let change = 1; change <= CHANGES; change += 1) {
    const text = `${file.length}-${change}`;
    await page.evaluate(() => (window.isOld = true));
    [changed, seen] = [performance.now(), {}];
    writeFileSync(name, files.get(name).replace(from, () => to(text)));
    await page.getByText(text).first().waitFor();
    const shown = performance.now() - changed;
    // The reload brings both halves of the new build.
    await page.waitForFunction(() => !window.isOld);
    const reloaded = performance.now() - changed;
    await hydrated();
    times.push({ shown, ...seen, reloaded, hydrated: performance.now() - changed });
    // After a click, the browser's half renders the page.
    await page.getByRole('link', { name: 'Create one' }).click();
    await page.getByRole('heading', { name: 'Create account' }).waitFor();
    await page.goBack();
    await page.getByText(text).first().waitFor({ timeout: 5_000 });
  }
  restore();
  const columns = ['shown', ...STEPS.map(([step]) => step), 'reloaded', 'hydrated'];
  console.log(`\n${where}: seconds after the change, medians of ${CHANGES}`);
  for (const column of columns) {
    const all = times.map((time) => (time[column] ?? NaN) / 1000);
    console.log(`${quantile(all, 0.5).toFixed(1).padStart(6)}  ${column.padEnd(16)} (${all.map((time) => time.toFixed(1)).join(', ')})`);
  }
}
await browser.close();
process.kill(-watch.pid, 'SIGINT');
await ended;
process.exit();

/** Waits until the page's script has added the button that shows the password. */
async function hydrated() {
  await page.getByRole('button', { name: /^Show/ }).waitFor();
}

/**
 * Waits until cargo-leptos watches the files. It starts to after the server has started, and reads all folders of the project first: an
 * earlier change is lost. Linux lists what a process watches.
 */
async function watched() {
  const folders = [...files.keys()].map((file) => `ino:${statSync(dirname(file)).ino.toString(16)} `);
  for (;;) {
    const watches = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map(watchesOf).join('');
    if (folders.every((folder) => watches.includes(folder))) return;
    await pause(50);
  }
}

/** The text is empty for processes that are not part of `make watch`, or have ended. */
function watchesOf(pid) {
  try {
    const group = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/.*\) /s, '').split(' ')[2];
    if (Number(group) !== watch.pid) return '';
    return readdirSync(`/proc/${pid}/fdinfo`).map((fd) => readFileSync(`/proc/${pid}/fdinfo/${fd}`, 'utf8')).join('');
  } catch {
    return '';
  }
}
