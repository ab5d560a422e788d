// Second factors by the official server SDK: enrolment, the challenge at sign-in, recovery codes.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AuthenticationFactor, AuthenticatorType } from 'node-appwrite';
import { codeOf, linkOf, newestMessage, startBackend } from '../harness/backend.mjs';
import { totp } from '../harness/totp.mjs';
import { skipOf } from '../in-force.mjs';
import { asAdmin, PASSWORD, refused, signUp, withJwt, withSession } from './server.mjs';

const wrongCode = (secret) => (totp(secret) === '000000' ? '000001' : '000000');

describe('second factors', { skip: skipOf('mfa') }, () => {
  let backend;
  before(async () => { backend = await startBackend(); });
  after(() => backend?.stop());

  /** A user with an authenticator app and recovery codes, and with the second factor on. */
  async function enrolled() {
    const ann = await signUp(backend);
    const { secret, uri } = await ann.account.createMFAAuthenticator({ type: AuthenticatorType.Totp });
    await refused(ann.account.updateMFAAuthenticator({ type: AuthenticatorType.Totp, otp: wrongCode(secret) }), 401, 'user_invalid_token');
    await ann.account.updateMFAAuthenticator({ type: AuthenticatorType.Totp, otp: totp(secret) });
    const { recoveryCodes } = await ann.account.createMFARecoveryCodes();
    assert.equal((await ann.account.updateMFA({ mfa: true })).mfa, true);
    return { ...ann, secret, uri, recoveryCodes };
  }
  const signInAgain = async ({ email }) => {
    const session = await asAdmin(backend).account.createEmailPasswordSession({ email, password: PASSWORD });
    return { session, ...withSession(backend, session.secret) };
  };

  test('enroll an authenticator and recovery codes once each', async () => {
    const ann = await enrolled();
    assert.equal(new URL(ann.uri).searchParams.get('secret'), ann.secret);
    assert.equal(new Set(ann.recoveryCodes).size, 6);
    assert.deepEqual({ ...(await ann.account.listMFAFactors()) }, { totp: true, phone: false, email: false, recoveryCode: true });
    await refused(ann.account.createMFAAuthenticator({ type: AuthenticatorType.Totp }), 409, 'user_authenticator_already_verified');
    await refused(ann.account.createMFARecoveryCodes(), 409, 'user_recovery_codes_already_exists');
  });

  test('are required before any other request', async () => {
    const { account, tables } = await signInAgain(await enrolled());
    await refused(account.get(), 401, 'user_more_factors_required');
    await refused(account.createJWT(), 401, 'user_more_factors_required');
    await refused(account.listSessions(), 401, 'user_more_factors_required');
    await refused(tables.listRows({ databaseId: 'main', tableId: 'birthdays' }), 401, 'user_more_factors_required');
    assert.equal((await account.listMFAFactors()).totp, true);
    await account.deleteSession({ sessionId: 'current' });
  });

  test('by an authenticator complete the session and keep its secret', async () => {
    const ann = await enrolled();
    const { session, account } = await signInAgain(ann);
    const challenge = await account.createMFAChallenge({ factor: AuthenticationFactor.Totp });
    await refused(account.updateMFAChallenge({ challengeId: challenge.$id, otp: wrongCode(ann.secret) }), 401, 'user_invalid_token');
    const opened = await account.updateMFAChallenge({ challengeId: challenge.$id, otp: totp(ann.secret) });
    assert.deepEqual([opened.$id, opened.factors], [session.$id, ['password', 'totp']]);
    assert.equal((await account.get()).$id, ann.user.$id);
    const { jwt } = await account.createJWT();
    assert.equal((await withJwt(backend, jwt).account.get()).$id, ann.user.$id);
  });

  test('by a recovery code work once', async () => {
    const ann = await enrolled();
    const [otp] = ann.recoveryCodes;
    const first = (await signInAgain(ann)).account;
    const challenge = await first.createMFAChallenge({ factor: AuthenticationFactor.Recoverycode });
    await first.updateMFAChallenge({ challengeId: challenge.$id, otp });
    assert.equal((await first.get()).$id, ann.user.$id);
    assert.deepEqual((await first.getMFARecoveryCodes()).recoveryCodes, ann.recoveryCodes.slice(1));
    const second = (await signInAgain(ann)).account;
    const again = await second.createMFAChallenge({ factor: AuthenticationFactor.Recoverycode });
    await refused(second.updateMFAChallenge({ challengeId: again.$id, otp }), 401, 'user_invalid_token');
  });

  test('by email need a verified address', async () => {
    const ann = await enrolled();
    const unverified = (await signInAgain(ann)).account;
    await refused(unverified.createMFAChallenge({ factor: AuthenticationFactor.Email }), 400, 'user_email_not_verified');
    await ann.account.createEmailVerification({ url: 'http://localhost:3000/verify' });
    const { userId, secret } = Object.fromEntries(linkOf(await newestMessage(backend, ann.email)).searchParams);
    await ann.account.updateEmailVerification({ userId, secret });
    const { account } = await signInAgain(ann);
    const challenge = await account.createMFAChallenge({ factor: AuthenticationFactor.Email });
    const otp = codeOf(await newestMessage(backend, ann.email, /^Verification Code/));
    assert.deepEqual((await account.updateMFAChallenge({ challengeId: challenge.$id, otp })).factors, ['password', 'email']);
  });

  test('can be removed after a recent factor', async () => {
    const ann = await enrolled();
    const { account } = await signInAgain(ann);
    const challenge = await account.createMFAChallenge({ factor: AuthenticationFactor.Totp });
    await account.updateMFAChallenge({ challengeId: challenge.$id, otp: totp(ann.secret) });
    const renewed = await account.updateMFARecoveryCodes();
    assert.equal(renewed.recoveryCodes.filter((code) => ann.recoveryCodes.includes(code)).length, 0);
    await account.deleteMFAAuthenticator({ type: AuthenticatorType.Totp });
    assert.equal((await account.updateMFA({ mfa: false })).mfa, false);
    assert.equal((await (await signInAgain(ann)).account.get()).$id, ann.user.$id);
  });

  test('cannot be removed without a recent factor', async () => {
    const ann = await enrolled();
    await refused(ann.account.deleteMFAAuthenticator({ type: AuthenticatorType.Totp }), 401, 'user_challenge_required');
    await refused(ann.account.getMFARecoveryCodes(), 401, 'user_challenge_required');
  });

  test('cannot answer challenges of other users', async () => {
    const [ann, bob] = [await enrolled(), await enrolled()];
    const [one, other] = [(await signInAgain(ann)).account, (await signInAgain(bob)).account];
    const challenge = await one.createMFAChallenge({ factor: AuthenticationFactor.Totp });
    await refused(other.updateMFAChallenge({ challengeId: challenge.$id, otp: totp(ann.secret) }), 401, 'user_invalid_token');
  });

  test('can be managed by the users service', async () => {
    const ann = await enrolled();
    const { users } = asAdmin(backend);
    await users.deleteMFAAuthenticator({ userId: ann.user.$id, type: AuthenticatorType.Totp });
    await users.updateMFA({ userId: ann.user.$id, mfa: false });
    assert.equal((await (await signInAgain(ann)).account.get()).$id, ann.user.$id);
  });
});
