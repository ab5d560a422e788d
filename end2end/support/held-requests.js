// Holds requests of a page back, so that a test sees what happens before their responses.

/** Holds requests back until the returned function is called. */
export async function hold(page, pattern) {
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(pattern, async (route) => {
    await held;
    await route.continue();
  });
  return release;
}
