// Plain HTTP, to see the very bytes that a browser would: no cookie jar, no redirects followed, each Set-Cookie apart.
import { request as send } from 'node:http';

/** The answer as it came: `status`, `headers` (lower case, the last of a name wins), `setCookies`, `body` (text). */
export async function request(origin, path, { method = 'GET', headers = {}, body } = {}) {
  const url = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = send(
      // The path is sent as it is: a URL object would tidy up what an attacker writes.
      { host: '127.0.0.1', port: url.port, method, path, headers: { host: url.host, ...headers } },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => (text += chunk));
        answer.on('end', () =>
          resolve({
            status: answer.statusCode,
            headers: answer.headers,
            setCookies: (answer.headers['set-cookie'] ?? []).map(parseSetCookie),
            body: text,
          }),
        );
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    // A server that refuses a body closes while the client still writes, also after the whole response has come.
    outgoing.on('socket', (socket) => socket.on('error', () => {}));
    if (headers.expect === '100-continue') {
      // Asked first, the server answers before there is anything to cut off.
      outgoing.on('continue', () => outgoing.end(body));
      outgoing.flushHeaders();
    } else {
      outgoing.end(body);
    }
  });
}

/** A POST of JSON from the app's own origin, as a browser marks it. */
export function postJson(origin, path, value, headers = {}) {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return request(origin, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers, 'content-length': Buffer.byteLength(body) },
    body,
  });
}

/** A POST of a form from the app's own origin, as a browser without JavaScript sends it. */
export function postForm(origin, path, fields, headers = {}) {
  const body = new URLSearchParams(fields).toString();
  return request(origin, path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'text/html',
      origin,
      'sec-fetch-site': 'same-origin',
      ...headers,
      'content-length': Buffer.byteLength(body),
    },
    body,
  });
}

/** Signs in by the JSON face and returns the `Cookie` header of a browser that did. */
export async function cookieOf(origin, { email, password }) {
  const answer = await postJson(origin, '/api/login', { email, password });
  const cookie = answer.setCookies.find(({ name }) => name === 'session');
  if (answer.status !== 200 || !cookie) throw new Error(`signing in by /api/login answered ${answer.status}: ${answer.body}`);
  return `session=${cookie.value}`;
}

/** `name`, `value`, and the attributes with lower-case names; an attribute without a value is `true`. */
export function parseSetCookie(line) {
  const [pair, ...rest] = line.split(';').map((part) => part.trim());
  const attributes = Object.fromEntries(
    rest.map((part) => {
      const at = part.indexOf('=');
      return at < 0 ? [part.toLowerCase(), true] : [part.slice(0, at).toLowerCase(), part.slice(at + 1)];
    }),
  );
  return { name: pair.slice(0, pair.indexOf('=')), value: pair.slice(pair.indexOf('=') + 1), attributes };
}
