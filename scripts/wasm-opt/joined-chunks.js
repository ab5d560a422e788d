// Joins the small files that parts of the wasm share: splitting makes a file for each set of parts that share a function, and most of
// these files have a few functions.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { CODE, CUSTOM, DATA, EXPORT, IMPORT, importsOf, number, section, sectionsOf, text, textAt, withExports } from './module.js';

const MERGE = fileURLToPath(new URL('node_modules/.bin/wasm-merge', import.meta.url));
const SHARED = /^chunk_\d+\.wasm$/;
/** Bytes of code and data. */
const SMALL = 1000;
/** The script that loads the parts. cargo-leptos puts a hash in the place of the line in its name. */
export const SCRIPT = '__wasm_split.______________________.js';
/** The list of the parts' files. */
export const MANIFEST = '__wasm_split_manifest.json';
/** The module that the files import from, and another name that is as long. */
const FIRST_FILE = '__wasm_split';
const HOST = '__wasm_hosts';

/**
 * If `file` is the first of the small files, joins them all into it. Returns true if there is nothing left to do for `file`, because it is
 * another of them. cargo-leptos calls wasm-opt for several files at once, and this leaves all small files to the call for the first.
 */
export function joinSmallFiles(file, features) {
  const folder = dirname(file);
  if (!SHARED.test(basename(file)) || !existsSync(join(folder, SCRIPT))) return false;
  const before = readFileSync(join(folder, SCRIPT), 'utf8');
  // An interrupted build may have left others.
  const isOfThisBuild = (name) => SHARED.test(name) && before.includes(`"./${name}"`);
  const small = readdirSync(folder).filter((name) => isOfThisBuild(name) && isSmall(join(folder, name)));
  // Joined meanwhile: the others are removed before the first is written.
  if (!existsSync(file)) return true;
  const [first, ...others] = small.sort((one, other) => numberOf(one) - numberOf(other));
  if (basename(file) !== first) return others.includes(basename(file));
  if (others.length === 0) return false;
  const loaders = new Set(others.map((name) => `__chunk_${numberOf(name)}`));
  const script = withOneOf(before, `__chunk_${numberOf(first)}`, loaders);
  // A later version of wasm_split_cli_support may write the script in another way.
  const named = script.match(/\b__chunk_\d+\b|\bchunk_\d+\.wasm\b/g) ?? [];
  if (named.some((name) => loaders.has(name) || others.includes(name))) return false;
  const bytes = joined(file, small.map((name) => join(folder, name)), features);
  // First, because a call for one of them must not see the large file beside it.
  for (const name of others) rmSync(join(folder, name));
  writeFileSync(file, bytes);
  writeFileSync(join(folder, SCRIPT), script);
  const manifest = JSON.parse(readFileSync(join(folder, MANIFEST), 'utf8'));
  const isOther = (name) => others.includes(`${name}.wasm`);
  for (const [part, files] of Object.entries(manifest)) manifest[part] = [...new Set(files.map((name) => (isOther(name) ? basename(first, '.wasm') : name)))];
  writeFileSync(join(folder, MANIFEST), JSON.stringify(manifest));
  return false;
}

const numberOf = (name) => Number(name.match(/\d+/)[0]);

/** True for a small file that wasm-opt has not seen yet: it still has the names of its functions. */
function isSmall(path) {
  try {
    const bytes = readFileSync(path);
    const sections = sectionsOf(bytes);
    const size = (kind) => sections.filter((section) => section.kind === kind).reduce((sum, { start, end }) => sum + end - start, 0);
    const hasNames = sections.some(({ kind, start }) => kind === CUSTOM && textAt(bytes, start).text === 'name');
    return hasNames && size(CODE) + size(DATA) < SMALL;
  } catch {
    // Another call has joined it, or is writing it.
    return false;
  }
}

/** Returns the module with the contents of all. They import the same memory, table and variables. */
function joined(file, paths, features) {
  const modules = paths.map((path) => readFileSync(path));
  const host = `${file}.host`;
  const merged = `${file}.merged`;
  writeFileSync(host, hostOf(modules));
  const names = paths.flatMap((path) => [path, basename(path)]);
  const { status, stderr, error } = spawnSync(MERGE, [...features, host, FIRST_FILE, ...names, '-g', '-o', merged], { encoding: 'utf8' });
  if (error) throw error;
  if (status !== 0) throw new Error(`wasm-merge failed: ${stderr}`);
  const bytes = withExports(readFileSync(merged), []);
  rmSync(host);
  rmSync(merged);
  const { start, end } = sectionsOf(bytes).find(({ kind }) => kind === IMPORT);
  const imports = bytes.subarray(start, end);
  for (let at = imports.indexOf(HOST); at >= 0; at = imports.indexOf(HOST)) imports.write(FIRST_FILE, at);
  return bytes;
}

/** Returns a module that imports what the modules import, and exports it under the same names. */
function hostOf(modules) {
  const imported = new Map();
  for (const bytes of modules) {
    const sections = sectionsOf(bytes);
    const imports = importsOf(bytes, sections);
    const { end: last } = sections.find(({ kind }) => kind === IMPORT);
    imports.forEach(({ name, end }, at) => imported.set(name, bytes.subarray(end, imports[at + 1]?.start ?? last)));
  }
  const counts = {};
  const exports = [];
  for (const [name, [kind]] of imported) {
    counts[kind] = (counts[kind] ?? -1) + 1;
    exports.push(Buffer.concat([text(name), Buffer.of(kind), number(counts[kind])]));
  }
  const imports = Array.from(imported, ([name, rest]) => Buffer.concat([text(HOST), text(name), rest]));
  return Buffer.concat([
    modules[0].subarray(0, 8),
    section(IMPORT, Buffer.concat([number(imports.length), ...imports])),
    section(EXPORT, Buffer.concat([number(exports.length), ...exports])),
  ]);
}

/** Returns the script, in which one file is loaded in place of others. */
function withOneOf(script, one, others) {
  return script
    .replace(/\/\* [^*]* \*\/\nconst (__chunk_\d+) = makeLoad\([^]*?\n, \[\]\);\n/g, (source, name) => (others.has(name) ? '' : source))
    .replace(/\[__chunk_[^\]]*\]/g, (list) => {
      const names = list.slice(1, -1).split(', ');
      return `[${[...new Set(names.map((name) => (others.has(name) ? one : name)))].join(', ')}]`;
    });
}
