// Passkeys, with Chromium's virtual authenticator: added, used to sign in, removed, declined.
import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '../support/test.js';
import { expectSignedIn, fillSignIn, signOut, signUp, newUser } from '../support/people.js';

/** A page of an app with passkeys, and its device: `{ page, device, app, backend }`. */
async function start({ newServers, newBrowser }, options) {
  const { app, backend } = await newServers({ args: ['--passkeys'] });
  const page = await newBrowser({ baseURL: app.origin, ...options });
  return { page, app, backend, device: await Device.of(page) };
}

/** An authenticator of the page's browser, as a phone or a laptop has one. */
class Device {
  static async of(page) {
    const device = new Device();
    device.session = await page.context().newCDPSession(page);
    await device.session.send('WebAuthn.enable');
    const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true };
    ({ authenticatorId: device.id } = await device.session.send('WebAuthn.addVirtualAuthenticator', { options }));
    return device;
  }

  /** Sets if the user touches the device. A page with autofill asks for it at once. */
  async touch(enabled) {
    await this.session.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId: this.id, enabled });
  }

  /** Sets if the device recognizes the user. */
  async recognize(isUserVerified) {
    await this.session.send('WebAuthn.setUserVerified', { authenticatorId: this.id, isUserVerified });
  }

  async passkeys() {
    return (await this.session.send('WebAuthn.getCredentials', { authenticatorId: this.id })).credentials;
  }

  async forget({ credentialId }) {
    await this.session.send('WebAuthn.removeCredential', { authenticatorId: this.id, credentialId });
  }
}

async function add(page, name) {
  await page.goto('/account/passkeys');
  await page.getByLabel('Name', { exact: true }).fill(name);
  await page.getByRole('button', { name: 'Add passkey' }).click();
}

function passkeys(page) {
  return page.getByRole('list', { name: 'Passkeys' }).getByRole('listitem');
}

const signInButton = (page) => page.getByRole('button', { name: 'Sign in with a passkey' });

test('passkey signs in until it is removed', async ({ newServers, newBrowser }) => {
  test.slow();
  const { page, device } = await start({ newServers, newBrowser });
  const person = await signUp(page, newUser());
  await add(page, '');
  await expect(page.getByText('Name is required.')).toBeVisible();
  await add(page, 'My phone');
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await expect(passkeys(page)).toContainText('My phone');
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([]);
  await add(page, 'My phone once more');
  await expect(page.getByRole('alert')).toContainText('already has a passkey');

  await signOut(page);
  await device.touch(false);
  await page.goto('/login?next=%2Faccount%2Fpasskeys');
  expect((await new AxeBuilder({ page }).setLegacyMode(true).analyze()).violations).toEqual([]);
  await page.getByLabel('Keep me signed in').uncheck();
  await device.touch(true);
  await signInButton(page).click();
  await expect(page).toHaveURL('/account/passkeys');
  expect((await page.context().cookies()).find(({ name }) => name === 'session').expires).toBe(-1);
  await expect(passkeys(page)).toContainText('Last used');
  expect(await page.evaluate(() => document.cookie)).toBe('');

  await passkeys(page).getByText('Remove').first().click();
  await page.getByRole('button', { name: 'Yes, remove My phone' }).click();
  await expect(page.getByText('Passkey removed.')).toBeVisible();
  await signOut(page);
  await device.touch(false);
  await page.goto('/login');
  await device.touch(true);
  await signInButton(page).click();
  await expect(page.getByRole('alert').first()).toContainText("That passkey didn't work.");
  await fillSignIn(page, person);
  await expectSignedIn(page);
});

test('sign-up asks for no passkey', async ({ newServers, newBrowser }) => {
  const { page } = await start({ newServers, newBrowser });
  const asked = [];
  page.on('request', (request) => request.url().endsWith('/actions/ask_passkey') && asked.push(request));
  await page.goto('/signup');
  // The button appears once the app runs.
  await expect(page.getByRole('button', { name: /^Show/ })).toBeVisible();
  await expect(page.getByRole('button', { name: /passkey/ })).toHaveCount(0);
  expect(asked).toEqual([]);
});

