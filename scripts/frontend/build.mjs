// Builds the browser's half of a release: target/site, and hash.txt beside the server's program. Except for one script in place of two, it does what
// `cargo leptos build --release --frontend-only --split --precompress` does, with the settings in Cargo.toml, and with fewer programs to build first
// (docs/decisions/0012-release-without-cargo-leptos.md).
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import browserslist from 'browserslist';
import { browserslistToTargets, transform } from 'lightningcss';
import { minify } from 'terser';
import { SCRIPT as PARTS } from '../wasm-opt/joined-chunks.js';
import { optimize } from '../wasm-opt/optimize.js';
import { addHashes } from './hashes.mjs';
import { oneScript } from './one-script.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
process.chdir(root);

const { metadata, target_directory: target } = JSON.parse(execFileSync('cargo', ['metadata', '--no-deps', '--format-version=1'], { maxBuffer: 2 ** 26 }));
const [app] = metadata.leptos;
const name = app['output-name'];
const site = app['site-root'];
const pkg = join(site, app['site-pkg-dir']);
const profile = app['lib-profile-release'];

// Splitting needs relocations, and scripts/wasm-ld and scripts/wasm-opt find functions by names that contain types. In a development build,
// such names are three fifths of the wasm, and slow.
const FLAGS = ['-Clink-args=--emit-relocs', '-Csymbol-mangling-version=v0'];
// If it is set, cargo ignores the flags of .cargo/config.toml and of --config.
const { RUSTFLAGS } = process.env;
const isSet = RUSTFLAGS !== undefined;
const flags = isSet ? [] : [`--config=target.wasm32-unknown-unknown.rustflags=${JSON.stringify(FLAGS)}`];
const env = { LEPTOS_OUTPUT_NAME: name, ...(isSet && { RUSTFLAGS: [RUSTFLAGS, ...FLAGS].join(' ').trim() }) };
const options = [`--package=${app['lib-package']}`, '--lib', `--profile=${profile}`, `--target-dir=${join(target, 'front')}`];
await run('cargo', ['build', ...options, '--target=wasm32-unknown-unknown', '--no-default-features', ...flags], env);

rmSync(site, { recursive: true, force: true });
mkdirSync(pkg, { recursive: true });
cpSync(app['assets-dir'], site, { recursive: true });
const module = join(target, 'front/wasm32-unknown-unknown', profile, `${app['lib-package'].replaceAll('-', '_')}.wasm`);
await run('target/tools/bin/wasm-parts', [module, pkg, name]);
for (const file of filesIn(pkg).filter((file) => file.endsWith('.wasm'))) optimize(file, file, app['wasm-opt-features']);
const script = oneScript(readFileSync(join(pkg, `${name}.js`), 'utf8'), readFileSync(join(pkg, PARTS), 'utf8'));
rmSync(join(pkg, PARTS));
writeFileSync(join(pkg, `${name}.js`), (await minify(script, { module: true, ecma: 2020, compress: { passes: 3 } })).code);
// Every release would say that the list of browsers is some months old.
process.env.BROWSERSLIST_IGNORE_OLD_DATA = 'yes';
const targets = browserslistToTargets(browserslist(app.browserquery));
const style = transform({ filename: app['style-file'], code: readFileSync(app['style-file']), minify: true, targets });
writeFileSync(join(pkg, `${name}.css`), style.code);
mkdirSync(join(target, 'release'), { recursive: true });
writeFileSync(join(target, 'release/hash.txt'), addHashes(pkg, name));
await Promise.all(filesIn(site).filter((file) => !file.endsWith('.png')).map(compress));

async function compress(file) {
  const bytes = readFileSync(file);
  const params = { [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length };
  const [br, gz] = await Promise.all([promisify(brotliCompress)(bytes, { params }), promisify(gzip)(bytes, { level: 9 })]);
  writeFileSync(`${file}.br`, br);
  writeFileSync(`${file}.gz`, gz);
}

function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

async function run(program, args, env = {}) {
  const child = spawn(program, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  // scripts/build.sh ends this script if the server cannot be built.
  const stop = () => child.kill();
  process.once('SIGTERM', stop);
  const [status] = await once(child, 'exit');
  process.off('SIGTERM', stop);
  if (status !== 0) process.exit(status ?? 1);
}
