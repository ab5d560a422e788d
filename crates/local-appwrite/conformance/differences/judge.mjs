// Compares a live response with the recording of a real one. The record replaces values that depend on time or chance
// by `<id>`, `<now>` and similar, truncates long bodies (`…`), and lists only the differing places of two long bodies.

const WITHIN_MS = 600_000;

const near = (value, seconds) => typeof value === 'string' && Math.abs(Date.parse(value) - Date.now() - seconds * 1000) < WITHIN_MS;

/** The value of a placeholder; undefined for other text. */
function formOf(placeholder) {
  const [, name] = /^<(.+)>$/.exec(placeholder) ?? [];
  if (!name) return undefined;
  const lifetime = /^\+(\d+)s$/.exec(name);
  if (lifetime) return (value) => near(value, Number(lifetime[1])) || typeof value === 'string';
  const hex = /^hex(\d+)$/.exec(name);
  if (hex) return (value) => typeof value === 'string' && new RegExp(`^[0-9a-f]{${hex[1]}}$`).test(value);
  const letters = /^s(\d+)$/.exec(name);
  if (letters) return (value) => typeof value === 'string' && value.length === Number(letters[1]);
  switch (name) {
    case 'id': return (value) => typeof value === 'string' && value !== '';
    case 'now': return (value) => near(value, 0);
    case 'NoneType': return (value) => value === null;
    case 'dict': return (value) => value !== null && typeof value === 'object';
    case 'argon2': return (value) => typeof value === 'string' && value.startsWith('$argon2');
    case 'str':
    case 'past': return (value) => typeof value === 'string';
    default: return undefined;
  }
}

/** Reads JSON that may be truncated; marks truncated objects and lists in `cut`. */
export function readCut(text) {
  const cut = new Set();
  let at = 0;
  const end = text.endsWith('…') ? text.length - 1 : text.length;
  const CUT = Symbol('cut');
  const blank = () => { while (at < end && /\s/.test(text[at])) at += 1; };
  const string = () => {
    let last = at + 1;
    while (last < end && text[last] !== '"') last += text[last] === '\\' ? 2 : 1;
    if (last >= end) return CUT;
    const value = JSON.parse(text.slice(at, last + 1));
    at = last + 1;
    return value;
  };
  const collect = (closing, empty, item) => {
    const result = empty;
    at += 1;
    for (;;) {
      blank();
      if (at >= end) { cut.add(result); return result; }
      if (text[at] === closing) { at += 1; return result; }
      if (text[at] === ',') { at += 1; continue; }
      if (!item(result)) { cut.add(result); return result; }
    }
  };
  const value = () => {
    blank();
    if (at >= end) return CUT;
    if (text[at] === '"') return string();
    if (text[at] === '[') return collect(']', [], (list) => { const item = value(); if (item === CUT) return false; list.push(item); return true; });
    if (text[at] === '{') {
      return collect('}', {}, (object) => {
        const key = string();
        if (key === CUT) return false;
        blank();
        if (text[at] !== ':') return false;
        at += 1;
        const item = value();
        if (item === CUT) return false;
        object[key] = item;
        return true;
      });
    }
    const word = /^[^\s,\]}]+/.exec(text.slice(at, end))?.[0] ?? '';
    at += word.length;
    if (at >= end && end < text.length) return CUT;
    return JSON.parse(word);
  };
  return { value: value(), cut };
}

const show = (value) => {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > 160 ? `${text.slice(0, 159)}…` : text;
};

const ANY_TOKEN = /<(id|n|T)>|<jwt [^>]*}>/g;

