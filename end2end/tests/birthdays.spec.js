// The birthdays page: which rows users see, and adding, editing and deleting their own.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import {
  addBirthday, badge, birthdays, deleteBirthday, editBirthday, EVERYONE, expectFieldError, expectLive, expectSignedOut, ONLY_ME, openLive, row,
  SIGNED_IN, takeNewAccountNote, uniqueName, withoutBrowserChecks, withoutReload,
} from '../support/people.js';
import { addRow } from '../support/rows.js';
import { cookieOf, request } from '../support/wire.js';

withAndWithoutJavaScript(({ javaScript }) => {
  test('birthday is added, shown, edited and deleted', async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    await expect(page.getByRole('heading', { level: 1, name: 'Birthdays' })).toBeVisible();

    const name = uniqueName();
    await addBirthday(page, { name, date: '2012-02-03', visibility: SIGNED_IN });
    await expect(row(page, name).locator('time')).toHaveAttribute('datetime', '2012-02-03');
    await expect(row(page, name).getByText(SIGNED_IN, { exact: true })).toBeVisible();
    await page.reload();
    await expect(row(page, name)).toHaveCount(1);

    const renamed = uniqueName('Katherine');
    await editBirthday(page, name, { name: renamed, date: '1918-08-26', visibility: EVERYONE });
    await expect(row(page, name)).toHaveCount(0);
    await expect(row(page, renamed).locator('time')).toHaveAttribute('datetime', '1918-08-26');
    await expect(row(page, renamed).getByText(EVERYONE, { exact: true })).toBeVisible();
    await page.reload();
    await expect(row(page, renamed)).toHaveCount(1);

    await deleteBirthday(page, renamed);
    await page.reload();
    await expect(row(page, renamed)).toHaveCount(0);
  });

  test('birthday stays when deletion is canceled', async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    const name = uniqueName();
    await addBirthday(page, { name });
    await row(page, name).getByRole('link', { name: `Delete ${name}` }).click();
    await page.getByRole('link', { name: 'Keep it' }).or(page.getByRole('button', { name: 'Cancel' })).click();
    await expect(row(page, name)).toBeVisible();
  });

  test('form is cleared after adding a birthday', async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    await addBirthday(page, { name: uniqueName() });
    const form = page.getByRole('form', { name: 'Add a birthday' });
    await expect(form.getByLabel('Name', { exact: true })).toHaveValue('');
    await expect(form.getByLabel('Birthday', { exact: true })).toHaveValue('');
  });

  test('users see shared birthdays and change only their own', async ({ newPerson, newBrowser }) => {
    const [ada, grace, visitor] = [await newPerson('Ada'), await newPerson('Grace'), await newBrowser()];
    const names = { [ONLY_ME]: uniqueName('Private'), [SIGNED_IN]: uniqueName('Shared'), [EVERYONE]: uniqueName('Public') };
    await ada.page.goto('/birthdays');
    for (const [visibility, name] of Object.entries(names)) await addBirthday(ada.page, { name, visibility });

    await ada.page.reload();
    for (const [visibility, name] of Object.entries(names)) {
      await expect(row(ada.page, name).getByText(visibility, { exact: true })).toBeVisible();
      await expect(row(ada.page, name).getByRole('link', { name: `Edit ${name}` })).toBeVisible();
      await expect(row(ada.page, name).getByRole('link', { name: `Delete ${name}` })).toBeVisible();
    }

    await grace.page.goto('/birthdays');
    await expect(row(grace.page, names[EVERYONE])).toBeVisible();
    await expect(row(grace.page, names[SIGNED_IN])).toBeVisible();
    await expect(row(grace.page, names[ONLY_ME])).toHaveCount(0);
    await expect(row(grace.page, names[EVERYONE]).getByRole('link')).toHaveCount(0);
    await expect(row(grace.page, names[EVERYONE]).getByRole('button')).toHaveCount(0);
    expect(await grace.page.content()).not.toContain(names[ONLY_ME]);

    await visitor.goto('/birthdays');
    await expect(row(visitor, names[EVERYONE])).toBeVisible();
    await expect(row(visitor, names[SIGNED_IN])).toHaveCount(0);
    await expect(row(visitor, names[ONLY_ME])).toHaveCount(0);
    expect(await visitor.content()).not.toContain(names[SIGNED_IN]);
    expect(await visitor.content()).not.toContain(names[ONLY_ME]);
  });

  test('signed-out user is redirected to sign-in and back', async ({ page }) => {
    await page.goto('/birthdays');
    await expectSignedOut(page);
    await expect(page.getByRole('form', { name: 'Add a birthday' })).toHaveCount(0);
    await page.getByRole('main').getByRole('link', { name: /sign in/i }).click();
    await expect(page).toHaveURL('/login?next=%2Fbirthdays');
  });

  test('row made private disappears for others', async ({ newPerson }) => {
    const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
    const name = uniqueName();
    await ada.page.goto('/birthdays');
    await addBirthday(ada.page, { name, visibility: EVERYONE });
    await grace.page.goto('/birthdays');
    await expect(row(grace.page, name)).toBeVisible();
    await editBirthday(ada.page, name, { visibility: ONLY_ME });
    await grace.page.goto('/birthdays');
    await expect(grace.page.getByRole('form', { name: 'Add a birthday' })).toBeVisible();
    await expect(row(grace.page, name)).toHaveCount(0);
  });

  for (const { mistake, name, date, field } of [
    { mistake: 'no name', name: '', date: '1906-12-09', field: 'Name' },
    { mistake: 'no date', name: 'Grace', date: '', field: 'Birthday' },
    { mistake: 'a name of more than 128 characters', name: 'a'.repeat(129), date: '1906-12-09', field: 'Name' },
  ]) {
    test(`${mistake} is a field error and keeps typed text`, async ({ newPerson }) => {
      const { page } = await newPerson();
      await page.goto('/birthdays');
      await withoutBrowserChecks(page);
      const form = page.getByRole('form', { name: 'Add a birthday' });
      await form.getByLabel('Name', { exact: true }).fill(name);
      await form.getByLabel('Birthday', { exact: true }).fill(date);
      await form.getByRole('radio', { name: SIGNED_IN, exact: true }).check();
      await form.getByRole('button', { name: 'Add birthday' }).click();
      await expectFieldError(form.getByLabel(field, { exact: true }));
      await expect(form.getByLabel('Name', { exact: true })).toHaveValue(name);
      await expect(form.getByLabel('Birthday', { exact: true })).toHaveValue(date);
      await expect(form.getByRole('radio', { name: SIGNED_IN, exact: true })).toBeChecked();
    });
  }

  test('edit mistake is a field error and changes no row', async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    const name = uniqueName();
    await addBirthday(page, { name });
    await row(page, name).getByRole('link', { name: `Edit ${name}` }).click();
    await expect(page).toHaveURL(/\/edit$/);
    await withoutBrowserChecks(page);
    await page.getByRole('main').getByLabel('Name', { exact: true }).fill('');
    await page.getByRole('main').getByRole('button', { name: /^Save/ }).click();
    await expectFieldError(page.getByRole('main').getByLabel('Name', { exact: true }));
    await page.goto('/birthdays');
    await expect(row(page, name)).toBeVisible();
  });

  test("row of another user cannot be edited by URL", async ({ newPerson, newBrowser }) => {
    const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
    const shared = uniqueName('Shared');
    const secret = uniqueName('Private');
    await ada.page.goto('/birthdays');
    await addBirthday(ada.page, { name: shared, visibility: EVERYONE });
    await addBirthday(ada.page, { name: secret, visibility: ONLY_ME });
    for (const name of [shared, secret]) {
      const address = await row(ada.page, name).getByRole('link', { name: `Edit ${name}` }).getAttribute('href');
      const answer = await grace.page.goto(address);
      expect([403, 404]).toContain(answer.status());
      await expect(grace.page.getByRole('button', { name: /^Save/ })).toHaveCount(0);
      expect(await grace.page.content()).not.toContain(secret);

      const visitor = await newBrowser();
      await visitor.goto(address);
      await expect(visitor).toHaveURL(/\/login\?next=/);
    }
  });

  test('names with markup are shown as typed', async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    const name = `</script><img src=x onerror="document.title='broken'"> ${uniqueName()} & "quotes" ‮`;
    await addBirthday(page, { name: name.trim(), visibility: EVERYONE });
    await page.reload();
    await expect(row(page, name.trim())).toHaveCount(1);
    await expect(page).not.toHaveTitle('broken');
  });

  if (!javaScript) {
    test('page without JavaScript has no live badge', async ({ newPerson, newBrowser }) => {
      const [{ page }, visitor] = [await newPerson(), await newBrowser()];
      for (const each of [page, visitor]) {
        await each.goto('/birthdays');
        await expect(each.getByRole('heading', { level: 1, name: 'Birthdays' })).toBeVisible();
        await expect(badge(each).filter({ hasText: /^Live/ })).toHaveCount(0);
      }
    });
  }
});

