// Leptos's functions that hydrate a page step by step (`RenderHtml::hydrate_async`). Each view has them, but leptos-appwrite hydrates with
// `RenderHtml::hydrate`. An app that calls `hydrate_from_async`, `hydrate_lazy` or `RenderEffect::new_with_async_value` must not use this.

/** The crate at the end of a name, and what the compiler adds to it. */
const END = String.raw`(?:Cs\w+|B[0-9A-Za-z]*_)(?:\.\w+)*$`;
/**
 * The functions, as Rust names them (https://doc.rust-lang.org/rustc/symbol-mangling/v0.html). The compiler merges equal functions, but not these
 * with one in use: a future, and a closure that can panic, contain their place in the source, and a function that boxes a future contains the future.
 */
const UNUSED = [
  // The futures, and the futures and closures in them.
  `^_RNCNv[XY].*13hydrate_async0${END}`,
  String.raw`^_RNCNCNvX\w*?_6tachys14reactive_graph.*13hydrate_async0(?:s_)?0${END}`,
  `^_RNC(?:Nv.*27new_with_async_value_erased0|NCNv.*27new_with_async_value_erased0s_0)${END}`,
  // The functions of trait objects that make such a future in a box.
  String.raw`^_RN?C?INvNvX\w*?_6tachys4view8any_view\w*?8into_any13hydrate_async`,
].map((pattern) => new RegExp(pattern));

const CALLS_THEM = /hydrate_from_async/;

/** Returns which functions, of those with these names, are unused. */
export function unusedFutures(names) {
  return names.some((name) => CALLS_THEM.test(name)) ? [] : names.filter((name) => UNUSED.some((pattern) => pattern.test(name)));
}
