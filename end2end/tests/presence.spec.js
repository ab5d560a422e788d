// Who else has the birthdays open: people come and go, in one tab or many, and everybody sees it without a reload.
import { expect, test } from '../support/test.js';
import { badge, expectLive, row, addBirthday, signIn, signOut, signUp, somebody, uniqueName } from '../support/people.js';
import { App, Backend } from '../support/servers.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** The line that names the others. */
function alsoHere(page) {
  return page.getByRole('main').locator('[aria-live=polite]').filter({ hasText: /^Also here/ });
}

const NOTE = 'While this page is open, people who are signed in see your name here.';

async function open(page) {
  await page.goto('/birthdays');
  await expectLive(page);
  return page;
}

/** Keeps every text that the line ever had. */
async function rememberLine(page) {
  await page.evaluate(() => {
    const line = document.querySelector('main .also-here [aria-live=polite]');
    window.lines = [line.textContent];
    new MutationObserver(() => window.lines.push(line.textContent)).observe(line, { subtree: true, childList: true, characterData: true });
  });
  return () => page.evaluate(() => window.lines.filter((text, index, all) => text !== all[index - 1]));
}

for (const { way, args } of [
  { way: 'straight from Appwrite', args: [] },
  { way: 'through our own server', args: ['--profile', '1.9'] },
]) {
  test.describe(`presence ${way}`, () => {
    let backend, app;

    // Nobody else's people may be on the page.
    test.beforeAll(async () => {
      backend = await Backend.start({ args });
      app = await App.start({ backend });
    });

    test.afterAll(async () => {
      await app?.dispose();
      await backend?.dispose();
    });

    test('two people see each other come and go, and a third tab changes nothing', async ({ newBrowser, watch }) => {
      test.slow();
      watch.allowServers({ app, backend });
      const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
      const [ada, grace] = [await signUp(adas, somebody('Ada')), await signUp(graces, somebody('Grace'))];

      await open(adas);
      await expect(adas.getByText(NOTE)).toBeVisible();
      await expect(alsoHere(adas), 'nobody else is here').toHaveCount(0);
      await open(graces);
      await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
      await expect(alsoHere(adas)).toHaveText(`Also here: ${grace.name}`);
      await expect(adas.getByText(NOTE)).toHaveCount(0);
      const [linesOfAda, linesOfGrace] = [await rememberLine(adas), await rememberLine(graces)];

      const third = await open(await adas.context().newPage());
      await expect(alsoHere(third)).toHaveText(`Also here: ${grace.name}`);
      // The tab that holds the connection goes first; the other one takes over, and nobody sees anything of it.
      await adas.close({ runBeforeUnload: true });
      await expectLive(third);
      const name = uniqueName();
      await addBirthday(third, { name, visibility: 'Everyone signed in' });
      await expect(row(graces, name)).toBeVisible();
      await expect.poll(() => stillKnown(backend, third, ada.name), { timeout: 15_000 }).toBe(true);
      expect(await linesOfGrace(), 'Ada was here all the time').toEqual([`Also here: ${ada.name}`]);

      await third.close({ runBeforeUnload: true });
      await expect(alsoHere(graces)).toHaveCount(0, { timeout: 20_000 });
      expect(await linesOfGrace()).toEqual([`Also here: ${ada.name}`, '']);
    });

    test('a tab that is killed is gone for the others', async ({ newBrowser, watch }) => {
      test.slow();
      watch.allowServers({ app, backend });
      const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
      const ada = await signUp(adas, somebody('Ada'));
      await signUp(graces, somebody('Grace'));
      await open(graces);
      await open(adas);
      await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
      const session = await adas.context().newCDPSession(adas);
      // The answer never comes: there is nobody left to give one.
      session.send('Page.crash').catch(() => {});
      await expect(alsoHere(graces)).toHaveCount(0, { timeout: 20_000 });
    });

    test('who goes to another page, or signs out, is gone for the others', async ({ newBrowser, watch }) => {
      test.slow();
      watch.allowServers({ app, backend });
      const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
      const ada = await signUp(adas, somebody('Ada'));
      await signUp(graces, somebody('Grace'));
      await open(graces);
      await open(adas);
      await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);

      const name = uniqueName();
      await addBirthday(adas, { name });
      await row(adas, name).getByRole('link', { name: `Edit ${name}` }).click();
      await expect(adas.getByRole('heading', { name: 'Edit a birthday' })).toBeVisible();
      await expect(alsoHere(graces), 'the connection stands, the page does not').toHaveCount(0, { timeout: 20_000 });

      await adas.getByRole('link', { name: 'Cancel' }).click();
      await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
      await expect(alsoHere(adas)).toHaveText(/^Also here: Grace/);

      await signOut(adas);
      await expect(alsoHere(graces)).toHaveCount(0, { timeout: 20_000 });
    });
  });
}

