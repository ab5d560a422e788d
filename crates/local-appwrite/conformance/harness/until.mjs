// Waits for conditions and times, always with a deadline.

/** Repeats `condition` until it returns a true value, and returns that. Fails with `what` after `deadlineMs`. */
export async function until(what, condition, deadlineMs = 10_000) {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() >= end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
    await new Promise((done) => setTimeout(done, 20));
  }
}

/** Resolves once the clock has passed `instant` (ms since 1970). */
export async function untilInstant(instant) {
  while (Date.now() <= instant) {
    await new Promise((done) => setTimeout(done, Math.max(1, instant - Date.now() + 1)));
  }
}

/** Fails with `what` unless `promise` settles within `deadlineMs`. */
export function within(promise, what, deadlineMs = 10_000) {
  let timer;
  const late = new Promise((_, fail) => {
    timer = setTimeout(() => fail(new Error(`not within ${deadlineMs} ms: ${what}`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}
