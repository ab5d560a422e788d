// Reads and writes the binary format of WebAssembly (https://webassembly.github.io/spec/core/binary/modules.html).

export const CUSTOM = 0;
export const IMPORT = 2;
export const EXPORT = 7;
export const CODE = 10;
export const DATA = 11;
const FUNCTION = 0;
const TABLE = 1;
const MEMORY = 2;
const GLOBAL = 3;
/** The list of the name section with the functions. */
const FUNCTION_NAMES = 1;

/** Returns the sections of a module: the kind, where it begins, where its contents begin, and its end. */
export function sectionsOf(bytes) {
  const sections = [];
  for (let at = 8; at < bytes.length; ) {
    const { value, next } = numberAt(bytes, at + 1);
    sections.push({ kind: bytes[at], from: at, start: next, end: next + value });
    at = next + value;
  }
  return sections;
}

/** Returns the imports of a module: the other module, the name, where the import begins, where its name ends, and if it is a function. */
export function importsOf(bytes, sections) {
  const section = sections.find(({ kind }) => kind === IMPORT);
  if (!section) return [];
  let { value: left, next: at } = numberAt(bytes, section.start);
  const skipNumber = () => (at = numberAt(bytes, at).next);
  const skipLimits = () => {
    const hasMax = bytes[at] & 1;
    at += 1;
    skipNumber();
    if (hasMax) skipNumber();
  };
  const imports = [];
  for (; left > 0; left -= 1) {
    const { text: module, next: from } = textAt(bytes, at);
    const { text: name, next: end } = textAt(bytes, from);
    const kind = bytes[end];
    imports.push({ module, name, start: at, end, isFunction: kind === FUNCTION });
    at = end + 1;
    if (kind === FUNCTION) skipNumber();
    else if (kind === TABLE) {
      at += 1;
      skipLimits();
    } else if (kind === MEMORY) skipLimits();
    else if (kind === GLOBAL) at += 2;
    else throw new Error(`The module imports something of an unknown kind: ${kind}.`);
  }
  return imports;
}

/** Returns the exports of a module: the name, and the bytes that say what it is. */
export function exportsOf(bytes, sections) {
  const section = sections.find(({ kind }) => kind === EXPORT);
  if (!section) return [];
  const { value: count, next } = numberAt(bytes, section.start);
  let at = next;
  return Array.from({ length: count }, () => {
    const { text: name, next: start } = textAt(bytes, at);
    at = numberAt(bytes, start + 1).next;
    return { name, target: bytes.subarray(start, at) };
  });
}

/** Returns the module with these exports in place of its own. */
export function withExports(bytes, exports) {
  const entries = exports.map(({ name, target }) => Buffer.concat([text(name), target]));
  const parts = sectionsOf(bytes).map(({ kind, from, end }) =>
    kind === EXPORT ? section(EXPORT, Buffer.concat([number(exports.length), ...entries])) : bytes.subarray(from, end),
  );
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}

/** Returns the bodies of the functions, without their sizes. */
export function bodiesOf(bytes, start) {
  let { value: count, next: at } = numberAt(bytes, start);
  const bodies = [];
  for (; count > 0; count -= 1) {
    const { value: size, next } = numberAt(bytes, at);
    at = next + size;
    bodies.push(bytes.subarray(next, at));
  }
  return bodies;
}

/** Returns the names of the functions, by their indices. */
export function namesOf(bytes, sections) {
  const names = new Map();
  for (const { kind, start, end } of sections) {
    if (kind !== CUSTOM) continue;
    const { text: title, next } = textAt(bytes, start);
    if (title !== 'name') continue;
    for (let at = next; at < end; ) {
      const list = bytes[at];
      const { value: size, next: from } = numberAt(bytes, at + 1);
      at = from + size;
      if (list !== FUNCTION_NAMES) continue;
      let { value: left, next: entry } = numberAt(bytes, from);
      for (; left > 0; left -= 1) {
        const { value: index, next: nameAt } = numberAt(bytes, entry);
        const { text: name, next: following } = textAt(bytes, nameAt);
        names.set(index, name);
        entry = following;
      }
    }
  }
  return names;
}

/** Returns the module with these names of functions, by their indices, in place of all its names. */
export function withNames(bytes, names) {
  const entries = Array.from(names, ([index, name]) => Buffer.concat([number(index), text(name)]));
  const functions = Buffer.concat([number(entries.length), ...entries]);
  const kept = sectionsOf(bytes).filter(({ kind, start }) => kind !== CUSTOM || textAt(bytes, start).text !== 'name');
  const list = section(CUSTOM, Buffer.concat([text('name'), Buffer.of(FUNCTION_NAMES), number(functions.length), functions]));
  return Buffer.concat([bytes.subarray(0, 8), ...kept.map(({ from, end }) => bytes.subarray(from, end)), list]);
}

/** No local variables, and one instruction that ends the program. */
const EMPTY = Buffer.of(0x00, 0x00, 0x0b);

/** Returns the module with empty functions in place of those with these names. */
export function withoutCodeOf(bytes, patterns) {
  const sections = sectionsOf(bytes);
  const names = namesOf(bytes, sections);
  const imported = importsOf(bytes, sections).filter(({ isFunction }) => isFunction).length;
  const isMatch = (index) => patterns.some((pattern) => pattern.test(names.get(index + imported) ?? ''));
  const parts = sections.map(({ kind, from, start, end }) => {
    if (kind !== CODE) return bytes.subarray(from, end);
    const bodies = bodiesOf(bytes, start).map((body, index) => (isMatch(index) ? EMPTY : body));
    return section(CODE, Buffer.concat([number(bodies.length), ...bodies.flatMap((body) => [number(body.length), body])]));
  });
  return Buffer.concat([bytes.subarray(0, 8), ...parts]);
}

/** Returns a section with these contents. */
export function section(kind, contents) {
  return Buffer.concat([Buffer.of(kind), number(contents.length), contents]);
}

/** Reads a number in LEB128. */
export function numberAt(bytes, at) {
  let value = 0;
  for (let factor = 1; ; factor *= 128) {
    if (at >= bytes.length) throw new Error('The module is incomplete.');
    const byte = bytes[at++];
    value += (byte & 127) * factor;
    if (byte < 128) return { value, next: at };
  }
}

export function textAt(bytes, at) {
  const { value: length, next } = numberAt(bytes, at);
  return { text: bytes.toString('utf8', next, next + length), next: next + length };
}

/** Writes a number in LEB128. */
export function number(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.of(...bytes, value);
}

export function text(value) {
  const bytes = Buffer.from(value);
  return Buffer.concat([number(bytes.length), bytes]);
}
