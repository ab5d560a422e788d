// Differences from the recordings that we know and accept, each with its reason. The replay fails when one disappears.

/** `{file, exchange, path, reason}`: `path` is how the difference's line begins. */
export const ACCEPTED = [];

const met = new Set();

/** The lines of `differences` that are not accepted. */
export function unaccepted(file, exchange, differences) {
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
