// Links the production build again, so that functions that run are side by side in the program's file, and those that never run
// stay out of memory (docs/decisions/0010-order-of-functions.md). To learn which they are, it starts the server under valgrind and opens pages.
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashList, outputName, program, projectFolder, siteFolder } from '../end2end/support/programs.js';
import { freePort, Server } from '../end2end/support/servers.js';

/** What the program was linked from. lld writes it (scripts/build.sh). */
const INPUT = join(projectFolder, 'target/link.tar');
const WORK = join(projectFolder, 'target/order');
const BUILT = program('leptos-birthdays', 'release');
const USER = { cookie: 'session=a2F5; signed-in=1' };
/** Pages of visitors and of a user, and responses that are not pages. */
const VISITS = [
  ['/', {}], ['/login', {}], ['/signup', {}], ['/birthdays', {}], ['/nowhere', {}], ['/healthz', {}], ['/readyz', {}],
  ['/', USER], ['/birthdays', USER], ['/birthdays', { ...USER, 'accept-encoding': 'identity' }], ['/account', USER], ['/account/security', USER],
];

/** Within this time, lld writes the program and its input, which is larger. */
const LINK_LIMIT_MS = 60_000;

if (Math.abs(statSync(INPUT).mtimeMs - statSync(BUILT).mtimeMs) > LINK_LIMIT_MS) throw new Error(`${BUILT} was not linked from ${INPUT}.`);
rmSync(WORK, { recursive: true, force: true });
mkdirSync(join(WORK, 'link'), { recursive: true });
try {
  const { atStart, forRequests } = await recordFunctions();
  const ordered = link([...forRequests.filter((name) => !atStart.includes(name)), ...atStart]);
  await run(ordered, [], async () => {});
  renameSync(ordered, BUILT);
  console.log(`${forRequests.length} functions of requests and ${atStart.length} of the start are side by side in ${BUILT}.`);
} finally {
  rmSync(WORK, { recursive: true });
}

/** The names of the functions that run at the start, and of those that run for requests. */
async function recordFunctions() {
  const record = join(WORK, 'callgrind');
  await run('valgrind', ['--tool=callgrind', '--demangle=no', `--callgrind-out-file=${record}`, BUILT], async (open, process) => {
    await open(['/readyz', {}]);
    // Ends the first part of the record, and begins the second.
    execFileSync('callgrind_control', ['--dump', String(process)], { stdio: 'ignore' });
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(Array.from({ length: 4 }).flatMap(() => VISITS.map(open)));
    }
  });
  return { atStart: functionsIn(`${record}.1`), forRequests: functionsIn(record) };
}

/** Runs the server in front of a stand-in for Appwrite (benches/pages), until `visit` returns. */
async function run(command, args, visit) {
  const [port, appwritePort] = [await freePort(), await freePort()];
  const appwrite = new Server({ command: program('page-appwrite', 'release'), args: ['--port', String(appwritePort)], ready: /listening/ });
  const env = {
    LEPTOS_ENV: 'PROD', LEPTOS_OUTPUT_NAME: outputName, LEPTOS_SITE_ROOT: siteFolder, LEPTOS_SITE_PKG_DIR: 'pkg', LEPTOS_SITE_ADDR: `127.0.0.1:${port}`,
    LEPTOS_HASH_FILES: 'true', LEPTOS_HASH_FILE_NAME: hashList(),
    APP_ORIGIN: `http://localhost:${port}`, APPWRITE_ENDPOINT: `http://127.0.0.1:${appwritePort}/v1`, APPWRITE_PROJECT_ID: 'demo', APPWRITE_API_KEY: 'key',
  };
  const app = new Server({ command, args, env, ready: /^open http/m });
  try {
    await appwrite.start();
    await app.start();
    await visit(async ([path, headers]) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers: { host: `localhost:${port}`, ...headers }, redirect: 'manual' });
      await response.arrayBuffer();
      if (response.status >= 500 || (headers.cookie && response.status !== 200)) throw new Error(`${path} answered with ${response.status}.`);
    }, app.process);
    await app.stop();
  } finally {
    await app.kill();
    await appwrite.kill();
  }
}

function functionsIn(record) {
  // A recursive call has a number at the end of the name.
  const names = readFileSync(record, 'latin1').matchAll(/^c?fn=\(\d+\) ([^\s']+)/gm);
  return [...new Set(Array.from(names, ([, name]) => name))];
}

/** Links the program again, with these functions first, and returns its path. */
function link(functions) {
  execFileSync('tar', ['--extract', '--file', INPUT, '--directory', join(WORK, 'link'), '--strip-components', '1']);
  writeFileSync(join(WORK, 'link/functions.txt'), `${functions.join('\n')}\n`);
  const tools = join(dirname(execFileSync('rustc', ['--print', 'target-libdir'], { encoding: 'utf8' })), 'bin');
  const options = ['--symbol-ordering-file=functions.txt', '--no-warn-symbol-ordering', '-o', '../leptos-birthdays'];
  // Addresses that the loader writes into the program, in 1% of the space. Earlier versions of glibc cannot read that.
  if (glibc() >= 2.36) options.push('-z', 'pack-relative-relocs');
  execFileSync(join(tools, 'gcc-ld/ld.lld'), ['@response.txt', ...options], { cwd: join(WORK, 'link'), stdio: 'inherit' });
  return join(WORK, 'leptos-birthdays');
}

function glibc() {
  return Number(process.report.getReport().header.glibcVersionRuntime ?? 0);
}
