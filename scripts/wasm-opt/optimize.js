// Makes a file of wasm small: wasm-opt's passes, and besides them it removes unused classes, puts similar functions side by side and
// shortens names (docs/decisions/0008-similar-functions.md).

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import binaryen from 'binaryen';
import { namesOf, sectionsOf, withNames } from './module.js';
import { joinSmallFiles } from './joined-chunks.js';
import { withShortNames } from './short-names.js';
import { nameBySimilarity } from './similar-functions.js';
import { withoutUnusedClasses } from './unused-classes.js';

/** Writes the optimized file. `options` are wasm-opt's, such as `-O1` and `--enable-bulk-memory`, in any order. */
export function optimize(input, output, options) {
  // cargo-leptos gives its options in a random order.
  const sorted = [...options].sort();
  const features = sorted.filter((option) => option.startsWith('--enable-'));
  const passes = sorted.filter((option) => !features.includes(option));
  if (joinSmallFiles(input, features)) return;
  // wasm-bindgen's script, which only the first file has.
  const script = input.replace(/\.wasm$/, '.js');
  const hasScript = script !== input && existsSync(script);
  let bytes = readFileSync(input);
  // binaryen would warn of lists of names that it does not know.
  const names = namesOf(bytes, sectionsOf(bytes));
  if (hasScript) {
    const used = withoutUnusedClasses(bytes, readFileSync(script, 'utf8'));
    bytes = used.bytes;
    if (![...names.values()].some((name) => name.startsWith('_R'))) console.error('The wasm stays some kB larger: build it with -Csymbol-mangling-version=v0, as examples/notes/Makefile of leptos-appwrite does.');
    writeFileSync(script, used.script);
  }
  bytes = nameBySimilarity(withPasses(withNames(bytes, names), passes, features));
  bytes = withPasses(bytes, ['--reorder-functions-by-name'], features);
  if (hasScript) {
    const short = withShortNames(bytes, readFileSync(script, 'utf8'));
    bytes = short.bytes;
    writeFileSync(script, short.script);
  }
  writeFileSync(output, bytes);
}

/** What `-O` with a digit or letter stands for: the levels of optimizing and of shrinking. */
const LEVELS = { 0: [0, 0], 1: [1, 0], 2: [2, 0], 3: [3, 0], 4: [4, 0], '': [2, 1], s: [2, 1], z: [2, 2] };

function withPasses(bytes, passes, features) {
  const module = binaryen.readBinary(bytes);
  try {
    module.setFeatures(features.map(featureOf).reduce((all, feature) => all | feature, module.getFeatures()));
    for (const pass of passes) {
      const [, level] = pass.match(/^-O([0-4sz]?)$/) ?? [];
      // A single pass has those of `-Os`.
      const [optimizing, shrinking] = LEVELS[level ?? 's'];
      binaryen.setOptimizeLevel(optimizing);
      binaryen.setShrinkLevel(shrinking);
      if (level === undefined) module.runPasses([pass.replace(/^--/, '')]);
      else module.optimize();
    }
    return Buffer.from(module.emitBinary());
  } finally {
    module.dispose();
  }
}

/** What the library calls otherwise than the option. */
const FEATURES = { 'nontrapping-float-to-int': 'NontrappingFPToInt', simd: 'SIMD128', threads: 'Atomics' };

function featureOf(option) {
  const feature = option.replace('--enable-', '');
  const name = (FEATURES[feature] ?? feature.replaceAll('-', '')).toLowerCase();
  const features = Object.fromEntries(Object.entries(binaryen.Features).map(([key, value]) => [key.toLowerCase(), value]));
  if (!(name in features)) throw new Error(`wasm-opt has no feature ${option}.`);
  return features[name] | (name === 'bulkmemory' ? features.bulkmemoryopt : 0);
}
