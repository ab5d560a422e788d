// Passkeys by the HTTP client of Appwrite's SDK, which has no methods for them, with an authenticator made of Node's
// crypto.

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { startBackend } from '../harness/backend.mjs';
import { asAdmin, asGuest, PASSWORD, refused, signUp, withSession } from './server.mjs';

const RP = 'example.com';
const ORIGIN = `https://${RP}`;
const PRESENT_AND_VERIFIED = 0x05;
const WITH_KEY = 0x40;

const sha256 = (data) => createHash('sha256').update(data).digest();
const base64url = (data) => Buffer.from(data).toString('base64url');

/** The head of a CBOR item: its major type and its length. */
function head(major, length) {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  if (length < 256) return Buffer.from([(major << 5) | 24, length]);
  return Buffer.from([(major << 5) | 25, length >> 8, length & 255]);
}

/** Small numbers, texts, bytes and maps in CBOR. */
function cbor(value) {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value);
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (Buffer.isBuffer(value)) return Buffer.concat([head(2, value.length), value]);
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, own]) => [cbor(key), cbor(own)])]);
}

/** An authenticator with one key. */
class Authenticator {
  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const { x, y } = publicKey.export({ format: 'jwk' });
    this.key = privateKey;
    this.cose = cbor(new Map([[1, 2], [3, -7], [-1, 1], [-2, Buffer.from(x, 'base64url')], [-3, Buffer.from(y, 'base64url')]]));
    this.id = randomBytes(32);
    this.count = 0;
  }

  /** The browser's answer to `navigator.credentials.create`. */
  create({ challenge, rp, user }, { origin = ORIGIN, flags = PRESENT_AND_VERIFIED } = {}) {
    this.userHandle = user.id;
    const length = Buffer.from([this.id.length >> 8, this.id.length & 255]);
    const key = Buffer.concat([Buffer.alloc(16), length, this.id, this.cose]);
    const authData = Buffer.concat([this.#data(rp.id, flags | WITH_KEY), key]);
    const attestationObject = cbor(new Map([['fmt', 'none'], ['attStmt', new Map()], ['authData', authData]]));
    const clientDataJSON = clientData('webauthn.create', challenge, origin);
    return this.#credential({ clientDataJSON: base64url(clientDataJSON), attestationObject: base64url(attestationObject), transports: ['internal'] });
  }

  /** The browser's answer to `navigator.credentials.get`. */
  get({ challenge, rpId }, { origin = ORIGIN, flags = PRESENT_AND_VERIFIED } = {}) {
    const authenticatorData = this.#data(rpId, flags);
    const clientDataJSON = clientData('webauthn.get', challenge, origin);
    const signature = sign('sha256', Buffer.concat([authenticatorData, sha256(clientDataJSON)]), this.key);
    return this.#credential({
      clientDataJSON: base64url(clientDataJSON),
      authenticatorData: base64url(authenticatorData),
      signature: base64url(signature),
      userHandle: this.userHandle,
    });
  }

  #data(rpId, flags) {
    const count = Buffer.alloc(4);
    count.writeUInt32BE((this.count += 1));
    return Buffer.concat([sha256(rpId), Buffer.from([flags]), count]);
  }

  #credential(response) {
    const id = base64url(this.id);
    return { id, rawId: id, type: 'public-key', response, clientExtensionResults: {} };
  }
}

const clientData = (type, challenge, origin) => Buffer.from(JSON.stringify({ type, challenge, origin, crossOrigin: false }));

