// Runs wasm-opt on a module without the functions that nothing calls. The compiler keeps them, because Leptos's views and
// attributes hold pointers to them. If one was called after all, the page would go on as without JavaScript.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { functionsOf } from './functions.mjs';

/**
 * The futures of hydration that waits, which only `hydrate_lazy` and islands begin. Not the functions inside: the compiler keeps one of
 * several equal functions, under any of their names, and hydration that does not wait has the same ones.
 */
const DEAD = /13hydrate_async(28_\$u7b\$\$u7b\$closure\$u7d\$\$u7d\$)+17h[0-9a-f]{16}E$/;

/** No function that is called equals one of these that is so long. */
const LONG = 100;

/** No locals, `unreachable`, `end`, after their length. */
const TRAP = Buffer.from([3, 0x00, 0x00, 0x0b]);

const WASM_OPT = join(import.meta.dirname, 'node_modules/.bin/wasm-opt');
const options = process.argv.slice(2);
const input = options.findIndex((option, index) => option.endsWith('.wasm') && options[index - 1] !== '-o');
const folder = mkdtempSync(join(tmpdir(), 'wasm-opt-'));
try {
  if (input >= 0) {
    const copy = join(folder, 'module.wasm');
    writeFileSync(copy, withoutDeadCode(readFileSync(options[input])));
    options[input] = copy;
  }
  process.exitCode = spawnSync(WASM_OPT, options, { stdio: 'inherit' }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}

function withoutDeadCode(bytes) {
  const { code, functions } = functionsOf(bytes);
  const bodies = functions.map(({ name, size, start, end }) => (size >= LONG && DEAD.test(name) ? TRAP : bytes.subarray(start, end)));
  const payload = Buffer.concat([leb128(functions.length), ...bodies]);
  const section = Buffer.concat([Buffer.from([10]), leb128(payload.length), payload]);
  return Buffer.concat([bytes.subarray(0, code.section), functions.length > 0 ? section : Buffer.alloc(0), bytes.subarray(code.end)]);
}

/** A number as wasm writes it. */
function leb128(number) {
  const bytes = [];
  for (let left = number; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) + 128);
  }
}
