// Actions in the app that several tests need.

export async function signUp(page, person) {
  await page.goto('/signup');
  await page.fill('Name', person.name);
  await page.fill('Email', person.email);
  await page.fill('Password', person.password);
  await page.clickButton('Create account');
  await page.expectSignedIn();
}

/** Fills in the form on the page. */
export async function signIn(page, { email, password }) {
  await page.fill('Email', email);
  await page.fill('Password', password);
  await page.clickButton('Sign in');
  await page.expectSignedIn();
}
