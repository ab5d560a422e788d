// The size of the browser's code: compressed bytes per part, and bytes of code per crate.
// Run it after `make run`: node end2end/bench/wasm.js
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { CODE, bodiesOf, importsOf, namesOf, sectionsOf } from '../../scripts/wasm-opt/module.js';
import { projectFolder } from '../support/programs.js';

const PACKAGE = join(projectFolder, 'target/site/pkg');
/** The linked module, before it is split and its names are removed. */
const LINKED = join(projectFolder, 'target/front/wasm32-unknown-unknown/wasm-release/leptos_birthdays_frontend.wasm');
const CRATES_SHOWN = 25;

const files = readdirSync(PACKAGE);
const compressed = (name) => statSync(join(PACKAGE, `${name}.br`)).size;
const find = (pattern) => files.filter((name) => pattern.test(name));

const first = find(/^leptos-birthdays\.[\w-]+\.(wasm|js|css)$/);
const firstBytes = sum(first.map(compressed));
const rows = [['first load of every page (wasm, script, style sheet)', firstBytes]];
const [manifest] = find(/^__wasm_split_manifest\.[\w-]+\.json$/);
if (manifest) {
  const parts = JSON.parse(readFileSync(join(PACKAGE, manifest), 'utf8'));
  for (const [part, names] of Object.entries(parts)) rows.push([`more for the part ${part}`, sum(names.map((name) => compressed(`${name}.wasm`)))]);
}
console.log('\nOver the wire (brotli, bytes)');
for (const [what, bytes] of rows) console.log(`${String(bytes).padStart(9)}  ${what}`);

const crates = new Map();
for (const { name, size } of functionsOf(readFileSync(LINKED))) {
  const crate = crateOf(name);
  const row = crates.get(crate) ?? { size: 0, count: 0 };
  crates.set(crate, { size: row.size + size, count: row.count + 1 });
}
const largest = [...crates].sort(([, a], [, b]) => b.size - a.size);
console.log('\nCode of each crate before compression, all parts together (bytes, functions)');
for (const [crate, { size, count }] of largest.slice(0, CRATES_SHOWN)) console.log(`${String(size).padStart(9)} ${String(count).padStart(6)}  ${crate}`);

function sum(numbers) {
  return numbers.reduce((total, number) => total + number, 0);
}

/** The functions that a module defines, with their names from its name section. */
function functionsOf(bytes) {
  const sections = sectionsOf(bytes);
  const names = namesOf(bytes, sections);
  const imported = importsOf(bytes, sections).filter(({ isFunction }) => isFunction).length;
  const code = sections.find(({ kind }) => kind === CODE);
  return bodiesOf(bytes, code.start).map(({ length }, index) => ({ size: length, name: names.get(index + imported) ?? '' }));
}

/** The crate of a function with a mangled name (`_ZN…` or `_R…`). For the implementation of a trait, the crate of the type. */
function crateOf(name) {
  if (name.startsWith('_R')) return name.match(/C[^_]*_\d+([a-z]\w*?)(?=\d|[A-Z]|$)/)?.[1] ?? 'other';
  const path = name.replace(/\$LT\$/g, '<').replace(/\$u20\$/g, ' ').replace(/\$\w+\$/g, '').replace(/\.\./g, '::');
  return path.match(/(?:^_ZN\d+|[< ])_?<?([a-z]\w*?)(?=::|\d)/)?.[1] ?? 'other';
}
