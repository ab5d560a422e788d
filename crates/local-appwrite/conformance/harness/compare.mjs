// Compares the responses of a real Appwrite with those of the backend.
//
// Compares by value, except for identifiers, secrets, tokens and dates, which depend on time or chance. Those are
// compared by their format. The first comparison of a recorded and a live value binds them to each other. So a recorded
// user id must have the same live counterpart everywhere, and the bindings turn recorded requests into live ones.

const HEX = (length) => `(?<![0-9a-f])[0-9a-f]{${length}}(?![0-9a-f])`;

// The kinds of values, in order: the first one that matches is used. Dates (`varies`) are compared by their distance in
// time.
const KINDS = [
  { name: 'jwt', what: 'a JWT', source: 'eyJ[\\w-]+\\.[\\w-]+\\.[\\w-]+' },
  { name: 'session', what: 'a session secret (base64 of JSON {id, secret})', source: 'eyJpZCI6[A-Za-z0-9+/]+={0,2}' },
  { name: 'hash', what: 'an argon2id hash', source: '\\$argon2id\\$v=\\d+\\$m=\\d+,t=\\d+,p=\\d+\\$[A-Za-z0-9+/]+\\$[A-Za-z0-9+/]+' },
  { name: 'secret256', what: '256 hex characters', source: HEX(256) },
  { name: 'secret64', what: '64 hex characters', source: HEX(64) },
  { name: 'totp', what: '103 base32 characters', source: '(?<![A-Z2-7])[A-Z2-7]{103}(?![A-Z2-7])' },
  { name: 'id', what: 'an id of 20 hex characters', source: HEX(20) },
  { name: 'date', what: 'a date like 2026-01-02T03:04:05.678+00:00', source: '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}\\+00:00', varies: Date.parse },
  {
    name: 'plainDate',
    what: 'a date like 2026-01-02 03:04:05.678',
    source: '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d\\.\\d{3}',
    varies: (text) => Date.parse(`${text.replace(' ', 'T')}Z`),
  },
  {
    name: 'encodedDate',
    what: 'a percent-encoded date',
    source: '\\d{4}-\\d\\d-\\d\\dT\\d\\d%3A\\d\\d%3A\\d\\d\\.\\d{3}%2B00%3A00',
    varies: (text) => Date.parse(decodeURIComponent(text)),
  },
  {
    name: 'cookieDate',
    what: 'a date like Sun, 21-Nov-2027 06:49:17 GMT',
    source: '[A-Z][a-z]{2}, \\d\\d-[A-Z][a-z]{2}-\\d{4} \\d\\d:\\d\\d:\\d\\d GMT',
    varies: (text) => Date.parse(text.replaceAll('-', ' ')),
  },
];
const ANY_TOKEN = new RegExp(KINDS.map((kind) => `(${kind.source})`).join('|'), 'g');

// Values that are random only under these keys. No pattern could tell them from other text.
const KEYED = [
  { keys: ['secret'], what: 'six digits', pattern: /^\d{6}$/ },
  { keys: ['secret'], what: 'six hex characters', pattern: /^[0-9a-f]{6}$/ },
  { keys: ['recoveryCodes'], what: 'ten hex characters', pattern: /^[0-9a-f]{10}$/ },
  { keys: ['phrase'], what: 'an adjective and a noun', pattern: /^[A-Z][a-z]+ [a-z]+$/ },
  { keys: ['$sequence'], what: 'digits', pattern: /^\d+$/, unbound: true },
];

// The allowed difference of two dates: a live run takes longer or shorter than the recorded one. Lifetimes (15 min, 1
// h, 1 year) are much longer.
const DATE_TOLERANCE_MS = 120_000;
const DAY_MS = 86_400_000;

const COMPARED_HEADERS = [
  'content-type', 'cache-control', 'location', 'allow',
  'x-ratelimit-limit', 'x-ratelimit-remaining', 'x-ratelimit-reset',
  'x-fallback-cookies', 'set-cookie', 'x-appwrite-warning',
];
// Headers that were recorded only where CORS is tested, so they are compared only there.
const CORS_HEADERS = [
  'access-control-allow-methods', 'access-control-allow-headers', 'access-control-expose-headers',
  'access-control-allow-credentials', 'access-control-allow-origin', 'access-control-max-age',
];

/** Formats a value on one line, and shortens long secrets. */
export function show(value) {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value).replace(/eyJ[\w+/=.-]{20,}/g, (token) => `${token.slice(0, 9)}…`)
    .replace(/[0-9a-f]{40,}/g, (hex) => `${hex.slice(0, 8)}…`);
  return text.length > 300 ? `${text.slice(0, 299)}…` : text;
}

