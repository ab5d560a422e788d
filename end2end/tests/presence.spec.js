// Presence: users arrive and leave, in one tab or many, and the others see it without a reload.
import { expect, test } from '../support/test.js';
import { addBirthday, badge, continueAsGuest, openLive, row, SIGNED_IN, signIn, signOut, signUp, newUser, uniqueName } from '../support/people.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** Users stay visible for a few seconds after they leave, because a connection may only be reconnecting. */
const GONE = { timeout: 20_000 };

const NOTE = 'While this page is open, people who are signed in see your name here.';

/** The line with the other users' names. */
function alsoHere(page) {
  return page.getByRole('main').locator('[aria-live=polite]').filter({ hasText: /^Also here/ });
}

/** Records every text of the line from then on. */
async function rememberLine(page) {
  await page.evaluate(() => {
    const line = document.querySelector('main .also-here [aria-live=polite]');
    window.lines = [line.textContent];
    new MutationObserver(() => window.lines.push(line.textContent)).observe(line, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.lines.filter((text, index, all) => text !== all[index - 1]));
}

/** Ada and Grace have the birthdays open in their own browsers, see each other, and see nobody else. */
async function meet(newBrowser, app) {
  const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
  const [ada, grace] = [await signUp(adas, newUser('Ada')), await signUp(graces, newUser('Grace'))];
  await openLive(adas);
  await expect(adas.getByText(NOTE)).toBeVisible();
  await expect(alsoHere(adas)).toHaveCount(0);
  await openLive(graces);
  await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
  await expect(alsoHere(adas)).toHaveText(`Also here: ${grace.name}`);
  await expect(adas.getByText(NOTE)).toHaveCount(0);
  return { adas, graces, ada, grace };
}

/** The number of this user's presences that Appwrite lists for the page's user. */
async function listed(backend, page, { name }) {
  const { value } = (await page.context().cookies()).find((cookie) => cookie.name === 'session');
  const { body } = await backend.call('GET', '/presences', { session: decodeURIComponent(value) });
  return body.presences.filter(({ metadata, status }) => metadata.name === name && status === '/birthdays').length;
}

for (const { transport, args } of [
  { transport: 'direct', args: [] },
  { transport: 'relay', args: ['--profile', '1.9'] },
]) {
  test.describe(transport, () => {
    test.slow();

    test('users see each other arrive and leave, once per user', async ({ newBrowser, newServers }) => {
      const { app, backend } = await newServers({ args });
      const { adas, graces, ada, grace } = await meet(newBrowser, app);
      const lines = await rememberLine(graces);
      const third = await adas.context().newPage();
      await openLive(third);
      await expect(alsoHere(third)).toHaveText(`Also here: ${grace.name}`);
      expect(await listed(backend, graces, ada)).toBe(1);

      // The tab with the connection closes first. The other one takes over, and other users notice nothing.
      await adas.close({ runBeforeUnload: true });
      const name = uniqueName();
      await addBirthday(third, { name, visibility: SIGNED_IN });
      await expect(row(graces, name)).toBeVisible();
      await expect.poll(() => listed(backend, graces, ada), GONE).toBe(1);
      expect(await lines(), 'Ada was here all the time').toEqual([`Also here: ${ada.name}`]);

      await third.close({ runBeforeUnload: true });
      await expect(alsoHere(graces)).toHaveCount(0, GONE);
      expect(await lines()).toEqual([`Also here: ${ada.name}`, '']);
    });

    test('killed tab disappears for others', async ({ newBrowser, newServers }) => {
      const { app } = await newServers({ args });
      const { adas, graces } = await meet(newBrowser, app);
      const session = await adas.context().newCDPSession(adas);
      // The script never returns, because its tab is gone.
      session.send('Page.crash').catch(() => {});
      await expect(alsoHere(graces)).toHaveCount(0, GONE);
    });

    test('user who leaves or signs out disappears for others', async ({ newBrowser, newServers }) => {
      const { app } = await newServers({ args });
      const { adas, graces, ada, grace } = await meet(newBrowser, app);
      const name = uniqueName();
      await addBirthday(adas, { name });
      await row(adas, name).getByRole('link', { name: `Edit ${name}` }).click();
      await expect(adas.getByRole('heading', { name: 'Edit a birthday' })).toBeVisible();
      await expect(alsoHere(graces), 'the connection stands, the page does not').toHaveCount(0, GONE);

      await adas.getByRole('link', { name: 'Cancel' }).click();
      await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
      await expect(alsoHere(adas)).toHaveText(`Also here: ${grace.name}`);

      await signOut(adas);
      await expect(alsoHere(graces)).toHaveCount(0, GONE);
    });
  });
}

test('user on two devices is shown once until both close', async ({ newBrowser, newServers }) => {
  test.slow();
  const { app, backend } = await newServers();
  const { adas, graces, ada } = await meet(newBrowser, app);
  const phone = await newBrowser({ baseURL: app.origin });
  await signIn(phone, ada);
  await openLive(phone);
  const lines = await rememberLine(graces);
  await adas.close({ runBeforeUnload: true });
  await expect.poll(() => listed(backend, graces, ada), GONE).toBe(1);
  expect(await lines(), 'seen all the time').toEqual([`Also here: ${ada.name}`]);
  await phone.close({ runBeforeUnload: true });
  await expect(alsoHere(graces)).toHaveCount(0, GONE);
});

test('lost connection hides others until it is back', async ({ newBrowser, newServers, watch }) => {
  test.slow();
  watch.allow(...CONNECTION_LINES, /net::ERR_INTERNET_DISCONNECTED/);
  const { app } = await newServers();
  const { adas, graces, ada, grace } = await meet(newBrowser, app);
  await adas.context().setOffline(true);
  await expect(badge(adas)).not.toHaveText('Live');
  await expect(alsoHere(adas)).toHaveCount(0, GONE);
  await expect(alsoHere(graces)).toHaveCount(0, GONE);
  await adas.context().setOffline(false);
  await expect(badge(adas)).toHaveText('Live', { timeout: 70_000 });
  await expect(alsoHere(adas)).toHaveText(`Also here: ${grace.name}`);
  await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
});

test('signed-out visitors see nobody and are not shown', async ({ newBrowser, newServers }) => {
  const { app } = await newServers();
  const [adas, visitor] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
  const ada = await signUp(adas, newUser('Ada'));
  await openLive(adas);
  await expect(adas.getByText(NOTE)).toBeVisible();
  await visitor.goto('/birthdays');
  await expect(visitor.getByText('Reload to see changes')).toBeVisible();
  await visitor.waitForLoadState('networkidle');
  await expect(visitor.getByText(NOTE)).toHaveCount(0);
  expect(await visitor.content()).not.toContain(ada.name);
  await expect(alsoHere(adas)).toHaveCount(0);
});

test('user without a name gets no presence hint', async ({ newBrowser, newServers }) => {
  const { app } = await newServers();
  const guest = await newBrowser({ baseURL: app.origin });
  await continueAsGuest(guest);
  const listed = guest.waitForResponse('**/actions/people_present');
  await openLive(guest);
  await listed;
  await guest.waitForLoadState('networkidle');
  await expect(guest.getByText(NOTE)).toHaveCount(0);
});

test('server without presence is live and gets no presence', async ({ newBrowser, newServers }) => {
  const { app } = await newServers({ args: ['--profile', '1.5'] });
  const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
  const sent = [];
  adas.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
  await signUp(adas, newUser('Ada'));
  await signUp(graces, newUser('Grace'));
  const answer = adas.waitForResponse((response) => response.url().endsWith('/actions/people_present'));
  await openLive(adas);
  expect(await (await answer).json()).toBe(null);
  await openLive(graces);
  const name = uniqueName();
  await addBirthday(graces, { name, visibility: SIGNED_IN });
  await expect(row(adas, name)).toBeVisible();
  for (const page of [adas, graces]) {
    await expect(alsoHere(page)).toHaveCount(0);
    await expect(page.getByText(NOTE)).toHaveCount(0);
  }
  expect(sent.filter((frame) => frame.includes('presence'))).toEqual([]);
});
