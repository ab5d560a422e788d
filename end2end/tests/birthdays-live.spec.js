// Live updates between two users: changes appear without a reload, and private rows never do.
import { expect, test } from '../support/test.js';
import {
  addBirthday,
  badge,
  deleteBirthday,
  editBirthday,
  lookAgain,
  EVERYONE,
  expectLive,
  ONLY_ME,
  openLive,
  rememberText,
  row,
  SIGNED_IN,
  signOut,
  uniqueName,
  withoutReload,
} from '../support/people.js';
import { hold } from '../support/held-requests.js';
import { addRow, hideRow, renameRow } from '../support/rows.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** Events arrive in order: once the marker has arrived, all earlier ones have too. */
async function passMarker(from, to) {
  const marker = uniqueName('Marker');
  await addBirthday(from, { name: marker, visibility: SIGNED_IN });
  await expect(row(to, marker)).toBeVisible();
}

test("added, edited and deleted rows update another user's page", async ({ newPerson }) => {
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  await withoutReload(grace.page, async () => {
    for (const visibility of [SIGNED_IN, EVERYONE]) {
      const name = uniqueName();
      await addBirthday(ada.page, { name, date: '1906-12-09', visibility });
      await expect(row(grace.page, name).locator('time')).toHaveAttribute('datetime', '1906-12-09');

      const renamed = uniqueName('Katherine');
      await editBirthday(ada.page, name, { name: renamed, date: '1918-08-26' });
      await expect(row(grace.page, renamed).locator('time')).toHaveAttribute('datetime', '1918-08-26');
      await expect(row(grace.page, name)).toHaveCount(0);

      await deleteBirthday(ada.page, renamed);
      await expect(row(grace.page, renamed)).toHaveCount(0);
    }
  });
});

test('live updates work in both directions at once', async ({ newPerson }) => {
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  const [adas, graces] = [uniqueName('Adas'), uniqueName('Graces')];
  await Promise.all([addBirthday(ada.page, { name: adas, visibility: SIGNED_IN }), addBirthday(grace.page, { name: graces, visibility: SIGNED_IN })]);
  for (const { page } of [ada, grace]) {
    await expect(row(page, adas)).toHaveCount(1);
    await expect(row(page, graces)).toHaveCount(1);
  }
});

test('private rows never appear for another user', async ({ newPerson }) => {
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  const frames = [];
  grace.page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => frames.push(String(payload))));
  await openLive(grace.page);
  const seen = await rememberText(grace.page);

  const secret = uniqueName('Private');
  const secretToo = uniqueName('Private');
  await withoutReload(grace.page, async () => {
    await addBirthday(ada.page, { name: secret, visibility: ONLY_ME });
    await editBirthday(ada.page, secret, { name: secretToo });
    await deleteBirthday(ada.page, secretToo);
    await passMarker(ada.page, grace.page);
  });
  for (const name of [secret, secretToo]) {
    expect(await seen()).not.toContain(name);
    expect(frames.join('\n')).not.toContain(name);
  }
});

for (const transport of ['direct', 'relay']) {
  test(`row appears when shared and disappears when private (${transport})`, async ({ newPerson, newServers }) => {
    const { app } = await newServers({ env: { REALTIME: transport } });
    const [ada, grace] = [await newPerson('Ada', { baseURL: app.origin }), await newPerson('Grace', { baseURL: app.origin })];
    await openLive(ada.page, grace.page);
    const name = uniqueName();
    await withoutReload(grace.page, async () => {
      await addBirthday(ada.page, { name, visibility: ONLY_ME });
      await passMarker(ada.page, grace.page);
      await expect(row(grace.page, name)).toHaveCount(0);
      await editBirthday(ada.page, name, { visibility: SIGNED_IN });
      await expect(row(grace.page, name)).toBeVisible();
      await editBirthday(ada.page, name, { visibility: ONLY_ME });
      await expect(row(grace.page, name)).toHaveCount(0);
      await expect(badge(grace.page)).toHaveText('Live');
    });
    await expect(row(ada.page, name)).toHaveCount(1);
  });
}

