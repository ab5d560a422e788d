// A library linked with wasm-ld does the same as one linked without, but a panic has no message and no place in the source.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';

const folder = mkdtempSync(join(tmpdir(), 'wasm-ld-'));
after(() => rmSync(folder, { recursive: true }));

const SOURCE = `
use std::{fmt::Debug, future::Future, hint::black_box, pin::Pin, task::{Context, Poll, Waker}};
trait RenderHtml { async fn hydrate_async(&self) -> usize; async fn resolve(&self) -> usize; }
struct View(&'static str);
static VIEW: View = View("view");
impl RenderHtml for View {
    async fn hydrate_async(&self) -> usize { self.0.len() }
    async fn resolve(&self) -> usize { self.0.len() + 1 }
}
fn ready(mut future: Pin<Box<dyn Future<Output = usize>>>) -> usize {
    match future.as_mut().poll(&mut Context::from_waker(Waker::noop())) { Poll::Ready(value) => value, Poll::Pending => 0 }
}
fn failed(place: usize) -> Result<usize, String> { if place > 9 { Err(format!("place {place}")) } else { Ok(place) } }
fn shown(value: impl Debug) -> usize { format!("shown {value:?}").len() }

static FILES: [&str; 2] = ["main.rs", "second"];
static RANK: (&str, u32, u32) = ("other.rs", 7, 9);
#[unsafe(no_mangle)] pub extern "C" fn files(place: usize) -> usize { black_box(&FILES)[place].len() }
#[unsafe(no_mangle)] pub extern "C" fn rank(place: usize) -> usize { let (name, line, column) = *black_box(&RANK); name.len() + place * (line * 100 + column) as usize }
#[unsafe(no_mangle)] pub extern "C" fn nth(place: usize) -> usize { [3, 1, 4, 1, 5][place] }
#[unsafe(no_mangle)] pub extern "C" fn unwrapped(place: usize) -> usize { failed(place).expect("a small place") }
#[unsafe(no_mangle)] pub extern "C" fn explained(place: usize) -> usize { if place == 7 { panic!("not the place {place}") } place }
#[unsafe(no_mangle)] pub extern "C" fn formatted(place: usize) -> usize { shown(failed(place)) }
#[unsafe(no_mangle)] pub extern "C" fn stepwise() -> usize { ready(black_box(Box::pin(VIEW.hydrate_async()))) }
#[unsafe(no_mangle)] pub extern "C" fn resolved() -> usize { ready(black_box(Box::pin(VIEW.resolve()))) }
`;
const MESSAGES = /a small place|not the place|index out of bounds|library\.rs/;

function link(name, options) {
  const [source, output] = [join(folder, 'library.rs'), join(folder, name)];
  writeFileSync(source, SOURCE);
  const common = ['--edition=2024', '--target=wasm32-unknown-unknown', '--crate-type=cdylib', '-Copt-level=z', '-Clto=fat', '-Cpanic=abort', '-Csymbol-mangling-version=v0', '-Clink-args=--emit-relocs'];
  // As Node.js before 20.19 reads scripts.
  const env = { ...process.env, NODE_OPTIONS: '--no-experimental-detect-module' };
  execFileSync('rustc', [...common, ...options, source, '-o', output], { cwd: folder, stdio: 'inherit', env });
  const bytes = readFileSync(output);
  return { text: bytes.toString('latin1'), size: bytes.length, exports: new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports };
}

test('panics have no message, futures that nothing needs are empty, and all else stays', () => {
  const before = link('before.wasm', []);
  const { text, size, exports } = link('after.wasm', [`-Clinker=${fileURLToPath(new URL('wasm-ld', import.meta.url))}`]);
  assert.match(before.text, MESSAGES);
  assert.doesNotMatch(text, MESSAGES);
  assert.ok(size < before.size, `${size} of ${before.size} bytes`);
  assert.deepEqual(readdirSync(folder).filter((file) => file.endsWith('.o')), []);
  for (const place of [0, 1]) {
    for (const name of ['files', 'rank', 'nth', 'unwrapped', 'explained', 'formatted']) assert.equal(exports[name](place), before.exports[name](place), name);
  }
  assert.deepEqual([before.exports.stepwise(), before.exports.resolved(), exports.resolved()], [4, 5, 5]);
  assert.equal(exports.formatted(11), 'shown Err("place 11")'.length);
  for (const [name, place] of [['nth', 5], ['unwrapped', 10], ['explained', 7], ['stepwise']]) assert.throws(() => exports[name](place), WebAssembly.RuntimeError, name);
});
