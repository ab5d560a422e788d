// Reads the functions of a wasm module.

/**
 * Returns where the code section is (its payload), and the functions that the module defines: name, and where the body and the
 * length before it are. Names come from the name section, and are empty without one.
 */
export function functionsOf(bytes) {
  let at = 8;
  const number = () => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++];
      value += (byte & 127) * 2 ** shift;
      if (byte < 128) return value;
    }
  };
  const text = () => {
    const length = number();
    at += length;
    return bytes.toString('utf8', at - length, at);
  };
  const code = { section: at, start: at, end: at };
  const bodies = [];
  const names = new Map();
  let imported = 0;
  while (at < bytes.length) {
    const section = at;
    const kind = bytes[at++];
    const length = number();
    const end = at + length;
    if (kind === 2) imported = importedFunctions(number, text, () => bytes[at++]);
    if (kind === 10) {
      Object.assign(code, { section, start: at, end });
      for (let left = number(); left > 0; left -= 1) {
        const start = at;
        const size = number();
        at += size;
        bodies.push({ start, size, end: at });
      }
    }
    if (kind === 0 && text() === 'name') {
      while (at < end) {
        const table = bytes[at++];
        const tableEnd = number() + at;
        if (table === 1) for (let left = number(); left > 0; left -= 1) names.set(number(), text());
        at = tableEnd;
      }
    }
    at = end;
  }
  return { code, functions: bodies.map((body, index) => ({ ...body, name: names.get(index + imported) ?? '' })) };
}

function importedFunctions(number, text, byte) {
  let functions = 0;
  for (let left = number(); left > 0; left -= 1) {
    text();
    text();
    const kind = byte();
    if (kind === 0) functions += 1;
    if (kind === 1) byte();
    if (kind === 1 || kind === 2) {
      const hasMost = byte() & 1;
      number();
      if (hasMost) number();
    } else if (kind === 3) {
      byte();
      byte();
    } else number();
  }
  return functions;
}
