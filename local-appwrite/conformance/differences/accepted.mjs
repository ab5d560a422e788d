// Cases in which we stay different from the real server, each with its reason. All others have to match, except for those
// that `open.json` lists: what is still to be mended. A case that matches has to leave either list.

import { readFileSync } from 'node:fs';

const UNKNOWN_QUERY = 'The record does not hold the whole request: its query is cut.';
const PROXY = 'The answer of the nginx in front of that server, not of Appwrite.';

/** Reasons by a case's id. */
export const ACCEPTED = new Map([
  [57, PROXY], [137, PROXY], [258, PROXY],
  [171, UNKNOWN_QUERY], [285, UNKNOWN_QUERY],
]);

/** Ids of the cases that are still to be mended. */
export const OPEN = new Set(JSON.parse(readFileSync(new URL('./open.json', import.meta.url), 'utf8')));

/** Steps that cannot be played, by `id#step`. */
export const UNPLAYED = new Map([
  ['327#3', UNKNOWN_QUERY], ['327#4', UNKNOWN_QUERY], ['327#5', UNKNOWN_QUERY],
  ['328#22', UNKNOWN_QUERY], ['328#23', UNKNOWN_QUERY],
]);
