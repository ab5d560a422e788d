// Removes the classes of wasm-bindgen's script that have no instances, and the functions of the WebAssembly that are their methods. Libraries
// export such classes whether the app makes instances or not: wasm-streams, with which Leptos could stream a request's body, has three.

import { EXPORT, number, numberAt, section, sectionsOf, textAt, withoutCodeOf } from './module.js';

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
  const promises = unused.map((name) => new RegExp(`^_RNCNCINv\\w*?_6js_sys7futures17future_to_promise.*${name.length}${name}\\d`));
  return { bytes: withoutCodeOf(withoutExports(bytes, methods), promises), script: rest };
}

function withoutExports(bytes, names) {
  const parts = sectionsOf(bytes).map(({ kind, from, start, end }) => {
    if (kind !== EXPORT) return bytes.subarray(from, end);
    let { value: left, next: at } = numberAt(bytes, start);
    const entries = [];
    for (; left > 0; left -= 1) {
      const { text: name, next } = textAt(bytes, at);
      const { next: following } = numberAt(bytes, next + 1);
      if (!names.has(name)) entries.push(bytes.subarray(at, following));
      at = following;
    }
    return section(EXPORT, Buffer.concat([number(entries.length), ...entries]));
  });
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}
