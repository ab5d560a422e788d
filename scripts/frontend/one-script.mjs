// Puts the script that loads the parts of the wasm into the script that loads the wasm, so that a page loads one file less.

/** Takes the texts of both, as wasm-bindgen and wasm_split_cli_support write them. They import each other. */
export function oneScript(script, parts) {
  const exported = [...parts.matchAll(/^export const (\w+)/gm)].map(([, name]) => name).sort();
  // The names stand in a random order, and the same code should make the same file.
  const body = parts
    .replace(/^import .*$/gm, '')
    .replace(/^export (?=const )/gm, '')
    .replace(/(?<=\{ )(?:\w+, ){2,}(?= \})/g, (names) => names.split(/(?<=, )/).sort().join(''));
  const imports = /^import \* as (\w+) from "\.\/__wasm_split\..*$/gm;
  const names = new Set([...script.matchAll(imports)].map(([, name]) => name));
  const rest = script.replace(imports, '').replace(/(?<=": )import\d+/g, (name) => (names.has(name) ? 'parts' : name));
  if (exported.length === 0 || /^(import|export) /m.test(body) || /^import /m.test(rest)) throw new Error('wasm-bindgen or wasm_split_cli_support writes its script in another way, or a crate brings a script of its own: scripts/frontend/one-script.mjs must learn it.');
  return `${rest}\nconst parts = (() => {\n${body}\nreturn { ${exported.join(', ')} };\n})();\n`;
}
