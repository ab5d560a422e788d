// Puts hashes of their contents into the names of the files that a page loads, so that browsers keep each as long as it is the same.
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { MANIFEST } from '../wasm-opt/joined-chunks.js';

/**
 * Renames the files of the folder, and returns the list of hashes that the server reads. A hash changes exactly if something that the file
 * contains or loads does.
 */
export function addHashes(folder, name) {
  const hashes = {};
  const path = (file) => join(folder, file);
  const read = (file) => readFileSync(path(file), 'utf8');
  const rename = (file, hash) => {
    const to = file.replace(/\.\w+$/, `.${hash}$&`);
    renameSync(path(file), path(to));
    return to;
  };

  const renamed = new Map();
  for (const file of readdirSync(folder).filter((file) => ['.wasm', '.css'].includes(extname(file))).sort()) {
    const hash = hashOf(readFileSync(path(file)));
    hashes[file] = hash;
    renamed.set(file, rename(file, hash));
  }
  const script = read(`${name}.js`).replace(/(?<=["'`]\.\/)[\w-]+\.wasm(?=["'`])/g, (file) => renamed.get(file) ?? file);
  writeFileSync(path(`${name}.js`), script);
  const hash = hashOf(script);
  rename(`${name}.js`, hash);
  const lines = [['js', hash], ['wasm', hashes[`${name}.wasm`]], ['css', hashes[`${name}.css`]]];
  if (readdirSync(folder).includes(MANIFEST)) {
    const stem = (file) => file.replace(/\.wasm$/, '');
    const parts = Object.entries(JSON.parse(read(MANIFEST)));
    const manifest = JSON.stringify(Object.fromEntries(parts.map(([part, files]) => [part, files.map((file) => stem(renamed.get(`${file}.wasm`)))])));
    writeFileSync(path(MANIFEST), manifest);
    rename(MANIFEST, hashOf(manifest));
    lines.push(['manifest', hashOf(manifest)]);
  }
  return lines.map(([kind, hash]) => `${kind}: ${hash}\n`).join('');
}

const hashOf = (contents) => createHash('sha256').update(contents).digest('base64url').slice(0, 22);