function compare(real, live, cut, path, lines) {
  if (typeof real === 'string') {
    const form = formOf(real);
    if (form) {
      if (!form(live)) lines.push(`${path}: expected ${real}, got ${show(live)}`);
      return;
    }
    if (real.endsWith('…') || ANY_TOKEN.test(real)) {
      const pattern = real.replace(/…$/, '\u0000').split(ANY_TOKEN_SPLIT).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.+').replace('\u0000', '.*');
      if (typeof live !== 'string' || !new RegExp(`^${pattern}$`, 's').test(live)) lines.push(`${path}: expected ${show(real)}, got ${show(live)}`);
      return;
    }
    if (real !== live) lines.push(`${path}: expected ${show(real)}, got ${show(live)}`);
  } else if (Array.isArray(real)) {
    if (!Array.isArray(live)) { lines.push(`${path}: expected a list, got ${show(live)}`); return; }
    if (cut.has(real) ? live.length < real.length : live.length !== real.length) lines.push(`${path}: expected ${real.length} items, got ${live.length}`);
    real.forEach((item, index) => { if (index < live.length) compare(item, live[index], cut, `${path}[${index}]`, lines); });
  } else if (real !== null && typeof real === 'object') {
    if (live === null || typeof live !== 'object' || Array.isArray(live)) { lines.push(`${path}: expected an object, got ${show(live)}`); return; }
    for (const [key, item] of Object.entries(real)) {
      if (!(key in live)) lines.push(`${path}.${key}: expected ${show(item)}, got nothing`);
      else compare(item, live[key], cut, `${path}.${key}`, lines);
    }
    if (!cut.has(real)) for (const key of Object.keys(live)) if (!(key in real)) lines.push(`${path}.${key}: expected nothing, got ${show(live[key])}`);
  } else if (real !== live) {
    lines.push(`${path}: expected ${show(real)}, got ${show(live)}`);
  }
}
const ANY_TOKEN_SPLIT = /<(?:id|n|T)>|<jwt [^>]*}>/;

const at = (live, path) => [...path.matchAll(/\.([^.[\]]+)|\[(\d+)\]/g)].reduce((value, [, key, index]) => value?.[key ?? Number(index)], live);

// The recording contains values as text.
function meansSame(text, live) {
  const form = formOf(text);
  if (form) return form(live);
  if (text.endsWith('…')) return typeof live === 'string' && live.startsWith(text.slice(0, -1));
  return text === live || text === JSON.stringify(live) || (typeof live === 'number' && Number(text) === live);
}

/** The differing places of two long responses: each must now match the real one. */
function compareNamed(diffs, live, lines) {
  for (const [path, kind, real] of diffs) {
    const isHeader = path.startsWith('header ');
    const header = live.headers?.[path.slice('header .'.length)];
    const value = isHeader ? (Array.isArray(header) ? header.join(', ') : header) : at(live.body, path);
    const plain = (text) => (isHeader ? text.toLowerCase().replaceAll('; ', ';') : text);
    const isSame = kind === 'key only in emulator' ? value === undefined
      : kind === 'length' ? value?.length === Number(real)
      : value !== undefined && (meansSame(real, value) || (typeof value === 'string' && plain(value) === plain(real)));
    if (!isSame) lines.push(`${path} (${kind}): expected ${kind === 'key only in emulator' ? 'nothing' : real}, got ${show(value)}`);
  }
}

/** Returns the differences between a recorded step and the live response, as lines. */
export function judge(step, live) {
  const { status, type, body } = step.real;
  const lines = [];
  if (step.real.told !== undefined) {
    compareNamed(step.diffs, live, lines);
    return lines;
  }
  if (status !== live.status) return [`status: expected ${status} ${body?.slice(0, 200) ?? ''}, got ${live.status} ${show(live.body)}`];
  const liveType = (live.headers?.['content-type'] ?? '').split(';')[0];
  if (type && type !== liveType) lines.push(`content type: expected ${type}, got ${liveType}`);
  if (step.diffs) compareNamed(step.diffs, live, lines);
  else if (type === 'application/json') {
    const { value, cut } = readCut(body);
    // Each server reports its own version.
    if (value?.version === '<str>' && live.body?.version) value.version = live.body.version;
    compare(value, live.body, cut, 'body', lines);
  } else if (type === 'text/plain' && body && live.body !== body) lines.push(`body: expected ${show(body)}, got ${show(live.body)}`);
  return lines;
}
