// Packs local-appwrite for npm with the binary for this platform: node packages/npm/build.mjs BINARY FOLDER
// Prints the path of the package.
import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const [binary, folder] = process.argv.slice(2);
if (!binary || !folder) throw new Error('usage: build.mjs BINARY FOLDER');
const root = resolve(import.meta.dirname, '../..');
const staged = resolve(folder, 'package');
rmSync(staged, { recursive: true, force: true });
mkdirSync(join(staged, 'bin'), { recursive: true });

const version = execFileSync(resolve(binary), ['--version'], { encoding: 'utf8' }).trim().split(' ')[1];
const named = JSON.parse(readFileSync(join(import.meta.dirname, 'package.json'), 'utf8'));
writeFileSync(join(staged, 'package.json'), JSON.stringify({ ...named, version, os: [process.platform], cpu: [process.arch] }, null, 2));

const program = join(staged, named.bin['local-appwrite']);
copyFileSync(binary, program);
chmodSync(program, 0o755);
copyFileSync(join(root, 'crates/local-appwrite/README.md'), join(staged, 'README.md'));
copyFileSync(join(root, 'LICENSE'), join(staged, 'LICENSE'));

const packed = JSON.parse(execFileSync('npm', ['pack', '--json', '--pack-destination', resolve(folder)], { cwd: staged, encoding: 'utf8' }));
console.log(join(resolve(folder), packed[0].filename));
