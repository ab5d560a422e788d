// The figures of one run of make bench, and the tables of README.md, which are written from them.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { projectFolder } from '../support/programs.js';

const FILE = join(projectFolder, 'target/bench.json');
const README = join(import.meta.dirname, 'README.md');

/** Keeps the table of this part of the run: `{ head, rows }`. */
export function save(part, table) {
  const all = read();
  all.machine ??= machine();
  all[part] = table;
  mkdirSync(join(projectFolder, 'target'), { recursive: true });
  writeFileSync(FILE, JSON.stringify(all, undefined, 2));
  console.log(`\n${markdown(table)}`);
}

/** Writes each kept table between its two marks in README.md, and the name of the machine. */
export function writeReadme() {
  let text = readFileSync(README, 'utf8');
  for (const [part, table] of Object.entries(read())) {
    const pattern = new RegExp(`(<!-- ${part} -->\\n)[^]*?(<!-- end -->)`);
    if (!pattern.test(text)) throw new Error(`README.md has no place for the table ${part}`);
    text = text.replace(pattern, (_, start, end) => `${start}${typeof table === 'string' ? table : markdown(table)}${end}`);
  }
  writeFileSync(README, text);
}

function read() {
  try {
    return JSON.parse(readFileSync(FILE, 'utf8'));
  } catch {
    return {};
  }
}

function machine() {
  const [{ model }] = cpus();
  const date = new Date().toISOString().slice(0, 10);
  return `${date}: ${cpus().length} cores (${model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GB, ${type()}, load ${loadavg()[0].toFixed(1)}.\n`;
}

function markdown({ head, rows }) {
  const lines = [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`);
  return lines.join('');
}
