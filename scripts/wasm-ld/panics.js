// Rust's functions that panic.

/**
 * The functions of Rust's libraries that panic, by their names (https://doc.rust-lang.org/rustc/symbol-mangling/v0.html): `core::panicking::panic_fmt`,
 * `core::result::unwrap_failed`, `core::slice::index::slice_index_fail`, `std::thread::local::panic_access_error` and others.
 */
const OF_RUST = /^_RI?(?:Nv)+(?:Nt)*Cs[0-9A-Za-z]+_(?:4core|5alloc|3std)(?:\d+[a-z_]+?)*\d+(?:(?:begin_)?panic(?:_[a-z_]+)?|(?:[a-z]+_)+fail(?:ed)?(?:_[a-z]+)?|capacity_overflow|handle_alloc_error)(?![a-z_\d])/;

/** Those of wasm-bindgen, which throw errors of JavaScript for the same reasons. */
const OF_WASM_BINDGEN = /^_RNv(?:Nt)*Cs[0-9A-Za-z]+_12wasm_bindgen(?:\d+_*[a-z]+)*\d+(?:throw_str|throw_null|borrow_fail)$/;

/** Returns which functions, of those with these names, panic. */
export function panics(names) {
  return names.filter((name) => OF_RUST.test(name) || OF_WASM_BINDGEN.test(name));
}
