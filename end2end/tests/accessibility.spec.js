// Accessibility of every page in every state: axe, small and large windows, both color schemes, and keyboard only.
import AxeBuilder from '@axe-core/playwright';
import { hold } from '../support/held-requests.js';
import { expect, test } from '../support/test.js';
import { addBirthday, expectLive, expectSignedIn, navigation, row, signUp, newUser, uniqueName, userMenu } from '../support/people.js';
import { openPage, PAGES } from '../support/page-list.js';
import { protectNewUser } from '../support/second-factor.js';

// Disables animations, so that axe measures final colors.
test.use({ contextOptions: { reducedMotion: 'reduce' } });

/** The rules whose outcome depends on colors. */
const RULES_OF_COLORS = ['color-contrast', 'link-in-text-block'];

for (const entry of PAGES) {
  test(`${entry.name}: no violation, no policy violation or foreign request, nothing wider than the window`, async ({ page, servers }) => {
    test.slow();
    await openPage(page, entry, servers.backend);
    for (const colorScheme of ['light', 'dark']) {
      for (const width of [320, 1440]) {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 900 });
        const state = `${colorScheme}, ${width} px`;

        // The legacy mode checks only the page itself, which has no frames; the other mode opens a tab each time. Dark
        // pages have the same elements with other colors.
        const axe = new AxeBuilder({ page }).setLegacyMode(true);
        const { violations } = await (colorScheme === 'dark' ? axe.withRules(RULES_OF_COLORS) : axe).analyze();
        expect(violations.map(({ id, help, nodes }) => ({ id, help, nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`) })), state).toEqual([]);

        const { scroll, client } = await page.evaluate(() => ({
          scroll: document.documentElement.scrollWidth,
          client: document.documentElement.clientWidth,
        }));
        expect(scroll, `${state}: no scrolling sideways`).toBeLessThanOrEqual(client);
      }
    }
  });
}

test('dialogs and messages are accessible and fit a phone', async ({ page, servers }) => {
  const expectClean = async (state) => {
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    expect(violations.map(({ id, nodes }) => ({ id, nodes: nodes.map(({ html }) => html) })), state).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollWidth), state).toBeLessThanOrEqual(320);
  };
  /** Opens the dialog by its link, and closes it again after `inside`. */
  const check = async (link, title, inside = async () => {}) => {
    await link.click();
    const dialog = page.getByRole('dialog', { name: title });
    await expect(dialog.getByRole('heading')).toBeFocused();
    await inside(dialog);
    await expectClean(title);
    await page.keyboard.press('Escape');
    await expect(dialog).toBeHidden();
    await expect(link).toBeFocused();
  };
  await page.setViewportSize({ width: 320, height: 700 });
  await protectNewUser(page, servers.backend);
  await page.goto('/birthdays');
  await expectLive(page);
  await page.getByRole('button', { name: 'Dark', exact: true }).click();
  await expect(page.getByText('Theme changed to dark.')).toBeVisible();
  const name = uniqueName();
  await addBirthday(page, { name });
  await check(row(page, name).getByRole('link', { name: `Delete ${name}` }), 'Delete this birthday?');

  // The app opens linked pages itself once it runs, so links open dialogs from then on.
  await userMenu(page).click();
  await navigation(page).getByRole('link', { name: 'Security' }).click();
  await check(page.getByRole('link', { name: 'Turn off' }), 'Turn off two‑step verification?');
  await check(page.getByRole('link', { name: 'Remove authenticator app' }), 'Remove the authenticator app?');
  await page.getByRole('link', { name: 'Back to your account' }).click();
  await page.getByRole('link', { name: 'Manage Download or delete your data' }).click();
  await check(page.getByRole('link', { name: 'Delete your account' }), 'Delete your account?', async (dialog) => {
    await dialog.getByRole('button', { name: 'Delete account' }).click();
    await expect(dialog.getByLabel('Your email')).toBeFocused();
    await expect(dialog.getByLabel('Your email')).toHaveAttribute('aria-invalid', 'true');
  });
});

test('pages have a title, one main heading and a language', async ({ page }) => {
  const titles = new Set();
  for (const path of ['/', '/login', '/login/link', '/login/code', '/login/phone', '/signup', '/birthdays', '/no-such-page']) {
    await page.goto(path);
    titles.add(await page.title());
    await expect(page.getByRole('heading', { level: 1 })).toHaveCount(1);
    await expect(page.getByRole('main')).toHaveCount(1);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
  }
  expect(titles.size).toBe(8);
});

test('sign-up works by keyboard with visible focus', async ({ page }) => {
  const person = newUser();
  await page.goto('/signup');
  for (const [label, text] of [['Name', person.name], ['Email', person.email], ['Password', person.password]]) {
    const field = page.getByLabel(label, { exact: true });
    await tabTo(page, field);
    const { outlineStyle, outlineWidth } = await field.evaluate((element) => getComputedStyle(element));
    expect(outlineStyle, `${label} shows its focus`).not.toBe('none');
    expect(Number.parseFloat(outlineWidth)).toBeGreaterThanOrEqual(2);
    await page.keyboard.type(text);
  }
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL('/account');
  await expectSignedIn(page);
  await expect(page.getByRole('status').filter({ hasText: 'Your account is ready.' })).toBeFocused();

  // The menu opens by keyboard, and Escape closes it and returns to the name.
  await tabTo(page, userMenu(page), 'Shift+Tab');
  await page.keyboard.press('Enter');
  await tabTo(page, navigation(page).getByRole('link', { name: 'Devices' }));
  await page.keyboard.press('Escape');
  await expect(navigation(page).getByRole('link', { name: 'Devices' })).toBeHidden();
  await expect(userMenu(page)).toBeFocused();
  await page.keyboard.press('Enter');
  await tabTo(page, navigation(page).getByRole('button', { name: 'Sign out' }));
  await page.keyboard.press('Enter');
  await expect(navigation(page).getByRole('link', { name: 'Sign in' })).toBeVisible();
});

test('phone header is one row and its menu closes', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 700 });
  await signUp(page, { ...newUser(), name: 'Wolfeschlegelsteinhausenbergerdorff' });
  await page.goto('/account');
  const { height } = await page.getByRole('banner').boundingBox();
  expect(height).toBeLessThan(70);
  await userMenu(page).click();
  await expect(navigation(page).getByRole('link', { name: 'Security' })).toBeInViewport({ ratio: 1 });
  expect((await page.getByRole('banner').boundingBox()).height).toBe(height);
  await page.getByRole('heading', { name: 'Security' }).click();
  await expect(navigation(page).getByRole('link', { name: 'Security' })).toBeHidden();
});

test('error of a focused field is visible on small screens', async ({ page }) => {
  await page.setViewportSize({ width: 320, height: 256 });
  await page.goto('/login');
  const email = page.getByLabel('Email');
  // The button that shows the password appears once the app runs.
  await expect(page.getByRole('button', { name: /^Show/ })).toBeAttached();
  await email.press('Enter');
  await expect(page.getByText('Email is required.')).toBeInViewport();
  await page.mouse.wheel(0, 2000);
  await expect(email).not.toBeInViewport();
  await page.keyboard.press('Enter');
  await expect(page.getByText('Email is required.')).toBeInViewport();
  await expect(email).toBeFocused();
});

test('slow page is announced and gets the focus', async ({ page }) => {
  await signUp(page, newUser());
  await page.goto('/account');
  await page.waitForLoadState('networkidle');
  const release = await hold(page, '**/actions/list_devices');
  const loading = page.getByRole('status').filter({ hasText: 'Loading…' });
  await userMenu(page).click();
  await navigation(page).getByRole('link', { name: 'Devices' }).click();
  await expect(loading).toBeVisible();
  await expect(page.getByRole('heading', { level: 1, name: 'Your account' })).toBeVisible();
  await expect(page.getByRole('main')).not.toBeFocused();
  release();
  await expect(page.getByRole('heading', { level: 1, name: 'Devices' })).toBeVisible();
  await expect(page.getByRole('main')).toBeFocused();
  await expect(loading).toHaveCount(0);
});

async function tabTo(page, target, key = 'Tab') {
  for (let presses = 0; presses < 30; presses++) {
    await page.keyboard.press(key);
    if (await target.evaluate((element) => element === document.activeElement)) return;
  }
  throw new Error('the Tab key does not lead there');
}
