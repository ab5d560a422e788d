// A page that was open before a deploy: its wasm calls actions that the server no longer has.
import { addBirthday, badge, expectLive, navigation, ONLY_ME, row, uniqueName } from '../support/people.js';
import { expect, test } from '../support/test.js';

/** Actions of the older build, each with the server's current name. The names have the same length, so that the wasm stays valid. */
const RENAMED = { '/actions/add_birthday': '/actions/new_birthday', '/actions/realtime_ticket': '/actions/realtime_permit' };

/** Gives the page the wasm of the older build. Returns the actions that it calls by a name that the server does not know. */
async function serveOlderBuild(page) {
  const called = new Set();
  await page.route('**/*.wasm', async (route) => {
    const response = await route.fetch();
    const wasm = await response.body();
    for (const [now, before] of Object.entries(RENAMED)) {
      for (let at = wasm.indexOf(now); at >= 0; at = wasm.indexOf(now, at)) {
        wasm.write(before, at, 'latin1');
        called.add(before);
      }
    }
    const { 'content-encoding': _encoding, 'content-length': _length, ...headers } = response.headers();
    await route.fulfill({ status: response.status(), headers, body: wasm });
  });
  return called;
}

test('page of an older build asks for a reload', async ({ newPerson }) => {
  const { page } = await newPerson();
  const called = await serveOlderBuild(page);
  await page.goto('/');
  // Rendered by the older build, not by the server.
  await navigation(page).getByRole('link', { name: 'Birthdays' }).click();
  await expect(page).toHaveURL('/birthdays');
  await expect(badge(page)).toHaveText('Not live: this page is out of date, reload it');
  expect([...called].sort()).toEqual(Object.values(RENAMED).sort());

  const name = uniqueName('Grace');
  const form = page.getByRole('form', { name: 'Add a birthday' });
  await form.getByLabel('Name', { exact: true }).fill(name);
  await form.getByLabel('Birthday', { exact: true }).fill('1906-12-09');
  await form.getByRole('radio', { name: ONLY_ME, exact: true }).check();
  await form.getByRole('button', { name: 'Add birthday' }).click();
  await expect(page.getByText('This page is out of date. Reload it and try again.')).toBeVisible();
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue(name);
  await expect(row(page, name)).toHaveCount(0);

  await page.unroute('**/*.wasm');
  await page.reload();
  await expectLive(page);
  await addBirthday(page, { name });
});