/** Waits for the list requests that a new row causes. */
async function settleLists(page) {
  await page.clock.fastForward('00:06');
  await page.waitForLoadState('networkidle');
}

for (const { start, milliseconds, wait } of [
  { start: 'quick', milliseconds: 1_000, wait: '00:20' },
  { start: 'slow', milliseconds: 5_000 },
]) {
  test(`change before the first connection appears, after a ${start} start`, async ({ newPerson, servers }) => {
    const { page } = await newPerson();
    await page.clock.install();
    await page.addInitScript((now) => Object.defineProperty(performance, 'now', { value: () => now }), milliseconds);
    let lists = 0;
    page.on('request', (request) => (lists += request.url().endsWith('/actions/list_birthdays') ? 1 : 0));
    const letTicket = await hold(page, '**/actions/realtime_ticket');
    await page.goto('/birthdays');
    const name = uniqueName();
    await addRow(servers.backend, name);
    letTicket();
    await expectLive(page);
    if (wait) {
      await page.waitForLoadState('networkidle');
      expect(lists, 'the page has its list from the server').toBe(0);
      await page.clock.fastForward(wait);
    }
    await expect(row(page, name)).toBeVisible();
    expect(lists).toBe(1);
  });
}

for (const connection of ['open', 'opening']) {
  test(`linked page asks for its list once while the connection is ${connection}`, async ({ newPerson }) => {
    const { page } = await newPerson();
    await page.clock.install();
    await page.addInitScript(() => Object.defineProperty(performance, 'now', { value: () => 5_000 }));
    let lists = 0;
    page.on('request', (request) => (lists += request.url().endsWith('/actions/list_birthdays') ? 1 : 0));
    const [sent, passed] = [[], []];
    let letFrames;
    const held = new Promise((resolve) => (letFrames = resolve));
    await page.routeWebSocket(/\/realtime\?/, (socket) => {
      const server = socket.connectToServer();
      server.onMessage(async (text) => {
        const { type } = JSON.parse(text);
        sent.push(type);
        await held;
        socket.send(text);
        passed.push(type);
      });
    });
    if (connection === 'open') letFrames();
    await page.goto('/account');
    await expect.poll(() => (connection === 'open' ? passed : sent)).toContain('connected');
    await withoutReload(page, async () => {
      await page.getByRole('link', { name: 'Birthdays', exact: true }).click();
      await expect(page.getByRole('heading', { name: 'Birthdays', exact: true })).toBeVisible();
      letFrames();
      await expect.poll(() => passed, 'the answer to the subscription').toContain('response');
      await expectLive(page);
      await settleLists(page);
      expect(lists).toBe(1);
    });
  });
}

test('row hidden by another client disappears on return', async ({ newPerson, servers }) => {
  const { page } = await newPerson('Grace');
  await page.clock.install();
  await openLive(page);
  const name = uniqueName('Hidden');
  const id = await addRow(servers.backend, name);
  await expect(row(page, name)).toBeVisible();
  await settleLists(page);
  await withoutReload(page, async () => {
    await hideRow(servers.backend, id);
    await expect(row(page, name), 'Appwrite sends no event').toBeVisible();
    await lookAgain(page);
    await page.clock.fastForward('00:06');
    await expect(row(page, name)).toHaveCount(0);
  });
});

