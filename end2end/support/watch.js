// Collects problems of pages that users do not see: console errors, policy violations, requests to other origins.

const CONSOLE_NOISE = [
  // Chromium's console line for a response with an error status; the tests check statuses themselves.
  /^Failed to load resource: the server responded with a status of \d{3}/,
  // Chromium's console line for a page that closed while its socket was connecting.
  /^WebSocket connection to '[^']+' failed: WebSocket is closed before the connection is established\.$/,
];

/** Collects the problems of all pages in the given contexts. */
export class Watch {
  complaints = [];
  consoleLines = [];
  requests = [];
  #origins;
  #allowed = [...CONSOLE_NOISE];

  /** `origins`: the allowed targets of requests and sockets. */
  constructor(origins) {
    this.#origins = origins;
  }

  /** Allows console lines and uncaught errors that a test causes on purpose. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  /** Allows more targets of requests. */
  allowOrigin(...origins) {
    this.#origins.push(...origins);
  }

  /** Ignores all later problems, for tests that stop servers while their pages are open. */
  allowServers({ app, backend }) {
    this.allowOrigin(app.origin, app.origin.replace('http', 'ws'));
    if (backend) this.allowOrigin(`ws://127.0.0.1:${backend.port}`);
    this.allow(...CONNECTION_LINES);
  }

  context(context) {
    context.on('page', (page) => this.#page(page));
    context.on('console', (message) => this.#console(message.type(), message.text()));
    context.on('weberror', (error) => this.#uncaught(String(error.error())));
    context.on('request', (request) => this.#visited(request.url()));
    return context;
  }

  #page(page) {
    page.on('websocket', (socket) => this.#visited(socket.url()));
  }

  #console(type, text) {
    this.consoleLines.push(text);
    const complains = type === 'error' || type === 'warning' || /Content Security Policy|panicked/i.test(text);
    if (complains && !this.#isAllowed(text)) this.complaints.push(`${type}: ${text}`);
  }

  #uncaught(error) {
    if (!this.#isAllowed(error)) this.complaints.push(`uncaught: ${error}`);
  }

  #isAllowed(text) {
    return this.#allowed.some((pattern) => pattern.test(text));
  }

  #visited(address) {
    this.requests.push(address);
    const url = new URL(address);
    if (['about:', 'data:', 'blob:'].includes(url.protocol)) return;
    if (!this.#origins.includes(url.origin)) this.complaints.push(`request to ${url.origin}${url.pathname}`);
  }
}

/** Chromium's console lines while a server is down. */
export const CONNECTION_LINES = [
  /^WebSocket connection to '[^']+' failed/,
  /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|CONTENT_LENGTH_MISMATCH|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/,
  // A server that stops cuts off the wasm, which pages load last.
  /WebAssembly compilation aborted: Network error/,
  // The script that loads the wasm's parts logs an error and rejects, and then the app does not start.
  /^TypeError: Failed to fetch(\n.*leptos-birthdays\.|$)/,
  /^a part of the app could not be loaded$/,
];
