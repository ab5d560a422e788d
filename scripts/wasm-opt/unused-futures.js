// Empties Leptos's functions that hydrate a page step by step (`RenderHtml::hydrate_async`). Each view has them, but only
// `leptos::mount::hydrate_from_async` calls them. leptos-appwrite hydrates with `RenderHtml::hydrate`, which does not; an app that
// hydrates in another way must not use this.

import { CODE, bodiesOf, importsOf, namesOf, number, section, sectionsOf } from './module.js';

/**
 * The futures of these functions, as Rust names them, without the closures inside. The compiler merges equal functions, so a closure's code may
 * also be that of a function in use. A future contains its place in the source, so only futures of the same place can be merged.
 */
const UNUSED = /13hydrate_async28_\$u7b\$\$u7b\$closure\$u7d\$\$u7d\$17h[0-9a-f]{16}E/;
const CALLS_THEM = /hydrate_from_async/;
/** No local variables, and one instruction that ends the program. */
const EMPTY = Buffer.of(0x00, 0x00, 0x0b);

/** Returns the module without the code of these functions. It must have names. */
export function withoutUnusedFutures(bytes) {
  const sections = sectionsOf(bytes);
  const names = namesOf(bytes, sections);
  if (names.size === 0 || [...names.values()].some((name) => CALLS_THEM.test(name))) return bytes;
  const imported = importsOf(bytes, sections).filter(({ isFunction }) => isFunction).length;
  const isUnused = (index) => {
    const name = names.get(index + imported) ?? '';
    return UNUSED.test(name) && !name.includes('drop_in_place');
  };
  const parts = sections.map(({ kind, from, start, end }) => {
    if (kind !== CODE) return bytes.subarray(from, end);
    const bodies = bodiesOf(bytes, start).map((body, index) => (isUnused(index) ? EMPTY : body));
    return section(CODE, Buffer.concat([number(bodies.length), ...bodies.flatMap((body) => [number(body.length), body])]));
  });
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}
