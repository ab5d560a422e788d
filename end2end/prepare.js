// Runs before the tests: installs and builds what they need, so that `cargo leptos end-to-end` and `npm test` work on
// their own. The arguments are the browsers.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { profile, projectFolder } from './support/programs.js';

function run(script, ...args) {
  const { status } = spawnSync(join(projectFolder, 'scripts', script), args, { stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const browsers = process.argv.slice(2);

run('tools.sh', 'rust', 'node', 'end2end', ...browsers);
try {
  run('test-programs.sh', profile());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
