// Rust's functions that panic, by their names (https://doc.rust-lang.org/rustc/symbol-mangling/v0.html).

/** A function of Rust's libraries: its path follows. */
const OF_RUST = /^_RI?(?:Nv)+(?:Nt)*Cs[0-9A-Za-z]+_(?:4core|5alloc|3std)/;
/** `core::panicking::panic_fmt`, `core::result::unwrap_failed`, `core::slice::index::slice_index_fail`, `alloc::raw_vec::capacity_overflow` and others. */
const PANIC = /(?:^|_)panic(?:_|$)|_fail(?:ed)?(?:_|$)|^(?:capacity_overflow|handle_alloc_error)$/;
/** Those of wasm-bindgen, which throw errors of JavaScript for the same reasons. */
const OF_WASM_BINDGEN = /^_RNv(?:Nt)*Cs[0-9A-Za-z]+_12wasm_bindgen(?:\d+_*[a-z]+)*\d+(?:throw_str|throw_null|borrow_fail)$/;

/** Returns which functions, of those with these names, panic. */
export function panics(names) {
  return names.filter((name) => OF_WASM_BINDGEN.test(name) || PANIC.test(lastOf(name)));
}

/** Returns the last name in the path of a function of Rust's libraries: each has its length before it. */
function lastOf(name) {
  let rest = name.slice(OF_RUST.exec(name)?.[0].length ?? name.length);
  let last = '';
  for (let found; (found = /^(\d+)_?/.exec(rest)); rest = rest.slice(found[0].length + last.length)) {
    last = rest.slice(found[0].length, found[0].length + Number(found[1]));
  }
  return last;
}
