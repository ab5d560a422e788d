// Lighthouse's scores of three pages on a phone, from the release in production mode. Prints the audits below full marks. Exits
// with 1 if accessibility, best practices or SEO have less than 100.
import { launch } from 'chrome-launcher';
import lighthouse from 'lighthouse';
import { save } from '../bench/results.js';
import { launchOptions } from '../support/chromium.js';
import { App, Backend, freePort } from '../support/servers.js';

const PAGES = ['/', '/login', '/birthdays'];
const CATEGORIES = ['performance', 'accessibility', 'best-practices', 'seo'];

const backend = await Backend.start();
const port = await freePort();
const app = await App.start({ backend, port, env: { LEPTOS_ENV: 'PROD', APP_ORIGIN: `http://localhost:${port}` } });
const { executablePath, args } = launchOptions();
const chromium = await launch({ chromePath: executablePath, chromeFlags: [...args, '--headless=new'] });
try {
  const rows = [];
  for (const page of PAGES) {
    const { lhr } = await lighthouse(app.origin + page, { port: chromium.port, onlyCategories: CATEGORIES, logLevel: 'error' });
    rows.push([`\`${page}\``, ...CATEGORIES.map((category) => score(lhr, category))]);
    report(page, lhr);
  }
  save('lighthouse', {
    head: ['page', 'performance', 'accessibility', 'best practices', 'SEO'],
    rows,
  });
} finally {
  await chromium.kill();
  await app.dispose();
  await backend.dispose();
}

function score(lhr, category) {
  return Math.round(lhr.categories[category].score * 100);
}

function report(page, lhr) {
  console.log(`${page}: ${CATEGORIES.map((category) => `${category} ${score(lhr, category)}`).join(', ')}`);
  for (const category of CATEGORIES) {
    for (const { id, weight } of lhr.categories[category].auditRefs) {
      const { score: reached, title, displayValue = '' } = lhr.audits[id];
      if (weight > 0 && reached !== null && reached < 1) console.log(`  ${category}: ${id} ${reached.toFixed(2)}, ${title} ${displayValue}`);
    }
    if (category !== 'performance' && score(lhr, category) < 100) process.exitCode = 1;
  }
}
