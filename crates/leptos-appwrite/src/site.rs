//! The description of an app for this crate: its pages, tables, paths and texts.

use appwrite_realtime::state::{ConnectionState, EndReason};
use leptos::prelude::*;

use crate::error::{AppError, Problem};
use crate::password_strength::PasswordStrength;
use crate::routes::{Guards, Part};
use crate::session::Success;
use crate::session::methods::SignInMethod;
use crate::tables::Table;

/// An app: one static value, the same on the server and in the browser.
#[derive(Debug, Clone, Copy)]
pub struct Site {
    /// The component around all pages. It contains a router and calls [`provide_visit`](crate::session::provide_visit).
    pub root: fn() -> AnyView,
    /// Additional elements for the head of each page, for instance the icon. Rendered once for each
    /// theme, so they cannot contain a nonce or anything of a request.
    pub head: fn() -> AnyView,
    /// The access rules of all pages, created by [`routes!`](crate::routes!).
    pub guards: Guards,
    /// The parts of the wasm that the browser loads when it needs them, created by [`routes!`](crate::routes!).
    pub parts: &'static [Part],
    /// The tables whose rows pages may subscribe to.
    pub tables: &'static [Table],
    /// True if users may create accounts by email and password. Otherwise `sign_up` refuses every request.
    pub offers_sign_up: bool,
    /// The paths of pages that are the same for all visitors without a cookie, except for `Accept-Language`. Their renderings are
    /// cached for five seconds and never contain anything of a request. Pages that load data do not belong here. If empty, none is cached.
    pub visitor_pages: &'static [&'static str],
    /// The paths of pages that redirects lead to. Each is a row of `guards`.
    pub paths: Paths,
    /// The texts.
    pub wording: Wording,
}

/// The pages that this crate redirects to, and those that links in emails open.
///
/// An app has a sign-in method, or a way to change the account, only if it names its pages. Otherwise it is not offered,
/// and its server functions refuse every request with [`AppError::MethodUnavailable`].
#[derive(Debug, Clone, Copy)]
pub struct Paths {
    /// The page after sign-out.
    pub home: &'static str,
    /// The sign-in page. Gets `?next=` with the page to open afterwards.
    pub sign_in: &'static str,
    /// The second-factor page. Also gets `?next=`.
    pub second_factor: &'static str,
    /// The page after a sign-in without `next`.
    pub after_sign_in: &'static str,
    /// Sign-in by a link in an email.
    pub magic_link: Option<LinkPages>,
    /// Sign-in by a code in an email: the page with the form for the code.
    pub email_code: Option<&'static str>,
    /// Sign-in by a code in a text message: the page with the form for the code.
    pub phone_code: Option<&'static str>,
    /// Guests: the page with the form by which they save their account.
    pub guest: Option<&'static str>,
    /// The page that tells a guest what stays behind before they sign in to another account, guarded by `SignedIn`.
    pub leave_guest: Option<&'static str>,
    /// Sign-in with a provider: the page with the providers' buttons. A sign-in that fails returns to it.
    pub provider: Option<&'static str>,
    /// Password recovery.
    pub recovery: Option<LinkPages>,
    /// The page with the form that asks for the link of the password recovery.
    pub ask_recovery: Option<&'static str>,
    /// Email verification: the page that the link in the email opens, guarded by `Always`.
    pub verification: Option<&'static str>,
    /// The page that changes the name.
    pub change_name: Option<&'static str>,
    /// The page that changes the email address.
    pub change_email: Option<&'static str>,
    /// The page that changes the phone number.
    pub change_phone: Option<&'static str>,
    /// The page with the field for the code that confirms the phone number, guarded by `SignedIn`.
    pub confirm_phone: Option<&'static str>,
    /// The page that changes the password, or sets the first one.
    pub change_password: Option<&'static str>,
    /// Passkeys: sign-in with a passkey, and the pages for the user's passkeys.
    pub passkeys: Option<PasskeyPages>,
    /// The user's sessions: the page that lists them.
    pub devices: Option<&'static str>,
    /// Setting up the second factor.
    pub security: Option<SecurityPages>,
    /// The providers that sign in to the account: the page that lists them.
    pub linked_providers: Option<&'static str>,
    /// Leaving: the user's data as a file, and the deletion of the account. The API key needs `users.write`.
    pub leaving: Option<LeavingPages>,
}

