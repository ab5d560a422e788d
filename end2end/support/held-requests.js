// Delays a page's requests, so that a test sees the page before the responses.

/** Delays requests until the returned function is called. */
export async function hold(page, pattern) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}
