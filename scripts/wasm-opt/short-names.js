// Gives the functions that the wasm and wasm-bindgen's script have of each other short names, because their own contain hashes, which cannot be
// compressed. Leaves out the script's functions that the wasm does not import. Names that the script uses in an unknown way stay.

import { IMPORT, exportsOf, importsOf, number, section, sectionsOf, text, withExports } from './module.js';

const IMPORTED = /^__wb(g|indgen)_\w+_[0-9a-f]{16}$/;
const EXPORTED = /^_R\w+$/;
/** An imported function as wasm-bindgen writes it, up to the next one or the end of the object. */
const DEFINITION = /^ {8}(__wb\w+): function\([^]*?(?=^ {8}["\w]|^ {4}\})/gm;

/** Returns the module and its script with short names. */
export function withShortNames(bytes, script) {
  const sections = sectionsOf(bytes);
  const imports = importsOf(bytes, sections);
  const exports = exportsOf(bytes, sections);
  const defined = new Set(Array.from(script.matchAll(DEFINITION), ([, name]) => name));
  const usedOtherwise = new Set(script.match(/(?<!\bwasm\.)\b_R\w+/g));
  const isShortened = (name) => (IMPORTED.test(name) && defined.has(name)) || (EXPORTED.test(name) && !usedOtherwise.has(name));
  const shortNames = new Map();
  for (const { name } of [...imports, ...exports]) {
    if (isShortened(name) && !shortNames.has(name)) shortNames.set(name, `w${shortNames.size}`);
  }
  const short = (name) => shortNames.get(name) ?? name;
  const parts = sections.map(({ kind, from, start, end }) => {
    if (kind !== IMPORT) return bytes.subarray(from, end);
    const entries = imports.map(({ module, name, end: nameEnd }, at) => {
      // From the end of the name to the next import.
      const rest = bytes.subarray(nameEnd, imports[at + 1]?.start ?? end);
      return Buffer.concat([text(module), text(short(name)), rest]);
    });
    return section(IMPORT, Buffer.concat([number(imports.length), ...entries]));
  });
  const imported = new Set(imports.map(({ name }) => name));
  return {
    bytes: withExports(Buffer.concat([bytes.subarray(0, 8), ...parts]), exports.map(({ name, target }) => ({ name: short(name), target }))),
    script: script
      .replace(DEFINITION, (source, name) => (imported.has(name) ? source : ''))
      .replace(/\b__wb(?:g|indgen)_\w+/g, short)
      .replace(/\bwasm\.(_R\w+)/g, (_, name) => `wasm.${short(name)}`),
  };
}
