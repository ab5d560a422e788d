// The colors of the pages, as the person chose them.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { withoutReload } from '../support/people.js';

const DARK = 'rgb(19, 24, 23)';
const LIGHT = 'rgb(247, 246, 242)';

function background(page) {
  return page.evaluate(() => getComputedStyle(document.body).backgroundColor);
}

/** The color of the browser's own frame: that of the first `theme-color` whose media query matches. */
function frameColor(page) {
  return page.evaluate(() => [...document.querySelectorAll('meta[name="theme-color"]')].find(({ media }) => matchMedia(media).matches)?.content);
}

async function choose(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
  await expect(page.getByRole('button', { name, exact: true })).toHaveAttribute('aria-pressed', 'true');
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('chosen theme applies everywhere and overrides the system', async ({ page }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto('/login');
    expect([await background(page), await frameColor(page)]).toEqual([LIGHT, '#ffffff']);
    await choose(page, 'Dark');
    expect([await background(page), await frameColor(page)]).toEqual([DARK, '#1b2221']);
    for (const path of ['/', '/birthdays', '/no-such-page', '/login']) {
      await page.goto(path);
      expect(await background(page), path).toBe(DARK);
      await expect(page.getByRole('button', { name: 'Dark', exact: true })).toHaveAttribute('aria-pressed', 'true');
    }
    await page.emulateMedia({ colorScheme: 'dark' });
    await choose(page, 'Light');
    expect(await background(page)).toBe(LIGHT);
    expect(await frameColor(page)).toBe('#ffffff');
    await choose(page, 'System');
    expect([await background(page), await frameColor(page)]).toEqual([DARK, '#1b2221']);
    await page.emulateMedia({ colorScheme: 'light' });
    expect(await background(page)).toBe(LIGHT);
  });
});

test('choosing a theme keeps typed text', async ({ page }) => {
  await page.goto('/login');
  // The button appears once the app runs.
  await expect(page.getByRole('button', { name: 'Show Password' })).toBeVisible();
  await page.getByLabel('Email').fill('ada@example.org');
  await withoutReload(page, () => choose(page, 'Dark'));
  expect(await background(page)).toBe(DARK);
  await expect(page.getByLabel('Email')).toHaveValue('ada@example.org');
});
