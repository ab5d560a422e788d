// The recordings and SDK suites that the backend must pass. Each of the others appears as one skipped test.

/** Files of `recordings/`. */
const RECORDINGS = new Set([
  'account-create', 'sessions-email', 'account-get', 'jwt', 'sessions', 'tables', 'rows', 'misc', 'realtime',
  'profile', 'anonymous', 'tokens', 'recovery-verification', 'verification', 'mfa', 'rate-limits',
]);

/** Suites of `sdk/` for sign-in methods other than email and password. */
const SUITES = new Set([
  'magic-link', 'codes', 'guests', 'recovery', 'verification', 'phone-verification', 'mfa', 'profile', 'oauth2', 'switched-off',
]);

/** True if the backend must match this recording file. */
export const isRecordingInForce = (file) => RECORDINGS.has(file);

/** The `skip` option of an SDK suite: false if the backend must pass it. */
export const skipOf = (suite) => (SUITES.has(suite) ? false : 'not in force yet (see in-force.mjs)');
