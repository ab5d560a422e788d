// Storage and file tokens with the official server SDK, which uploads large files in parts.

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { Permission, Query, Role, Storage, Tokens } from 'node-appwrite';
import { InputFile } from 'node-appwrite/file';
import { startBackend } from '../harness/backend.mjs';
import { answered, clientOf, hangUp, newest, realtimeOf } from './browser.mjs';
import { until } from '../harness/until.mjs';
import { asAdmin, asGuest, refused, signUp } from './server.mjs';

const storageOf = (services) => new Storage(services.client);
const PICS = { bucketId: 'pics' };

describe('storage by node-appwrite', () => {
  let backend;
  let ann;
  before(async () => {
    backend = await startBackend({ profile: '2' });
    ann = await signUp(backend, 'Ann');
    await storageOf(asAdmin(backend)).createBucket({ ...PICS, name: 'Pictures', fileSecurity: true, permissions: [Permission.create(Role.users())] });
  });
  after(() => backend?.stop());

  test('keeps a small file for its owner', async () => {
    const storage = storageOf(ann);
    const file = await storage.createFile({ ...PICS, fileId: 'small', file: InputFile.fromPlainText('Hello', 'hello.txt') });
    assert.deepEqual([file.name, file.chunksTotal, file.sizeOriginal], ['hello.txt', 1, 5]);
    assert.equal(Buffer.from(await storage.getFileView({ ...PICS, fileId: 'small' })).toString(), 'Hello');
    assert.equal((await storage.listFiles({ ...PICS, queries: [Query.equal('mimeType', 'text/plain')] })).total, 1);
    const bob = await signUp(backend, 'Bob');
    await refused(storageOf(bob).getFile({ ...PICS, fileId: 'small' }), 404, 'storage_file_not_found');
    await refused(storageOf(asGuest(backend)).createFile({ ...PICS, fileId: 'no', file: InputFile.fromPlainText('x', 'x') }), 401, 'user_unauthorized');
    await storage.updateFile({ ...PICS, fileId: 'small', name: 'renamed.txt', permissions: [Permission.read(Role.any()), Permission.delete(Role.user(ann.user.$id))] });
    assert.equal((await storageOf(asGuest(backend)).getFile({ ...PICS, fileId: 'small' })).name, 'renamed.txt');
    await storage.deleteFile({ ...PICS, fileId: 'small' });
    await refused(storage.getFile({ ...PICS, fileId: 'small' }), 404, 'storage_file_not_found');
  });

  test('keeps a large file in parts, as it was', async () => {
    const bytes = Buffer.alloc(11 * 1024 * 1024, 'large file ');
    const seen = [];
    const file = await storageOf(ann).createFile({
      ...PICS, fileId: 'unique()', file: InputFile.fromBuffer(bytes, 'large.bin'), onProgress: ({ chunksUploaded }) => seen.push(chunksUploaded),
    });
    assert.deepEqual([file.chunksTotal, file.chunksUploaded, file.sizeOriginal, seen.at(-1)], [3, 3, bytes.length, 3]);
    assert.ok(Buffer.from(await storageOf(ann).getFileDownload({ ...PICS, fileId: file.$id })).equals(bytes));
  });

  test('opens a file with its token', async () => {
    const admin = asAdmin(backend);
    const { $id: fileId } = await storageOf(admin).createFile({ ...PICS, fileId: 'unique()', file: InputFile.fromPlainText('Secret', 's.txt') });
    const tokens = new Tokens(admin.client);
    const { $id: tokenId, secret: token } = await tokens.createFileToken({ ...PICS, fileId });
    const guest = storageOf(asGuest(backend));
    assert.equal(Buffer.from(await guest.getFileView({ ...PICS, fileId, token })).toString(), 'Secret');
    assert.equal((await tokens.list({ ...PICS, fileId })).total, 1);
    await tokens.delete({ tokenId });
    await refused(guest.getFileView({ ...PICS, fileId, token }), 404, 'storage_file_not_found');
  });

  test('sends file events over Realtime', async (context) => {
    context.after(hangUp);
    const seen = [];
    const realtime = realtimeOf(newest, clientOf(newest, backend));
    await realtime.subscribe('buckets.pics.files', (event) => seen.push(event));
    await answered('subscribe');
    const storage = storageOf(asAdmin(backend));
    await storage.createFile({ ...PICS, fileId: 'live', file: InputFile.fromPlainText('x', 'x.txt'), permissions: [Permission.read(Role.any())] });
    await storage.deleteFile({ ...PICS, fileId: 'live' });
    await until('both events', () => seen.length === 2);
    assert.deepEqual(seen.map(({ events }) => events[0]), ['buckets.pics.files.live.create', 'buckets.pics.files.live.delete']);
    assert.equal(seen[0].payload.name, 'x.txt');
  });
});