/// The pages for users who leave.
#[derive(Debug, Clone, Copy)]
pub struct LeavingPages {
    /// The page that offers the user's data as a file, guarded by `SignedIn`. This crate answers its form with the
    /// file.
    pub data: &'static str,
    /// The page that asks before it deletes the account, guarded by `SignedIn`.
    pub delete: &'static str,
    /// The page after the deletion, open to users without a session.
    pub goodbye: &'static str,
}

/// The pages on which users set up their second factor, each guarded by `SignedIn`.
#[derive(Debug, Clone, Copy)]
pub struct SecurityPages {
    /// The page with the state of the second factor.
    pub overview: &'static str,
    /// The page that adds an authenticator app. This crate answers its form with the page itself.
    pub authenticator: &'static str,
    /// The page that makes recovery codes. This crate answers its form with the page itself.
    pub recovery_codes: &'static str,
    /// The page that asks for the second factor again, before a change. Gets `?next=`.
    pub verify: &'static str,
}

/// The pages of a user's passkeys, each guarded by `SignedIn`.
#[derive(Debug, Clone, Copy)]
pub struct PasskeyPages {
    /// The page that lists them.
    pub list: &'static str,
    /// The page where a user signs in again, before a change that needs a recent sign-in. Gets `?next=`.
    pub verify: &'static str,
}

/// The pages for a link in an email.
#[derive(Debug, Clone, Copy)]
pub struct LinkPages {
    /// The page that says that the email was sent.
    pub sent: &'static str,
    /// The page that the link opens, guarded by `Always`.
    pub open: &'static str,
}

impl Default for Paths {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl Paths {
    /// `/`, `/login`, `/login/factor` and `/account`, without the pages of other sign-in methods.
    pub const DEFAULT: Self = Self {
        home: "/",
        sign_in: "/login",
        second_factor: "/login/factor",
        after_sign_in: "/account",
        magic_link: None,
        email_code: None,
        phone_code: None,
        guest: None,
        leave_guest: None,
        provider: None,
        recovery: None,
        ask_recovery: None,
        verification: None,
        change_name: None,
        change_email: None,
        change_phone: None,
        confirm_phone: None,
        change_password: None,
        passkeys: None,
        devices: None,
        security: None,
        linked_providers: None,
        leaving: None,
    };

    /// True if the app has the pages of this method.
    pub fn offers(&self, method: SignInMethod) -> bool {
        !self.of_method(method).is_empty()
    }

    /// Returns the page where the user proves who they are, if this error asks for it.
    pub(crate) fn proof_for(&self, error: &AppError) -> Option<&'static str> {
        match error {
            AppError::SignedOut => Some(self.sign_in),
            AppError::MoreFactorsRequired => Some(self.second_factor),
            AppError::ChallengeRequired => self.security.map(|pages| pages.verify),
            AppError::RecentSignInRequired => self.passkeys.map(|pages| pages.verify),
            _ => None,
        }
    }

