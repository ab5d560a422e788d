// The module does the same after it was sorted and its imports were renamed, except for what nothing uses.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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
  (import "./app_bg.js" "__wbg_load_0011223344556677" (func $load))
  (import "./app_bg.js" "limit" (global $limit i32))
  (import "./app_bg.js" "table" (table 1 funcref))
  (func $sum (param i32 i32) (result i32) (i32.add (local.get 0) (i32.mul (local.get 1) (i32.const 3))))
  (func $tell (param i32) (call $load) (call $log (call $sum (local.get 0) (global.get $limit))))
  (func $difference (param i32 i32) (result i32) (i32.sub (local.get 0) (i32.mul (local.get 1) (i32.const 3))))
  (func $_RNCNCINvNtCs1_6js_sys7futures17future_to_promiseNCNvMsg_NtCs2_7streamsNtB2_4Sink5write0E00B2_ (result i32) (i32.const 7))
  (func $_RNCNCINvNtCs1_6js_sys7futures17future_to_promiseNCNvMsg_NtCs2_7streamsNtB2_6Source5write0E00B2_ (result i32) (i32.const 8))
  (func $sink_write (result i32) (i32.const 9))
  (elem (i32.const 0) $difference)
  (export "_RNvCs2_3app3sum" (func $sum)) (export "_RNvCs2_3app4load" (func $load)) (export "tell" (func $tell)) (export "difference" (func $difference))
  (export "sink" (func $_RNCNCINvNtCs1_6js_sys7futures17future_to_promiseNCNvMsg_NtCs2_7streamsNtB2_4Sink5write0E00B2_))
  (export "source" (func $_RNCNCINvNtCs1_6js_sys7futures17future_to_promiseNCNvMsg_NtCs2_7streamsNtB2_6Source5write0E00B2_))
  (export "sink_write" (func $sink_write)) (export "source_write" (func $sink_write)))`;
const SINK = `export class Sink {
    write() {
        wasm.tell(wasm.sink_write());
    }
}
if (Symbol.dispose) Sink.prototype[Symbol.dispose] = Sink.prototype.free;
`;
const SINK_FREED = `const SinkFinalization = (typeof FinalizationRegistry === 'undefined')
    ? { register: () => {} }
    : new FinalizationRegistry(ptr => wasm.__wbg_sink_free(ptr, 1));
