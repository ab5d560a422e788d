// Columns with the official server SDK: relationships with their rows, changes of each kind, geometries and queries on
// them.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Databases, Query, RelationMutate, RelationshipType } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { asAdmin, refused } from './server.mjs';

const MAIN = { databaseId: 'main' };
const AUTHORS = { ...MAIN, tableId: 'authors' };
const BOOKS = { ...MAIN, tableId: 'books' };

describe('columns by node-appwrite', () => {
  let backend;
  let tables;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    ({ tables } = asAdmin(backend));
    await tables.create({ ...MAIN, name: 'Main' });
    for (const table of [AUTHORS, BOOKS]) {
      await tables.createTable({ ...table, name: table.tableId });
      await tables.createStringColumn({ ...table, key: 'name', size: 64, required: true });
    }
    await tables.createRelationshipColumn({
      ...AUTHORS, relatedTableId: 'books', type: RelationshipType.OneToMany, twoWay: true, key: 'books', twoWayKey: 'author', onDelete: RelationMutate.Restrict,
    });
  });
  after(() => backend?.stop());

  test('relate rows, which are returned only if selected', async () => {
    const made = await tables.createRow({ ...AUTHORS, rowId: 'tove', data: { name: 'Tove', books: [{ $id: 'comet', name: 'Comet' }] } });
    assert.equal(made.books[0].name, 'Comet');
    const bare = await tables.getRow({ ...AUTHORS, rowId: 'tove' });
    assert.equal('books' in bare, false);
    const whole = await tables.getRow({ ...AUTHORS, rowId: 'tove', queries: [Query.select(['*', 'books.*'])] });
    assert.deepEqual(whole.books.map(({ $id }) => $id), ['comet']);
    const found = await tables.listRows({ ...BOOKS, queries: [Query.equal('author.name', ['Tove']), Query.select(['name', 'author.name'])] });
    assert.deepEqual(found.rows.map(({ name, author }) => [name, author.name]), [['Comet', 'Tove']]);
    await refused(tables.deleteRow({ ...AUTHORS, rowId: 'tove' }), 403, 'row_delete_restricted');
    await refused(tables.createRow({ ...BOOKS, rowId: 'x', data: { name: 'X', author: ['tove'] } }), 400, 'relationship_value_invalid');
    const changed = await tables.updateRelationshipColumn({ ...AUTHORS, key: 'books', onDelete: RelationMutate.Cascade });
    assert.deepEqual([changed.onDelete, changed.side, changed.relatedTable], ['cascade', 'parent', 'books']);
    await tables.deleteRow({ ...AUTHORS, rowId: 'tove' });
    await refused(tables.getRow({ ...BOOKS, rowId: 'comet' }), 404, 'row_not_found');
  });

  test('can be changed under both names', async () => {
    const longer = await tables.updateStringColumn({ ...BOOKS, key: 'name', required: false, xdefault: 'untitled', size: 128, newKey: 'title' });
    assert.deepEqual([longer.key, longer.size, longer.default], ['title', 128, 'untitled']);
    await tables.createIntegerColumn({ ...BOOKS, key: 'pages', required: false });
    const old = new Databases(tables.client);
    const bounded = await old.updateIntegerAttribute({ databaseId: 'main', collectionId: 'books', key: 'pages', required: false, min: 1, max: 900, xdefault: 10 });
    assert.deepEqual([bounded.min, bounded.max, bounded.default], [1, 900, 10]);
    await refused(tables.updateIntegerColumn({ ...BOOKS, key: 'pages', required: true, xdefault: 10 }), 400, 'column_default_unsupported');
    const row = await tables.createRow({ ...BOOKS, rowId: 'empty', data: { pages: null } });
    assert.deepEqual([row.title, row.pages], ['untitled', 10]);
  });

  test('store spatial values and big numbers', async () => {
    await tables.createPointColumn({ ...AUTHORS, key: 'born', required: false });
    await tables.createLineColumn({ ...AUTHORS, key: 'way', required: false });
    await tables.createPolygonColumn({ ...AUTHORS, key: 'land', required: false });
    await tables.createBigIntColumn({ ...AUTHORS, key: 'copies', required: false, min: 0 });
    const land = [[[19, 60], [31, 60], [31, 70], [19, 70], [19, 60]]];
    await tables.createRow({ ...AUTHORS, rowId: 'tove', data: { name: 'Tove', born: [24.94, 60.17], way: [[24, 60], [25, 61]], land, copies: 5_000_000_000 } });
    const near = [Query.distanceLessThan('born', [24.9, 60.2], 10_000)];
    assert.equal((await tables.listRows({ ...AUTHORS, queries: near })).total, 1);
    assert.equal((await tables.listRows({ ...AUTHORS, queries: [Query.intersects('land', [24.94, 60.17])] })).total, 1);
    assert.equal((await tables.listRows({ ...AUTHORS, queries: [Query.contains('land', [[0, 0]])] })).total, 0);
    await refused(tables.listRows({ ...AUTHORS, queries: [Query.touches('way', [[24, 60]])] }), 405, 'general_not_implemented');
    assert.equal((await tables.getRow({ ...AUTHORS, rowId: 'tove' })).copies, 5_000_000_000);
    await refused(tables.createRow({ ...AUTHORS, rowId: 'x', data: { name: 'X', born: [200, 0] } }), 400, 'row_invalid_structure');
  });
});
