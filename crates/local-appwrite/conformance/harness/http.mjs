// Sends one HTTP request exactly as given: adds no header and follows no redirect.

import http from 'node:http';

const DEADLINE_MS = 20_000;

/** The headers that the recorded client always sent. */
export const RECORDING_CLIENT = Object.freeze({ 'User-Agent': 'python-requests/2.34.2', Accept: '*/*' });

/**
 * Sends `request` (`{method, path, headers, body}`; `body` is JSON unless it is a string) below `base`.
 *
 * Returns `{status, headers, body, before, after}`: header names in lower case, `set-cookie` as an array, `body` parsed
 * if it is JSON and else as text, and the times (ms) before and after the exchange.
 */
export function exchange(base, { method, path, headers = {}, body = null }) {
  const url = new URL(base);
  const payload = body === null || body === undefined ? null : typeof body === 'string' ? body : JSON.stringify(body);
  const sent = { ...headers };
  if (payload !== null) sent['Content-Length'] = Buffer.byteLength(payload);
  const before = Date.now();
  return new Promise((done, fail) => {
    const request = http.request(
      {
        host: url.hostname,
        port: url.port,
        method,
        path: url.pathname.replace(/\/$/, '') + path,
        headers: sent,
        agent: false,
        timeout: DEADLINE_MS,
      },
      (response) => {
        const chunks = [];
        response.on('data', (chunk) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          const isJson = /json/.test(response.headers['content-type'] ?? '');
          let parsed = text;
          if (isJson) {
            try {
              parsed = JSON.parse(text);
            } catch {
              return fail(new Error(`${method} ${path} answered a body that says JSON and is not: ${text.slice(0, 200)}`));
            }
          }
          done({ status: response.statusCode, headers: response.headers, body: parsed, before, after: Date.now() });
        });
      },
    );
    request.on('timeout', () => request.destroy(new Error(`${method} ${path}: no answer within ${DEADLINE_MS} ms`)));
    request.on('error', fail);
    if (payload !== null) request.write(payload);
    request.end();
  });
}
