// The module does the same after it was sorted and its imports were renamed, except for the functions that nothing calls.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const program = (path) => fileURLToPath(new URL(path, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'wasm-opt-'));
after(() => rmSync(folder, { recursive: true }));

const SOURCE = `(module
  (import "./app_bg.js" "memory" (memory 1 2))
  (import "./app_bg.js" "__wbg_log_0123456789abcdef" (func $log (param i32)))
  (import "./app_bg.js" "limit" (global $limit i32))
  (import "./app_bg.js" "table" (table 1 funcref))
  (func $sum (param i32 i32) (result i32) (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 3))))
  (func $tell (param i32) (call $log (call $sum (local.get 0) (global.get $limit))))
  (func $difference (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.mul (local.get 1) (i32.const 3))))
  (func $_ZN6tachys13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE (result i32) (i32.const 6))
  (elem (i32.const 0) $difference)
  (export "sum" (func $sum)) (export "tell" (func $tell)) (export "difference" (func $difference))
  (export "unused" (func $_ZN6tachys13hydrate_async28_$u7b$$u7b$closure$u7d$$u7d$17h0123456789abcdefE)))`;
const SCRIPT = 'const imports = { __wbg_log_0123456789abcdef: function(arg0) { log(arg0); }, __wbg_log_fedcba9876543210: 1 };';

test('sorted module with short names does the same', () => {
  const [text, wasm, script] = ['app.wat', 'app.wasm', 'app.js'].map((name) => join(folder, name));
  writeFileSync(text, SOURCE);
  writeFileSync(script, SCRIPT);
  execFileSync(program('node_modules/.bin/wasm-as'), ['-g', text, '-o', wasm]);
  execFileSync(program('bin/wasm-opt'), ['--enable-bulk-memory', '-O1', wasm, '-o', wasm]);
  assert.equal(readFileSync(script, 'utf8'), SCRIPT.replace('__wbg_log_0123456789abcdef', 'w0'));
  const told = [];
  const table = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
  const provided = { w0: (value) => told.push(value), memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }), limit: 4, table };
  const { sum, tell, difference, unused } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), { './app_bg.js': provided }).exports;
  tell(5);
  assert.throws(unused, WebAssembly.RuntimeError);
  assert.deepEqual([sum(1, 2), difference(1, 2), table.get(0)(3, 1), told], [7, -5, 0, [17]]);
});
