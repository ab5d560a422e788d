// Teams with the official server SDK: created by a session, joined by an invitation, and managed by a key.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Functions, Query, Teams } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { exchange } from '../harness/http.mjs';
import { asAdmin, asGuest, refused, signUp, withSession } from './server.mjs';

const teamsOf = (services) => new Teams(services.client);

describe('teams by node-appwrite', () => {
  let backend;
  let ann;
  let team;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    ann = await signUp(backend, 'Ann');
    team = await teamsOf(ann).create({ teamId: 'unique()', name: 'Crew', roles: ['captain'] });
  });
  after(() => backend?.stop());

  test('are owned by their creator unless a key creates them', async () => {
    assert.equal(team.total, 1);
    const { memberships } = await teamsOf(ann).listMemberships({ teamId: team.$id });
    assert.deepEqual(memberships[0].roles, ['captain', 'owner']);
    const empty = await teamsOf(asAdmin(backend)).create({ teamId: 'unique()', name: 'Empty' });
    assert.equal(empty.total, 0);
    await refused(teamsOf(ann).get({ teamId: empty.$id }), 404, 'team_not_found');
    await refused(teamsOf(asGuest(backend)).list(), 401, 'general_unauthorized_scope');
  });

  test('are found by name, renamed and given preferences', async () => {
    const teams = teamsOf(ann);
    assert.equal((await teams.list({ queries: [Query.equal('name', 'Crew')] })).total, 1);
    assert.equal((await teams.list({ search: 'nothing' })).total, 0);
    assert.equal((await teams.updateName({ teamId: team.$id, name: 'Band' })).name, 'Band');
    await teams.updatePrefs({ teamId: team.$id, prefs: { color: 'red' } });
    assert.deepEqual({ ...(await teams.getPrefs({ teamId: team.$id })) }, { color: 'red' });
    await teams.updateName({ teamId: team.$id, name: 'Crew' });
  });

  test('are joined by an emailed link that signs in', async () => {
    const email = 'bea@example.com';
    await teamsOf(ann).createMembership({ teamId: team.$id, email, roles: ['editor'], url: 'http://localhost:3000/join', name: 'Bea' });
    const messages = (await exchange(backend.origin, { method: 'GET', path: '/outbox/messages' })).body;
    const mail = messages.findLast(({ to }) => to === email);
    const link = new URL(/http\S+/.exec(mail.text)[0]).searchParams;
    const path = `/teams/${team.$id}/memberships/${link.get('membershipId')}/status`;
    const body = { userId: link.get('userId'), secret: link.get('secret') };
    const headers = { 'X-Appwrite-Project': 'demo', 'Content-Type': 'application/json' };
    const answer = await exchange(backend.endpoint, { method: 'PATCH', path, headers, body });
    assert.deepEqual([answer.status, answer.body.confirm, answer.body.userEmail], [200, true, email]);
    const cookie = answer.headers['set-cookie'].find((line) => line.startsWith('a_session_demo='));
    const bea = withSession(backend, /=([^;]+)/.exec(cookie)[1]);
    assert.equal((await bea.account.get()).email, email);
    assert.equal((await teamsOf(bea).get({ teamId: team.$id })).total, 2);
    await refused(teamsOf(bea).createMembership({ teamId: team.$id, email: 'c@example.com', roles: [], url: 'http://localhost/' }), 401, 'user_unauthorized');
    await teamsOf(bea).deleteMembership({ teamId: team.$id, membershipId: link.get('membershipId') });
    await refused(teamsOf(bea).get({ teamId: team.$id }), 404, 'team_not_found');
  });

  test('accept members from a key at once', async () => {
    const kim = await signUp(backend, 'Kim');
    const teams = teamsOf(asAdmin(backend));
    const membership = await teams.createMembership({ teamId: team.$id, userId: kim.user.$id, roles: ['guest'] });
    assert.equal(membership.confirm, true);
    await teams.updateMembership({ teamId: team.$id, membershipId: membership.$id, roles: ['editor'] });
    const seen = await teams.getMembership({ teamId: team.$id, membershipId: membership.$id });
    assert.deepEqual([seen.userName, seen.roles], ['Kim', ['editor']]);
    assert.equal((await asAdmin(backend).users.listMemberships({ userId: kim.user.$id })).total, 1);
    await teams.delete({ teamId: team.$id });
    await refused(teams.get({ teamId: team.$id }), 404, 'team_not_found');
  });

  test('work while other services are disabled', async () => {
    const functions = new Functions(asAdmin(backend).client);
    await refused(functions.list(), 403, 'general_service_disabled');
    await refused(functions.createExecution({ functionId: 'f' }), 403, 'general_service_disabled');
    await refused(new Functions(asGuest(backend).client).list(), 401, 'general_unauthorized_scope');
  });
});
