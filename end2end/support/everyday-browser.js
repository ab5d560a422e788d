// A Chromium with normal tabs, which can be hidden, frozen, and kept in the back-forward cache. Playwright disables all
// of this.
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import { launchOptions } from './chromium.js';
import { Server } from './servers.js';

export class EverydayBrowser {
  #folder = mkdtempSync(join(tmpdir(), 'chromium-'));
  #program;
  #browser;

  static async start() {
    const everyday = new EverydayBrowser();
    const { executablePath, args } = launchOptions();
    everyday.#program = new Server({
      command: executablePath,
      args: [
        ...args,
        '--headless=new',
        '--remote-debugging-port=0',
        '--no-first-run',
        // Chromium treats a response that a test has changed as local, and would block its requests to this machine.
        '--disable-features=LocalNetworkAccessChecks',
        `--user-data-dir=${everyday.#folder}`,
        'about:blank',
      ],
      ready: /DevTools listening on (ws:\S+)/,
    });
    const [, address] = await everyday.#program.start();
    everyday.#browser = await chromium.connectOverCDP(address, { noDefaults: true });
    return everyday;
  }

  /** Its one context. It has no `baseURL`. */
  get context() {
    return this.#browser.contexts()[0];
  }

  async stop() {
    const devtools = await this.#browser.newBrowserCDPSession();
    const closed = once(this.#browser, 'disconnected');
    await devtools.send('Browser.close');
    await closed;
    await this.#program.stop();
    // Helper processes may write to the profile for a moment after the browser has ended.
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 50 });
  }
}

/** Freezes a hidden tab, as browsers do to save power: its scripts stop and its sockets close. */
export async function freeze(page) {
  await setState(page, 'frozen');
}

/** Unfreezes a tab. */
export async function wake(page) {
  await setState(page, 'active');
}

async function setState(page, state) {
  const devtools = await page.context().newCDPSession(page);
  await devtools.send('Page.setWebLifecycleState', { state });
  await devtools.detach();
}
