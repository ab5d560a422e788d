// Back and forward: documents and the app's own navigations keep the position of the page, as browsers do.
import { newUser, uniqueName } from '../support/people.js';
import { addRow } from '../support/rows.js';
import { signUp } from './visits.js';

export function back(setting) {
  setting.testWithAndWithoutJavaScript('back and forward lead through the pages', async (newPage) => {
    const page = await newPage();
    await page.goto('/');
    await page.clickInHeader('Sign in');
    await page.expectHeading('Sign in');
    await page.fill('Email', 'ada@example.com');
    await page.clickLink('Forgot your password?');
    await page.expectPath('/recovery');
    await page.goBack();
    await page.expectPath('/login');
    await page.expectHeading('Sign in');
    await page.goForward();
    await page.expectPath('/recovery');
    await page.goto('/birthdays');
    await page.expectHeading('Birthdays');
    await page.goBack();
    await page.expectPath('/recovery');
  });

  setting.test('back keeps the position of the list', async (newPage) => {
    const page = await newPage();
    await signUp(page, newUser());
    const name = uniqueName('Row');
    for (let at = 10; at < 36; at += 1) await addRow(setting.backend, `${name} ${at}`);
    await page.goto(`/birthdays?search=${encodeURIComponent(name)}`);
    await page.expectListItem(`${name} 34`);
    // Before that, lines are added and removed above the list.
    await page.expectStatus('Live');
    const position = await page.scrollToEnd();
    // A link at the end of the page, so that a click on it does not scroll.
    await page.clickLink('Next');
    await page.expectListItem(`${name} 35`);
    await page.goBack();
    await page.expectListItem(`${name} 34`);
    await page.expectScrolledTo(position);
  });
}
