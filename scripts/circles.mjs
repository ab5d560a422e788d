// Fails if files of a crate import each other in a circle. Reads `use` declarations and `crate::` paths; ignores the code of tests.
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
const crates = ['.', ...readdirSync(join(root, 'crates')).map((name) => join('crates', name))];
const circles = crates.filter((crate) => existsSync(join(root, crate, 'src/lib.rs'))).flatMap(circlesOf);
for (const circle of circles) console.error(`Files import each other in a circle: ${circle.join(' → ')}`);
process.exit(circles.length === 0 ? 0 : 1);

function circlesOf(crate) {
  const folder = join(root, crate, 'src');
  const modules = new Map();
  for (const file of filesIn(folder)) {
    const path = relative(folder, file).replace(/(\/?mod)?\.rs$/, '').split('/').join('::');
    if (!['main', 'lib'].includes(path) && !path.startsWith('bin::') && !/(^|::)tests$/.test(path)) {
      modules.set(path, { file: relative(root, file), source: withoutTests(readFileSync(file, 'utf8')) });
    }
  }
  for (const [path, module] of modules) {
    module.exports = new Map();
    const paths = usedPaths(module.source);
    for (const used of paths.filter((used) => used.isPublic)) module.exports.set(used.name, absolute(path, used.path));
    module.uses = paths.filter((used) => !used.isPublic).map((used) => absolute(path, used.path));
  }
  const graph = new Map();
  for (const [path, module] of modules) {
    const targets = module.uses.map((used) => resolve(modules, used)).filter((target) => target && target !== path);
    graph.set(path, new Set(targets));
  }
  return components(graph).map((members) => members.map((path) => modules.get(path).file));
}

function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.rs'))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function withoutTests(source) {
  const code = source.replace(/^\s*\/\/.*$/gm, '');
  const tests = code.search(/#\[cfg\(test\)\]\s*mod \w+ \{/);
  return tests === -1 ? code : code.slice(0, tests);
}

/** Lists the paths of `use` declarations, one per name, and the `crate::` paths in code. */
function usedPaths(code) {
  const paths = [];
  for (const [, visibility, tree] of code.matchAll(/(\bpub(?:\([^)]*\))?\s+)?\buse\s+([^;]+);/g)) {
    for (const path of leaves('', tree.replace(/\s+/g, ' '))) {
      const [target, alias] = path.split(' as ');
      paths.push({ path: target.trim(), name: (alias ?? target.split('::').at(-1)).trim(), isPublic: Boolean(visibility) });
    }
  }
  const body = code.replace(/\buse\s+[^;]+;/g, '');
  for (const [path] of body.matchAll(/\b(?:crate|super)(?:::\w+)+/g)) paths.push({ path, name: '', isPublic: false });
  return paths;
}

/** Expands the braces of a `use` declaration. */
function leaves(prefix, tree) {
  const text = tree.trim();
  const brace = text.indexOf('{');
  if (brace === -1) return [prefix + text];
  const parts = [];
  let depth = 0;
  let part = '';
  for (const character of text.slice(brace + 1, text.lastIndexOf('}'))) {
    depth += { '{': 1, '}': -1 }[character] ?? 0;
    if (character === ',' && depth === 0) {
      parts.push(part);
      part = '';
    } else part += character;
  }
  return [...parts, part].filter((one) => one.trim()).flatMap((one) => leaves(prefix + text.slice(0, brace), one));
}

function absolute(module, path) {
  const steps = path.split('::');
  let base = module.split('::');
  if (steps[0] === 'crate') return steps.slice(1).join('::');
  if (steps[0] === 'self') return [...base, ...steps.slice(1)].join('::');
  let isRelative = false;
  while (steps[0] === 'super') {
    steps.shift();
    base = base.slice(0, -1);
    isRelative = true;
  }
  return isRelative ? [...base, ...steps].join('::') : `${module}::${path}`;
}

/** Returns the module that defines a path's item, following `pub use`. None for other crates. */
function resolve(modules, path, seen = new Set()) {
  if (seen.has(path)) return undefined;
  seen.add(path);
  const steps = path.split('::').filter(Boolean);
  for (let length = steps.length; length > 0; length -= 1) {
    const module = steps.slice(0, length).join('::');
    if (!modules.has(module)) continue;
    const rest = steps.slice(length);
    const exported = rest.length > 0 && modules.get(module).exports.get(rest[0]);
    return exported ? resolve(modules, [exported, ...rest.slice(1)].join('::'), seen) ?? module : module;
  }
  return undefined;
}

/** The strongly connected components with more than one member (Tarjan's algorithm). */
function components(graph) {
  const [order, low, stack, found] = [new Map(), new Map(), [], []];
  const visit = (node) => {
    order.set(node, order.size);
    low.set(node, order.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!order.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) !== order.get(node)) return;
    const members = stack.splice(stack.indexOf(node));
    if (members.length > 1) found.push(members);
  };
  for (const node of graph.keys()) if (!order.has(node)) visit(node);
  return found;
}
