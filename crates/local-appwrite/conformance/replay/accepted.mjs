// Differences from the recordings that we know and accept, each with its reason. The replay fails when one disappears.

/** `{file, exchange, path, reason}`: `path` is how the difference's line begins. */
export const ACCEPTED = [
  ...['memory_cost', 'time_cost', 'threads'].map((option) => ({
    file: 'misc',
    exchange: 'users get',
    path: `body.hashOptions.${option}`,
    reason: 'Passwords are hashed with the least cost that OWASP names for argon2id, so that tests sign in quickly; the answer tells the cost really used.',
  })),
  ...['total', 'logs'].map((key) => ({
    file: 'profile',
    exchange: 'logs',
    path: `body.${key}`,
    reason: 'The four oldest entries are of the console\'s administrator, who has the same internal number as the user: a leak of that server, not copied.',
  })),
];

const met = new Set();

function unaccepted(file, exchange, differences) {
  return differences.filter((line) => {
    const accepted = ACCEPTED.find((entry) => entry.file === file && entry.exchange === exchange && line.startsWith(`${entry.path}:`));
    if (accepted) met.add(accepted);
    return !accepted;
  });
}

/** The accepted differences of `files` that did not show up: they are to be removed from the list. */
export function disappeared(files) {
  return ACCEPTED.filter((entry) => files.includes(entry.file) && !met.has(entry));
}

/** Removes the accepted differences; fails with the rest, below `title`. */
export function judge(file, exchange, title, differences) {
  const left = unaccepted(file, exchange, differences);
  if (left.length === 0) return;
  const error = new Error(`${title}\n  ${left.join('\n  ')}`);
  // The stack trace within this folder does not help.
  error.stack = error.message;
  throw error;
}
