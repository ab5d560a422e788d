//! Warns guests about signing out.

use leptos::prelude::*;
use leptos_router::components::A;

use crate::components::Banner;
use crate::person::{Person, use_person};

/// Tells a guest, on every page, what they lose by signing out.
#[component]
pub fn GuestHint() -> impl IntoView {
    use_person().filter(Person::is_guest).map(|_| {
        view! {
            <Banner>
                <p>
                    "You are a guest. If you sign out, you'll lose your private birthdays and can't edit shared ones."
                </p>
                <A href="/account#keep" exact=true attr:class="button button-quiet button-small">"Save your account"</A>
            </Banner>
        }
    })
}
