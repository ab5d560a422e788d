// Says once which binary is judged, or that there is none, before any test runs.

import { binaryPath } from './backend.mjs';

try {
  console.log(`judging ${binaryPath()}`);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
