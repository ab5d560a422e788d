// A way to the backend on which every request waits before it goes on, as on the way to a distant Appwrite.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export class SlowWay {
  #server;

  /** Each request to `port` waits for `delay` milliseconds first. */
  static async start(port, delay) {
    const way = new SlowWay();
    way.#server = createServer(async (incoming, answer) => {
      if (delay > 0) await wait(delay);
      const { method, url: path, headers } = incoming;
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (found) => {
        answer.writeHead(found.statusCode, found.rawHeaders);
        found.pipe(answer);
      });
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
    }).listen(0, '127.0.0.1');
    await once(way.#server, 'listening');
    return way;
  }

  get endpoint() {
    return `http://127.0.0.1:${this.#server.address().port}/v1`;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }
}
