// Sign-in with a provider on another site.
import { newUser } from '../support/people.js';

const BUTTON = 'Continue with Mock provider';

export function providers(setting) {
  setting.testWithAndWithoutJavaScript('sign-in at a provider opens the requested page', async (newPage) => {
    const person = newUser();
    const page = await newPage();
    await page.goto('/login?next=%2Fbirthdays');
    await page.clickButton(BUTTON);
    await page.expectHeading('Mock sign-in');
    await page.fill('Email', person.email);
    await page.fill('Name', person.name);
    await page.clickButton('Allow');
    await page.expectPath('/birthdays');
    await page.expectSignedIn();
  });

  setting.testWithAndWithoutJavaScript('refusal at a provider leads back to sign-in', async (newPage) => {
    const page = await newPage();
    await page.goto('/login?next=%2Fbirthdays');
    await page.clickButton(BUTTON);
    await page.expectHeading('Mock sign-in');
    await page.clickButton('Deny');
    await page.expectPath('/login?next=%2Fbirthdays');
    await page.expectSignedOut();
    await page.expectButton(BUTTON);
  });
}