test('passkey from autofill signs in', async ({ newServers, newBrowser }) => {
  const { page, device } = await start({ newServers, newBrowser });
  await page.addInitScript(() => {
    delete PublicKeyCredential.parseCreationOptionsFromJSON;
    delete PublicKeyCredential.parseRequestOptionsFromJSON;
    delete PublicKeyCredential.prototype.toJSON;
  });
  const [ann, ben] = [newUser('Ann'), newUser('Ben')];
  const known = [];
  for (const person of [ann, ben]) {
    await signUp(page, person);
    await add(page, person.name);
    await expect(page.getByText('Passkey added.')).toBeVisible();
    known.push(await device.passkeys());
    await signOut(page);
  }
  // Two accounts on one device; the device has no dialog to choose one.
  expect(known[1]).toHaveLength(2);
  await device.forget(known[0][0]);
  // The virtual authenticator chooses as soon as it is touched.
  await page.goto('/login');
  await expect(page).toHaveURL('/account');
  await expect(page.getByRole('main')).toContainText(ben.email);
});

test('older session signs in again before adding a passkey', async ({ newServers, newBrowser, watch }) => {
  const { page, device, app, backend } = await start({ newServers, newBrowser });
  const person = await signUp(page, newUser());
  await backend.passTime(11 * 60);
  await add(page, 'Laptop');
  await expect(page).toHaveURL('/account/verify?next=%2Faccount%2Fpasskeys');
  await page.getByLabel('Password').fill(person.password);
  await page.getByRole('button', { name: 'Continue' }).click();
  await expect(page).toHaveURL('/account/passkeys');
  await add(page, 'Laptop');
  await expect(page.getByText('Passkey added.')).toBeVisible();
  await signOut(page);
  await device.recognize(false);
  await page.goto('/login');
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText('No passkey was used.');
  // Browsers have no passkeys for IP addresses.
  const byAddress = app.origin.replace('localhost', '127.0.0.1');
  watch.allowOrigin(byAddress);
  await page.goto(`${byAddress}/login`);
  await expect(page.getByRole('button', { name: /^Show/ })).toBeVisible();
  await expect(signInButton(page)).toHaveCount(0);
  await page.goto('/login');
  await fillSignIn(page, person);
  await expectSignedIn(page);
});

test('passkeys of another domain fail and the password works', async ({ newServers, newBrowser }) => {
  const { app } = await newServers({ args: ['--passkeys=example.com'] });
  const page = await newBrowser({ baseURL: app.origin });
  const device = await Device.of(page);
  const person = await signUp(page, newUser());
  await page.goto('/account');
  await expect(page.getByRole('main').getByRole('link', { name: 'Add a passkey' }), 'the offer after sign-up').toBeVisible();
  await add(page, 'My phone');
  await expect(page.getByRole('alert')).toContainText("This browser can't use passkeys here.");
  expect(await device.passkeys()).toEqual([]);
  await signOut(page);
  await page.goto('/login');
  await signInButton(page).click();
  await expect(page.getByRole('alert')).toContainText("This browser can't use passkeys here.");
  await fillSignIn(page, person);
  await expectSignedIn(page);
});

test('other methods work without passkeys or JavaScript', async ({ newServers, newBrowser }) => {
  const { page, device, app } = await start({ newServers, newBrowser });
  await device.session.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device.id });
  const person = await signUp(page, newUser());
  await page.goto('/account');
  await signOut(page);
  await page.goto('/login');
  await signInButton(page).click();
  await expect(signInButton(page)).toHaveAttribute('aria-busy', 'true');
  await fillSignIn(page, person);
  await expectSignedIn(page);

  const plain = await newBrowser({ baseURL: app.origin, javaScriptEnabled: false });
  await plain.goto('/login');
  await expect(signInButton(plain)).toHaveCount(0);
  await fillSignIn(plain, person);
  await plain.goto('/account/passkeys');
  await expect(plain.getByText('Passkeys need JavaScript')).toBeVisible();
});
