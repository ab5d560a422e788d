// Back and forward: documents and the app's own navigations keep the position of the page, as browsers do.
import { somebody, uniqueName } from '../support/people.js';
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

  setting.test('typed text is there after back from another document', async (newPage) => {
    const page = await newPage();
    await page.goto('/login');
    await page.fill('Email', 'ada@example.com');
    await page.goto(setting.otherSite.cookiePage('visitor=1; path=/'));
    await page.expectHeading('Cookie set');
    await page.goBack();
    await page.expectPath('/login');
    await page.expectValue('Email', 'ada@example.com');
  });

  setting.test('back keeps the position of the list', async (newPage) => {
    const page = await newPage();
    await signUp(page, somebody());
    const name = uniqueName('Row');
    for (let at = 10; at < 34; at += 1) await addRow(setting.backend, `${name} ${at}`);
    await page.goto(`/birthdays?search=${encodeURIComponent(name)}`);
    await page.expectListItem(`${name} 33`);
    const position = await page.scrollToEnd();
    await page.clickInHeader('Leptos Appwrite');
    await page.expectPath('/');
    await page.goBack();
    await page.expectListItem(`${name} 33`);
    await page.expectScrolledTo(position);
  });
}