test('row hidden by another client disappears within a minute', async ({ newPerson, servers }) => {
  const { page } = await newPerson('Grace');
  await page.clock.install();
  await openLive(page);
  const name = uniqueName('Hidden');
  const id = await addRow(servers.backend, name);
  await expect(row(page, name)).toBeVisible();
  await settleLists(page);
  let lists = 0;
  let underWay = 0;
  let most = 0;
  await page.route('**/actions/list_birthdays', async (route) => {
    lists += 1;
    most = Math.max(most, ++underWay);
    await route.continue();
  });
  page.on('requestfinished', (request) => (underWay -= request.url().endsWith('list_birthdays') ? 1 : 0));
  await withoutReload(page, async () => {
    await hideRow(servers.backend, id);
    await page.clock.fastForward('01:01');
    await expect(row(page, name)).toHaveCount(0);
    expect(lists).toBe(1);
    for (let times = 0; times < 5; times += 1) await lookAgain(page);
    await page.clock.fastForward('00:06');
    await expect.poll(() => lists).toBe(2);
    expect(most, 'one list at a time').toBe(1);
  });
});

test('many changes cost two fetches a second', async ({ newPerson, servers }) => {
  const { page } = await newPerson();
  await openLive(page);
  const id = await addRow(servers.backend, uniqueName());
  const fetches = [];
  page.on('request', (request) => request.url().endsWith('/actions/list_birthdays') && fetches.push(Date.now()));
  let [name, changes] = ['', 0];
  for (const start = Date.now(); Date.now() - start < 2_000; changes += 1) {
    name = uniqueName();
    await renameRow(servers.backend, id, name);
  }
  await expect(row(page, name)).toBeVisible();
  const seconds = (fetches.at(-1) - fetches[0]) / 1000;
  expect(changes).toBeGreaterThan(2 * seconds + 2);
  expect(fetches.length, `fetches in ${seconds} s, of ${changes} changes`).toBeLessThanOrEqual(2 * seconds + 2);
});

test('two windows of one user show the same rows', async ({ newPerson }) => {
  const { page } = await newPerson();
  const second = await page.context().newPage();
  await openLive(page, second);
  const name = uniqueName();
  await addBirthday(page, { name, visibility: ONLY_ME });
  await expect(row(second, name)).toBeVisible();
  await deleteBirthday(second, name);
  await expect(row(page, name)).toHaveCount(0);
});

test('open confirmation survives a list update', async ({ newPerson }) => {
  const { page } = await newPerson();
  const second = await page.context().newPage();
  await openLive(page, second);
  const [name, other] = [uniqueName(), uniqueName()];
  await addBirthday(page, { name });
  await row(page, name).getByRole('link', { name: `Delete ${name}` }).click();
  const dialog = page.getByRole('dialog', { name: 'Delete this birthday?' });
  await expect(dialog).toBeVisible();
  await addBirthday(second, { name: other });
  await expect(page.getByText(other).first()).toBeVisible();
  await dialog.getByRole('button', { name: 'Delete', exact: true }).click();
  await expect(page.getByText(`Deleted ${name}'s birthday.`)).toBeVisible();
  await expect(row(page, name)).toHaveCount(0);
});

test('typed text survives an arriving row', async ({ newPerson }) => {
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  const form = grace.page.getByRole('form', { name: 'Add a birthday' });
  await form.getByLabel('Name', { exact: true }).fill('Half a na');
  await form.getByRole('radio', { name: EVERYONE, exact: true }).check();
  await passMarker(ada.page, grace.page);
  await expect(form.getByLabel('Name', { exact: true })).toHaveValue('Half a na');
  await expect(form.getByLabel('Name', { exact: true })).not.toHaveAttribute('aria-invalid', 'true');
  await expect(form.getByRole('radio', { name: EVERYONE, exact: true })).toBeChecked();
});

