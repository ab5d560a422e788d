//! The ways in beside email and password, for the pages of sign-in and sign-up.

use leptos::prelude::*;
use leptos_appwrite::session::use_ways;
use leptos_appwrite::session::ways::Way;
use leptos_router::components::A;

use super::guest::GuestForm;
use super::with_next;

/// The other ways in that this site offers, each leading on to `next`.
#[component]
pub fn OtherWays(
    /// Where the person wants to go once signed in.
    next: Option<String>,
    /// A way that is not to be named.
    #[prop(optional)]
    except: Option<Way>,
) -> impl IntoView {
    let ways = use_ways();
    let link = |way, page, words: &'static str| {
        let is_named = ways.offers(way) && except != Some(way);
        is_named.then(|| view! { <li><A href=with_next(page, next.as_deref())>{words}</A></li> })
    };
    view! {
        <section class="other-ways" aria-labelledby="other-ways">
            <h2 id="other-ways">"Other ways to sign in"</h2>
            <ul class="other-ways-links">
                {link(Way::MagicLink, "/login/link", "Get a link by email")}
                {link(Way::EmailCode, "/login/code", "Get a code by email")}
                {link(Way::PhoneCode, "/login/phone", "Get a code by text message")}
            </ul>
            <GuestForm next=next.clone()/>
        </section>
    }
}
