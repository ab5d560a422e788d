// Plays the steps of which the record has no request: pictures, links in mails, and what sockets were told.

/** The live counterpart of a step without a request. */
export async function play() {
  throw new Error('there is no script for this step');
}
