// A WebSocket whose frames are read one by one, each with a timeout.

import WebSocket from 'ws';

const DEADLINE_MS = 10_000;

export class Socket {
  #socket;
  #frames = [];
  #waiting = [];
  #ended = false;

  /** Resolves with the close code, whichever side closes. */
  closed;

  constructor(socket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      this.#frames.push(JSON.parse(data.toString('utf8')));
      this.#wake();
    });
    this.closed = new Promise((done) => {
      socket.on('close', (code) => {
        this.#ended = true;
        done(code);
        this.#wake();
      });
    });
    // Only the close event has the code: servers may close with codes that the protocol does not allow (401, 403).
    socket.on('error', () => {});
  }

  /** Opens `url` with these request headers; without `Origin` if `origin` is null. Resolves after the handshake. */
  static open(url, { headers = {}, origin = null } = {}) {
    const socket = new WebSocket(url, { headers, ...(origin ? { origin } : {}), handshakeTimeout: DEADLINE_MS });
    const opened = new Socket(socket);
    return new Promise((done, fail) => {
      socket.once('open', () => done(opened));
      socket.once('unexpected-response', (_request, response) => fail(new Error(`the handshake was answered ${response.statusCode}`)));
      socket.once('error', fail);
    });
  }

  #wake() {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** Returns the next frame. Fails if the socket closes first, or after `DEADLINE_MS`. */
  async next(what = 'a frame') {
    const end = Date.now() + DEADLINE_MS;
    while (this.#frames.length === 0) {
      if (this.#ended) throw new Error(`the socket closed before ${what} came`);
      if (Date.now() >= end) throw new Error(`${what} did not come within ${DEADLINE_MS} ms`);
      let timer;
      await new Promise((wake) => {
        this.#waiting.push(wake);
        timer = setTimeout(wake, end - Date.now());
      });
      clearTimeout(timer);
    }
    return this.#frames.shift();
  }

  /** Sends text unchanged, and anything else as JSON. */
  send(message) {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Closes the socket and waits until it is closed. */
  async close() {
    this.#socket.close();
    const deadline = setTimeout(() => this.#socket.terminate(), DEADLINE_MS);
    await this.closed;
    clearTimeout(deadline);
  }
}
