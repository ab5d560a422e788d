// Finds Firefox and WebKit. Run as a program with `firefox` or `webkit`, prints what the tests start, or exits with 1.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const PLACES = ['/usr/bin', '/Applications/Firefox.app/Contents/MacOS', ...(process.env.PATH ?? '').split(delimiter)];

/** The path in `FIREFOX`, or that of an installed Firefox; else undefined. */
export function firefoxPath() {
  return process.env.FIREFOX || programPath('firefox-esr', 'firefox');
}

/** The paths of WebKitGTK's driver, which finds its browser, and of the virtual display; else undefined. */
export function webkitPaths() {
  const [driver, display] = [programPath('WebKitWebDriver'), programPath('Xvfb')];
  return driver && display && { driver, display };
}

function programPath(...names) {
  return names.flatMap((name) => PLACES.map((place) => join(place, name))).find(isProgram);
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const found = { firefox: firefoxPath, webkit: webkitPaths }[process.argv[2]]?.();
  if (found) console.log(found);
  else process.exitCode = 1;
}
