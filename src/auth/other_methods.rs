//! Other sign-in methods, for the sign-in and sign-up pages.

use leptos::prelude::*;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::use_sign_in_methods;
use leptos_router::components::A;

use super::guest::GuestForm;
use super::with_next;

/// Links and buttons of the other sign-in methods that this site offers.
#[component]
pub fn OtherSignInMethods(
    /// Path to open after sign-in.
    next: Option<String>,
    /// A method to leave out.
    #[prop(optional)]
    except: Option<SignInMethod>,
) -> impl IntoView {
    let methods = use_sign_in_methods();
    let link = |method, page, words: &'static str| {
        let is_named = methods.offers(method) && except != Some(method);
        is_named.then(|| view! { <li><A href=with_next(page, next.as_deref())>{words}</A></li> })
    };
    view! {
        <section class="other-ways" aria-labelledby="other-ways">
            <h2 id="other-ways">"Other ways to sign in"</h2>
            <ul class="other-ways-links">
                {link(SignInMethod::MagicLink, "/login/link", "Get a link by email")}
                {link(SignInMethod::EmailCode, "/login/code", "Get a code by email")}
                {link(SignInMethod::PhoneCode, "/login/phone", "Get a code by text message")}
            </ul>
            <GuestForm next=next.clone()/>
        </section>
    }
}
