// Appwrite's official web SDK in Node, with the browser globals that it needs. Each page has its own SDK client.
// Requests and sockets send the page's `Origin`, like a browser. Sockets keep all received frames, because the SDK
// does not report some of them.

import { createRequire } from 'node:module';
import NodeWebSocket from 'ws';
import { until } from '../harness/until.mjs';

/** The page in which the SDKs run; a test may move it to another origin. */
export const page = { origin: 'http://localhost:3000' };

const require = createRequire(import.meta.url);
const stored = new Map();

/** Every socket that the SDKs opened, oldest first. */
export const sockets = [];

class BrowserWebSocket extends NodeWebSocket {
  received = [];

  constructor(url) {
    super(url, { origin: page.origin });
    this.on('message', (data) => this.received.push(JSON.parse(data.toString('utf8'))));
    sockets.push(this);
  }
}

const localStorage = {
  getItem: (key) => stored.get(key) ?? null,
  setItem: (key, value) => stored.set(key, String(value)),
  removeItem: (key) => stored.delete(key),
};

const plainFetch = globalThis.fetch;

/** The SDKs' warnings, which do not go to the console. */
export const warnings = [];
console.warn = (...words) => warnings.push(words.join(' '));

globalThis.WebSocket = BrowserWebSocket;
globalThis.localStorage = localStorage;
globalThis.window = { localStorage, console, setInterval, clearInterval, setTimeout, clearTimeout, get location() { return new URL(page.origin); } };
globalThis.fetch = (url, options = {}) => plainFetch(url, { ...options, headers: { ...options.headers, Origin: page.origin } });

/** The newest SDK: subscribes by message. */
export const newest = require('appwrite');
/** The SDK before that one. */
export const previous = require('appwrite-27');
/** The last SDK that subscribes by the socket's URL. */
export const byAddress = require('appwrite-24');

/** Clears the SDKs' storage, like a new browser profile. */
export function clearStorage() {
  stored.clear();
  warnings.length = 0;
}

/** The cookie that the SDK stores in place of a real one, if any. */
export function storedSession() {
  return JSON.parse(stored.get('cookieFallback') ?? '{}').a_session_demo;
}

/** A client of `sdk` for the backend; `session` or `jwt` identify it. */
export function clientOf(sdk, backend, { session, jwt } = {}) {
  const client = new sdk.Client().setEndpoint(backend.endpoint).setProject(backend.project);
  if (session) client.setSession(session);
  if (jwt) client.setJWT(jwt);
  return client;
}

const subscriptions = [];

/** Wraps the SDK's Realtime; `hangUp` ends its subscriptions. */
export function realtimeOf(sdk, client) {
  const realtime = new sdk.Realtime(client);
  const subscribe = realtime.subscribe.bind(realtime);
  realtime.subscribe = async (...what) => {
    const subscription = await subscribe(...what);
    subscriptions.push(subscription);
    return subscription;
  };
  return realtime;
}

/** Leaves the page: ends each subscription and its socket, and clears the storage. */
export async function hangUp() {
  for (const subscription of subscriptions.splice(0)) await subscription.close();
  clearStorage();
}

/** Waits for a frame on the newest socket for which `matches` is true, and returns it. */
export function frame(what, matches) {
  return until(what, () => sockets.at(-1)?.received.find(matches));
}

export const connected = () => frame('the connected frame', ({ type }) => type === 'connected');
export const answered = (to) => frame(`the answer to ${to}`, ({ type, data }) => type === 'response' && data.to === to);
