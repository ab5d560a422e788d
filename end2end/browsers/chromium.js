// Drives Chromium with Playwright, for the tests that run in three browsers.
import { chromium } from '@playwright/test';
import { launchOptions } from '../support/chromium.js';

export class Chromium {
  static title = 'Chromium';
  #browser;

  /** A tab with its own cookies. */
  async newTab({ javaScript }) {
    this.#browser ??= await chromium.launch(launchOptions());
    const context = await this.#browser.newContext({ javaScriptEnabled: javaScript });
    return new Tab(await context.newPage());
  }

  async stop() {
    await this.#browser?.close();
  }
}

class Tab {
  #page;

  constructor(page) {
    this.#page = page;
  }

  async open(url) {
    await this.#page.goto(url, { waitUntil: 'domcontentloaded' });
  }

  /** Goes back by -1, and forward by 1. */
  async traverse(delta) {
    await this.#page[delta < 0 ? 'goBack' : 'goForward']({ waitUntil: 'commit' });
  }

  /** Runs a function, given as text, in the page. Takes and returns JSON. */
  async evaluate(text, args) {
    return this.#page.evaluate(`(${text})(...${JSON.stringify(args)})`);
  }

  async click(x, y) {
    await this.#page.mouse.click(x, y);
  }

  async type(text) {
    await this.#page.keyboard.type(text);
  }

  async close() {
    await this.#page.context().close();
  }
}
