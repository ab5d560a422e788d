//! The sign-in methods besides the password and the providers.

use leptos::prelude::*;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::passkey::PasskeyButton;
use super::with_next;

/// A button for each of the other sign-in methods that this site offers. Methods by email and for guests open their own
/// page.
#[component]
pub fn OtherSignInMethods(
    /// Path to open after sign-in.
    next: Option<String>,
    /// A method to leave out.
    #[prop(optional)]
    except: Option<SignInMethod>,
    /// The section's heading.
    #[prop(default = "Other ways to sign in")]
    heading: &'static str,
    /// The choice to stay signed in, which the page has asked for. Passkeys need it.
    #[prop(optional)]
    keep: Option<RwSignal<bool>>,
    /// True to offer passkeys in the autofill of the page's email field, too.
    #[prop(optional)]
    autofill: bool,
) -> impl IntoView {
    let methods = use_sign_in_methods();
    let offers = move |method| methods.offers(method) && except != Some(method);
    let link = |page, words: &'static str| {
        view! { <li><A href=with_next(page, next.as_deref()) attr:class="button button-quiet">{words}</A></li> }
    };
    let by_link = offers(SignInMethod::MagicLink).then(|| link("/login/link", "Get a link by email"));
    let by_code = offers(SignInMethod::EmailCode).then(|| link("/login/code", "Get a code by email"));
    let by_phone = offers(SignInMethod::PhoneCode).then(|| link("/login/phone", "Get a code by text message"));
    let as_guest = offers(SignInMethod::Guest).then(|| link("/login/guest", "Continue as guest"));
    let by_passkey = keep
        .filter(|_| offers(SignInMethod::Passkey))
        .map(|keep| view! { <li><PasskeyButton next=next.clone() keep autofill/></li> });
    let is_any =
        by_link.is_some() || by_code.is_some() || by_phone.is_some() || as_guest.is_some() || by_passkey.is_some();
    is_any.then(|| {
        view! {
            <section class="stack" aria-labelledby="other-methods">
                <h2 class="or" id="other-methods">{heading}</h2>
                <ul class="button-list" role="list">{by_link} {by_code} {by_phone} {by_passkey} {as_guest}</ul>
            </section>
        }
    })
}
