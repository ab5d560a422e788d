//! The app's pages: path, who may open it, view.
//!
//! The router and the guards are both made from this table, so no page is without a guard.

use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::{SsrMode, path};

use crate::account::AccountPage;
use crate::auth::passwordless::{AskPage, OpenLinkPage, SentPage, SentProof};
use crate::auth::{
    ConfirmPage, KeepAccountForm, NewPasswordPage, ProviderHint, RecoveryPage, RecoverySentPage, SecondFactorPage,
    SignInPage, SignUpPage,
};
use crate::birthdays::{BirthdaysPage, EditBirthdayPage};
use crate::components::NotFoundPage;
use crate::home::HomePage;
use crate::session::Access;

/// Makes the guards and the router's routes from the same rows.
macro_rules! routes {
    (
        fallback => $fallback_access:ident, $fallback:expr;
        $($path:tt => $access:ident, $view:expr;)+
    ) => {
        /// Who may open which page.
        pub const GUARDS: &[(&str, Access)] = &[$(($path, Access::$access)),+];

        /// Who may see the page of addresses that are not in the table.
        pub const FALLBACK: Access = Access::$fallback_access;

        /// The pages. Each is rendered whole before its first byte (`Async`), so that it works without JavaScript and
        /// its status code is true.
        #[component]
        pub fn Pages() -> impl IntoView {
            view! {
                <Routes fallback=$fallback>
                    $(<Route path=path!($path) view=$view ssr=SsrMode::Async/>)+
                </Routes>
            }
        }
    };
}

routes! {
    fallback => SameForAll, NotFoundPage;
    "/" => Anyone, HomePage;
    "/signup" => SignedOut, SignUpPage;
    "/login" => SignedOut, SignInPage;
    "/login/link" => SignedOut, || view! { <AskPage proof=SentProof::MagicLink/> };
    "/login/link/sent" => SignedOut, || view! { <SentPage proof=SentProof::MagicLink/> };
    "/login/link/open" => Always, OpenLinkPage;
    "/login/code" => SignedOut, || view! { <AskPage proof=SentProof::EmailCode/> };
    "/login/code/enter" => SignedOut, || view! { <SentPage proof=SentProof::EmailCode/> };
    "/login/phone" => SignedOut, || view! { <AskPage proof=SentProof::PhoneCode/> };
    "/login/phone/enter" => SignedOut, || view! { <SentPage proof=SentProof::PhoneCode/> };
    "/login/factor" => SecondFactor, SecondFactorPage;
    "/recovery" => Anyone, RecoveryPage;
    "/recovery/sent" => Anyone, RecoverySentPage;
    "/recovery/open" => Always, NewPasswordPage;
    "/account" => SignedIn, || view! { <AccountPage><KeepAccountForm/><ProviderHint/></AccountPage> };
    "/account/confirm" => Always, ConfirmPage;
    "/birthdays" => AnyoneButEnded, BirthdaysPage;
    "/birthdays/:id/edit" => SignedIn, EditBirthdayPage;
}

/// Who may open the page at this route, as axum writes it (`/birthdays/{id}/edit`). Nobody, if it is not in the table.
pub fn guard(route: &str) -> Option<Access> {
    let is_same = |ours: &str, theirs: &str| match ours.strip_prefix(':') {
        Some(name) => theirs.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) == Some(name),
        None => ours == theirs,
    };
    GUARDS.iter().find(|(path, _)| matches_by(path, route, is_same)).map(|(_, access)| *access)
}

/// Whether there is a page at this path of a request.
pub fn is_page(path: &str) -> bool {
    // Leptos's router decodes and resolves what axum's does not: both see the same page only where there is nothing to.
    let is_id = |text: &str| !matches!(text, "" | "." | "..") && !text.contains('%');
    let is_at = |ours: &str, theirs: &str| ours == theirs || (ours.starts_with(':') && is_id(theirs));
    GUARDS.iter().any(|(ours, _)| matches_by(ours, path, is_at))
}

fn matches_by(ours: &str, theirs: &str, is_same: impl Fn(&str, &str) -> bool) -> bool {
    ours.split('/').count() == theirs.split('/').count()
        && ours.split('/').zip(theirs.split('/')).all(|(ours, theirs)| is_same(ours, theirs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn route_outside_the_table_has_no_guard() {
        assert_eq!(guard("/birthdays/{id}/edit"), Some(Access::SignedIn));
        for route in
            ["/birthdays/new/edit", "/birthdays/:id/edit", "/birthdays/{*id}/edit", "/account/", "/nowhere", ""]
        {
            assert_eq!(guard(route), None, "{route}");
        }
    }

    #[test]
    fn pages_are_found_by_their_paths() {
        for path in ["/", "/account", "/birthdays/6b013ef8/edit"] {
            assert!(is_page(path), "{path}");
        }
        for path in [
            "",
            "//",
            "/account/",
            "//evil.example",
            "/birthdays//edit",
            "/birthdays/%2e%2e/edit",
            "/birthdays/../edit",
            "/%61ccount",
        ] {
            assert!(!is_page(path), "{path}");
        }
    }
}
