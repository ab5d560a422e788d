// Walks through the instructions of a function (https://webassembly.github.io/spec/core/binary/instructions.html).

import { numberAt } from '../wasm-opt/module.js';

export const UNREACHABLE = 0x00;
export const END = 0x0b;
export const CALL = 0x10;
const BRANCH_TABLE = 0x0e;
const TYPED_SELECT = 0x1c;
/** The start of instructions with a second number, which copy and fill memory and tables, or convert numbers. */
const LONG = 0xfc;

/** What follows an instruction: how many numbers in LEB128. The others that are known have none. */
const NUMBERS = new Map([
  ...range(0x02, 0x04, 1), // Blocks
  ...range(0x0c, 0x0d, 1), // Branches
  [CALL, 1],
  [0x11, 2], // Calls of a table's function
  ...range(0x20, 0x26, 1), // Variables and tables
  ...range(0x28, 0x3e, 2), // Access to memory
  ...range(0x3f, 0x42, 1), // The size of memory, and whole numbers
  [0xd0, 1], [0xd2, 1], // References
]);
const LONG_NUMBERS = [0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 2, 1, 2, 1, 2, 1, 1, 1];
/** Bytes that follow. */
const BYTES = new Map([[0x43, 4], [0x44, 8]]);
/** Blocks, branches and calls. */
const CONTROL = new Set([0x02, 0x03, 0x04, 0x05, END, 0x0c, 0x0d, BRANCH_TABLE, 0x0f, CALL, 0x11]);
const KNOWN = new Set([...CONTROL, ...NUMBERS.keys(), ...BYTES.keys(), UNREACHABLE, 0x01, 0x1a, 0x1b, TYPED_SELECT, ...range(0x45, 0xc4).map(([code]) => code), 0xd1, LONG]);

/** True for an instruction that is not simply followed by the next one, or not only reached from the one before. */
export const endsStraightLine = (code) => CONTROL.has(code);

/** Returns the instructions of a body: code, where it begins, and its end; none if it has one that Rust does not use by default. */
export function instructionsOf(body) {
  let { value: groups, next: at } = numberAt(body, 0);
  for (; groups > 0; groups -= 1) at = numberAt(body, at).next + 1;
  const take = () => {
    const { value, next } = numberAt(body, at);
    at = next;
    return value;
  };
  const instructions = [];
  while (at < body.length) {
    const start = at;
    const code = body[at];
    at += 1;
    if (!KNOWN.has(code)) return [];
    let left = NUMBERS.get(code) ?? 0;
    if (code === BRANCH_TABLE) left = take() + 1;
    else if (code === TYPED_SELECT) left = take();
    else if (code === LONG) left = LONG_NUMBERS[take()];
    if (left === undefined) return [];
    for (; left > 0; left -= 1) take();
    at += BYTES.get(code) ?? 0;
    instructions.push({ code, start, end: at });
  }
  return instructions;
}

function range(from, to, value) {
  return Array.from({ length: to - from + 1 }, (_, at) => [from + at, value]);
}
