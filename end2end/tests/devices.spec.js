// The user's signed-in devices: listed, and signed out from another device.
import AxeBuilder from '@axe-core/playwright';
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectLive, expectSignedIn, signIn } from '../support/people.js';

const FIREFOX = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0';

/** A user signed in with two browsers. The second identifies as Firefox: `{ page, other, person }`. */
async function twoDevices({ newPerson, newBrowser }) {
  const { page, person } = await newPerson();
  const other = await newBrowser({ userAgent: FIREFOX });
  await signIn(other, person);
  return { page, other, person };
}

function devices(page) {
  return page.getByRole('list', { name: 'Devices' }).getByRole('listitem');
}

/** Clicks the button, then its confirmation. */
async function signOutOther(page) {
  const device = devices(page).filter({ hasText: 'Firefox on Windows' });
  await device.locator('summary').click();
  await device.getByRole('button', { name: 'Yes, sign out Firefox on Windows' }).click();
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('this device is first and times are local', async ({ newPerson, newBrowser }) => {
    const { page } = await twoDevices({ newPerson, newBrowser });
    await page.goto('/account/devices');
    await expect(devices(page)).toHaveCount(2);
    await expect(devices(page).first()).toContainText('This device');
    await expect(devices(page).last()).toContainText('Firefox on Windows');
    const time = devices(page).first().locator('time').first();
    await expect(time).toHaveAttribute('datetime', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    if (javaScript) await expect(time).not.toContainText('UTC');
    else await expect(time).toContainText('UTC');
  });

  test('one device is signed out after confirmation', async ({ newPerson, newBrowser }) => {
    const { page, other } = await twoDevices({ newPerson, newBrowser });
    await page.goto('/account');
    await page.getByRole('main').getByRole('link', { name: 'Devices' }).click();
    await expect(page.getByRole('button', { name: 'Yes, sign out Firefox on Windows' })).toBeHidden();
    await signOutOther(page);
    await expect(page.getByText('The device is signed out.')).toBeVisible();
    await expect(devices(page)).toHaveCount(1);
    await other.goto('/account');
    await expect(other).toHaveURL('/login?next=%2Faccount');
    await page.goto('/account');
    await expectSignedIn(page);
  });

  test('all other devices are signed out together', async ({ newPerson, newBrowser }) => {
    const { page, other, person } = await twoDevices({ newPerson, newBrowser });
    const third = await newBrowser();
    await signIn(third, person);
    await page.goto('/account/devices');
    await page.locator('summary', { hasText: 'Sign out all other devices' }).click();
    await page.getByRole('button', { name: 'Yes, sign out all others' }).click();
    await expect(page.getByText('All other devices are signed out.')).toBeVisible();
    await expect(devices(page)).toHaveCount(1);
    for (const gone of [other, third]) {
      await gone.goto('/account');
      await expect(gone).toHaveURL('/login?next=%2Faccount');
    }
  });
});

for (const all of [false, true]) {
  const title = all ? 'all other devices lose their open pages within two seconds' : 'a device that is ended loses its open page within two seconds';
  test(title, async ({ newPerson, newBrowser }) => {
    const { page, other, person } = await twoDevices({ newPerson, newBrowser });
    await other.goto('/birthdays');
    await expectLive(other);
    await page.goto('/account/devices');
    if (all) {
      await page.locator('summary', { hasText: 'Sign out all other devices' }).click();
      await page.getByRole('button', { name: 'Yes, sign out all others' }).click();
    } else {
      await signOutOther(page);
    }
    await expect(other.getByText('You were signed out on another device').first()).toBeVisible({ timeout: 2000 });
    await expect(other.getByText(person.name)).toHaveCount(0);
  });
}

test('confirmation dialog closes and returns the focus', async ({ newPerson, newBrowser }) => {
  const { page } = await twoDevices({ newPerson, newBrowser });
  await page.goto('/account/devices');
  // Hydration replaces the times by the reader's own; before it, the button opens the form below itself.
  await expect(devices(page).first().locator('time').first()).not.toContainText('UTC');
  const button = devices(page).filter({ hasText: 'Firefox on Windows' }).locator('summary');
  const dialog = page.getByRole('dialog', { name: 'Sign out Firefox on Windows' });
  for (const leave of [() => page.keyboard.press('Escape'), () => dialog.getByRole('button', { name: 'Cancel' }).click()]) {
    await button.click();
    await expect(dialog).toBeVisible();
    expect(await dialog.evaluate((element) => element.matches(':modal'))).toBe(true);
    await expect(dialog.getByRole('heading')).toBeFocused();
    expect((await new AxeBuilder({ page }).analyze()).violations).toEqual([]);
    await leave();
    await expect(dialog).toBeHidden();
    await expect(button).toBeFocused();
  }
  await expect(devices(page)).toHaveCount(2);
});
