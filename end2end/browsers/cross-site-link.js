// Opening the app from a link on another site, where browsers omit the `Strict` session cookie.
import { after, before, describe } from 'node:test';
import { newUser } from '../support/people.js';
import { OtherSite } from './other-site.js';
import { signUp } from './visits.js';

const ACCOUNT = { path: '/account', heading: 'Your account' };
const HOME = { path: '/', heading: 'Sign in with Appwrite, render with Leptos' };
const BIRTHDAYS = { path: '/birthdays', heading: 'Birthdays' };
const NOT_FOUND = { path: '/no-such-page', heading: 'Page not found' };
const SIGN_IN = { path: '/login?next=%2Faccount', heading: 'Sign in' };

/** Links, and the pages that they open for signed-in and signed-out users. */
const LINKS = [
  { to: '/account', signedIn: ACCOUNT, signedOut: SIGN_IN },
  { to: '/account#keep', signedIn: ACCOUNT, signedOut: SIGN_IN },
  { to: '/account#', signedIn: ACCOUNT, signedOut: SIGN_IN },
  // After a page and a redirect without a referrer, Firefox sends `Sec-Fetch-Site: none`, as for a typed address.
  { to: '/account', isRedirected: true, signedIn: ACCOUNT, signedOut: SIGN_IN },
  { to: '/', signedIn: HOME, signedOut: HOME },
  { to: '/birthdays', signedIn: BIRTHDAYS, signedOut: BIRTHDAYS },
  { to: '/no-such-page', signedIn: NOT_FOUND, signedOut: NOT_FOUND },
];

export function crossSiteLinks(setting) {
  for (const isSignedIn of [true, false]) {
    describe(isSignedIn ? 'cross-site link, signed in' : 'cross-site link, signed out', () => {
      let page;
      before(async () => {
        page = await setting.newPage();
        if (isSignedIn) await signUp(page, newUser());
      });
      after(() => page?.close());

      for (const { to, isRedirected, signedIn, signedOut } of LINKS) {
        setting.test(`link to ${to}${isRedirected ? ' by a redirect' : ''} opens its page`, async () => {
          const address = setting.app.origin + to;
          await page.goto(setting.otherSite.linkTo(isRedirected ? setting.otherSite.redirectTo(address) : address));
          await page.clickLink(OtherSite.linkText);
          const { path, heading } = isSignedIn ? signedIn : signedOut;
          await page.expectPath(path);
          await page.expectHeading(heading);
          // The page of an unknown address is the same for all users.
          if (path === NOT_FOUND.path) await page.expectNobody();
          else if (isSignedIn) await page.expectSignedIn();
          else await page.expectSignedOut();
        });
      }
    });
  }
}