test('open page is live and current after a backend crash', async ({ newPerson, newBrowser, servers, watch }) => {
  test.slow();
  watch.allow(...CONNECTION_LINES, /net::ERR_INTERNET_DISCONNECTED/);
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(ada.page, grace.page);
  const [kept, doomed, missed] = [uniqueName('Kept'), uniqueName('Doomed'), uniqueName('Missed')];
  await addBirthday(ada.page, { name: kept, visibility: SIGNED_IN });
  await addBirthday(ada.page, { name: doomed, visibility: SIGNED_IN });
  await expect(row(grace.page, doomed)).toBeVisible();

  const elsewhere = await newBrowser({ storageState: await ada.page.context().storageState(), javaScriptEnabled: false });
  await withoutReload(grace.page, async () => {
    // Cuts Grace's socket and each new one, so that her browser receives nothing meanwhile.
    await grace.page.context().setOffline(true);
    await servers.backend.kill();
    await expect(badge(grace.page)).not.toHaveText('Live');
    await expect(badge(grace.page)).toHaveText(/^(Reconnecting|Connecting|Offline|Not live)/);
    await expect(row(grace.page, kept), 'what was there stays readable').toBeVisible();

    await servers.backend.start();
    await elsewhere.goto('/birthdays');
    await addBirthday(elsewhere, { name: missed, visibility: SIGNED_IN });
    await deleteBirthday(elsewhere, doomed);
    await grace.page.context().setOffline(false);

    await expect(badge(grace.page)).toHaveText('Live', { timeout: 70_000 });
    await expect(row(grace.page, missed)).toBeVisible();
    await expect(row(grace.page, doomed)).toHaveCount(0);
    await expect(row(grace.page, kept)).toBeVisible();

    const after = uniqueName('After');
    await addBirthday(elsewhere, { name: after, visibility: SIGNED_IN });
    await expect(row(grace.page, after)).toBeVisible();
  });
});

test('page is live again after a backend restart', async ({ newPerson, servers, watch }) => {
  test.slow();
  watch.allow(...CONNECTION_LINES);
  const { page } = await newPerson();
  await openLive(page);
  await withoutReload(page, async () => {
    await servers.backend.kill();
    await expect(badge(page)).not.toHaveText('Live');
    await servers.backend.start();
    await expect(badge(page)).toHaveText('Live', { timeout: 70_000 });
  });
});

test('app restart keeps the page live', async ({ newPerson, servers, watch }) => {
  watch.allow(...CONNECTION_LINES);
  const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
  await openLive(grace.page);
  await servers.app.kill();
  await servers.app.start();
  await ada.page.goto('/birthdays');
  await withoutReload(grace.page, () => passMarker(ada.page, grace.page));
});

test('each connection has a new one-minute ticket of its user', async ({ newPerson, servers, watch }) => {
  test.slow();
  watch.allow(...CONNECTION_LINES);
  const { page } = await newPerson();
  const tickets = [];
  page.on('websocket', (socket) => tickets.push({ at: Date.now(), jwt: new URL(socket.url()).searchParams.get('jwt') }));
  await openLive(page);
  await servers.backend.kill();
  await expect(badge(page)).not.toHaveText('Live');
  await servers.backend.start();
  await expect(badge(page)).toHaveText('Live', { timeout: 70_000 });

  const [{ value }] = (await page.context().cookies()).filter(({ name }) => name === 'session');
  const { body: user } = await servers.backend.call('GET', '/account', { session: decodeURIComponent(value) });
  expect(tickets.length).toBeGreaterThanOrEqual(2);
  for (const { at, jwt } of tickets) {
    const claims = JSON.parse(Buffer.from(jwt.split('.')[1], 'base64url').toString());
    expect(claims.userId).toBe(user.$id);
    // Two JWTs of the same second are equal, so the remaining lifetime shows if one is new.
    const left = claims.exp * 1000 - at;
    expect(left).toBeLessThanOrEqual(61_000);
    expect(left).toBeGreaterThanOrEqual(50_000);
  }
});

test('connection closes before sign-out', async ({ newPerson }) => {
  const { page } = await newPerson();
  const closed = [];
  page.on('websocket', (socket) => socket.on('close', () => closed.push(socket.url())));
  await openLive(page);
  const openHome = await hold(page, (url) => url.pathname === '/');
  const signedOut = signOut(page);
  await expect.poll(() => closed.length, 'before the browser leaves the page').toBeGreaterThan(0);
  openHome();
  await signedOut;
});
