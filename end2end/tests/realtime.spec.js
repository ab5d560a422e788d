// The badge is correct while servers restart, networks and devices sleep, tabs come and go, and sessions end
// elsewhere. Rows are written without the app, so that a page learns of them by Realtime only.
import { expect, test } from '../support/test.js';
import { freeze, wake } from '../support/everyday-browser.js';
import { addBirthday, badge, ending, expectLive, expectSignedIn, expectSignedOut, lookAgain, ONLY_ME, openAccount, openLive, rememberText, row, SIGNED_IN, signOut, signUp, newUser, uniqueName, withoutReload } from '../support/people.js';
import { addRow, deleteRow, expectTrueList, forEach, renameRow, Writing } from '../support/rows.js';
import { CONNECTION_LINES } from '../support/watch.js';

/** The longest delay between two attempts, plus time for the attempt. */
const RECONNECTED = { timeout: 70_000 };
const NOT_LIVE = /^(Reconnecting|Connecting|Offline|Not live)/;

/** Tracks the Realtime connections of these pages. A connection ends with its document, which Chromium does not always report. */
function followSockets(...pages) {
  const open = new Map();
  const firstFrames = [];
  for (const page of pages) {
    page.on('framenavigated', (frame) => {
      if (frame !== page.mainFrame()) return;
      for (const [socket, opener] of open) if (opener === page) open.delete(socket);
    });
    page.on('websocket', (socket) => {
      open.set(socket, page);
      socket.once('framereceived', () => firstFrames.push(performance.now()));
      socket.on('close', () => open.delete(socket));
    });
  }
  return {
    /** The time of each connection's first frame. */
    firstFrames,
    /** The page of each open connection. */
    open: () => [...open.values()].filter((page) => !page.isClosed()),
  };
}

/** The page's user as Appwrite returns them, and their session. */
async function whoIs(page, backend) {
  const [cookie] = (await page.context().cookies(page.url())).filter(({ name }) => name === 'session');
  const { body } = await backend.call('GET', '/account/sessions/current', { session: decodeURIComponent(cookie.value) });
  return { userId: body.userId, sessionId: body.$id };
}

test.describe('server outages', () => {
  test('20-second outage is shown, then the page catches up', async ({ newPerson, servers, watch }) => {
    test.slow();
    watch.allow(...CONNECTION_LINES);
    const { backend } = servers;
    const { page } = await newPerson('Grace');
    const kept = uniqueName('Kept');
    await addRow(backend, kept);
    await openLive(page);
    await withoutReload(page, async () => {
      const writing = new Writing(backend);
      await expect.poll(() => writing.changes).toBeGreaterThan(20);
      await backend.kill();
      const gone = Date.now();
      await expect(page.getByText(/^Reconnecting in \d+ s$/)).toBeVisible();
      await expect(async () => {
        await expect(badge(page)).toHaveText(NOT_LIVE);
        await expect(row(page, kept), 'what was there stays readable').toBeVisible();
        expect(Date.now() - gone).toBeGreaterThanOrEqual(20_000);
      }).toPass({ timeout: 30_000 });

      await backend.start();
      const before = writing.changes;
      await expect.poll(() => writing.changes).toBeGreaterThan(before + 20);
      await expectLive(page, RECONNECTED);
      await writing.stop();
      await expectTrueList(page, backend);
      await expectLive(page);
    });
  });

  for (const [how, end] of [
    ['stopped', (app) => app.stop()],
    ['killed', (app) => app.kill()],
  ]) {
    test(`page catches up after the relay is ${how} and restarted`, async ({ newPerson, newServers }) => {
      const { backend, app } = await newServers({ env: { REALTIME: 'relay' } });
      const { page } = await newPerson('Grace', { baseURL: app.origin });
      const [kept, missed, after] = [uniqueName('Kept'), uniqueName('Missed'), uniqueName('After')];
      await addRow(backend, kept);
      await openLive(page);
      await withoutReload(page, async () => {
        await end(app);
        await expect(badge(page)).toHaveText(NOT_LIVE);
        await addRow(backend, missed);
        await expect(row(page, kept), 'what was there stays readable').toBeVisible();
        await app.start();
        await expectLive(page, RECONNECTED);
        await expect(row(page, missed)).toBeVisible();
        await addRow(backend, after);
        await expect(row(page, after)).toBeVisible();
      });
    });
  }

  test('change during an app outage is shown afterwards', async ({ newPerson, servers, watch }) => {
    watch.allow(...CONNECTION_LINES);
    const { backend, app } = servers;
    const { page } = await newPerson('Grace');
    const [kept, missed] = [uniqueName('Kept'), uniqueName('Missed')];
    await addRow(backend, kept);
    await openLive(page);
    await withoutReload(page, async () => {
      await app.kill();
      await addRow(backend, missed);
      await expect(page.getByText('The server cannot be reached. Check your connection and try again. Showing the last loaded list.')).toBeVisible();
      await expect(row(page, kept)).toBeVisible();
      await app.start();
      await expect(row(page, missed)).toBeVisible();
      await expect(page.getByText('The server cannot be reached.')).toHaveCount(0);
    });
  });
});