function kindOf(value) {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

function keyOf(path) {
  return path.match(/([^.[\]]+)(?:\[\d+\])*$/)?.[1] ?? path;
}

function escape(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}

/** Splits `text` into literals and tokens, in order. */
function split(text) {
  const parts = [];
  let end = 0;
  for (const match of text.matchAll(ANY_TOKEN)) {
    if (match.index > end) parts.push({ literal: text.slice(end, match.index) });
    const kind = KINDS[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push({ token: match[0], kind });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ literal: text.slice(end) });
  return parts;
}

function decodeSegment(segment) {
  try {
    return JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
  } catch {
    return undefined;
  }
}

/** The header and the payload of a JWT, without verifying it. */
export function decodeJwt(jwt) {
  const [header, payload] = jwt.split('.');
  return { header: decodeSegment(header), payload: decodeSegment(payload) };
}

/** The pairs of recorded and live values, for one run of a recording. */
export class Correspondence {
  #live = new Map();
  #recorded = new Map();
  #promised = new Set();
  #recordedStart;
  #liveStart;

  /** `recordedStart` and `liveStart` are the start times (ms) of the two runs. */
  constructor(recordedStart, liveStart) {
    this.#recordedStart = recordedStart;
    this.#liveStart = liveStart;
  }

  /** Binds `recorded` to `live`. */
  bind(recorded, live) {
    this.#live.set(recorded, live);
    this.#recorded.set(live, recorded);
  }

  /** The live counterpart of a recorded value, if there is one. */
  liveOf(recorded) {
    return this.#live.get(recorded);
  }

  /** Turns a recorded request's value into a live one. Fails on a value from a recorded response that no live response contained. */
  translate(value) {
    if (Array.isArray(value)) return value.map((item) => this.translate(item));
    if (value !== null && typeof value === 'object') {
      return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, this.translate(item)]));
    }
    if (typeof value !== 'string') return value;
    if (this.#live.has(value)) return this.#live.get(value);
    return split(value).map((part) => part.literal ?? this.#translateToken(part)).join('');
  }

  #translateToken({ token, kind }) {
    if (kind.varies) return token;
    const live = this.#live.get(token);
    if (live !== undefined) return live;
    if (kind.name === 'jwt') {
      const altered = this.#alteredJwt(token);
      if (altered !== undefined) return altered;
    }
    if (this.#promised.has(token)) {
      throw new Error(`no live counterpart of ${show(token)}: an earlier exchange of this run should have brought it`);
    }
    return token;
  }

  // For a recorded JWT with a changed signature, changes its live counterpart at the same place.
  #alteredJwt(token) {
    const signed = token.slice(0, token.lastIndexOf('.') + 1);
    for (const [recorded, live] of this.#live) {
      if (typeof recorded !== 'string' || !recorded.startsWith(signed)) continue;
      let same = 0;
      while (recorded[same] === token[same]) same += 1;
      const altered = live.slice(0, live.length - (token.length - same)) + token.slice(same);
      return altered === live ? `${live.slice(0, -1)}${live.endsWith('A') ? 'E' : 'A'}` : altered;
    }
    return undefined;
  }

  /** Notes the values in `recorded` that later requests may use. */
  promise(recorded) {
    if (typeof recorded === 'string') {
      for (const part of split(recorded)) if (part.token) this.#promised.add(part.token);
    } else if (recorded !== null && typeof recorded === 'object') {
      for (const item of Object.values(recorded)) this.promise(item);
    }
  }

  /** Returns the differences between a recorded value and a live one, as lines. Binds values at their first comparison. */
  compare(recorded, live, path = 'body') {
    const differences = [];
    this.#compare(recorded, live, path, differences);
    return differences;
  }

  #compare(recorded, live, path, differences) {
    const kind = kindOf(recorded);
    if (kind !== kindOf(live)) {
      differences.push(`${path}: expected ${show(recorded)} (${kind}), got ${show(live)} (${kindOf(live)})`);
    } else if (kind === 'array') {
      if (recorded.length !== live.length) {
        differences.push(`${path}: expected ${recorded.length} items, got ${live.length}: ${show(live)}`);
      }
      const both = Math.min(recorded.length, live.length);
      for (let i = 0; i < both; i += 1) this.#compare(recorded[i], live[i], `${path}[${i}]`, differences);
    } else if (kind === 'object') {
      this.#compareObject(recorded, live, path, differences);
    } else if (kind === 'string') {
      this.#compareString(recorded, live, path, differences);
    } else if (recorded !== live) {
      differences.push(`${path}: expected ${show(recorded)}, got ${show(live)}`);
    }
  }

  #compareObject(recorded, live, path, differences) {
    for (const key of Object.keys(recorded)) {
      if (!(key in live)) differences.push(`${path}.${key}: expected ${show(recorded[key])}, got nothing`);
      else this.#compare(recorded[key], live[key], `${path}.${key}`, differences);
    }
    for (const key of Object.keys(live)) {
      if (!(key in recorded)) differences.push(`${path}.${key}: expected nothing, got ${show(live[key])}`);
    }
    const { $createdAt: created, $updatedAt: updated } = recorded;
    if (created !== undefined && created === updated && live.$createdAt !== live.$updatedAt) {
      differences.push(`${path}.$updatedAt: expected the same instant as $createdAt, got ${show(live.$updatedAt)}`);
    }
  }

  #compareString(recorded, live, path, differences) {
    const keyed = KEYED.find((rule) => rule.keys.includes(keyOf(path)) && rule.pattern.test(recorded));
    if (keyed) {
      if (!keyed.pattern.test(live)) differences.push(`${path}: expected ${keyed.what} like ${show(recorded)}, got ${show(live)}`);
      else if (!keyed.unbound) this.#meet(recorded, live, path, differences);
      return;
    }
    // The recording truncates long bodies that are not JSON (pages and images), so only their beginnings are compared.
    if (recorded.endsWith('…')) {
      const opening = recorded.slice(0, recorded.startsWith('<') ? 15 : 8);
      if (!live.startsWith(opening)) differences.push(`${path}: expected to begin with ${show(opening)}, got ${show(live.slice(0, 40))}`);
      return;
    }
    const parts = split(recorded);
    const pattern = parts.map((part) => (part.token ? `(${part.kind.source})` : escape(part.literal))).join('');
    const match = new RegExp(`^${pattern}$`, 's').exec(live);
    if (!match) {
      const form = parts.length === 1 && parts[0].token ? `${parts[0].kind.what} like ` : '';
      differences.push(`${path}: expected ${form}${show(recorded)}, got ${show(live)}`);
      return;
    }
    parts.filter((part) => part.token).forEach((part, index) => {
      this.#compareToken(part, match[index + 1], path, differences);
    });
  }

  #compareToken({ token, kind }, live, path, differences) {
    if (kind.varies) return this.#compareDate(kind, token, live, path, differences);
    if (kind.name === 'jwt') this.#compareJwt(token, live, path, differences);
    if (kind.name === 'session') this.#compareSession(token, live, path, differences);
    return this.#meet(token, live, path, differences);
  }

  #meet(recorded, live, path, differences) {
    const bound = this.#live.get(recorded);
    const taken = this.#recorded.get(live);
    if (bound !== undefined && bound !== live) {
      differences.push(`${path}: expected ${show(bound)}, which stood for ${show(recorded)} so far, got ${show(live)}`);
    } else if (bound === undefined && taken !== undefined && taken !== recorded) {
      differences.push(`${path}: expected a value of its own for ${show(recorded)}, got ${show(live)} again`);
    } else if (bound === undefined) {
      this.bind(recorded, live);
    }
  }

  #compareDate(kind, recorded, live, path, differences) {
    const [then, now] = [kind.varies(recorded), kind.varies(live)];
    const sinceStart = then - this.#recordedStart;
    if (recorded === live || this.#live.get(recorded) === live) return;
    // A date long before the run is data and not the time of an event.
    if (sinceStart < -DAY_MS) {
      differences.push(`${path}: expected ${show(recorded)}, got ${show(live)}`);
      return;
    }
    const drift = Math.abs(now - this.#liveStart - sinceStart);
    if (!(drift <= DATE_TOLERANCE_MS)) {
      const expected = new Date(this.#liveStart + sinceStart).toISOString();
      differences.push(`${path}: expected about ${expected}, got ${show(live)}`);
      return;
    }
    // A recorded time with milliseconds always has the same live counterpart under one name.
    if (kind.name === 'date' && then % 1000 !== 0) {
      const key = `${keyOf(path)} ${recorded}`;
      const bound = this.#live.get(key);
      if (bound === undefined) this.#live.set(key, live);
      else if (bound !== live) differences.push(`${path}: expected ${show(bound)} as before, got ${show(live)}`);
    }
  }

  #compareJwt(recorded, live, path, differences) {
    const [expected, got] = [decodeJwt(recorded), decodeJwt(live)];
    if (show(expected.header) !== show(got.header)) {
      differences.push(`${path} (header): expected ${show(expected.header)}, got ${show(got.header)}`);
    }
    if (!got.payload) {
      differences.push(`${path} (payload): expected ${show(expected.payload)}, got no JSON`);
      return;
    }
    const { exp: recordedExpiry, ...claims } = expected.payload;
    const { exp: liveExpiry, ...liveClaims } = got.payload;
    this.#compare(claims, liveClaims, `${path} (payload)`, differences);
    if (kindOf(recordedExpiry) !== kindOf(liveExpiry) || !Number.isInteger(liveExpiry)) {
      differences.push(`${path} (payload).exp: expected whole seconds, got ${show(liveExpiry)}`);
    }
  }

  #compareSession(recorded, live, path, differences) {
    const [expected, got] = [decodeSegment(recorded), decodeSegment(live)];
    if (!got) {
      differences.push(`${path}: expected base64 of JSON {id, secret}, got ${show(live)}`);
      return;
    }
    const { secret, ...rest } = expected;
    const { secret: liveSecret, ...liveRest } = got;
    this.#compare(rest, liveRest, `${path} (decoded)`, differences);
    const form = /^\d+$/.test(secret) ? /^\d+$/ : /^[0-9a-f]+$/;
    if (typeof liveSecret !== 'string' || !form.test(liveSecret) || liveSecret.length !== secret.length) {
      differences.push(`${path} (decoded).secret: expected ${secret.length} characters like ${show(secret.slice(0, 6))}, got ${show(liveSecret)}`);
    }
  }

  /**
   * Returns the differences between a recorded exchange and the live response, as lines.
   *
   * `isCounted`: the recorded server counted requests against its limits. If it did not, a caller without a key may have
   * fewer requests left than recorded.
   */
  compareExchange(recorded, live, { isCounted }) {
    const { request, response } = recorded;
    this.promise(response.body);
    this.promise(response.headers);
    if (response.status !== live.status) {
      const answer = typeof live.body === 'string' ? live.body.slice(0, 120) : live.body;
      return [`status: expected ${response.status} ${show(response.body?.type ?? '')}, got ${live.status} ${show(answer)}`];
    }
    const differences = [];
    const hasCors = CORS_HEADERS.some((name) => name in response.headers);
    for (const name of [...COMPARED_HEADERS, ...(hasCors ? CORS_HEADERS : [])]) {
      this.#compareHeader(name, response.headers[name], live, request, isCounted, differences);
    }
    this.#compare(response.body, live.body, 'body', differences);
    if (typeof response.body?.jwt === 'string' && typeof live.body?.jwt === 'string') {
      const lifetime = request.body?.duration ?? 900;
      const expiry = decodeJwt(live.body.jwt).payload?.exp;
      const [least, most] = [Math.floor(live.before / 1000) + lifetime, Math.ceil(live.after / 1000) + lifetime];
      if (!(expiry >= least && expiry <= most)) {
        differences.push(`body.jwt (payload).exp: expected ${lifetime} s from now (${least} to ${most}), got ${show(expiry)}`);
      }
    }
    return differences;
  }

  #compareHeader(name, recorded, live, request, isCounted, differences) {
    const path = `header ${name}`;
    const got = live.headers[name];
    if (recorded === undefined || got === undefined) {
      if (recorded !== got) differences.push(`${path}: expected ${show(recorded)}, got ${show(got)}`);
    } else if (name === 'set-cookie') {
      const attributes = (cookie) => cookie.split('; ');
      this.#compare(recorded.split(/, (?=a_session_)/).map(attributes), got.map(attributes), path, differences);
    } else if (name === 'x-fallback-cookies') {
      let cookies = got;
      try {
        cookies = JSON.parse(got);
      } catch {
        // The value stays text, and is shown as text.
      }
      this.#compare(JSON.parse(recorded), cookies, path, differences);
    } else if (name === 'x-ratelimit-remaining' && !isCounted && !('X-Appwrite-Key' in request.headers)) {
      if (!/^\d+$/.test(got) || Number(got) > Number(recorded)) differences.push(`${path}: expected at most ${recorded}, got ${show(got)}`);
    } else if (name === 'x-ratelimit-reset') {
      const window = Number(recorded) % 3600 === 0 ? 3600 : 60;
      const [least, most] = [Math.floor(live.before / 1000), Math.ceil(live.after / 1000) + window];
      const reset = Number(got);
      if (!/^\d+$/.test(got) || reset % window !== 0 || reset < least || reset > most) {
        differences.push(`${path}: expected the end of the clock's current ${window} s, got ${show(got)}`);
      }
    } else {
      this.#compare(recorded, got, path, differences);
    }
  }
}
