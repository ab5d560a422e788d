// A WebSocket whose frames are read one by one, each with a timeout.

import WebSocket from 'ws';

const DEADLINE_MS = 10_000;

export class Socket {
  #socket;
  #frames = [];
  #waiting = [];
  #ended = false;

  /** Resolves with the close code, from either side. */
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

  /** Opens `url` with these request headers; `origin` null sends none. Resolves when the handshake is done. */
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

  /** The next frame; fails if the socket closes or `DEADLINE_MS` pass before it comes. */
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

  /** Sends text as it is, anything else as JSON. */
  send(message) {
    this.#socket.send(typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** Closes from our side and waits until it is done. */
  async close() {
    this.#socket.close();
    const deadline = setTimeout(() => this.#socket.terminate(), DEADLINE_MS);
    await this.closed;
    clearTimeout(deadline);
  }
}
