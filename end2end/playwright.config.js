// Playwright's settings: Chromium, servers per worker, and no retries, because they would hide faults.
import { defineConfig } from '@playwright/test';
import { headlessShellOptions } from './support/chromium.js';

export default defineConfig({
  testDir: 'tests',
  fullyParallel: true,
  forbidOnly: Boolean(process.env.CI),
  retries: 0,
  workers: 2,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list'], ['html', { open: 'never' }]],
  use: {
    launchOptions: headlessShellOptions(),
    screenshot: 'only-on-failure',
  },
});
