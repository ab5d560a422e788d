// Removes the classes of wasm-bindgen's script that have no instances, and the functions of the WebAssembly that are their methods. Libraries
// export such classes whether the app makes instances or not: wasm-streams, with which Leptos could stream a request's body, has three.

import { EXPORT, exportsOf, number, section, sectionsOf, text, withoutCodeOf } from './module.js';

/** A class as wasm-bindgen writes it. Rust makes an instance with `__wrap`, and JavaScript with `constructor`. */
const CLASS = /^export class (\w+) \{\n[^]*?^\}\n(?:if \(Symbol\.dispose\) \1\..*\n)?/gm;
const MAKES_INSTANCES = /^ {4}(?:static __wrap|constructor)\(/m;

/** Returns the module and its script without these classes. */
export function withoutUnusedClasses(bytes, script) {
  const methods = new Set();
  const unused = [];
  const kept = script.replace(CLASS, (source, name) => {
    if (MAKES_INSTANCES.test(source)) return source;
    unused.push(name);
    for (const [, method] of source.matchAll(/\bwasm\.(\w+)\(/g)) methods.add(method);
    return '';
  });
  const rest = unused.reduce((source, name) => source.replace(new RegExp(`^const ${name}Finalization = [^;]*;\\n`, 'm'), ''), kept);
  // The exports are the only callers of a method, but the future of one that returns a promise is a trait object.
  const promises = unused.map((name) => new RegExp(`^_RNC(?:NC)?INv\\w*?_6js_sys7futures17future_to_promise.*${name.length}${name}\\d`));
  return { bytes: withoutCodeOf(withoutExports(bytes, methods), promises), script: rest };
}

function withoutExports(bytes, names) {
  const sections = sectionsOf(bytes);
  const kept = exportsOf(bytes, sections).filter(({ name }) => !names.has(name));
  const entries = kept.map(({ name, target }) => Buffer.concat([text(name), target]));
  const parts = sections.map(({ kind, from, end }) =>
    kind === EXPORT ? section(EXPORT, Buffer.concat([number(kept.length), ...entries])) : bytes.subarray(from, end),
  );
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}