test.describe('networks and devices', () => {
  test('hanging response is abandoned', async ({ newPerson, servers }) => {
    const { page } = await newPerson('Grace');
    await page.clock.install();
    await openLive(page);
    let requests = 0;
    await page.route('**/actions/list_birthdays', (route) => (++requests === 1 ? undefined : route.continue()));
    const added = uniqueName('Added');
    await withoutReload(page, async () => {
      await addRow(servers.backend, added);
      await expect.poll(() => requests).toBe(1);
      await page.clock.fastForward('00:36');
      await expect(row(page, added)).toBeVisible();
      await expectLive(page);
    });
  });

  test('offline page catches up on 500 changes', async ({ newPerson, newServers, watch }) => {
    test.slow();
    watch.allow(/net::ERR_INTERNET_DISCONNECTED/);
    const { backend, app } = await newServers();
    const { page } = await newPerson('Grace', { baseURL: app.origin });
    const numbered = (word, count) => Array.from({ length: count }, (_, at) => `${word} ${at}`);
    const ids = await forEach(numbered('Before', 350), (name) => addRow(backend, name));
    await openLive(page);
    const network = await page.context().newCDPSession(page);
    const setOffline = (offline) =>
      network.send('Network.emulateNetworkConditions', { offline, latency: 0, downloadThroughput: -1, uploadThroughput: -1 });
    await withoutReload(page, async () => {
      await setOffline(true);
      await expect(badge(page)).toHaveText(/^(Offline|Reconnecting)/);
      const changes = [
        ...ids.slice(0, 200).map((id, at) => () => renameRow(backend, id, `Renamed ${at}`)),
        ...ids.slice(200, 300).map((id) => () => deleteRow(backend, id)),
        ...numbered('Added', 200).map((name) => () => addRow(backend, name)),
      ];
      expect(changes).toHaveLength(500);
      await forEach(changes, (change) => change());
      await setOffline(false);
      await expectLive(page, RECONNECTED);
      expect(await expectTrueList(page, backend)).toBe(450);
    });
  });

  test('live page shows 500 changes at once', async ({ newPerson, newServers }) => {
    test.slow();
    const { backend, app } = await newServers();
    const { page } = await newPerson('Grace', { baseURL: app.origin });
    await openLive(page);
    await withoutReload(page, async () => {
      const ids = await forEach(Array.from({ length: 300 }), () => addRow(backend, uniqueName('Added')));
      await forEach(ids.slice(0, 200), (id) => deleteRow(backend, id));
      expect(await expectTrueList(page, backend)).toBe(100);
      await expectLive(page);
    });
  });

  test('waking device reconnects a dead connection', async ({ newPerson, servers }) => {
    const { backend } = servers;
    const { page } = await newPerson('Grace');
    // Drops all data between the page and the server without closing the connection.
    const connections = [];
    await page.routeWebSocket(/\/realtime\?/, (socket) => {
      const connection = { isForgotten: false, pings: 0, pongs: 0 };
      connections.push(connection);
      const server = socket.connectToServer();
      socket.onMessage((text) => {
        if (JSON.parse(text).type === 'ping') connection.pings += 1;
        if (!connection.isForgotten) server.send(text);
      });
      server.onMessage((text) => {
        if (JSON.parse(text).type === 'pong') connection.pongs += 1;
        if (!connection.isForgotten) socket.send(text);
      });
    });
    await page.clock.install();
    await openLive(page);
    await withoutReload(page, async () => {
      const first = connections.at(-1);
      await page.clock.fastForward('00:21');
      await expect.poll(() => first.pongs, 'the server answers pings').toBe(1);

      first.isForgotten = true;
      const missed = uniqueName('Missed');
      await addRow(backend, missed);
      await page.clock.fastForward('01:00:00');
      await expect.poll(() => first.pings, 'the page makes sure').toBe(2);
      await page.clock.fastForward('00:11');
      await expect.poll(() => connections.at(-1), 'it connects anew').not.toBe(first);
      await expectLive(page);
      await expect(row(page, missed)).toBeVisible();
    });
  });

  test.describe('browser tab lifecycle', () => {
    test.beforeEach(async ({ watch }) => watch.allow(...CONNECTION_LINES));

    /** A user's live page in that browser. */
    async function openEveryday(context, { app }) {
      const page = await context.newPage();
      const person = await signUp(page, newUser('Grace'), { at: `${app.origin}/signup` });
      await page.goto(`${app.origin}/birthdays`);
      await expectLive(page);
      // Chromium does not cache a page that waits for a response.
      await page.waitForLoadState('networkidle');
      return { page, person };
    }

    /** Opens another tab in front of the page. */
    async function hide(page, { app }) {
      const other = await page.context().newPage();
      await other.goto(`${app.origin}/account`);
      await other.bringToFront();
      await expect.poll(() => page.evaluate(() => document.visibilityState)).toBe('hidden');
    }

    test('hidden tab shows lost connection and reconnects on return', async ({ everydayContext, servers }) => {
      const { backend } = servers;
      const { page } = await openEveryday(everydayContext, servers);
      const [unseen, missed] = [uniqueName('Unseen'), uniqueName('Missed')];
      await withoutReload(page, async () => {
        await hide(page, servers);
        await addRow(backend, unseen);
        await expect(row(page, unseen)).toBeVisible();
        await backend.kill();
        await expect(badge(page)).toHaveText(NOT_LIVE);
        await backend.start();
        await addRow(backend, missed);
        await page.bringToFront();
        await expectLive(page);
        await expect(row(page, missed)).toBeVisible();
      });
    });

    test('frozen tab catches up when it wakes', async ({ everydayContext, servers }) => {
      const { backend } = servers;
      const { page } = await openEveryday(everydayContext, servers);
      const [doomed, missed] = [uniqueName('Doomed'), uniqueName('Missed')];
      const id = await addRow(backend, doomed);
      await expect(row(page, doomed)).toBeVisible();
      await page.evaluate(() => document.addEventListener('freeze', () => (window.slept = true)));
      await withoutReload(page, async () => {
        await hide(page, servers);
        await freeze(page);
        await addRow(backend, missed);
        await deleteRow(backend, id);
        await wake(page);
        await page.bringToFront();
        expect(await page.evaluate(() => window.slept)).toBe(true);
        await expect(row(page, missed)).toBeVisible();
        await expect(row(page, doomed)).toHaveCount(0);
        await expectLive(page);
      });
    });

    test('page is live after leaving and returning', async ({ everydayContext, servers }) => {
      const { backend, app } = servers;
      const { page } = await openEveryday(everydayContext, servers);
      const sockets = followSockets(page);
      const missed = uniqueName('Missed');
      await page.goto(`${app.origin}/account`);
      await addRow(backend, missed);
      await page.goBack();
      await expectLive(page);
      await expect(row(page, missed)).toBeVisible();
      await expect.poll(() => sockets.open().length).toBe(1);
    });

    // Chromium does not cache `no-store` pages, as all private ones are. Other browsers do.
    async function keepPages(context) {
      await context.route(/\/(birthdays|actions\/\w+)$/, async (route) => {
        if (route.request().method() === 'POST' && route.request().url().includes('sign_out')) return route.continue();
        const response = await route.fetch({ maxRedirects: 0 });
        await route.fulfill({ response, headers: { ...response.headers(), 'cache-control': 'no-cache' } });
      });
    }

    /** Opens a page of another site. Collects garbage first, because a collection by Playwright would evict the cached page later. */
    async function leave(page, address) {
      await page.requestGC();
      await page.goto(address);
    }

    async function goBackToKeptPage(page) {
      await page.goBack({ waitUntil: 'commit' });
      const { wasKept, whyNot } = await page.evaluate(() => ({
        wasKept: window.stayed,
        whyNot: JSON.stringify(performance.getEntriesByType('navigation')[0].notRestoredReasons),
      }));
      expect(wasKept, `the page was kept; if not, because of ${whyNot}`).toBe(true);
    }

    test('page from the back-forward cache catches up', async ({ everydayContext, servers, watch }) => {
      const { backend, app } = servers;
      const elsewhere = app.origin.replace('localhost', '127.0.0.1');
      watch.allowOrigin(elsewhere);
      await keepPages(everydayContext);
      const { page } = await openEveryday(everydayContext, servers);
      const missed = uniqueName('Missed');
      await withoutReload(page, async () => {
        await leave(page, `${elsewhere}/`);
        await addRow(backend, missed);
        await goBackToKeptPage(page);
        await expect(row(page, missed)).toBeVisible();
        await expectLive(page);
      });
    });

    test('page from the back-forward cache hides private data after sign-out', async ({ everydayContext, servers, watch }) => {
      const { backend, app } = servers;
      const elsewhere = app.origin.replace('localhost', '127.0.0.1');
      watch.allowOrigin(elsewhere);
      await keepPages(everydayContext);
      const { page, person } = await openEveryday(everydayContext, servers);
      const secret = uniqueName('Secret');
      await addBirthday(page, { name: secret, visibility: ONLY_ME });
      const session = await whoIs(page, backend);
      await withoutReload(page, async () => {
        await leave(page, `${elsewhere}/`);
        // The cached page cannot receive this.
        const { userId, sessionId } = session;
        await backend.call('DELETE', `/users/${userId}/sessions/${sessionId}`);
        await goBackToKeptPage(page);
        await expect(ending(page)).toContainText('signed out');
        await expect(page.getByText(secret)).toHaveCount(0);
        await expect(page.getByText(person.name)).toHaveCount(0);
      });
    });
  });
});