test('list is rendered on the server', async ({ newPerson, baseURL }) => {
  const { page, person } = await newPerson();
  const name = uniqueName();
  await page.goto('/birthdays');
  await addBirthday(page, { name });
  const answer = await request(baseURL, '/birthdays', { headers: { cookie: await cookieOf(baseURL, person) } });
  expect(answer.status).toBe(200);
  expect(answer.body).toContain(name);
});

/** Adds rows as the page's user, without the app. */
async function addRows(page, backend, names) {
  const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  for (const name of names) {
    const created = await backend.call('POST', '/tablesdb/main/tables/birthdays/rows', {
      session: decodeURIComponent(value),
      body: { rowId: 'unique()', data: { name, birthday: '2000-01-01T00:00:00.000+00:00' } },
    });
    expect(created.status, JSON.stringify(created.body)).toBe(201);
  }
}

withAndWithoutJavaScript(({ javaScript }) => {
  test('list is paged, searched and sorted', async ({ newPerson, servers }) => {
    const { page } = await newPerson();
    await addRows(page, servers.backend, Array.from({ length: 30 }, (_, at) => `Person ${String(at).padStart(2, '0')}`));
    await page.goto('/birthdays');
    if (javaScript) await expectLive(page);
    const items = birthdays(page).getByRole('listitem');
    await expect(items).toHaveCount(25);
    const steps = async () => {
      await page.getByRole('link', { name: 'Next', exact: true }).click();
      await expect(items).toHaveCount(5);
      await expect(page.getByText('26–30 of 30 birthdays').first()).toBeVisible();
      await expect(row(page, 'Person 29')).toBeVisible();
      if (javaScript) await expect(page.getByRole('region', { name: 'List of birthdays' })).toBeFocused();
      await page.getByRole('link', { name: 'Previous' }).click();
      await expect(items).toHaveCount(25);
      await page.getByRole('link', { name: 'Next birthday' }).click();
      await expect(page.getByRole('link', { name: 'Next birthday' })).toHaveAttribute('aria-current', 'true');
      await page.getByRole('searchbox', { name: 'Search by name' }).fill('son 1');
      await page.getByRole('button', { name: 'Search' }).click();
      await expect(items).toHaveCount(10);
      await expect(page.getByRole('searchbox')).toHaveValue('son 1');
      await expect(page).toHaveURL(/search=son(\+|%20)1&order=next/);
      await page.goBack();
      await expect(items).toHaveCount(25);
      await expect(page.getByRole('searchbox')).toHaveValue('');
    };
    await (javaScript ? withoutReload(page, steps) : steps());
  });
});

