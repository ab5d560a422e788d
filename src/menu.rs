//! The menu of the signed-in user, in the header.

use leptos::ev;
use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::Node;
use leptos_appwrite::effect::effect;
use leptos_appwrite::realtime::use_has_ended;
use leptos_router::components::A;
use leptos_router::hooks::use_location;

use crate::auth::SignOutButton;
use crate::components::{cached_around, focus, reactive};
use crate::person::use_person;

/// The menu; links to sign in after the session has ended.
#[component]
pub fn AccountLinks() -> impl IntoView {
    let has_ended = use_has_ended();
    let person = use_person();
    let name = person.as_ref().map(|person| person.display_name().to_owned()).unwrap_or_default();
    let is_guest = person.is_some_and(|person| person.is_guest());
    let variant = if is_guest { "guest" } else { "" };
    reactive(move || {
        let menu = move |name| view! { <UserMenu name is_guest/> };
        Some(match has_ended.get() {
            // Loads a new document: the rest of this one still shows the former user's data.
            true => view! {
                <li><a href="/login" rel="external">"Sign in"</a></li>
                <li><a href="/signup" rel="external">"Create account"</a></li>
            }
            .into_any(),
            false => {
                view! { <li class="header-menu">{cached_around("menu", variant, name.clone(), menu)}</li> }.into_any()
            }
        })
    })
}

/// The user's name, which opens links to the account and the button that signs out. Without JavaScript, only another
/// click on the name closes it.
#[component]
fn UserMenu(name: String, is_guest: bool) -> impl IntoView {
    let menu = NodeRef::<leptos::html::Details>::new();
    let close = move || {
        let open = menu.get_untracked().filter(|menu| menu.has_attribute("open"));
        // Fails only for an invalid attribute name.
        open.inspect(|menu| drop(menu.remove_attribute("open")))
    };
    let close_unless_in = move |target: Option<Node>| {
        if menu.get_untracked().is_some_and(|menu| !menu.contains(target.as_ref())) {
            close();
        }
    };
    let path = use_location().pathname;
    let mut is_later = false;
    effect(move || {
        path.track();
        // The user may have opened the menu before hydration.
        if std::mem::replace(&mut is_later, true) {
            close();
        }
    });
    effect(move || {
        let clicks = window_event_listener(ev::click, move |event| {
            close_unless_in(event.target().and_then(|target| target.dyn_into().ok()));
        });
        on_cleanup(move || clicks.remove());
    });
    let close_by_key = move |event: ev::KeyboardEvent| {
        if event.key() != "Escape" {
            return;
        }
        let name = close().and_then(|menu| menu.query_selector("summary").ok().flatten());
        if let Some(name) = name {
            focus(&name);
        }
    };
    let close_behind_focus = move |event: ev::FocusEvent| {
        if let Some(next) = event.related_target() {
            close_unless_in(next.dyn_into().ok());
        }
    };
    view! {
        <details class="menu" node_ref=menu on:keydown=close_by_key on:focusout=close_behind_focus>
            <summary>
                <span class="visually-hidden">"Signed in as "</span>
                <span class="header-person">{name}</span>
            </summary>
            <ul>
                <li><A href="/account" exact=true>"Account"</A></li>
                <li><A href="/account/devices">"Devices"</A></li>
                <li><A href="/account/security">"Security"</A></li>
                <li><SignOutButton is_guest id="sign-out" class="button button-quiet button-small"/></li>
            </ul>
        </details>
    }
}
