// The module does the same after it was sorted and its imports were renamed, except for what nothing uses.
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
