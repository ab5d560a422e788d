// Applies README's recipes to a new app: adds a table, a page with a form, a header link, and a test of them.
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const app = process.argv[2];
const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');

/** Returns the Rust block of README that contains this text. */
function recipe(part) {
  const blocks = [...readme.matchAll(/```rust\n(.*?)```/gs)].map(([, code]) => code);
  const found = blocks.filter((code) => code.includes(part));
  if (found.length !== 1) throw new Error(`README has ${found.length} blocks with ${part}`);
  return found[0];
}

function change(file, before, after) {
  const path = join(app, file);
  const text = readFileSync(path, 'utf8');
  if (!text.includes(before)) throw new Error(`${path} has no ${before}`);
  writeFileSync(path, text.replace(before, after));
}

/** Returns code that README shows within a sentence. */
function inline(start) {
  const found = readme.match(new RegExp(`\`(${start}[^\`]*)\``));
  if (!found) throw new Error(`README names no ${start}`);
  return found[1];
}

change('src/tables.rs', 'TASKS]', 'TASKS, NOTES]');
appendFileSync(join(app, 'src/tables.rs'), recipe('pub(crate) const NOTES: Table'));
writeFileSync(join(app, 'src/notes.rs'), `//! The page with the notes.\n\n${recipe('pub async fn add_note')}`);
change('src/lib.rs', 'mod tables;', `${inline('mod notes;')}\nmod tables;`);
change('src/app.rs', '    "/login" =>', `    ${inline('"/notes" =>')}\n    "/login" =>`);
change('src/app.rs', '"Tasks"</A>', `"Tasks"</A> ${inline('<A href="/notes">')}`);
appendFileSync(
  join(app, 'tests/app.test.js'),
  `
test('page from the README recipe saves a note', async () => {
  assert.equal((await browser().send('/notes')).location, '/login?next=%2Fnotes');
  const ann = await someone('reader');
  assert.match((await ann.send('/notes')).text, /<a [^>]*href="\\/notes"/);
  await ann.post('add_note', { text: 'Water the plants', page: '/notes' });
  assert.match((await ann.send('/notes')).text, /Saved\\./);
});
`,
);