test('back restores the scroll position; cancel and save the row', async ({ newPerson, servers }) => {
  const { page } = await newPerson();
  await takeNewAccountNote(page);
  await addRows(page, servers.backend, Array.from({ length: 25 }, (_, at) => `Person ${String(at).padStart(2, '0')}`));
  await page.goto('/birthdays');
  await expectLive(page);
  const last = row(page, 'Person 24');
  await last.scrollIntoViewIfNeeded();
  const position = await page.evaluate(() => window.scrollY);
  expect(position).toBeGreaterThan(500);
  const openForm = async () => {
    await last.getByRole('link', { name: 'Edit Person 24' }).click();
    await expect(page.getByRole('button', { name: 'Save' })).toBeVisible();
  };
  await withoutReload(page, async () => {
    await openForm();
    await page.goBack();
    await expect(last).toBeVisible();
    await expect.poll(() => page.evaluate(() => window.scrollY)).toBe(position);

    await openForm();
    await page.getByRole('link', { name: 'Cancel' }).click();
    await expect(last).toBeFocused();
    await expect(last).toBeInViewport();
    await openForm();
  });
  await page.getByRole('button', { name: 'Save' }).click();
  const saved = last.getByRole('status');
  await expect(saved).toHaveText("Saved Person 24's birthday.");
  await expectLive(page);
  await expect(saved).toBeFocused();
  await expect(saved).toBeInViewport();
});

