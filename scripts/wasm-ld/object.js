// Removes calls and code from an object file of WebAssembly, so that the linker leaves out what only they refer to
// (https://github.com/WebAssembly/tool-conventions/blob/main/Linking.md).

import { CODE, CUSTOM, DATA, bodiesOf, importsOf, number, numberAt, section, sectionsOf, textAt } from '../wasm-opt/module.js';
import { CALL, END, UNREACHABLE, endsStraightLine, instructionsOf } from './instructions.js';

const NOP = 0x01;
/** The list of the section "linking" with the symbols. */
const SYMBOLS = 8;
const [FUNCTION_SYMBOL, DATA_SYMBOL, SECTION_SYMBOL] = [0, 1, 3];
const [UNDEFINED, EXPLICIT_NAME] = [0x10, 0x40];
/** Relocations that also have an addend: addresses in memory, and offsets in functions and sections. */
const HAS_ADDEND = new Set([3, 4, 5, 8, 9, 11, 14, 15, 16, 17, 21, 22, 23, 25]);
const FUNCTION_INDEX = 0;
/** Addresses in memory. */
const ADDRESSES = new Set([3, 4, 5]);
const PLACE_SIZE = 16;
/** The names that the compiler gives to constants without one. */
const ANONYMOUS = /^\.L(?:anon\.|alloc_)/;

/**
 * Returns the object file without the code of functions that are `unused`, and without the calls of those that `end` the program: the program
 * ends there at once. Both choose from the names of all functions, as Rust mangles them. All places in the source, which only panics name, become one.
 */
export function withoutUnused(bytes, { unused, ends }) {
  const sections = sectionsOf(bytes);
  const custom = (title) => sections.find(({ kind, start }) => kind === CUSTOM && textAt(bytes, start).text === title);
  const code = sections.find(({ kind }) => kind === CODE);
  const [linking, relocations, ofData] = ['linking', 'reloc.CODE', 'reloc.DATA'].map(custom);
  if (!code || !linking || !relocations || !ofData) return bytes;
  const imported = importsOf(bytes, sections).filter(({ isFunction }) => isFunction);
  const symbols = symbolsOf(bytes, linking, imported);
  const chosen = (choose) => {
    const names = new Set(choose(symbols.map(({ name }) => name)));
    return symbols.map(({ name }) => names.has(name));
  };
  const [isUnused, isEnd] = [chosen(unused), chosen(ends)];
  const emptied = new Set(symbols.flatMap(({ index }, symbol) => (isUnused[symbol] ? [index - imported.length] : [])));
  const entries = relocationsOf(bytes, relocations);
  const calls = new Set(entries.filter(({ type, symbol }) => type === FUNCTION_INDEX && isEnd[symbol]).map(({ offset }) => offset + code.start));
  const changed = Buffer.from(bytes);
  /** From and to, in the order of the file. */
  const dead = [];
  const empty = (from, to) => {
    if (from === to) return;
    changed.fill(NOP, from, to);
    changed[from] = UNREACHABLE;
    dead.push([from - code.start, to - code.start]);
  };
  bodiesOf(bytes, code.start).forEach((body, index) => {
    const at = body.byteOffset - bytes.byteOffset;
    const instructions = instructionsOf(body);
    if (instructions.length === 0) return;
    let { start: from } = instructions[0];
    // The last instruction ends the function.
    if (emptied.has(index)) return void empty(at + from, at + instructions.at(-1).start);
    instructions.forEach(({ code: instruction, start, end }, place) => {
      // The compiler ends the program after a call that does not return. What comes before in the same straight line only prepares the call.
      const isLast = () => instructions.slice(place + 1).find(({ code: following }) => following !== END)?.code === UNREACHABLE;
      if (instruction === CALL && calls.has(at + start + 1) && isLast()) empty(at + from, at + end);
      if (endsStraightLine(instruction)) from = end;
    });
  });
  let next = 0;
  const kept = entries.filter(({ offset }) => {
    while (next < dead.length && dead[next][1] <= offset) next += 1;
    return next === dead.length || offset < dead[next][0];
  });
  const entriesOfData = relocationsOf(bytes, ofData);
  const data = sections.find(({ kind }) => kind === DATA);
  const places = placesOf(bytes, data, symbols, entriesOfData);
  // The one that stays is empty.
  for (const start of places.values()) changed.fill(0, start, start + PLACE_SIZE);
  const starts = new Set(places.values());
  const lists = new Map([[relocations, kept], [ofData, entriesOfData.filter(({ offset }) => !starts.has(data.start + offset))]]);
  return Buffer.concat([bytes.subarray(0, 8), ...sections.map((one) => (lists.has(one) ? written(bytes, one, lists.get(one), places) : changed.subarray(one.from, one.end)))]);
}

