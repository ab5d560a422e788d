// Plain HTTP without a cookie jar or redirects; keeps each Set-Cookie header.
import { request as send } from 'node:http';

/** The response: `status`, `headers` (lower case; the last of a name wins), `setCookies`, `body` (text). */
export async function request(origin, path, { method = 'GET', headers = {}, body } = {}) {
  const url = new URL(origin);
  return new Promise((resolve, reject) => {
    const outgoing = send(
      // Sends the path as it is. A URL object would normalize an attacker's path.
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
    // A server that refuses a body closes the connection while the client still writes, even after the whole response.
    outgoing.on('socket', (socket) => socket.on('error', () => {}));
    if (headers.expect === '100-continue') {
      // With `Expect: 100-continue`, the server responds before the client writes the body.
      outgoing.on('continue', () => outgoing.end(body));
      outgoing.flushHeaders();
    } else {
      outgoing.end(body);
    }
  });
}

/** Posts JSON from the app's own origin, with a browser's headers. */
export function postJson(origin, path, value, headers = {}) {
  const body = typeof value === 'string' ? value : JSON.stringify(value);
  return request(origin, path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', origin, 'sec-fetch-site': 'same-origin', ...headers, 'content-length': Buffer.byteLength(body) },
    body,
  });
}

/** Posts a form from the app's own origin, like a browser without JavaScript. */
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

/** Signs in over the JSON API and returns the `Cookie` header for later requests. */
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