test.describe('many tabs', () => {
  async function openTabs(page, count) {
    // This page's connection does not count.
    await page.goto('about:blank');
    const tabs = [page, ...(await Promise.all(Array.from({ length: count - 1 }, () => page.context().newPage())))];
    const sockets = followSockets(...tabs);
    await openLive(...tabs);
    return { tabs, sockets };
  }

  test('five tabs share one connection and replace a closed leader', async ({ newPerson, servers }) => {
    test.slow();
    const { backend } = servers;
    const { page } = await newPerson('Grace');
    const { tabs, sockets } = await openTabs(page, 5);
    expect(sockets.open()).toHaveLength(1);
    expect(sockets.firstFrames).toHaveLength(1);
    while (tabs.length > 1) {
      const [leader] = sockets.open();
      tabs.splice(tabs.indexOf(leader), 1);
      const closed = performance.now();
      await leader.close();
      const count = sockets.firstFrames.length;
      await expect.poll(() => sockets.firstFrames.length).toBe(count + 1);
      expect(sockets.firstFrames.at(-1) - closed).toBeLessThan(1000);

      const name = uniqueName('Added');
      await addRow(backend, name);
      for (const tab of tabs) {
        await expect(row(tab, name)).toBeVisible();
        await expectLive(tab);
      }
      expect(sockets.open()).toHaveLength(1);
    }
  });

  test('sign-out in one tab ends all tabs and the connection', async ({ newPerson }) => {
    const { page, person } = await newPerson('Ada');
    const { tabs, sockets } = await openTabs(page, 3);
    const secret = uniqueName('Secret');
    await addBirthday(page, { name: secret, visibility: ONLY_ME });
    for (const tab of tabs) await expect(row(tab, secret)).toBeVisible();
    const [leader] = sockets.open();
    const leaver = tabs.find((tab) => tab !== leader);
    await signOut(leaver);
    for (const tab of tabs.filter((tab) => tab !== leaver)) {
      await expect(ending(tab)).toContainText('signed out');
      await expect(tab.getByText(secret)).toHaveCount(0);
      await expect(tab.getByText(person.name)).toHaveCount(0);
      await expectSignedOut(tab);
    }
    await expect.poll(() => sockets.open()).toHaveLength(0);
  });

  for (let run = 1; run <= 4; run += 1) {
    const isLeader = run % 2 === 0;
    test(`sign-out in ${isLeader ? 'the leading tab' : 'another tab'} is shown in all tabs (run ${run})`, async ({ newPerson }) => {
      const { page } = await newPerson('Ada');
      const { tabs, sockets } = await openTabs(page, 3);
      const [leader] = sockets.open();
      const leaver = isLeader ? leader : tabs.find((tab) => tab !== leader);
      const others = tabs.filter((tab) => tab !== leaver);
      const seen = await Promise.all(others.map((tab) => rememberText(tab)));
      await signOut(leaver);
      for (const tab of others) await expect(ending(tab)).toContainText('You signed out in another tab. ');
      for (const read of seen) expect(await read()).not.toContain('another device');
    });
  }

  test('sign-in as another user never shows the previous rows', async ({ newPerson }) => {
    const { page } = await newPerson('Ada');
    const { tabs } = await openTabs(page, 2);
    const secret = uniqueName('Secret');
    await addBirthday(page, { name: secret, visibility: ONLY_ME });
    await expect(row(tabs[1], secret)).toBeVisible();

    await signOut(tabs[1]);
    const grace = await signUp(tabs[1], newUser('Grace'));
    await tabs[1].goto('/account');
    await expect(row(tabs[0], secret)).toHaveCount(0);
    const seen = [await rememberText(tabs[0])];
    await openLive(tabs[1]);
    seen.push(await rememberText(tabs[1]));
    const own = uniqueName('Own');
    await addBirthday(tabs[1], { name: own, visibility: ONLY_ME });
    for (const read of seen) expect(await read()).not.toContain(secret);

    await tabs[0].getByRole('link', { name: 'Sign in again' }).click();
    await expectSignedIn(tabs[0]);
    await openLive(tabs[0]);
    await expect(tabs[0].getByText(grace.name)).toBeVisible();
    await expect(row(tabs[0], own)).toBeVisible();
    for (const tab of tabs) await expect(tab.getByText(secret)).toHaveCount(0);
  });

  test('unannounced sign-in of another user is noticed', async ({ newPerson, baseURL }) => {
    const [ada, grace] = [await newPerson('Ada'), await newPerson('Grace')];
    await openLive(ada.page);
    const secret = uniqueName('Secret');
    await addBirthday(ada.page, { name: secret, visibility: ONLY_ME });
    const { email, password } = grace.person;
    const answer = await ada.page.context().request.post('/api/login', { data: { email, password }, headers: { origin: baseURL } });
    expect(answer.status()).toBe(200);
    await expect(ending(ada.page)).toContainText(/signed (out|in)/);
    await expect(ada.page.getByText(secret)).toHaveCount(0);
    await expect(ada.page.getByText(ada.person.name)).toHaveCount(0);
  });
});

