// Locale, avatars and presences by the official server SDK.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Avatars, Browser, CreditCard, Flag, Locale, Presences } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { asAdmin, asGuest, refused, signUp, withSession } from './server.mjs';

const PNG = '89504e47';
const beginning = async (picture) => Buffer.from(await picture).subarray(0, 4).toString('hex');

describe('places and pictures by node-appwrite', () => {
  let backend;
  before(async () => {
    backend = await startBackend({ profile: '2' });
  });
  after(() => backend?.stop());

  test('locale lists are public', async () => {
    const locale = new Locale(asGuest(backend).client);
    assert.equal((await locale.get()).countryCode, '--');
    assert.equal((await locale.listCountries()).total, 197);
    assert.equal((await locale.listCountriesEU()).countries[0].name, 'Austria');
    assert.equal((await locale.listCountriesPhones()).phones[0].code, '+1');
    assert.equal((await locale.listContinents()).total, 7);
    assert.equal((await locale.listCurrencies()).currencies[1].symbol, '€');
    assert.equal((await locale.listLanguages()).languages[0].code, 'aa');
    assert.equal((await locale.listCodes()).total, 131);
  });

  test('pictures are PNGs', async () => {
    const avatars = new Avatars(asGuest(backend).client);
    const url = 'https://example.com/picture.png';
    for (const picture of [
      avatars.getInitials({ name: 'Ann Two' }), avatars.getFlag({ code: Flag.Germany }), avatars.getBrowser({ code: Browser.MozillaFirefox }),
      avatars.getCreditCard({ code: CreditCard.Visa }), avatars.getQR({ text: 'hello' }), avatars.getFavicon({ url }), avatars.getImage({ url }),
    ]) assert.equal(await beginning(picture), PNG);
  });

  test('a presence is created, listed, changed and deleted', async () => {
    const [ann, bob] = [await signUp(backend, 'Ann'), await signUp(backend, 'Bob')];
    const [own, other] = [new Presences(ann.client), new Presences(bob.client)];
    const presences = new Presences(asAdmin(backend).client);
    await presences.upsert({ presenceId: 'ann', userId: ann.user.$id, status: 'online', metadata: { page: 'home' } });
    assert.equal((await own.get({ presenceId: 'ann' })).metadata.page, 'home');
    await refused(other.get({ presenceId: 'ann' }), 404, 'presence_not_found');
    // The server SDK sends a user id with every change, which a session may not.
    await withSession(backend, ann.session.secret).call('patch', '/presences/ann', { status: 'away', permissions: ['read("users")', 'delete("users")'] });
    assert.equal((await other.list()).presences[0].status, 'away');
    await refused(withSession(backend, bob.session.secret).call('patch', '/presences/ann', { status: 'mine' }), 401, 'user_unauthorized');
    await other.delete({ presenceId: 'ann' });
    assert.equal((await presences.list()).total, 0);
  });
});
