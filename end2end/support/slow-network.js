// A proxy to the backend that delays every request, as if Appwrite were far away.
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';

export class SlowNetwork {
  #server;

  /** Each request to `port` waits for `delay` milliseconds first. */
  static async start(port, delay) {
    const network = new SlowNetwork();
    network.#server = createServer(async (incoming, answer) => {
      if (delay > 0) await wait(delay);
      const { method, url: path, headers } = incoming;
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers }, (found) => {
        answer.writeHead(found.statusCode, found.rawHeaders);
        found.pipe(answer);
      });
      outgoing.on('error', () => answer.destroy());
      incoming.pipe(outgoing);
    }).listen(0, '127.0.0.1');
    await once(network.#server, 'listening');
    return network;
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
