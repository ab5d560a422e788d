// Pages translated by the browser, which replaces text nodes of the app. Important texts must stay correct.
import { expect, test } from '../support/test.js';
import { addBirthday, badge, expectLive, fillAddress, openLive, row, SIGNED_IN, newUser, uniqueName } from '../support/people.js';
import { addRow, renameRow } from '../support/rows.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** Replaces each text as a browser's translation does. */
async function translate(page) {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    for (const text of texts) {
      if (!text.data.trim() || text.parentElement.closest('script, style, font')) continue;
      const [outer, inner] = [document.createElement('font'), document.createElement('font')];
      inner.textContent = text.data;
      outer.append(inner);
      text.replaceWith(outer);
    }
  });
}

test('badge of a translated page is correct', async ({ newPerson, servers, watch }) => {
  watch.allow(...CONNECTION_LINES);
  const { page } = await newPerson('Grace');
  await openLive(page);
  await translate(page);
  await servers.backend.kill();
  await expect(badge(page)).toHaveText(/^(Reconnecting|Connecting|Offline|Not live)/);
  await expect(page.getByText('Live', { exact: true })).toHaveCount(0);
  await translate(page);
  const texts = new Set();
  await expect
    .poll(async () => {
      texts.add(await page.locator('.badge').innerText());
      return texts.size;
    }, { message: 'the seconds go on' })
    .toBeGreaterThan(1);
  await translate(page);
  await servers.backend.start();
  await expectLive(page, { timeout: 70_000 });
  await expect(page.getByText(/Reconnecting/)).toHaveCount(0);
});

test('form of a translated page shows current errors and successes', async ({ newPerson }) => {
  const { page } = await newPerson('Grace');
  await openLive(page);
  const form = page.getByRole('form', { name: 'Add a birthday' });
  const submit = () => form.getByRole('button', { name: 'Add birthday' }).click();
  await submit();
  await expect(form.locator('.field-problem')).toHaveCount(2);
  const missing = await form.locator('.field-problem').first().innerText();
  await translate(page);

  await form.locator('[name=name]').fill('x'.repeat(129));
  await submit();
  await expect(form.locator('.field-problem').first()).not.toHaveText(missing);
  await translate(page);

  const name = uniqueName();
  await form.locator('[name=name]').fill(name);
  await form.locator('[name=date]').fill('1906-12-09');
  await submit();
  await expect(form.getByRole('status')).toContainText(`Added ${name}.`);
  await expect(form.locator('.field-problem')).toHaveCount(0);
  await expect(form.getByRole('alert')).toHaveCount(0);
  await expect(row(page, name)).toBeVisible();
});

test('list of a translated page is current', async ({ newPerson, servers }) => {
  const { page } = await newPerson('Grace');
  await openLive(page);
  const [before, after, added] = [uniqueName('Before'), uniqueName('After'), uniqueName('Added')];
  const id = await addRow(servers.backend, before);
  await expect(row(page, before)).toBeVisible();
  await translate(page);
  await renameRow(servers.backend, id, after);
  await expect(row(page, after)).toHaveCount(1);
  await expect(row(page, before)).toHaveCount(0);
  await translate(page);
  await addBirthday(page, { name: added, visibility: SIGNED_IN });
  await expect(row(page, added)).toHaveCount(1);
});

test('user names on a translated page are current', async ({ newPerson }) => {
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  await expect(ada.page.getByText(grace.person.name)).toBeVisible();
  await translate(ada.page);
  await grace.page.goto('/account');
  await expect(ada.page.getByText(grace.person.name)).toHaveCount(0, { timeout: 20_000 });
});

test('countdown of a translated page continues', async ({ page, servers }) => {
  const { email } = newUser();
  await page.clock.install();
  await page.goto('/login/code');
  await fillAddress(page, email);
  await page.getByRole('main').getByRole('button').first().click();
  await expect(page).toHaveURL(/\/login\/code\/enter/);
  await expect.poll(async () => (await servers.backend.messagesTo(email)).length).toBe(1);
  const hint = page.locator('.resend .hint');
  await expect(hint).toHaveText(/in (2\d|30) seconds/);
  await translate(page);
  await page.clock.fastForward('00:12');
  await expect(hint).toHaveText(/in 1\d seconds/);
  await translate(page);
  await page.clock.fastForward('00:30');
  await expect(hint).not.toHaveText(/seconds?\./);
});