describe('passkeys', () => {
  let backend;
  before(async () => {
    backend = await startBackend({ profile: '2', platforms: [RP], more: [`--passkeys=${RP}`] });
  });
  after(() => backend?.stop());

  const confirm = (services, { passkeyId }, credential) => services.call('put', `/account/passkeys/${passkeyId}/verification`, { credential });

  /** Signs up with a passkey. */
  async function enrolled() {
    const ann = await signUp(backend);
    const device = new Authenticator();
    const own = withSession(backend, ann.session.secret);
    const challenge = await own.call('post', '/account/passkeys', { name: 'My phone' });
    const passkey = await confirm(own, challenge, device.create(challenge.publicKey));
    return { ...ann, own, device, challenge, passkey };
  }

  async function signInWith(device, says) {
    const admin = asAdmin(backend);
    const challenge = await admin.call('post', '/account/tokens/passkey');
    return admin.call('put', '/account/tokens/passkey', { challengeId: challenge.$id, credential: device.get(challenge.publicKey, says) });
  }

  test('are added with WebAuthn options and listed without keys', async () => {
    const { user, own, challenge, passkey, email } = await enrolled();
    const { publicKey } = challenge;
    assert.deepEqual([publicKey.rp.id, publicKey.user.name, publicKey.attestation], [RP, email, 'none']);
    assert.deepEqual({ ...publicKey.authenticatorSelection }, { residentKey: 'required', userVerification: 'required' });
    assert.equal(Buffer.from(publicKey.challenge, 'base64url').length, 32);
    assert.deepEqual(Object.keys(passkey).sort(), ['$createdAt', '$id', '$updatedAt', 'accessedAt', 'name']);
    const list = await own.call('get', '/account/passkeys');
    assert.deepEqual([list.total, list.passkeys[0].name, list.passkeys[0].accessedAt], [1, 'My phone', '']);
    const byKey = await asAdmin(backend).call('get', `/users/${user.$id}/passkeys`);
    assert.equal(byKey.passkeys[0].$id, passkey.$id);
  });

  test('sign in, and count as two factors', async () => {
    const { user, device, account, email } = await enrolled();
    const admin = asAdmin(backend);
    await admin.users.updateEmailVerification({ userId: user.$id, emailVerification: true });
    await account.updateMFA({ mfa: true });
    const byPassword = await admin.account.createEmailPasswordSession({ email, password: PASSWORD });
    await refused(withSession(backend, byPassword.secret).account.get(), 401, 'user_more_factors_required');
    const token = await signInWith(device);
    assert.equal(token.userId, user.$id);
    const session = await asAdmin(backend).account.createSession({ userId: token.userId, secret: token.secret });
    assert.equal((await withSession(backend, session.secret).account.get()).$id, user.$id);
    await refused(asAdmin(backend).account.createSession({ userId: token.userId, secret: token.secret }), 401, 'user_invalid_token');
  });

  test('with a wrong origin, user or key are refused equally', async () => {
    const { device } = await enrolled();
    await refused(signInWith(device, { origin: 'https://evil.example' }), 401, 'user_passkey_invalid');
    await refused(signInWith(device, { origin: `http://${RP}` }), 401, 'user_passkey_invalid');
    await refused(signInWith(device, { flags: 0x01 }), 401, 'user_passkey_invalid');
    const forged = Object.assign(new Authenticator(), { id: device.id, userHandle: device.userHandle });
    await refused(signInWith(forged), 401, 'user_passkey_invalid');
    const unknown = Object.assign(new Authenticator(), { userHandle: device.userHandle });
    await refused(signInWith(unknown), 401, 'user_passkey_invalid');
  });

  test('can answer a challenge once', async () => {
    const { device } = await enrolled();
    const admin = asAdmin(backend);
    const challenge = await admin.call('post', '/account/tokens/passkey');
    const answer = (credential) => admin.call('put', '/account/tokens/passkey', { challengeId: challenge.$id, credential });
    await refused(answer(device.get(challenge.publicKey, { origin: 'https://evil.example' })), 401, 'user_passkey_invalid');
    await refused(answer(device.get(challenge.publicKey)), 401, 'user_invalid_token');
  });

  test('belong to their user, who renames and deletes them', async () => {
    const ann = await enrolled();
    const { own } = ann;
    const { session } = await signUp(backend, 'Ben');
    const others = withSession(backend, session.secret);
    const path = `/account/passkeys/${ann.passkey.$id}`;
    await refused(others.call('get', path), 404, 'user_passkey_not_found');
    await refused(others.call('delete', path), 404, 'user_passkey_not_found');
    await refused(confirm(others, { passkeyId: ann.passkey.$id }, {}), 404, 'user_passkey_not_found');
    assert.equal((await own.call('patch', path, { name: 'Laptop' })).name, 'Laptop');
    await own.call('delete', path);
    await refused(signInWith(ann.device), 401, 'user_passkey_invalid');
  });

  test('are refused to guests and off without a domain', async () => {
    await refused(asGuest(backend).call('get', '/account/passkeys'), 401, 'general_unauthorized_scope');
    const plain = await startBackend({ profile: '2' });
    try {
      await refused(asAdmin(plain).call('post', '/account/tokens/passkey'), 501, 'user_auth_method_unsupported');
    } finally {
      await plain.stop();
    }
  });
});