test.describe('sessions that end elsewhere', () => {
  const endings = [
    {
      situation: 'the session is ended by another session of the person',
      end: ({ backend, other, sessionId }) => backend.call('DELETE', `/account/sessions/${sessionId}`, { session: other.secret }),
      words: 'You were signed out on another device',
    },
    {
      situation: 'the password is changed, which ends all other sessions',
      end: async ({ backend, other, person: { password } }) => {
        return backend.call('PATCH', '/account/password', { session: other.secret, body: { password: `new ${password}`, oldPassword: password } });
      },
      words: 'You were signed out',
    },
    {
      situation: 'the account is blocked',
      end: ({ backend, userId }) => backend.call('PATCH', `/users/${userId}/status`, { body: { status: false } }),
      words: 'Your account is blocked',
    },
    {
      situation: 'the account is deleted',
      end: ({ backend, userId }) => backend.call('DELETE', `/users/${userId}`),
      words: 'Your account is deleted',
    },
  ];
  for (const transport of ['direct', 'relay']) {
    test(`page explains the end and hides private data (${transport})`, async ({ newPerson, newServers }) => {
      test.slow();
      const { backend, app } = await newServers({ env: { REALTIME: transport } });
      for (const { situation, end, words } of endings) {
        await test.step(situation, async () => {
          const { page, person } = await newPerson('Ada', { baseURL: app.origin });
          const { email, password } = person;
          // The event is sent before the page listens: the page may learn of the end from its own check, before the
          // event gives the reason.
          const { body: other } = await backend.call('POST', '/account/sessions/email', { body: { email, password } });
          await page.goto('/birthdays');
          const secret = uniqueName('Secret');
          await addBirthday(page, { name: secret, visibility: ONLY_ME });
          await openLive(page);
          // Only the connection may report the end, and no response to a request.
          await page.waitForLoadState('networkidle');
          const { status } = await end({ backend, person, other, ...(await whoIs(page, backend)) });
          expect(status).toBeLessThan(300);
          await expect(ending(page)).toContainText(`${words}. `);
          await expect(ending(page)).toBeFocused();
          await expect(badge(page)).toHaveCount(0);
          await expect(page.getByText(secret)).toHaveCount(0);
          await expect(page.getByText(person.name)).toHaveCount(0);
          await expect(page.getByRole('form', { name: 'Add a birthday' })).toHaveCount(0);
          await expectSignedOut(page);
          await page.getByRole('link', { name: 'Sign in again' }).click();
          await expect(page).toHaveURL('/login?next=%2Fbirthdays');
        });
      }
    });
  }

  // Appwrite sends pages no event for these: the event of a deletion by an administrator contains a secret.
  const endSilently = {
    'an administrator ends the session': ({ backend, userId, sessionId }) => backend.call('DELETE', `/users/${userId}/sessions/${sessionId}`),
    'a session limit ends the session': ({ backend, person: { email, password } }) =>
      backend.call('POST', '/account/sessions/email', { body: { email, password } }),
  };
  const isSignedOut = async (page) => (await page.getByText(/^You were signed out/).count()) > 0;
  /** Advances the time, and answers pings on the connection, until the page is signed out. */
  async function pass(page, connections, seconds) {
    for (let passed = 0; passed < seconds; passed += 20) {
      const before = connections.at(-1).pongs;
      await page.clock.fastForward(20_000);
      await expect.poll(async () => connections.at(-1).pongs > before || (await isSignedOut(page))).toBe(true);
    }
  }
  const reasons = {
    'one looks at it again': ({ page }) => lookAgain(page),
    'the network is back': ({ page }) => page.evaluate(() => window.dispatchEvent(new Event('online'))),
    'two minutes have passed': ({ page, connections }) => pass(page, connections, 120),
  };
  for (const [situation, end] of Object.entries(endSilently)) {
    for (const [reason, happen] of Object.entries(reasons)) {
      for (const path of ['/birthdays', '/account']) {
        test(`${situation}, and ${path} notices when ${reason}`, async ({ newPerson, newServers }) => {
          test.slow();
          const { backend, app } = await newServers({ args: ['--policy', 'session-limit=1'], env: { REALTIME: 'direct' } });
          const { page, person } = await newPerson('Ada', { baseURL: app.origin });
          const connections = [];
          await page.routeWebSocket(/\/realtime\?/, (socket) => {
            const connection = { pongs: 0 };
            connections.push(connection);
            const server = socket.connectToServer();
            socket.onMessage((text) => server.send(text));
            server.onMessage((text) => {
              const { type, data } = JSON.parse(text);
              if (type === 'pong') connection.pongs += 1;
              if (type !== 'event' || !data.events[0].includes('.sessions.')) socket.send(text);
            });
          });
          await page.clock.install();
          await page.goto('/birthdays');
          const secret = uniqueName('Secret');
          await addBirthday(page, { name: secret, visibility: ONLY_ME });
          await openLive(page);
          if (path === '/account') await openAccount(page);
          await expect(page.getByText(path === '/account' ? person.email : secret).first()).toBeVisible();
          await pass(page, connections, 20);
          const { status } = await end({ backend, person, ...(await whoIs(page, backend)) });
          expect(status).toBeLessThan(300);
          await happen({ page, connections });
          await expect.poll(() => isSignedOut(page)).toBe(true);
          for (const text of [secret, person.name, person.email]) await expect(page.getByText(text)).toHaveCount(0);
          await expectSignedOut(page);
        });
      }
    }
  }

  test('session limit ends a relayed page immediately', async ({ newPerson, newServers }) => {
    const { backend, app } = await newServers({ args: ['--policy', 'session-limit=1'], env: { REALTIME: 'relay' } });
    const { page, person } = await newPerson('Ada', { baseURL: app.origin });
    await openLive(page);
    const { email, password } = person;
    expect((await backend.call('POST', '/account/sessions/email', { body: { email, password } })).status).toBe(201);
    await expect(ending(page)).toContainText('You were signed out. ');
    await expect(page.getByText(person.name)).toHaveCount(0);
  });

  test('page that is not live reports the ended session', async ({ newPerson, newServers }) => {
    const { backend, app } = await newServers({ args: ['--profile', '1.9'], env: { REALTIME: 'direct' } });
    const { page } = await newPerson('Ada', { baseURL: app.origin });
    await page.goto('/birthdays');
    const secret = uniqueName('Secret');
    await addBirthday(page, { name: secret, visibility: ONLY_ME });
    await expect(badge(page)).toHaveText(/^Not live: /);
    const { userId, sessionId } = await whoIs(page, backend);
    await page.route('**/actions/list_birthdays', async (route) => {
      await backend.call('DELETE', `/users/${userId}/sessions/${sessionId}`);
      await route.continue();
    });
    const form = page.getByRole('form', { name: 'Add a birthday' });
    await form.getByLabel('Name', { exact: true }).fill('Another');
    await form.getByLabel('Birthday', { exact: true }).fill('1906-12-09');
    await form.getByRole('button', { name: 'Add birthday' }).click();
    await expect(ending(page)).toContainText('You were signed out. ');
    await expect(page.getByText(secret)).toHaveCount(0);
    await expectSignedOut(page);
  });
});

