// The shared setup of one browser's tests: the app with its backend, another site, and the browser.
import { after, before, describe, test } from 'node:test';
import { App, Backend } from '../support/servers.js';
import { crossSiteLinks } from './cross-site-link.js';
import { back } from './back.js';
import { forms } from './forms.js';
import { live } from './live.js';
import { OtherSite } from './other-site.js';
import { Page } from './page.js';
import { providers } from './providers.js';

const LIMIT = { timeout: 60_000 };

/** Declares every test for this browser. Skips them where it is not installed. */
export function testIn(Browser, { isInstalled = true } = {}) {
  const skip = !isInstalled && `${Browser.title} is not installed, so nothing was tested in it. scripts/tools.sh says how to install it.`;
  describe(Browser.title, { skip }, () => {
    const setting = new Setting(new Browser());
    before(() => setting.start(), LIMIT);
    after(() => setting.stop(), LIMIT);
    for (const declare of [forms, back, crossSiteLinks, providers, live]) declare(setting);
  });
}

class Setting {
  backend;
  app;
  otherSite;
  #browser;
  #stops = [];

  constructor(browser) {
    this.#browser = browser;
  }

  async start() {
    this.#stops.push(() => this.#browser.stop());
    this.otherSite = await OtherSite.start();
    this.#stops.push(() => this.otherSite.stop());
    this.backend = await Backend.start();
    this.#stops.push(() => this.backend.dispose());
    this.app = await App.start({ backend: this.backend });
    this.#stops.push(() => this.app.dispose());
  }

  async stop() {
    const outcomes = await Promise.allSettled(this.#stops.reverse().map((stop) => stop()));
    const failed = outcomes.find(({ status }) => status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** A page with its own cookies. The caller closes it. */
  async newPage({ javaScript = true } = {}) {
    return new Page(await this.#browser.newTab({ javaScript }), this.app.origin);
  }

  /** Declares a test. Its body gets `newPage`, whose pages are closed after it. */
  test(name, body) {
    test(name, LIMIT, async () => {
      const pages = [];
      try {
        await body(async (options) => {
          pages.push(await this.newPage(options));
          return pages.at(-1);
        });
      } catch (error) {
        throw Object.assign(error, { appLog: this.app.log.slice(-3000) });
      } finally {
        for (const page of pages) await page.close();
      }
    });
  }

  /** Declares a test twice: for a browser with JavaScript, and for one without. */
  testWithAndWithoutJavaScript(name, body) {
    for (const javaScript of [true, false]) {
      const newPage = (open) => () => open({ javaScript });
      this.test(`${name}, ${javaScript ? 'with' : 'without'} JavaScript`, (open) => body(newPage(open)));
    }
  }
}