/** Whether Appwrite still lists the presence of somebody with this name, and exactly one. */
async function stillKnown(backend, page, name) {
  const cookie = (await page.context().cookies()).find((cookie) => cookie.name === 'session');
  const { body } = await backend.call('GET', '/presences', { session: decodeURIComponent(cookie.value) });
  return body.presences.filter((presence) => presence.metadata.name === name && presence.status === '/birthdays').length === 1;
}

test('who is not signed in sees nobody, and is seen by nobody', async ({ newBrowser, watch }) => {
  const backend = await Backend.start();
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const [adas, guest] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
    const ada = await signUp(adas, somebody('Ada'));
    await open(adas);
    await expect(adas.getByText(NOTE)).toBeVisible();
    await guest.goto('/birthdays');
    await expect(guest.getByText('Not live: changes show when you reload')).toBeVisible();
    await guest.waitForLoadState('networkidle');
    await expect(guest.getByText(NOTE)).toHaveCount(0);
    expect(await guest.content()).not.toContain(ada.name);
    await expect(alsoHere(adas)).toHaveCount(0);
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});

test('a server that does not know presence is live without it, and is told nothing', async ({ newBrowser, watch }) => {
  const backend = await Backend.start({ args: ['--profile', '1.5'] });
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
    const sent = [];
    adas.on('websocket', (socket) => socket.on('framesent', ({ payload }) => sent.push(String(payload))));
    await signUp(adas, somebody('Ada'));
    await signUp(graces, somebody('Grace'));
    const listed = adas.waitForResponse((response) => response.url().endsWith('/actions/people_present'));
    await open(adas);
    expect(await (await listed).json()).toBe(null);
    await open(graces);
    const name = uniqueName();
    await addBirthday(graces, { name, visibility: 'Everyone signed in' });
    await expect(row(adas, name)).toBeVisible();
    for (const page of [adas, graces]) {
      await expect(alsoHere(page)).toHaveCount(0);
      await expect(page.getByText(NOTE)).toHaveCount(0);
    }
    expect(sent.filter((frame) => frame.includes('presence'))).toEqual([]);
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});

test('a lost connection shows nobody after a moment, and the others again when it is back', async ({ newBrowser, watch }) => {
  test.slow();
  watch.allow(...CONNECTION_LINES, /net::ERR_INTERNET_DISCONNECTED/);
  const backend = await Backend.start();
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const [adas, graces] = [await newBrowser({ baseURL: app.origin }), await newBrowser({ baseURL: app.origin })];
    const [ada, grace] = [await signUp(adas, somebody('Ada')), await signUp(graces, somebody('Grace'))];
    await open(adas);
    await open(graces);
    await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
    await adas.context().setOffline(true);
    await expect(badge(adas)).not.toHaveText('Live');
    await expect(alsoHere(adas)).toHaveCount(0, { timeout: 20_000 });
    await expect(alsoHere(graces)).toHaveCount(0, { timeout: 20_000 });
    await adas.context().setOffline(false);
    await expect(badge(adas)).toHaveText('Live', { timeout: 70_000 });
    await expect(alsoHere(adas)).toHaveText(`Also here: ${grace.name}`);
    await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});

test('a person on two devices is one, until both are closed', async ({ newBrowser, watch }) => {
  test.slow();
  const backend = await Backend.start();
  const app = await App.start({ backend });
  watch.allowServers({ app, backend });
  try {
    const pages = [];
    for (let count = 0; count < 3; count++) pages.push(await newBrowser({ baseURL: app.origin }));
    const [desk, phone, graces] = pages;
    const ada = await signUp(desk, somebody('Ada'));
    await signIn(phone, ada);
    await signUp(graces, somebody('Grace'));
    for (const page of [graces, desk, phone]) await open(page);
    await expect(alsoHere(graces)).toHaveText(`Also here: ${ada.name}`);
    const lines = await rememberLine(graces);
    await desk.close({ runBeforeUnload: true });
    await expect.poll(() => stillKnown(backend, phone, ada.name), { timeout: 15_000 }).toBe(true);
    expect(await lines(), 'seen all the time').toEqual([`Also here: ${ada.name}`]);
    await phone.close({ runBeforeUnload: true });
    await expect(alsoHere(graces)).toHaveCount(0, { timeout: 20_000 });
  } finally {
    await app.dispose();
    await backend.dispose();
  }
});
