// The configurations of deploy/ for nginx, Caddy and HAProxy, each in front of two instances of the app: pages, files, forms,
// the relay's socket, large cookies and bodies, and the client's address.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { request as send } from 'node:https';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import WebSocket from 'ws';
import { App, Backend } from '../support/servers.js';
import { request as plainRequest, parseSetCookie } from '../support/wire.js';
import { isInstalled, Proxy, proxyNames } from './proxy.js';

const PASSWORD = 'correct horse battery staple';
/** The app accepts request heads of 16 KiB. */
const LARGE_COOKIE = `other=${'x'.repeat(12_000)}`;

for (const name of proxyNames) {
  describe(name, { skip: isInstalled(name) ? false : `${name} is not installed` }, () => {
    let backend, proxy;
    const apps = [];

    before(async () => {
      backend = await Backend.start();
      proxy = await Proxy.prepare(name);
      const env = { LEPTOS_ENV: 'PROD', APP_ORIGIN: proxy.origin, REALTIME: 'relay', TRUSTED_PROXIES: '127.0.0.1/32' };
      for (let count = 0; count < 2; count += 1) apps.push(await App.start({ backend, env }));
      await proxy.start(apps.map(({ port }) => port));
    });
    after(async () => {
      await proxy?.dispose();
      for (const app of apps) await app.dispose();
      await backend?.dispose();
    });

    test('http is redirected to https', async () => {
      const { status, headers } = await plainRequest(`http://localhost:${proxy.http}`, '/login?next=%2F');
      assert.deepEqual([status, new URL(headers.location).pathname], [308, '/login'], headers.location);
      assert.equal(new URL(headers.location).protocol, 'https:');
    });

    test('page keeps its security headers, and files stay compressed', async () => {
      const page = await ask('/login');
      assert.equal(page.status, 200);
      assert.match(page.headers['content-security-policy'], /nonce-/);
      assert.match(page.headers['strict-transport-security'], /max-age/);
      const file = page.body.match(/\/pkg\/[^"' )]+\.wasm/)[0];
      const { status, headers } = await ask(file, { headers: { 'accept-encoding': 'br' } });
      assert.deepEqual([status, headers['content-encoding']], [200, 'br']);
      assert.match(headers['cache-control'], /immutable/);
    });

    test('page comes over HTTP/2', async () => {
      const client = connectHttp2(proxy.origin, { ca: proxy.certificate });
      const stream = client.request({ ':path': '/login' });
      const [headers] = await once(stream, 'response');
      assert.equal(headers[':status'], 200);
      client.destroy();
    });

    test('session of a form without JavaScript works on both instances', async () => {
      const cookie = await signUp('127.0.0.1', 'form');
      for (let count = 0; count < 6; count += 1) assert.match((await ask('/birthdays', { headers: { cookie } })).body, /Add birthday/);
    });

    test('large cookies pass in both directions', async () => {
      const cookie = await signUp('127.0.0.2', 'cookies');
      const page = await ask('/birthdays', { headers: { cookie: `${cookie}; ${LARGE_COOKIE}` } });
      assert.equal(page.status, 200, `${proxy.log}`);
      // The response carries what was typed in a sealed cookie.
      const refused = await post('/actions/add_birthday', { name: 'x'.repeat(1500), date: 'never', page: '/birthdays' }, { headers: { cookie: `${cookie}; ${LARGE_COOKIE}` } });
      assert.equal(refused.status, 303, refused.body);
      assert.ok(refused.setCookies.some(({ name: of, value }) => of === '__Host-flash' && value.length > 1500));
    });

    test('only bodies above the limit are refused', async () => {
      const of = (length, options) => post('/actions/sign_in', { email: 'a@example.org', password: 'x'.repeat(length), page: '/login' }, { localAddress: '127.0.0.3', ...options });
      assert.equal((await of(40_000)).status, 303);
      const explained = await of(100_000);
      assert.equal(explained.status, 413);
      assert.match(explained.body, /<main/, 'the app explains');
      // Waits for permission to send the body: if the proxy answers and closes while the client writes, the client may
      // lose the answer.
      assert.equal((await of(3_000_000, { headers: { expect: '100-continue' } })).status, 413);
    });

    test('client cannot choose its address and clients are distinguished', async () => {
      const guess = (localAddress, forged) =>
        post('/actions/sign_in', { email: 'nobody@example.org', password: 'wrong', page: '/login' }, { localAddress, headers: { 'x-forwarded-for': forged, accept: 'application/json' } });
      const statuses = await Promise.all(Array.from({ length: 40 }, async (_, number) => (await guess('127.0.0.4', `10.0.0.${number}`)).status));
      assert.ok(statuses.includes(429), `a client that forges addresses is limited: ${statuses}`);
      const other = await post('/actions/sign_in', { email: 'another@example.org', password: 'wrong', page: '/login' }, { localAddress: '127.0.0.5', headers: { accept: 'application/json' } });
      assert.notEqual(other.status, 429, 'another client is not limited');
    });

    test('relayed socket receives a row that another user writes', async () => {
      const cookie = await signUp('127.0.0.6', 'socket');
      const address = `${proxy.origin.replace('https', 'wss')}/realtime?channels[]=account&channels[]=tablesdb.main.tables.birthdays.rows`;
      const socket = new WebSocket(address, { ca: proxy.certificate, headers: { cookie, origin: proxy.origin }, localAddress: '127.0.0.6' });
      const frames = [];
      let arrived;
      socket.on('message', (data) => {
        frames.push(String(data));
        arrived?.();
      });
      const until = async (pattern) => {
        while (!frames.some((frame) => pattern.test(frame))) await new Promise((resolve) => (arrived = resolve));
      };
      await once(socket, 'open');
      await until(/^(?=.*"type":"connected").*"user":\{/);
      const row = { name: 'Grace of the relay', birthday: '1906-12-09T00:00:00.000+00:00' };
      const { status } = await backend.call('POST', '/tablesdb/main/tables/birthdays/rows', { body: { rowId: 'unique()', data: row, permissions: ['read("users")'] } });
      assert.equal(status, 201);
      await until(/Grace of the relay/);
      socket.terminate();
    });

    test('requests succeed while one instance stops', async () => {
      await apps[0].stop();
      for (let count = 0; count < 10; count += 1) assert.equal((await ask('/login')).status, 200);
      await apps[0].start();
    });

    test('app explains an outage of Appwrite', async () => {
      await backend.kill();
      const isReady = ({ port }) => plainRequest(`http://localhost:${port}`, '/readyz').then(({ status }) => status === 200);
      while ((await Promise.all(apps.map(isReady))).includes(true)) await wait(100);
      // The proxies ask each instance once a second.
      for (const from = Date.now(); Date.now() - from < 3000; await wait(100)) {
        assert.equal((await ask('/login')).status, 200);
        const { status, body } = await ask('/birthdays', { headers: { accept: 'text/html' } });
        assert.equal(status, 503);
        assert.match(body, /<main/);
      }
    });

    async function signUp(localAddress, mark) {
      const fields = { name: 'Ada', email: `ada.${mark}@example.org`, password: PASSWORD, page: '/signup' };
      const { status, setCookies, body } = await post('/actions/sign_up', fields, { localAddress });
      assert.equal(status, 303, body);
      const kept = setCookies.filter(({ attributes }) => attributes['max-age'] !== '0');
      assert.ok(kept.every(({ attributes }) => attributes.secure));
      return kept.map(({ name: of, value }) => `${of}=${value}`).join('; ');
    }

    function post(path, fields, { headers, ...options } = {}) {
      const body = new URLSearchParams(fields).toString();
      const own = { 'content-type': 'application/x-www-form-urlencoded', accept: 'text/html', origin: proxy.origin, 'sec-fetch-site': 'same-origin' };
      return ask(path, { method: 'POST', body, headers: { ...own, 'content-length': Buffer.byteLength(body), ...headers }, ...options });
    }

    function ask(path, { body, headers, ...options } = {}) {
      return new Promise((resolve, reject) => {
        const outgoing = send(proxy.origin + path, { ca: proxy.certificate, headers, family: 4, ...options }, (answer) => {
          const chunks = [];
          answer.on('data', (chunk) => chunks.push(chunk));
          answer.on('error', reject);
          answer.on('end', () => {
            resolve({ status: answer.statusCode, headers: answer.headers, setCookies: (answer.headers['set-cookie'] ?? []).map(parseSetCookie), body: Buffer.concat(chunks).toString() });
            outgoing.destroy();
          });
        });
        outgoing.on('error', reject);
        outgoing.on('close', () => reject(new Error(`${path}: the connection closed before the answer was complete`)));
        if (headers?.expect) outgoing.on('continue', () => outgoing.end(body)).flushHeaders();
        else outgoing.end(body);
      });
    }
  });
}
