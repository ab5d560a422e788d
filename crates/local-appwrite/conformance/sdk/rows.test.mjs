// Tables and rows with the official server SDK: row permissions and the caller's roles, queries, and errors.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ID, Permission, Query, Role } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { asAdmin, asGuest, BIRTHDAY, BIRTHDAYS, createBirthdays, refused, signUp, withJwt } from './server.mjs';

const named = (name, more = {}) => ({ ...BIRTHDAYS, rowId: ID.unique(), data: { name, birthday: BIRTHDAY }, ...more });
const names = ({ rows }) => rows.map((row) => row.name);

for (const profile of ['1.9', '2']) {
  describe(`rows by node-appwrite, profile ${profile}`, () => {
    let backend;
    let admin;
    let kim;
    let leo;
    let guest;
    before(async () => {
      backend = await startBackend({ profile });
      admin = asAdmin(backend);
      await createBirthdays(backend);
      kim = await signUp(backend, 'Kim');
      leo = await signUp(backend, 'Leo');
      guest = asGuest(backend);
    });
    after(() => backend?.stop());

    describe('the table', () => {
      test('has its columns available', async () => {
        const { total, columns } = await admin.tables.listColumns(BIRTHDAYS);
        assert.equal(total, 3);
        assert.deepEqual(columns.map(({ key, type, status, required }) => [key, type, status, required]), [
          ['name', 'string', 'available', true],
          ['birthday', 'datetime', 'available', true],
          ['note', 'string', 'available', false],
        ]);
      });

      test('refuses duplicate table ids and column keys', async () => {
        await refused(admin.tables.create({ databaseId: 'main', name: 'Again' }), 409, 'database_already_exists');
        await refused(admin.tables.createTable({ ...BIRTHDAYS, name: 'Again' }), 409, 'table_already_exists');
        await refused(admin.tables.createStringColumn({ ...BIRTHDAYS, key: 'name', size: 8, required: false }), 409, 'column_already_exists');
      });

      test('is created by keys only', async () => {
        await refused(kim.tables.create({ databaseId: 'mine', name: 'Mine' }), 401, 'general_unauthorized_scope');
        await refused(kim.tables.createTable({ databaseId: 'main', tableId: 'mine', name: 'Mine' }), 401, 'general_unauthorized_scope');
      });

      test('must exist before its rows are read', async () => {
        await refused(kim.tables.listRows({ databaseId: 'nowhere', tableId: 'x' }), 404, 'database_not_found');
        await refused(kim.tables.listRows({ databaseId: 'main', tableId: 'nowhere' }), 404, 'table_not_found');
      });
    });

    describe('permissions', () => {
      test('of a row without any named are its creator\'s alone', async () => {
        const row = await kim.tables.createRow(named('Private'));
        const own = Role.user(kim.user.$id);
        assert.deepEqual(row.$permissions, [Permission.read(own), Permission.update(own), Permission.delete(own)]);
        const where = { ...BIRTHDAYS, rowId: row.$id };
        assert.equal((await kim.tables.getRow(where)).name, 'Private');
        await refused(leo.tables.getRow(where), 404, 'row_not_found');
        await refused(guest.tables.getRow(where), 404, 'row_not_found');
        await refused(leo.tables.updateRow({ ...where, data: { note: 'x' } }), 401, 'user_unauthorized');
        await refused(leo.tables.deleteRow(where), 401, 'user_unauthorized');
        await refused(guest.tables.updateRow({ ...where, data: { note: 'x' } }), 401, 'user_unauthorized');
        await kim.tables.deleteRow(where);
        await refused(kim.tables.getRow(where), 404, 'row_not_found');
      });

      test('decide which rows a user can list', async () => {
        const seen = (services) => services.tables.listRows({ ...BIRTHDAYS, queries: [Query.startsWith('name', 'See ')] }).then(names);
        await kim.tables.createRow(named('See own'));
        await kim.tables.createRow(named('See users', { permissions: [Permission.read(Role.users())] }));
        await kim.tables.createRow(named('See any', { permissions: [Permission.read(Role.any())] }));
        await admin.tables.createRow(named('See none', { permissions: [] }));
        await admin.tables.createRow(named('See leo', { permissions: [Permission.read(Role.user(leo.user.$id))] }));
        assert.deepEqual(await seen(kim), ['See own', 'See users', 'See any']);
        assert.deepEqual(await seen(leo), ['See users', 'See any', 'See leo']);
        assert.deepEqual(await seen(guest), ['See any']);
        assert.deepEqual(await seen(admin), ['See own', 'See users', 'See any', 'See none', 'See leo']);
        const { jwt } = await leo.account.createJWT();
        assert.deepEqual(await seen(withJwt(backend, jwt)), ['See users', 'See any', 'See leo']);
      });

      test('let other users write if granted', async () => {
        const row = await kim.tables.createRow(named('Open', {
          permissions: [Permission.read(Role.users()), Permission.update(Role.users())],
        }));
        const where = { ...BIRTHDAYS, rowId: row.$id };
        assert.equal((await leo.tables.updateRow({ ...where, data: { note: 'by Leo' } })).note, 'by Leo');
        await refused(leo.tables.deleteRow(where), 401, 'user_unauthorized');
        await refused(kim.tables.deleteRow(where), 401, 'user_unauthorized');
        await admin.tables.deleteRow(where);
      });

      test('can be changed with update permission and hide a row', async () => {
        const own = Role.user(kim.user.$id);
        const row = await kim.tables.createRow(named('Narrowed', { permissions: [Permission.read(Role.users()), Permission.update(own)] }));
        const where = { ...BIRTHDAYS, rowId: row.$id };
        assert.equal((await leo.tables.getRow(where)).name, 'Narrowed');
        await kim.tables.updateRow({ ...where, permissions: [Permission.read(own)] });
        await refused(leo.tables.getRow(where), 404, 'row_not_found');
      });

      test('cannot be granted to other roles', async () => {
        const foreign = [Permission.read(Role.user(leo.user.$id))];
        await refused(kim.tables.createRow(named('Bad', { permissions: foreign })), 401, 'user_unauthorized');
        const row = await kim.tables.createRow(named('Own'));
        await refused(kim.tables.updateRow({ ...BIRTHDAYS, rowId: row.$id, permissions: foreign }), 401, 'user_unauthorized');
      });

      test('must be well formed', async () => {
        await refused(kim.tables.createRow(named('Bad', { permissions: ['oops'] })), 400, 'general_argument_invalid');
        await refused(kim.tables.createRow(named('Bad', { permissions: ['fly("users")'] })), 400, 'general_argument_invalid');
      });

      test('of the table stop guests from creating rows', () => refused(guest.tables.createRow(named('Guest')), 401, 'user_unauthorized'));
    });

    describe('content', () => {
      const bad = {
        'a missing required column': { name: 'x' },
        'an unknown column': { name: 'x', birthday: BIRTHDAY, zzz: 1 },
        'a text that is too long': { name: 'x'.repeat(129), birthday: BIRTHDAY },
        'a number for a text': { name: 1, birthday: BIRTHDAY },
        'null in a required column': { name: null, birthday: BIRTHDAY },
        'no date': { name: 'x', birthday: 'not a date' },
      };
      for (const [what, data] of Object.entries(bad)) {
        test(`is refused with ${what}`, () => refused(kim.tables.createRow(named('x', { data })), 400, 'row_invalid_structure'));
      }

      test('has valid and unique row ids', async () => {
        const row = await kim.tables.createRow(named('Once'));
        await refused(kim.tables.createRow(named('Twice', { rowId: row.$id })), 409, 'row_already_exists');
        await refused(kim.tables.createRow(named('Path', { rowId: '../x' })), 400, 'general_argument_invalid');
      });

      test('differs from an unknown id', async () => {
        const where = { ...BIRTHDAYS, rowId: 'nobody' };
        await refused(kim.tables.getRow(where), 404, 'row_not_found');
        await refused(kim.tables.updateRow({ ...where, data: { note: 'x' } }), 404, 'row_not_found');
        await refused(kim.tables.deleteRow(where), 404, 'row_not_found');
      });

      test('changes only by updates, with its date', async () => {
        const row = await kim.tables.createRow(named('Before'));
        const where = { ...BIRTHDAYS, rowId: row.$id };
        const updated = await kim.tables.updateRow({ ...where, data: { note: 'n' } });
        assert.deepEqual([updated.name, updated.note, updated.$createdAt], ['Before', 'n', row.$createdAt]);
        assert.ok(updated.$updatedAt >= row.$updatedAt);
        await refused(kim.tables.updateRow({ ...where, data: { zzz: 1 } }), 400, 'row_invalid_structure');
        assert.equal((await kim.tables.updateRow({ ...where, data: { note: null } })).note, null);
      });

      test('is created or replaced by an upsert', async () => {
        const where = { ...BIRTHDAYS, rowId: ID.unique() };
        const made = await kim.tables.upsertRow({ ...where, data: { name: 'Up', birthday: '2012-02-03' } });
        assert.equal(made.birthday, BIRTHDAY);
        const replaced = await kim.tables.upsertRow({ ...where, data: { name: 'Up again', birthday: BIRTHDAY } });
        assert.deepEqual([replaced.$id, replaced.name], [made.$id, 'Up again']);
        await refused(leo.tables.upsertRow({ ...where, data: { name: 'Mine', birthday: BIRTHDAY } }), 401, 'user_unauthorized');
      });
    });

    describe('queries', () => {
      const list = (...queries) => kim.tables.listRows({ ...BIRTHDAYS, tableId: 'numbered', queries });
      before(async () => {
        const table = { databaseId: 'main', tableId: 'numbered' };
        await admin.tables.createTable({ ...table, name: 'Numbered', rowSecurity: false, permissions: [Permission.read(Role.users())] });
        await admin.tables.createStringColumn({ ...table, key: 'name', size: 64, required: true });
        await admin.tables.createIntegerColumn({ ...table, key: 'number', required: false });
        await admin.tables.createBooleanColumn({ ...table, key: 'even', required: false });
        for (let number = 1; number <= 30; number += 1) {
          await admin.tables.createRow({ ...table, rowId: `n${number}`, data: { name: `N${String(number).padStart(2, '0')}`, number, even: number % 2 === 0 } });
        }
      });

      test('return 25 rows by default and count all', async () => {
        const page = await list();
        assert.deepEqual([page.total, page.rows.length, page.rows[0].$id], [30, 25, 'n1']);
      });

      test('page by limit and offset', async () => {
        assert.deepEqual(names(await list(Query.limit(2), Query.offset(28))), ['N29', 'N30']);
      });

      test('page by cursors, both ways', async () => {
        assert.deepEqual(names(await list(Query.cursorAfter('n10'), Query.limit(2))), ['N11', 'N12']);
        assert.deepEqual(names(await list(Query.cursorBefore('n10'), Query.limit(2))), ['N08', 'N09']);
        assert.deepEqual(names(await list(Query.orderDesc('number'), Query.cursorAfter('n10'), Query.limit(2))), ['N09', 'N08']);
        await refused(list(Query.cursorAfter('nobody')), 400, 'general_cursor_not_found');
      });

      test('order both ways', async () => {
        assert.deepEqual(names(await list(Query.orderDesc('number'), Query.limit(2))), ['N30', 'N29']);
        assert.deepEqual(names(await list(Query.orderDesc('even'), Query.orderAsc('name'), Query.limit(2))), ['N02', 'N04']);
      });

      const filters = {
        'equal': [[Query.equal('number', 7)], ['N07']],
        'equal to one of several': [[Query.equal('number', [7, 9])], ['N07', 'N09']],
        'not equal': [[Query.notEqual('number', 1), Query.limit(1)], ['N02']],
        'less than': [[Query.lessThan('number', 3)], ['N01', 'N02']],
        'at most': [[Query.lessThanEqual('number', 2)], ['N01', 'N02']],
        'greater than': [[Query.greaterThan('number', 28)], ['N29', 'N30']],
        'at least': [[Query.greaterThanEqual('number', 29)], ['N29', 'N30']],
        'between': [[Query.between('number', 4, 5)], ['N04', 'N05']],
        'starting with': [[Query.startsWith('name', 'N3')], ['N30']],
        'ending with': [[Query.endsWith('name', '13')], ['N13']],
        'containing': [[Query.contains('name', '21')], ['N21']],
        'a boolean': [[Query.equal('even', true), Query.lessThan('number', 5)], ['N02', 'N04']],
        'an id': [[Query.equal('$id', 'n3')], ['N03']],
        'both of two': [[Query.and([Query.greaterThan('number', 9), Query.lessThan('number', 11)])], ['N10']],
        'either of two': [[Query.or([Query.equal('number', 1), Query.equal('number', 30)])], ['N01', 'N30']],
        'nothing there': [[Query.isNull('number')], []],
        'something there': [[Query.isNotNull('number'), Query.limit(1)], ['N01']],
      };
      for (const [what, [queries, expected]] of Object.entries(filters)) {
        test(`filter: ${what}`, async () => assert.deepEqual(names(await list(...queries)), expected));
      }

      test('choose columns', async () => {
        const { rows: [row] } = await list(Query.select(['name']), Query.limit(1));
        assert.equal(row.name, 'N01');
        assert.ok(!('number' in row));
        const one = await kim.tables.getRow({ databaseId: 'main', tableId: 'numbered', rowId: 'n1', queries: [Query.select(['name'])] });
        assert.ok(!('number' in one));
      });

      test('omit the count on request', async () => {
        const page = await kim.tables.listRows({ databaseId: 'main', tableId: 'numbered', total: false });
        assert.deepEqual([page.total, page.rows.length], [0, 25]);
      });

      test('that make no sense are refused', async () => {
        await refused(list(Query.equal('zzz', 1)), 400, 'general_query_invalid');
        await refused(list(Query.search('name', 'N')), 400, 'general_query_invalid');
        await refused(list('oops'), 400, 'general_query_invalid');
        await refused(list(Query.limit(-1)), 400, 'general_query_invalid');
      });

      test('increment and decrement numbers', async () => {
        const one = { databaseId: 'main', tableId: 'numbered', rowId: 'n1', column: 'number' };
        const { number } = await admin.tables.getRow({ databaseId: 'main', tableId: 'numbered', rowId: 'n1' });
        assert.equal((await admin.tables.incrementRowColumn({ ...one, value: 2 })).number, number + 2);
        await refused(admin.tables.incrementRowColumn({ ...one, max: number + 2 }), 400, 'column_limit_exceeded');
        assert.equal((await admin.tables.decrementRowColumn({ ...one, value: 2, min: number })).number, number);
      });

      test('use permissions of the table if rows have none', async () => {
        const asGuestList = guest.tables.listRows({ databaseId: 'main', tableId: 'numbered' });
        await refused(asGuestList, 401, 'user_unauthorized');
        await refused(kim.tables.updateRow({ databaseId: 'main', tableId: 'numbered', rowId: 'n1', data: { number: 0 } }), 401, 'user_unauthorized');
      });
    });
  });
}
