// Removes the classes of wasm-bindgen's script that have no instances, and the functions of the WebAssembly that are their methods. Libraries
// export such classes whether the app makes instances or not: wasm-streams, with which Leptos could stream a request's body, has three.

import { exportsOf, sectionsOf, withExports, withoutCodeOf } from './module.js';

/** A class as wasm-bindgen writes it. */
const CLASS = /^export class (\w+) \{\n[^]*?^\}\n(?:if \(Symbol\.dispose\) \1\..*\n)?/gm;
/** Rust makes an instance with `__wrap`, and JavaScript with `constructor` or another static function. */
const MAKES_INSTANCES = /^ {4}(?:static|constructor)\b/m;

/** Returns the module and its script without these classes. */
export function withoutUnusedClasses(bytes, script) {
  const called = new Set();
  const unused = [];
  const kept = script.replace(CLASS, (source, name) => {
    if (MAKES_INSTANCES.test(source)) return source;
    unused.push(name);
    for (const [, method] of source.matchAll(/\bwasm\.(\w+)/g)) called.add(method);
    return '';
  });
  const rest = unused.reduce((source, name) => source.replace(new RegExp(`^const ${name}Finalization = [^;]*;\\n`, 'm'), ''), kept);
  const stillCalled = new Set(rest.match(/\w+/g));
  const exports = exportsOf(bytes, sectionsOf(bytes)).filter(({ name }) => !called.has(name) || stillCalled.has(name));
  // The exports are the only callers of a method, but the future of one that returns a promise is a trait object.
  const promises = unused.map((name) => new RegExp(`^_RNC(?:NC)?INv\\w*?_6js_sys7futures17future_to_promise.*${name.length}${name}\\d`));
  return { bytes: withoutCodeOf(withExports(bytes, exports), promises), script: rest };
}
