// Drives Firefox over WebDriver BiDi (https://w3c.github.io/webdriver-bidi).
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { Server } from '../support/servers.js';
import { clickAt, typing } from './input-actions.js';
import { firefoxPath } from './programs.js';

export class Firefox {
  static title = 'Firefox';
  #withScripts = new Program({ javaScript: true });
  #withoutScripts = new Program({ javaScript: false });

  /** A tab with its own cookies. */
  async newTab({ javaScript }) {
    return (javaScript ? this.#withScripts : this.#withoutScripts).newTab();
  }

  async stop() {
    await Promise.all([this.#withScripts.stop(), this.#withoutScripts.stop()]);
  }
}

/** A Firefox process. It starts with its first tab. */
class Program {
  #folder;
  #server;
  #connection;
  #javaScript;

  constructor({ javaScript }) {
    this.#javaScript = javaScript;
  }

  async newTab() {
    this.#connection ??= await this.#start();
    const { userContext } = await this.#connection.send('browser.createUserContext');
    const { context } = await this.#connection.send('browsingContext.create', { type: 'tab', userContext });
    return new Tab(this.#connection, userContext, context);
  }

  async #start() {
    this.#folder = mkdtempSync(join(tmpdir(), 'firefox-'));
    const settings = { 'javascript.enabled': this.#javaScript, 'dom.ipc.processPrelaunch.enabled': false };
    const lines = Object.entries(settings).map(([name, value]) => `user_pref("${name}", ${value});\n`);
    writeFileSync(join(this.#folder, 'user.js'), lines.join(''));
    this.#server = new Server({
      command: firefoxPath(),
      args: ['--headless', '--remote-debugging-port=0', '--no-remote', '--profile', this.#folder, 'about:blank'],
      ready: /WebDriver BiDi listening on (ws:\S+)/,
    });
    const [, address] = await this.#server.start();
    const connection = await Connection.open(`${address}/session`);
    await connection.send('session.new', { capabilities: {} });
    await connection.send('session.subscribe', { events: ['log.entryAdded', 'network.fetchError'] });
    return connection;
  }

  async stop() {
    if (!this.#server) return;
    await this.#server.stop();
    // Helper processes may write to the profile for a moment after the browser has ended.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

class Tab {
  #connection;
  #userContext;
  #context;
  /** What the page wrote to its console, and its failed requests. */
  messages = [];

  constructor(connection, userContext, context) {
    this.#connection = connection;
    this.#userContext = userContext;
    this.#context = context;
    connection.onEvent(context, ({ text, errorText, request }) => this.messages.push(text ?? [errorText, request?.url].join(' ')));
  }

  async open(url) {
    await this.#loaded();
    await this.#send('browsingContext.navigate', { url, wait: 'interactive' });
  }

  /** Waits for the current document: a navigation that interrupts its loading sometimes gets no response from Firefox. */
  async #loaded() {
    const end = Date.now() + LIMIT_MS;
    const isLoaded = () => this.evaluate("() => document.readyState === 'complete'", []).catch(() => false);
    while (!(await isLoaded()) && Date.now() < end) await wait(20);
  }

  /** Goes back by -1, and forward by 1. */
  async traverse(delta) {
    await this.#send('browsingContext.traverseHistory', { delta });
  }

  /** Runs a function, given as text, in the page, isolated from the page's scripts. Takes and returns JSON. */
  async evaluate(text, args) {
    const { result, exceptionDetails } = await this.#connection.send('script.callFunction', {
      functionDeclaration: `(args) => JSON.stringify((${text})(...JSON.parse(args)))`,
      arguments: [{ type: 'string', value: JSON.stringify(args) }],
      target: { context: this.#context, sandbox: 'tests' },
      awaitPromise: false,
    });
    if (exceptionDetails) throw new Error(exceptionDetails.text);
    return result.type === 'string' ? JSON.parse(result.value) : undefined;
  }

  async click(x, y) {
    await this.#send('input.performActions', { actions: clickAt(x, y) });
  }

  async type(text) {
    await this.#send('input.performActions', { actions: typing(text) });
  }

  async close() {
    await this.#connection.send('browser.removeUserContext', { userContext: this.#userContext });
  }

  async #send(method, params) {
    await this.#connection.send(method, { context: this.#context, ...params });
  }
}

/** The time limit of a command. */
const LIMIT_MS = 30_000;

/** Sends commands and matches the responses. */
class Connection {
  #socket;
  #waiting = new Map();
  #listeners = new Map();
  #lastId = 0;

  static async open(address) {
    const connection = new Connection();
    connection.#socket = new WebSocket(address);
    connection.#socket.on('message', (text) => connection.#take(JSON.parse(text)));
    connection.#socket.on('close', () => connection.#giveUp());
    await once(connection.#socket, 'open');
    return connection;
  }

  /** Calls the function with the parameters of each event in this tab, given by its id. */
  onEvent(context, listener) {
    this.#listeners.set(context, listener);
  }

  async send(method, params = {}) {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { method, resolve, reject });
      // Names the command that hangs, which the time limit of the test would not.
      setTimeout(() => reject(new Error(`${method}: no response`)), LIMIT_MS).unref();
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take({ id, type, result, error, message, params }) {
    if (type === 'event') {
      this.#listeners.get(params.source?.context ?? params.context)?.(params);
      return;
    }
    const command = this.#waiting.get(id);
    if (!command) return;
    this.#waiting.delete(id);
    if (type === 'success') command.resolve(result);
    else command.reject(new Error(`${command.method}: ${error}: ${message}`));
  }

  #giveUp() {
    for (const { method, reject } of this.#waiting.values()) reject(new Error(`${method}: Firefox ended`));
    this.#waiting.clear();
  }
}
