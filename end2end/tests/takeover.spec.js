// An attacker signs up with a user's address. Then the user signs in by a mail to that address.
import { expect, test, withAndWithoutJavaScript } from '../support/test.js';
import { expectSignedIn, fillAddress, fillSignIn, openMail } from '../support/people.js';

test.beforeEach(({ watch, servers }) => watch.allowOrigin(new URL(servers.backend.outbox).origin));

withAndWithoutJavaScript(() => {
  test("owner's first link ends the stranger's session and password", async ({ newPerson, newBrowser, servers }) => {
    const { page: stranger, person } = await newPerson();
    const owner = await newBrowser();
    await owner.goto('/login/link');
    await fillAddress(owner, person.email);
    await owner.getByRole('button', { name: 'Send the link' }).click();
    await expect(owner.getByRole('button', { name: 'Send it again' })).toBeVisible();
    await openMail(owner, servers.backend, person.email);
    await owner.getByRole('main').getByRole('button', { name: 'Sign in' }).click();
    await expectSignedIn(owner);
    await expect(owner.getByText('we removed the password, phone number, passkeys')).toBeVisible();

    await stranger.goto('/account');
    await expect(stranger).toHaveURL('/login?next=%2Faccount');
    await fillSignIn(stranger, person);
    await expect(stranger.getByText('Incorrect email or password.')).toBeVisible();
  });
});
