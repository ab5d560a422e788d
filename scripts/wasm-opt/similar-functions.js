// Gives the functions of a WebAssembly module names by which similar functions are neighbors, once they are sorted.
// Similarity is the share of common sequences of bytes. MinHash (https://en.wikipedia.org/wiki/MinHash) finds candidates.

import { CODE, bodiesOf, importsOf, sectionsOf, withNames } from './module.js';

/** The bytes in a sequence. */
const SEQUENCE = 4;
/** More hashes find more similar functions, and take longer. */
const HASHES = 48;
/** The most functions that are looked at for one hash, and the most that are compared. */
const MAX_OF_HASH = 2000;
const MAX_COMPARED = 30;

/** Returns the module with these names in place of its own. */
export function nameBySimilarity(bytes) {
  const sections = sectionsOf(bytes);
  const code = sections.find(({ kind }) => kind === CODE);
  if (!code) return bytes;
  const bodies = bodiesOf(bytes, code.start);
  const width = String(bodies.length).length;
  const ranks = [];
  bySimilarity(bodies).forEach((body, rank) => (ranks[body] = String(rank).padStart(width, '0')));
  const imported = importsOf(bytes, sections).filter(({ isFunction }) => isFunction).length;
  return withNames(bytes, new Map(ranks.map((rank, index) => [index + imported, rank])));
}

/** Returns the indices of the functions: each is followed by the most similar one that is left. */
function bySimilarity(bodies) {
  const sequences = bodies.map(sequencesOf);
  const signatures = sequences.map(signatureOf);
  const functionsOf = Array.from({ length: HASHES }, () => new Map());
  signatures.forEach((signature, index) => {
    signature.forEach((hash, at) => {
      const same = functionsOf[at].get(hash);
      if (same) same.push(index);
      else functionsOf[at].set(hash, [index]);
    });
  });
  const order = [];
  const isUsed = new Uint8Array(bodies.length);
  const next = (index) => {
    const common = new Map();
    signatures[index].forEach((hash, at) => {
      for (const other of functionsOf[at].get(hash).slice(0, MAX_OF_HASH)) {
        if (!isUsed[other]) common.set(other, (common.get(other) ?? 0) + 1);
      }
    });
    const candidates = [...common].sort(([, a], [, b]) => b - a).slice(0, MAX_COMPARED);
    let [best, most] = [undefined, -1];
    for (const [other] of candidates) {
      const share = similarity(sequences[index], sequences[other]);
      if (share > most) [best, most] = [other, share];
    }
    return best;
  };
  for (let first = 0; first < bodies.length; first += 1) {
    for (let index = first; index !== undefined && !isUsed[index]; index = next(index)) {
      isUsed[index] = 1;
      order.push(index);
    }
  }
  return order;
}

function sequencesOf(body) {
  const sequences = new Set();
  let last = 0;
  body.forEach((byte, at) => {
    last = (last << 8) | byte;
    if (at >= SEQUENCE - 1) sequences.add(last);
  });
  return sequences.size > 0 ? sequences : sequences.add(last);
}

function signatureOf(sequences) {
  const signature = new Uint32Array(HASHES).fill(0xffffffff);
  for (const sequence of sequences) {
    for (let at = 0; at < HASHES; at += 1) {
      // A different hash for each `at`: multiplications by odd numbers, with the high bits mixed in.
      let hash = Math.imul(sequence ^ Math.imul(at + 1, 0x9e3779b1), 0x85ebca6b);
      hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
      hash = (hash ^ (hash >>> 13)) >>> 0;
      if (hash < signature[at]) signature[at] = hash;
    }
  }
  return signature;
}

/** The Jaccard index. */
function similarity(some, others) {
  let common = 0;
  for (const sequence of others) if (some.has(sequence)) common += 1;
  return common / (some.size + others.size - common);
}
