// Sign-up, sign-in and sign-out by forms, and browser state that could interfere.
import { ONLY_ME, newUser, uniqueName } from '../support/people.js';
import { signIn, signUp } from './visits.js';

export function forms(setting) {
  setting.testWithAndWithoutJavaScript('sign-up, sign-out and sign-in work by the forms', async (newPage) => {
    const person = newUser();
    const page = await newPage();
    await signUp(page, person);
    await page.goto('/account');
    await page.expectText(person.email);
    await page.openMenu();
    await page.clickInHeader('Sign out');
    await page.expectPath('/');
    await page.expectSignedOut();
    await page.clickInHeader('Sign in');
    await signIn(page, person);
    await page.expectPath('/account');
    await page.expectText(person.email);
  });

  setting.testWithAndWithoutJavaScript('birthday is added by its form', async (newPage) => {
    const page = await newPage();
    await signUp(page, newUser());
    await page.goto('/birthdays');
    const name = uniqueName('Grace');
    await page.fill('Name', name);
    await page.pickDate('Birthday', '1906-12-09');
    await page.choose(ONLY_ME);
    await page.clickButton('Add birthday');
    await page.expectText(`Added ${name}.`);
    await page.expectListItem(name);
  });

  setting.test('non-ASCII cookie of another port does not stop sign-in', async (newPage) => {
    const page = await newPage();
    await page.goto(setting.otherSite.cookiePage('visitor=Zoë; path=/'));
    await page.expectHeading('Cookie set');
    await signUp(page, newUser());
    await page.goto('/account');
    await page.expectPath('/account');
    await page.expectSignedIn();
  });

  // Firefox may keep a button disabled after a reload.
  setting.test('button works after a reload while it was busy', async (newPage) => {
    const person = newUser();
    const page = await newPage();
    await signUp(page, person);
    await page.goto('/birthdays');
    await page.expectStatus('Live');
    const { process: backend } = setting.backend;
    process.kill(backend, 'SIGSTOP');
    try {
      await page.fill('Name', 'Grace');
      await page.pickDate('Birthday', '1906-12-09');
      await page.clickButton('Add birthday');
      await page.expectBusyButton('Add birthday');
      await page.reload();
    } finally {
      process.kill(backend, 'SIGCONT');
    }
    await page.expectReloaded();
    await page.expectStatus('Live');
    await page.expectButton('Add birthday');
  });
}
