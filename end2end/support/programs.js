// Finds the built programs, and the build that target/site belongs to.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
export const siteFolder = join(projectFolder, 'target/site');
export const outputName = 'leptos-birthdays';
/** Only a site without hashes has it. */
const plainScript = join(siteFolder, 'pkg', `${outputName}.js`);

/** `release` or `debug`: the build in `APP_PROFILE`, else the one that wrote target/site last. */
export function profile() {
  if (process.env.APP_PROFILE) return process.env.APP_PROFILE;
  const built = ['release', 'debug'].filter((name) => existsSync(program('leptos-birthdays', name)) && ownsSite(name));
  if (built.length === 0) throw new Error("The app is not built: run 'cargo leptos build', or 'make test' for everything.");
  return built.sort((a, b) => builtAt(b) - builtAt(a))[0];
}

/** The path of a program in that build. */
export function program(name, build = profile()) {
  return join(projectFolder, 'target', build, name);
}

/** The list of the hashes, if file names in target/site contain them. */
export function hashList() {
  const list = join(projectFolder, 'target/release/hash.txt');
  return existsSync(plainScript) || !existsSync(list) ? undefined : list;
}

/** Only releases have hashes in their file names (scripts/build.sh). */
function ownsSite(build) {
  if (build === 'debug') return existsSync(plainScript);
  const list = hashList();
  const hash = list && /^js: (.+)$/m.exec(readFileSync(list, 'utf8'))?.[1];
  return Boolean(hash) && existsSync(join(siteFolder, 'pkg', `${outputName}.${hash}.js`));
}

function builtAt(build) {
  return statSync(program('leptos-birthdays', build)).mtimeMs;
}
