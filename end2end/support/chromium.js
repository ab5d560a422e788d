// Finds the Chromium for the tests. Run as a program, prints its path or exits with 1.
import { accessSync, constants, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PLACES = ['/usr/bin', '/Applications/Google Chrome.app/Contents/MacOS', ...(process.env.PATH ?? '').split(delimiter)];

/** The path in `CHROMIUM`, of an installed browser, or of the one that Playwright downloaded; else undefined. */
export function chromiumPath() {
  return process.env.CHROMIUM || (installed([...NAMES, 'Google Chrome']) ?? playwrightsOwn());
}

/** How to launch it: without Google's services, and without the sandbox where it cannot run (as root). */
export function launchOptions() {
  return options(chromiumPath());
}

/** How to launch a Chromium without windows, which runs the tests in half the time, or else any Chromium. */
export function headlessShellOptions() {
  const shell = process.env.CHROMIUM || installed(['chromium-headless-shell']);
  // Playwright has one, too, and launches it if no path is given.
  return options(shell || (playwrightsOwn() ? undefined : chromiumPath()));
}

function options(executablePath) {
  const isRoot = process.getuid?.() === 0;
  return {
    executablePath,
    args: [
      ...(isRoot ? ['--no-sandbox'] : []),
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-quic',
    ],
  };
}

function installed(names) {
  return PLACES.flatMap((place) => names.map((name) => join(place, name))).find(isProgram);
}

function playwrightsOwn() {
  try {
    const path = createRequire(import.meta.url)('@playwright/test').chromium.executablePath();
    return existsSync(path) ? path : undefined;
  } catch {
    return undefined;
  }
}

function isProgram(path) {
  // Ubuntu's /usr/bin/chromium-browser may be a script that only asks to install a snap.
  if (path.endsWith('/chromium-browser') && !existsSync('/snap/bin/chromium') && existsSync('/usr/bin/snap')) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = chromiumPath();
  if (path) console.log(path);
  else process.exitCode = 1;
}