/** Returns a section of relocations with these entries. A symbol that is one of the places becomes the first of those. */
function written(bytes, { start }, entries, places) {
  const { next: afterTitle } = textAt(bytes, start);
  const { next: afterSection } = numberAt(bytes, afterTitle);
  const [first] = places.keys();
  const list = entries.flatMap(({ type, head, symbol, addend }) => [head, number(ADDRESSES.has(type) && places.has(symbol) ? first : symbol), addend]);
  return section(CUSTOM, Buffer.concat([bytes.subarray(start, afterSection), number(entries.length), ...list]));
}

/**
 * Returns the symbols that are places in the source (`core::panic::Location`), and where their contents begin: constants without a name that
 * consist of the address and length of a file's name, a line and a column.
 */
function placesOf(bytes, data, symbols, entries) {
  const segments = segmentsOf(bytes, data.start);
  const targets = new Map(entries.map(({ type, offset, symbol }) => [data.start + offset, ADDRESSES.has(type) ? symbol : undefined]));
  const startOf = ({ segment, offset }) => segments[segment] + offset;
  const isAnonymous = ({ name, data: own }) => own !== undefined && ANONYMOUS.test(name);
  const isPlace = (symbol) => {
    if (!isAnonymous(symbol) || symbol.data.size !== PLACE_SIZE) return false;
    const start = startOf(symbol.data);
    const file = symbols[targets.get(start)];
    if (!file || !isAnonymous(file) || [4, 8, 12].some((field) => targets.has(start + field))) return false;
    const [length, line, column] = [4, 8, 12].map((field) => bytes.readUInt32LE(start + field));
    const name = bytes.toString('utf8', startOf(file.data), startOf(file.data) + length);
    return length <= file.data.size && /\.rs\0?$/.test(name) && line > 0 && column > 0;
  };
  return new Map(symbols.flatMap((symbol, index) => (isPlace(symbol) ? [[index, startOf(symbol.data)]] : [])));
}

/** Returns where the contents of each segment begin. */
function segmentsOf(bytes, start) {
  let { value: count, next: at } = numberAt(bytes, start);
  return Array.from({ length: count }, () => {
    // In an object file, each has the flags 0 and an address of its own: an instruction with a number, and the end.
    at = numberAt(bytes, at + 2).next + 1;
    const { value: size, next } = numberAt(bytes, at);
    at = next + size;
    return next;
  });
}

/** Returns the symbols: the name and the index of a function, the name, segment, offset and size of data, and only an empty name for others. */
function symbolsOf(bytes, linking, imported) {
  const symbols = [];
  const { next: afterTitle } = textAt(bytes, linking.start);
  for (let at = numberAt(bytes, afterTitle).next; at < linking.end; ) {
    const list = bytes[at];
    const { value: size, next: from } = numberAt(bytes, at + 1);
    at = from + size;
    if (list !== SYMBOLS) continue;
    let { value: left, next: entry } = numberAt(bytes, from);
    const take = () => {
      const { value, next } = numberAt(bytes, entry);
      entry = next;
      return value;
    };
    const takeText = () => {
      const { text: value, next } = textAt(bytes, entry);
      entry = next;
      return value;
    };
    for (; left > 0; left -= 1) {
      const kind = bytes[entry];
      entry += 1;
      const flags = take();
      let [name, index, data] = [''];
      if (kind === DATA_SYMBOL) {
        name = takeText();
        if (!(flags & UNDEFINED)) data = { segment: take(), offset: take(), size: take() };
      } else {
        index = take();
        const isNamed = kind !== SECTION_SYMBOL && (!(flags & UNDEFINED) || flags & EXPLICIT_NAME);
        const own = isNamed ? takeText() : imported[index]?.name ?? '';
        if (kind === FUNCTION_SYMBOL) name = own;
      }
      symbols.push({ name, index, data });
    }
  }
  return symbols;
}

/** Returns the relocations: type, offset in the section, symbol, and the bytes before and after the symbol. */
function relocationsOf(bytes, { start }) {
  let { next: at } = numberAt(bytes, textAt(bytes, start).next);
  let { value: left, next } = numberAt(bytes, at);
  const entries = [];
  for (at = next; left > 0; left -= 1) {
    const from = at;
    const type = bytes[at];
    const { value: offset, next: afterOffset } = numberAt(bytes, at + 1);
    const { value: symbol, next: afterSymbol } = numberAt(bytes, afterOffset);
    at = HAS_ADDEND.has(type) ? numberAt(bytes, afterSymbol).next : afterSymbol;
    entries.push({ type, offset, symbol, head: bytes.subarray(from, afterOffset), addend: bytes.subarray(afterSymbol, at) });
  }
  return entries;
}
