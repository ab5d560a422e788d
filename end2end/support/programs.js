// Finds the built programs, and the build that target/site belongs to.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectFolder = fileURLToPath(new URL('../..', import.meta.url));
export const siteFolder = join(projectFolder, 'target/site');
export const outputName = 'leptos-birthdays';
/** Only a site without hashes has it. */
const plainScript = join(siteFolder, 'pkg', `${outputName}.js`);

/** `release` or `debug`: the build whose server fits target/site. */
export function profile() {
  const list = hashList();
  const hash = list && /^js: (.+)$/m.exec(readFileSync(list, 'utf8'))?.[1];
  const script = list ? join(siteFolder, 'pkg', `${outputName}.${hash}.js`) : plainScript;
  // Each build begins by deleting the release's server (scripts/build.sh), and cargo-leptos's builds have no hashes.
  const built = list && existsSync(program('leptos-birthdays', 'release')) ? 'release' : 'debug';
  if (!existsSync(script) || !existsSync(program('leptos-birthdays', built))) {
    throw new Error("The app is not built: run 'cargo leptos build', or 'make test' for everything.");
  }
  return built;
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
