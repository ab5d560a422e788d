// Prints once, before any test, which binary is tested, or that there is none.

import { binaryPath } from './backend.mjs';

try {
  console.log(`judging ${binaryPath()}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