test.describe('Appwrite versions', () => {
  for (const { situation, args, words } of [
    { situation: 'ignores the ticket and connects a guest', args: ['--profile', '1.9'], words: /^Not live: / },
    {
      situation: 'does not know the origin of the page',
      args: ['--platform', 'other.example'],
      words: 'Not live: this address is not registered as a platform of the project',
    },
  ]) {
    test(`server that ${situation} is never live and the page works`, async ({ newPerson, newServers }) => {
      const { app } = await newServers({ args, env: { REALTIME: 'direct' } });
      const { page } = await newPerson('Ada', { baseURL: app.origin });
      await page.goto('/birthdays');
      const seen = await rememberText(page);
      await expect(badge(page)).toHaveText(words);
      await addBirthday(page, { name: uniqueName() });
      await expect(badge(page)).toHaveText(words);
      expect(await seen()).not.toMatch(/^Live$/m);
    });
  }

  for (const profile of ['1.9', '1.5']) {
    test(`version ${profile} ignores the ticket and is relayed`, async ({ newPerson, newServers }) => {
      const { app } = await newServers({ args: ['--profile', profile] });
      const [ada, grace] = [await newPerson('Ada', { baseURL: app.origin }), await newPerson('Grace', { baseURL: app.origin })];
      const addresses = [];
      ada.page.on('websocket', (socket) => addresses.push(socket.url()));
      await openLive(ada.page, grace.page);
      const name = uniqueName();
      await withoutReload(ada.page, async () => {
        await addBirthday(grace.page, { name, visibility: SIGNED_IN });
        await expect(row(ada.page, name)).toBeVisible();
      });
      expect(addresses.length).toBeGreaterThan(0);
      for (const address of addresses) expect(address).toMatch(new RegExp(`^ws://localhost:${app.port}/realtime`));
    });
  }
});

test('page works with a clock two minutes off', async ({ newBrowser, servers }) => {
  for (const minutes of [-2, 2]) {
    const page = await newBrowser();
    await page.addInitScript((milliseconds) => {
      const RealDate = Date;
      globalThis.Date = class extends RealDate {
        static now = () => RealDate.now() + milliseconds;
        constructor(...parts) {
          super(...(parts.length ? parts : [RealDate.now() + milliseconds]));
        }
      };
    }, minutes * 60_000);
    await signUp(page, newUser('Ada'));
    await openLive(page);
    const [own, other] = [uniqueName('Own'), uniqueName('Other')];
    await addBirthday(page, { name: own, visibility: ONLY_ME });
    await addRow(servers.backend, other);
    await expect(row(page, other)).toBeVisible();
  }
});
