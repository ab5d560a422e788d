// What people do in the app, in more than one of the tests.

export async function signUp(page, person) {
  await page.goto('/signup');
  await page.fill('Name', person.name);
  await page.fill('Email', person.email);
  await page.fill('Password', person.password);
  await page.clickButton('Create account');
  await page.expectSignedIn();
}

/** Fills in the form that the page shows. */
export async function signIn(page, { email, password }) {
  await page.fill('Email', email);
  await page.fill('Password', password);
  await page.clickButton('Sign in');
  await page.expectSignedIn();
}
