//! Pages to sign in, sign up and recover an account.

#[cfg(feature = "ssr")]
pub mod api;
mod guest;
mod invalid_link;
mod keep_signed_in;
mod new_member;
mod other_methods;
mod passkey;
mod passkey_offer;
pub mod passwordless;
pub mod provider;
mod provider_logo;
mod recovery;
mod second_factor;
mod sign_in;
mod sign_up;
pub mod switched_off;
mod verification;

pub use guest::{GuestHint, GuestPage, KeepAccountForm, LeaveGuestPage, SignOutButton, SignOutPage};
pub use passkey::PasskeyButton;
pub use passkey_offer::PasskeyOffer;
pub use recovery::{NewPasswordPage, RecoveryPage, RecoverySentPage};
pub use second_factor::{FactorActions, FactorStep, SecondFactorPage};
pub use sign_in::SignInPage;
pub use sign_up::SignUpPage;
pub use verification::{ConfirmPage, VerificationBanner, is_dismissed};

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

/// Returns the page's `?next=`: the path to open after sign-in. The server checks it before it redirects.
pub fn use_next() -> Option<String> {
    use_query_map().with_untracked(|query| query.get("next")).filter(|next| !next.is_empty())
}

/// Adds `next` to the path of another sign-in page.
pub fn with_next(page: &str, next: Option<&str>) -> String {
    match next {
        Some(next) => {
            let next = percent_encoding::utf8_percent_encode(next, percent_encoding::NON_ALPHANUMERIC);
            format!("{page}?next={next}")
        }
        None => page.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn link_to_sign_up_keeps_the_next_page() {
        assert_eq!(with_next("/signup", Some("/a?b=c&d")), "/signup?next=%2Fa%3Fb%3Dc%26d");
        assert_eq!(with_next("/signup", None), "/signup");
    }
}
