// Listens to what a page does behind a person's back: errors in the console, refused content, requests to elsewhere.

const CONSOLE_NOISE = [
  // Chromium's line for an answer with an error status; the tests look at statuses themselves.
  /^Failed to load resource: the server responded with a status of \d{3}/,
  // And its line for a page that was left, or closed at the end of a test, while its socket was still connecting.
  /^WebSocket connection to '[^']+' failed: WebSocket is closed before the connection is established\.$/,
];

/** Collects complaints about every page of the contexts that it is given. */
export class Watch {
  complaints = [];
  consoleLines = [];
  requests = [];
  #origins;
  #allowed = [...CONSOLE_NOISE];

  /** `origins`: where requests and sockets may go. */
  constructor(origins) {
    this.#origins = origins;
  }

  /** For a test that provokes it: lines of the console that are no complaint. */
  allow(...patterns) {
    this.#allowed.push(...patterns);
  }

  /** Further places where requests may go. */
  allowOrigin(...origins) {
    this.#origins.push(...origins);
  }

  /** For a test that starts servers of its own and ends them while their pages are open. */
  allowServers({ app, backend }) {
    this.allowOrigin(app.origin, app.origin.replace('http', 'ws'));
    if (backend) this.allowOrigin(`ws://127.0.0.1:${backend.port}`);
    this.allow(...CONNECTION_LINES);
  }

  context(context) {
    context.on('page', (page) => this.#page(page));
    context.on('console', (message) => this.#console(message.type(), message.text()));
    context.on('weberror', (error) => this.complaints.push(`uncaught: ${error.error()}`));
    context.on('request', (request) => this.#visited(request.url()));
    return context;
  }

  #page(page) {
    page.on('websocket', (socket) => this.#visited(socket.url()));
  }

  #console(type, text) {
    this.consoleLines.push(text);
    const complains = type === 'error' || type === 'warning' || /Content Security Policy|panicked/i.test(text);
    if (complains && !this.#allowed.some((pattern) => pattern.test(text))) this.complaints.push(`${type}: ${text}`);
  }

  #visited(address) {
    this.requests.push(address);
    const url = new URL(address);
    if (['about:', 'data:', 'blob:'].includes(url.protocol)) return;
    if (!this.#origins.includes(url.origin)) this.complaints.push(`request to ${url.origin}${url.pathname}`);
  }
}

/** What Chromium says while a server is down. */
export const CONNECTION_LINES = [
  /^WebSocket connection to '[^']+' failed/,
  /^Failed to load resource: net::ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|SOCKET_NOT_CONNECTED)/,
];
