// The accepted differences from the recordings, each with its reason. The replay fails if one no longer occurs.

/** `{file, exchange, path, reason}`: the difference's line starts with `path`. */
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

/** The accepted differences of `files` that did not occur: remove them from the list. */
export function disappeared(files) {
  return ACCEPTED.filter((entry) => files.includes(entry.file) && !met.has(entry));
}

/** Removes the accepted differences; fails with the rest, below `title`. */
export function judge(file, exchange, title, differences) {
  const left = unaccepted(file, exchange, differences);
  if (left.length === 0) return;
  const error = new Error(`${title}\n  ${left.join('\n  ')}`);
  // Omits the stack trace within this folder, which does not help.
  error.stack = error.message;
  throw error;
}