test('outdated save is refused and shows both values', async ({ newPerson }) => {
  const { page } = await newPerson();
  await page.goto('/birthdays');
  await addBirthday(page, { name: uniqueName(), visibility: SIGNED_IN });
  await birthdays(page).getByRole('link', { name: /^Edit/ }).click();
  await expect(page).toHaveURL(/\/edit$/);
  const older = await page.context().newPage();
  await older.goto(page.url());
  await page.getByLabel('Name', { exact: true }).fill('Katherine');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(row(page, 'Katherine')).toBeVisible();

  await older.getByLabel('Name', { exact: true }).fill('Dorothy');
  await older.getByRole('button', { name: 'Save' }).click();
  await expect(older.getByRole('alert')).toContainText("Your changes weren't saved.");
  await expect(older.getByRole('main')).toContainText(/Current version:\s*Katherine/);
  await expect(older.getByLabel('Name', { exact: true })).toHaveValue('Dorothy');
  await older.getByRole('button', { name: 'Save' }).click();
  await expect(row(older, 'Dorothy')).toBeVisible();
});

test('changes by others are announced together', async ({ newPerson, servers }) => {
  const { page } = await newPerson('Grace');
  await page.clock.install();
  await openLive(page);
  for (const name of ['Katherine', 'Dorothy', 'Mary']) {
    await addRow(servers.backend, name);
    await expect(row(page, name)).toBeVisible();
    await page.clock.fastForward('00:01');
  }
  await addBirthday(page, { name: 'Own' });
  const announcement = page.getByRole('status').filter({ hasText: /changes? to this list/ });
  await expect(announcement).toHaveCount(0);
  await page.clock.fastForward('00:10');
  await expect(announcement).toHaveText('Others made 3 changes to this list.');
});

test('message about an added birthday disappears', async ({ newPerson }) => {
  const { page } = await newPerson();
  await page.clock.install();
  await openLive(page);
  const name = uniqueName();
  await addBirthday(page, { name });
  const message = page.getByRole('form', { name: 'Add a birthday' }).getByRole('status');
  await expect(message).toHaveText(`Added ${name}. Show it in the list`);
  await expect(message).toBeFocused();
  await page.clock.fastForward('00:16');
  await expect(message, 'what has the focus stays').toBeFocused();
  await page.keyboard.press('Tab');
  await page.clock.fastForward('00:16');
  await expect(message.getByRole('link'), 'what holds the focus stays').toBeFocused();
  await page.keyboard.press('Tab');
  await page.clock.fastForward('00:16');
  await expect(message).toHaveCount(0);
});

for (const { page: kind, button } of [{ page: 'Edit', button: 'Save' }, { page: 'Delete', button: 'Delete' }]) {
  test(`birthday deleted in another tab: ${kind.toLowerCase()} page only links back`, async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.goto('/birthdays');
    const name = uniqueName();
    await addBirthday(page, { name });
    const older = await page.context().newPage();
    await older.goto(await row(page, name).getByRole('link', { name: `${kind} ${name}` }).getAttribute('href'));
    await deleteBirthday(page, name);
    await older.getByRole('button', { name: button, exact: true }).click();
    await expect(older.getByRole('alert')).toContainText("doesn't exist");
    await expect(older.getByRole('alert')).toBeFocused();
    await expect(older.getByRole('main').getByRole('button')).toHaveCount(0);
    await older.getByRole('link', { name: 'Back to birthdays' }).click();
    await expect(older).toHaveURL('/birthdays');
  });
}
