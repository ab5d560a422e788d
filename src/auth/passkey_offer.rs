//! The offer of a passkey, on the page after sign-up.

use leptos::prelude::*;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{Success, use_sign_in_methods, use_success};
use leptos_router::components::A;

use crate::components::{Notice, NoticeKind, reactive, use_has_passkeys};

/// Leads to the page that adds a passkey, once: after sign-up, or after a guest has saved their account. Not
/// without JavaScript, nor in a browser without passkeys.
#[component]
pub fn PasskeyOffer() -> impl IntoView {
    let offers_passkeys = use_sign_in_methods().offers(SignInMethod::Passkey);
    let has_passkeys = use_has_passkeys();
    let success = use_success();
    reactive(move || {
        let is_new = matches!(success(), Some(Success::SignedUp | Success::AccountKept));
        (offers_passkeys && is_new && has_passkeys.get()).then(|| {
            view! {
                <Notice kind=NoticeKind::Info>
                    "Next time, sign in with your fingerprint, face, or screen lock. "
                    <A href="/account/passkeys">"Add a passkey"</A>
                </Notice>
            }
        })
    })
}
