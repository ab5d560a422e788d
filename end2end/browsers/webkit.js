// Drives WebKitGTK's MiniBrowser with its WebDriver (https://www.w3.org/TR/webdriver2), on a virtual display.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, Server } from '../support/servers.js';
import { clickAt, typing } from './input-actions.js';
import { webkitPaths } from './programs.js';

const BETWEEN_TRIES_MS = 20;
const SCRIPT_LIMIT_MS = 3_000;

export class WebKit {
  static title = 'WebKit';
  #display;
  #displayNumber;

  /** A browser with its own cookies. Its driver starts one at a time. */
  async newTab({ javaScript }) {
    this.#displayNumber ??= await this.#startDisplay();
    return Tab.start(`:${this.#displayNumber}`, [`--enable-javascript=${javaScript}`]);
  }

  async #startDisplay() {
    this.#display = new Server({
      command: webkitPaths().display,
      args: ['-displayfd', '1', '-nolisten', 'tcp', '-screen', '0', '1280x1024x24'],
      ready: /^(\d+)$/m,
    });
    return (await this.#display.start())[1];
  }

  async stop() {
    await this.#display?.stop();
  }
}

class Tab {
  #driver;
  #address;
  #session;

  static async start(display, options) {
    const tab = new Tab();
    const port = await freePort();
    // Without this, GTK starts a D-Bus daemon that keeps running after the tests.
    const env = { ...process.env, DISPLAY: display, DBUS_SESSION_BUS_ADDRESS: 'disabled:' };
    tab.#driver = spawn(webkitPaths().driver, [`--port=${port}`, '--host=local'], { env, stdio: 'ignore' });
    tab.#address = `http://127.0.0.1:${port}`;
    try {
      await tab.#untilDriverAnswers();
      const capabilities = { alwaysMatch: { 'webkitgtk:browserOptions': { args: ['--automation', ...options] } } };
      const { sessionId } = await tab.#send('POST', '/session', { capabilities });
      tab.#session = `/session/${sessionId}`;
    } catch (error) {
      tab.#driver.kill();
      throw error;
    }
    return tab;
  }

  async open(url) {
    await this.#send('POST', `${this.#session}/url`, { url });
  }

  /** Goes back by -1, and forward by 1. */
  async traverse(delta) {
    await this.#send('POST', `${this.#session}/${delta < 0 ? 'back' : 'forward'}`, {});
  }

  /** Runs a function, given as text, in the page. Takes and returns JSON. */
  async evaluate(text, args) {
    // The driver never responds if the page is closed while its script runs.
    const signal = AbortSignal.timeout(SCRIPT_LIMIT_MS);
    return this.#send('POST', `${this.#session}/execute/sync`, { script: `return (${text})(...arguments)`, args }, signal);
  }

  async click(x, y) {
    await this.#send('POST', `${this.#session}/actions`, { actions: clickAt(x, y) });
  }

  async type(text) {
    await this.#send('POST', `${this.#session}/actions`, { actions: typing(text) });
  }

  async close() {
    await this.#send('DELETE', this.#session);
    const ended = once(this.#driver, 'exit');
    this.#driver.kill();
    await ended;
  }

  async #untilDriverAnswers() {
    while (this.#driver.exitCode === null) {
      try {
        return await this.#send('GET', '/status');
      } catch (error) {
        if (error.cause?.code !== 'ECONNREFUSED') throw error;
      }
      await pause(BETWEEN_TRIES_MS);
    }
    throw new Error(`WebKitWebDriver ended with ${this.#driver.exitCode}`);
  }

  async #send(method, path, body, signal) {
    const answer = await fetch(this.#address + path, { method, body: body && JSON.stringify(body), signal });
    const { value } = await answer.json();
    if (!answer.ok) throw new Error(`${method} ${path}: ${value.error}: ${value.message}`);
    return value;
  }
}
