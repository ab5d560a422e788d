// The older names of tables and rows (`Databases`, documents) on the same data, with the official server SDK.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Databases, ID, Permission, Query, Role } from 'node-appwrite';
import { startBackend } from '../harness/backend.mjs';
import { BIRTHDAY, BIRTHDAYS, createBirthdays, refused, signUp } from './server.mjs';

const WHERE = { databaseId: 'main', collectionId: 'birthdays' };

for (const profile of ['1.9', '2']) {
  describe(`documents by node-appwrite, profile ${profile}`, () => {
    let backend;
    let kim;
    let leo;
    before(async () => {
      backend = await startBackend({ profile });
      await createBirthdays(backend);
      kim = await signUp(backend, 'Kim');
      leo = await signUp(backend, 'Leo');
      for (const person of [kim, leo]) person.databases = new Databases(person.client);
    });
    after(() => backend?.stop());

    const document = (name, permissions) => ({ ...WHERE, documentId: ID.unique(), data: { name, birthday: BIRTHDAY }, permissions });

    test('are the rows of the table, under the older names', async () => {
      const made = await kim.databases.createDocument(document('Both'));
      assert.deepEqual([made.$databaseId, made.$collectionId], ['main', 'birthdays']);
      assert.ok(!('$tableId' in made));
      const row = await kim.tables.getRow({ ...BIRTHDAYS, rowId: made.$id });
      assert.deepEqual([row.name, row.$tableId], ['Both', 'birthdays']);
      assert.ok(!('$collectionId' in row));
      const listed = await kim.databases.listDocuments({ ...WHERE, queries: [Query.equal('name', 'Both')] });
      assert.deepEqual([listed.total, listed.documents[0].$id], [1, made.$id]);
    });

    test('are changed, replaced and deleted with permission', async () => {
      const made = await kim.databases.createDocument(document('Before', [Permission.read(Role.users()), Permission.write(Role.user(kim.user.$id))]));
      const where = { ...WHERE, documentId: made.$id };
      await refused(leo.databases.updateDocument({ ...where, data: { note: 'x' } }), 401, 'user_unauthorized');
      assert.equal((await kim.databases.updateDocument({ ...where, data: { note: 'n' } })).note, 'n');
      assert.equal((await kim.databases.upsertDocument({ ...where, data: { name: 'After', birthday: BIRTHDAY } })).name, 'After');
      await kim.databases.deleteDocument(where);
      await refused(kim.databases.getDocument(where), 404, 'document_not_found');
    });

    test('are refused with the older error messages', async () => {
      const made = await kim.databases.createDocument(document('Private'));
      await refused(leo.databases.getDocument({ ...WHERE, documentId: made.$id }), 404, 'document_not_found');
      await refused(kim.databases.createDocument({ ...document('Twice'), documentId: made.$id }), 409, 'document_already_exists');
      await refused(kim.databases.createDocument({ ...document('x'), data: { name: 'x' } }), 400, 'document_invalid_structure');
      await refused(kim.databases.listDocuments({ databaseId: 'main', collectionId: 'nowhere' }), 404, 'collection_not_found');
      await refused(kim.databases.listDocuments({ databaseId: 'nowhere', collectionId: 'x' }), 404, 'database_not_found');
    });
  });
}
