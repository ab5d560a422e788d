//! What a guest should know before it is too late.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::Banner;
use crate::session::{Person, use_person};

/// Tells a guest, on each page, what signing out costs.
#[component]
pub fn GuestHint() -> impl IntoView {
    use_person().filter(Person::is_guest).map(|_| {
        view! {
            <Banner>
                <p>
                    "You are a guest. Once you sign out, nobody can come back to this account: what only you see is lost, "
                    "and the rest cannot be changed any more."
                </p>
                <A href="/account#keep" attr:class="button button-quiet button-small">"Keep this account"</A>
            </Banner>
        }
    })
}