    /// Returns all pages.
    pub fn all(&self) -> impl Iterator<Item = &'static str> {
        let of_methods = SignInMethod::ALL.into_iter().flat_map(|method| self.of_method(method));
        let of_security = self.security.map(|pages| {
            let SecurityPages { overview, authenticator, recovery_codes, verify } = pages;
            [overview, authenticator, recovery_codes, verify]
        });
        let of_leaving = self.leaving.map(|LeavingPages { data, delete, goodbye }| [data, delete, goodbye]);
        let Self {
            change_name, change_email, change_phone, confirm_phone, change_password, devices, ask_recovery, ..
        } = *self;
        let of_account =
            [change_name, change_email, change_phone, confirm_phone, change_password, devices, ask_recovery];
        [self.home, self.sign_in, self.second_factor, self.after_sign_in]
            .into_iter()
            .chain(self.provider)
            .chain(self.linked_providers)
            .chain(self.leave_guest)
            .chain(of_methods)
            .chain(of_account.into_iter().flatten())
            .chain(of_security.into_iter().flatten())
            .chain(of_leaving.into_iter().flatten())
    }

    fn of_method(&self, method: SignInMethod) -> Vec<&'static str> {
        let of_link = |pages: Option<LinkPages>| pages.map_or_else(Vec::new, |pages| vec![pages.sent, pages.open]);
        match method {
            SignInMethod::MagicLink => of_link(self.magic_link),
            SignInMethod::EmailCode => self.email_code.into_iter().collect(),
            SignInMethod::PhoneCode => self.phone_code.into_iter().collect(),
            SignInMethod::Passkey => self.passkeys.map_or_else(Vec::new, |pages| vec![pages.list, pages.verify]),
            SignInMethod::Guest => self.guest.into_iter().collect(),
            SignInMethod::Recovery => of_link(self.recovery),
            SignInMethod::Verification => self.verification.into_iter().collect(),
        }
    }
}

/// The texts that this crate shows.
#[derive(Debug, Clone, Copy)]
pub struct Wording {
    /// The language of the texts, for the pages' `lang`: `en`.
    pub lang: &'static str,
    /// Says what happened and what to do.
    pub error: fn(&AppError) -> String,
    /// The heading of a page that only shows an error.
    pub heading: fn(&AppError) -> String,
    /// Describes the problem with a field, using its label if given.
    pub problem: fn(Problem, Option<&str>) -> String,
    /// Says that an action succeeded; none if the page that follows has a text of its own. Only the server calls it, and sends the
    /// text to the browser.
    pub success: fn(&Success) -> Option<String>,
    /// Says how strong a new password is, and why it is easy to guess.
    pub password_strength: fn(PasswordStrength) -> String,
    /// The state of the live connection: the part that screen readers announce when it changes, then the rest.
    pub connection: fn(&ConnectionState) -> [String; 2],
    /// Explains the end of the session.
    pub end_reason: fn(EndReason) -> String,
    /// Names the other users on the page; empty if there are none.
    pub also_here: fn(&[String]) -> String,
    /// Shown to a user who is alone on a page. Says that others would see their name.
    pub alone_here: &'static str,
    /// The link to the sign-in page for a user whose session has ended.
    pub sign_in_again: &'static str,
    /// Says that a form could not keep all typed text.
    pub text_cut: &'static str,
    /// The heading and the sentence for a browser that sends too many cookies.
    pub too_many_cookies: [&'static str; 2],
    /// The heading and the sentence for a request to another host. A link to the app's own address follows.
    pub wrong_address: [&'static str; 2],
    /// The title of a page that opens another page at once.
    pub one_moment: &'static str,
    /// The link on that page, for browsers that do not open the other page.
    pub continue_link: &'static str,
    /// The label before the id of a failed request.
    pub request_id: &'static str,
    /// The link to the home page on a page without the app.
    pub home_link: &'static str,
    /// The button that shows a typed password. The field's label follows, for screen readers.
    pub show: &'static str,
    /// The button that hides it again.
    pub hide: &'static str,
}

/// The id of the element that holds the app.
pub const ROOT: &str = "app";

/// Renders the app and provides its description, the same way on the server and during hydration.
pub fn root(site: &'static Site) -> AnyView {
    provide_context(site);
    (site.root)()
}

/// Returns the app of the calling component.
pub fn use_site() -> &'static Site {
    expect_context()
}
