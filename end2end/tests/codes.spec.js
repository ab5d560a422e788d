// Sign-in with a code from an email or a text message.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectFieldError, expectSignedIn, expectSignedOut, fillAddress, fillCode, phoneNumber, newUser, withoutBrowserChecks } from '../support/people.js';
import { App, Backend } from '../support/servers.js';

const METHODS = [
  {
    name: 'a code by email',
    askPage: '/login/code',
    enterPage: '/login/code/enter',
    label: 'Email',
    change: 'Use another address',
    off: 'Sign-in by email code is switched off',
    newAddress: () => newUser().email,
  },
  {
    name: 'a code by text message',
    askPage: '/login/phone',
    enterPage: '/login/phone/enter',
    label: 'Phone number',
    change: 'Use another number',
    off: 'Sign-in by text message is switched off',
    newAddress: phoneNumber,
  },
];

async function ask(page, { label, enterPage }, address) {
  await fillAddress(page, address, label);
  await page.getByRole('button', { name: 'Send the code' }).click();
  await expect(page).toHaveURL(enterPage);
}

async function enter(page, code) {
  await fillCode(page.getByLabel('Code'), code);
  await page.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
}

/** The newest code in the outbox. */
async function codeTo(backend, address) {
  const messages = await backend.messagesTo(address);
  return /\b\d{6}\b/.exec(messages.at(-1).text)[0];
}

const wrong = (code) => code.replaceAll(/\d/g, (digit) => (digit === '9' ? '0' : '9'));

withAndWithoutJavaScript(({ javaScript }) => {
  for (const method of METHODS) {
    test.describe(method.name, () => {
      test('code signs in and opens the next page', async ({ page, servers }) => {
        const address = method.newAddress();
        await page.goto('/login?next=%2Fbirthdays');
        await page.getByRole('link', { name: `Get ${method.name}` }).click();
        await expect(page).toHaveURL(`${method.askPage}?next=%2Fbirthdays`);
        await ask(page, method, address);
        await expect(page.getByRole('main')).toContainText(address);
        const field = page.getByLabel('Code');
        await expect(field).toHaveAttribute('autocomplete', 'one-time-code');
        await expect(field).toHaveAttribute('inputmode', 'numeric');
        const code = await codeTo(servers.backend, address);
        await enter(page, ` ${code.slice(0, 3)} ${code.slice(3)} `);
        await expect(page).toHaveURL('/birthdays');
        await expectSignedIn(page);
      });

      test('wrong code is a field error and right one works', async ({ page, servers }) => {
        const address = method.newAddress();
        await page.goto(method.askPage);
        await ask(page, method, address);
        const code = await codeTo(servers.backend, address);
        await enter(page, wrong(code));
        expect(await expectFieldError(page.getByLabel('Code'))).toContain('That code is wrong or expired');
        await expect(page.getByRole('main')).toContainText(address);
        if (javaScript) await expect(page.getByLabel('Code')).toHaveValue(wrong(code));
        await expectSignedOut(page);
        await enter(page, code);
        await expect(page).toHaveURL('/account');
      });

      test('address can be corrected', async ({ page, servers }) => {
        const [first, second] = [method.newAddress(), method.newAddress()];
        await page.goto(method.askPage);
        await ask(page, method, first);
        await page.getByRole('link', { name: method.change }).click();
        await expect(page.getByLabel(method.label)).toHaveValue(first);
        await ask(page, method, second);
        await expect(page.getByRole('main')).toContainText(second);
        await enter(page, await codeTo(servers.backend, second));
        await expectSignedIn(page);
      });
    });
  }

  test('phone number without country code is a field error', async ({ page }) => {
    await page.goto('/login/phone');
    await withoutBrowserChecks(page);
    await fillAddress(page, '020 7946 0018', 'Phone number');
    await page.getByRole('button', { name: 'Send the code' }).click();
    expect(await expectFieldError(page.getByLabel('Phone number'))).toContain('Enter a phone number with its country');
    await expect(page.getByLabel('Phone number')).toHaveValue('020 7946 0018');
  });
});

test('complete code is sent once and a correction by button', async ({ page, servers }) => {
  const [method] = METHODS;
  const address = method.newAddress();
  const sent = [];
  page.on('request', (request) => request.url().endsWith('/actions/enter_code') && sent.push(request));
  await page.goto(method.askPage);
  await ask(page, method, address);
  const [field, code] = [page.getByLabel('Code'), await codeTo(servers.backend, address)];
  await expect(field).toHaveAccessibleDescription('6 digits. The last one sends the code.');
  await field.pressSequentially(wrong(code));
  await expectFieldError(field);
  await expect(field).toHaveAccessibleDescription(/^6 digits That code/);
  await field.press('End');
  await field.press('Backspace');
  await field.pressSequentially('0');
  expect(sent).toHaveLength(1);
  await field.fill('');
  await field.pressSequentially(code);
  await expectSignedIn(page);
  expect(sent).toHaveLength(2);
});

test('pasted code signs in as it is in the email', async ({ page, context, servers }) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const [method] = METHODS;
  const address = method.newAddress();
  await page.goto(method.askPage);
  await ask(page, method, address);
  const [field, code] = [page.getByLabel('Code'), await codeTo(servers.backend, address)];
  await expect(field).toHaveAccessibleDescription('6 digits. The last one sends the code.');
  await page.evaluate((text) => navigator.clipboard.writeText(text), ` ${code.slice(0, 3)} ${code.slice(3)}`);
  await field.focus();
  await page.keyboard.press('ControlOrMeta+V');
  await expectSignedIn(page);
});

withAndWithoutJavaScript(() => {
  test('disabled method is explained and no longer offered', async ({ newBrowser, watch, javaScriptEnabled }) => {
    const backend = await Backend.start({ args: ['--disable', 'email-otp', '--disable-for-keys', '--no-sms'] });
    const app = await App.start({ backend });
    watch.allowServers({ app, backend });
    try {
      const page = await newBrowser({ baseURL: app.origin, javaScriptEnabled });
      for (const method of METHODS) {
        await page.goto('/login');
        await page.getByRole('link', { name: `Get ${method.name}` }).click();
        // The page before has a field with the same label.
        await expect(page.getByRole('button', { name: 'Send the code' })).toBeVisible();
        await fillAddress(page, method.newAddress(), method.label);
        await page.getByRole('button', { name: 'Send the code' }).click();
        await expect(page.getByRole('heading', { name: method.off })).toBeVisible();
        await expect(page.getByRole('link', { name: 'Get a link by email' })).toBeVisible();
        await page.goto('/login');
        await expect(page.getByRole('link', { name: 'Get a link by email' })).toBeVisible();
        await expect(page.getByRole('link', { name: `Get ${method.name}` })).toHaveCount(0);
        const answer = await page.goto(method.askPage);
        expect(answer.status()).toBe(501);
        await expect(page.getByRole('heading', { name: method.off })).toBeVisible();
      }
    } finally {
      await app.dispose();
      await backend.dispose();
    }
  });
});
