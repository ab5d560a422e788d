// A server of another party: at 127.0.0.1 it is another site to a browser, at localhost another port of the app's
// host.
import { once } from 'node:events';
import { createServer } from 'node:http';

const LINK_TEXT = 'Go there';

export class OtherSite {
  static linkText = LINK_TEXT;
  #server;

  static async start() {
    const site = new OtherSite();
    site.#server = createServer(answer).listen(0, '127.0.0.1');
    await once(site.#server, 'listening');
    return site;
  }

  /** A page of another site with a link to this address. */
  linkTo(address) {
    return `http://127.0.0.1:${this.#port}/link?${new URLSearchParams({ to: address })}`;
  }

  /** Another site's redirect to this address. */
  redirectTo(address) {
    return `http://127.0.0.1:${this.#port}/redirect?${new URLSearchParams({ to: address })}`;
  }

  /** A page of the app's host whose script sets a cookie, which browsers send to the app as well. */
  cookiePage(cookie) {
    return `http://localhost:${this.#port}/cookie?${new URLSearchParams({ cookie })}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  get #port() {
    return this.#server.address().port;
  }
}

function answer(request, response) {
  const { pathname, searchParams } = new URL(request.url, 'http://localhost');
  const body = {
    '/link': () => `<h1>Another site</h1><a href="${searchParams.get('to')}">${LINK_TEXT}</a>`,
    '/cookie': () => `<script>document.cookie = ${JSON.stringify(searchParams.get('cookie'))}</script><h1>Cookie set</h1>`,
  }[pathname]?.();
  response.setHeader('content-type', 'text/html; charset=utf-8');
  response.setHeader('referrer-policy', 'no-referrer');
  if (pathname === '/redirect') response.writeHead(303, { location: searchParams.get('to') });
  else if (!body) response.writeHead(404);
  response.end(`<!doctype html><title>Another site</title>${body ?? ''}`);
}
