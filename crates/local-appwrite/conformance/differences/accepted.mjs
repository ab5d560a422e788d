// Cases in which this backend differs from the real server on purpose, each with its reason. All others must match, except
// those in `open.json`, which are to be fixed. A case that matches must be removed from either list.

import { readFileSync } from 'node:fs';

const UNKNOWN_QUERY = 'The record does not hold the whole request: its query is cut.';
const QUIRK = 'A fault of that server that no client can mean: what PHP makes of a value of the wrong type.';
const OTHERS = 'The answer depends on what other cases of that run had left behind.';
const CHANCE = 'The order is by chance.';
const NAMES = 'The answer names files or lines of that server, or the address that it is configured with.';
const NO_SCRYPT = 'That server was built without scrypt.';
const CLOCKS = 'It tells how long something took there, or that its time server was not reached.';
const OFF = 'This backend does not have the service and says that it is switched off.';
const PERSON = 'There a redirect to the console; here a page for a person.';
const MAKERS = 'A text about that server\'s makers, of which the record holds 40 characters.';
const PROXY = 'The answer of the nginx in front of that server, not of Appwrite.';

/** Reasons by a case's id. */
export const ACCEPTED = new Map([
  [57, PROXY], [137, PROXY], [258, PROXY],
  [171, UNKNOWN_QUERY], [285, UNKNOWN_QUERY],
  [7, QUIRK], [16, QUIRK], [144, QUIRK], [145, QUIRK], [198, QUIRK], [382, QUIRK],
  [74, OTHERS], [170, OTHERS], [278, OTHERS], [296, OTHERS], [297, OTHERS],
  [80, CLOCKS], [82, CLOCKS], [83, CLOCKS],
  [65, NO_SCRYPT], [66, NO_SCRYPT],
  [112, OFF], [113, OFF], [119, OFF], [123, OFF], [128, OFF], [129, OFF], [131, OFF], [133, OFF], [181, OFF], [182, OFF], [183, OFF],
  [229, CHANCE],
  [135, PERSON], [136, MAKERS],
  [47, NAMES], [189, NAMES],
]);

/** The ids of the open cases. */
export const OPEN = new Set(JSON.parse(readFileSync(new URL('./open.json', import.meta.url), 'utf8')));

/** Steps that cannot be played, by `id#step`. */
export const UNPLAYED = new Map([
  ['327#3', UNKNOWN_QUERY], ['327#4', UNKNOWN_QUERY], ['327#5', UNKNOWN_QUERY],
  ['328#19', UNKNOWN_QUERY], ['328#20', UNKNOWN_QUERY],
  ['18#1', OTHERS], ['329#11', OTHERS],
]);
