// Gives the functions that wasm-bindgen's script provides short names. Its own names end with a hash, which cannot be compressed.

import { IMPORT, importsOf, number, section, sectionsOf, text } from './module.js';

const HASHED = /^__wb(g|indgen)_\w+_[0-9a-f]{16}$/;

/** Returns the module and its script with short names. */
export function withShortImports(bytes, script) {
  const sections = sectionsOf(bytes);
  const imports = importsOf(bytes, sections);
  const shortNames = new Map();
  for (const { name } of imports) {
    if (HASHED.test(name) && !shortNames.has(name)) shortNames.set(name, `w${shortNames.size}`);
  }
  const parts = sections.map(({ kind, from, start, end }) => {
    if (kind !== IMPORT) return bytes.subarray(from, end);
    const entries = imports.map(({ module, name, end: nameEnd }, at) => {
      // From the end of the name to the next import.
      const rest = bytes.subarray(nameEnd, imports[at + 1]?.start ?? end);
      return Buffer.concat([text(module), text(shortNames.get(name) ?? name), rest]);
    });
    return section(IMPORT, Buffer.concat([number(imports.length), ...entries]));
  });
  return {
    bytes: Buffer.concat([bytes.subarray(0, 8), ...parts]),
    script: script.replace(/\b__wb(?:g|indgen)_\w+/g, (name) => shortNames.get(name) ?? name),
  };
}
