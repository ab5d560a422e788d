// One script in place of two: it runs, and is the same however its sources list their names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { oneScript } from './one-script.mjs';

const NAME = './__wasm_split.______________________.js';
const SCRIPT = `import * as import1 from "${NAME}"
import * as import2 from "${NAME}"
export const imports = () => ({ "./app_bg.js": import0, "${NAME}": import1, "${NAME}": import2 });
export function initSync() { return { memory: 'm', table: 't', shared: 's' }; }
`;
const parts = (names, loads) => `import { initSync } from "./app.js";
const take = () => { const { ${names},  } = initSync(); return [memory, table, shared].join(); };
${loads.map((load) => `export const __wasm_split_load_${load} = () => '${load} ' + take();`).join('\n')}
`;

test('the part\'s functions are the imports of the wasm', async () => {
  const text = oneScript(SCRIPT, parts('memory, table, shared', ['account', 'home']));
  const { imports } = await import(`data:text/javascript,${encodeURIComponent(`const import0 = {};${text}`)}`);
  assert.equal(imports()[NAME].__wasm_split_load_home(), 'home m,t,s');
  assert.equal(imports()[NAME].__wasm_split_load_account(), 'account m,t,s');
});

test('same names in another order make the same script', () => {
  assert.equal(oneScript(SCRIPT, parts('memory, table, shared', ['account'])), oneScript(SCRIPT, parts('shared, memory, table', ['account'])));
});

test('script of an unknown form stops the build', () => {
  for (const [script, other] of [[SCRIPT, 'const nothing = 1;'], [`import { a } from './snippets/a.js';\n${SCRIPT}`, parts('memory, table, shared', ['home'])]]) {
    assert.throws(() => oneScript(script, other), /one-script\.mjs/);
  }
});