`;
/** Its instances come from Rust. */
const SOURCE_CLASS = `export class Source {
    static __wrap(ptr) {
        return Object.create(Source.prototype);
    }
    write() {
        return wasm.source_write();
    }
}
`;
/** It needs no instances. */
const STATIC_CLASS = `export class Version {
    static number() {
        return wasm.source_write();
    }
}
`;
const IMPORTS = `const imports = {
        __wbg_log_0123456789abcdef: function(arg0) {
            log(arg0);
        },
`;
const NOT_IMPORTED = `        __wbg_trace_fedcba9876543210: function(arg0) {
            trace(arg0);
        },
`;
/** A name that is no word. */
const QUOTED = `        "load-later": function() {},
`;
const CAUGHT = `        __wbg_load_0011223344556677: function() { return handleError(function (arg0) {
            load(arg0);
        }, arguments); },
`;
const CALL = '    };\nwasm._RNvCs2_3app3sum(1, 2);\nconst { _RNvCs2_3app4load } = wasm;\nwasm.tell(3);\n';

test('sorted module with short names does the same', () => {
  const [text, wasm, script] = ['app.wat', 'app.wasm', 'app.js'].map((name) => join(folder, name));
  writeFileSync(text, SOURCE);
  writeFileSync(script, SINK + SOURCE_CLASS + STATIC_CLASS + IMPORTS + NOT_IMPORTED + CAUGHT + NOT_IMPORTED + QUOTED + CALL + SINK_FREED);
  execFileSync(program('node_modules/.bin/wasm-as'), ['-g', text, '-o', wasm]);
  execFileSync(program('bin/wasm-opt'), ['--enable-bulk-memory', '-O1', wasm, '-o', wasm]);
  assert.equal(readFileSync(script, 'utf8'), SOURCE_CLASS + STATIC_CLASS + IMPORTS.replace('__wbg_log_0123456789abcdef', 'w0') + CAUGHT.replace('__wbg_load_0011223344556677', 'w1') + QUOTED + CALL.replace('_RNvCs2_3app3sum', 'w2'));
  const calls = [];
  const table = new WebAssembly.Table({ initial: 1, element: 'anyfunc' });
  const provided = { w0: (value) => calls.push(value), w1: () => calls.push('load'), memory: new WebAssembly.Memory({ initial: 1, maximum: 2 }), limit: 4, table };
  const { w2: sum, tell, difference, sink, source, sink_write, source_write, _RNvCs2_3app4load: load } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(wasm)), { './app_bg.js': provided }).exports;
  tell(5);
  load();
  assert.throws(sink, WebAssembly.RuntimeError);
  assert.equal(sink_write, undefined);
  assert.deepEqual([source(), source_write()], [8, 9]);
  assert.deepEqual([sum(1, 2), difference(1, 2), table.get(0)(3, 1), calls], [7, -5, 0, ['load', 17, 'load']]);
});

/** A file that parts share: it puts a function with this result in place `at` of the table. */
const shared = (at, result) => `(module
  (import "__wasm_split" "memory" (memory 1))
  (import "__wasm_split" "table" (table 3 funcref))
  (import "__wasm_split" "sum" (global $sum (mut i32)))
  (func $add${at} (result i32) (global.set $sum (i32.add (global.get $sum) (i32.load8_u (i32.const ${at})))) (i32.const ${result}))
  (data (i32.const ${at}) "\\0${at + 1}")
  (elem (i32.const ${at}) $add${at}))`;
/** As cargo-leptos writes it. */
const loader = (number) => `/* a, b */
const __chunk_${number} = makeLoad(() => {
    const src = fetch(new URL("./chunk_${number}.wasm", import.meta.url));
    return async (imports) => (WebAssembly.instantiateStreaming(src, imports));
}
, []);
`;
const part = (name, files) => `export const __wasm_split_load_${name} = wrapAsyncCb(makeLoad(() => {}
, [${files}]));
`;

test('small files that parts share become one file', () => {
  const path = (name) => join(folder, name);
  const [script, manifest] = ['__wasm_split.______________________.js', '__wasm_split_manifest.json'].map(path);
  writeFileSync(script, `let first;\n${[8, 9, 10].map(loader).join('')}${part('a', '__chunk_8, __chunk_9, __chunk_10')}${part('b', '__chunk_9, __chunk_10')}`);
  writeFileSync(manifest, JSON.stringify({ a: ['chunk_8', 'chunk_9', 'chunk_10', 'split_a'], b: ['chunk_9', 'chunk_10', 'split_b'] }));
  const large = shared(0, 5).replace('\\01', `\\01${'x'.repeat(1000)}`);
  for (const [number, source] of [[8, large], [9, shared(1, 6)], [10, shared(2, 7)]]) {
    writeFileSync(path('chunk.wat'), source);
    execFileSync(program('node_modules/.bin/wasm-as'), ['-g', path('chunk.wat'), '-o', path(`chunk_${number}.wasm`)]);
  }
  // In any order, as cargo-leptos does.
  for (const number of [10, 8, 9]) {
    const file = path(`chunk_${number}.wasm`);
    execFileSync(program('bin/wasm-opt'), ['--enable-bulk-memory', '-O1', file, '-o', file]);
  }
  assert.equal(existsSync(path('chunk_10.wasm')), false);
  assert.equal(readFileSync(script, 'utf8'), `let first;\n${[8, 9].map(loader).join('')}${part('a', '__chunk_8, __chunk_9')}${part('b', '__chunk_9')}`);
  assert.deepEqual(JSON.parse(readFileSync(manifest, 'utf8')), { a: ['chunk_8', 'chunk_9', 'split_a'], b: ['chunk_9', 'split_b'] });
  const host = { memory: new WebAssembly.Memory({ initial: 1 }), table: new WebAssembly.Table({ initial: 3, element: 'anyfunc' }), sum: new WebAssembly.Global({ value: 'i32', mutable: true }, 0) };
  for (const number of [8, 9]) new WebAssembly.Instance(new WebAssembly.Module(readFileSync(path(`chunk_${number}.wasm`))), { __wasm_split: host });
  assert.deepEqual([0, 1, 2].map((at) => host.table.get(at)()), [5, 6, 7]);
  assert.equal(host.sum.value, 1 + 2 + 3);
});
