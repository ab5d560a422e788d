//! An error message in place of content that could not be loaded.

use leptos::prelude::*;
use leptos_appwrite::effect::effect;
use leptos_appwrite::english::sentence;
use leptos_appwrite::error::AppError;
use leptos_appwrite::session::set_page_status;
use leptos_router::hooks::use_location;
use leptos_router::params::ParamsMap;

use super::{Notice, NoticeKind, words};

/// Reloads the page once the network is back, if the error is temporary.
pub fn reload_once_online(error: &AppError) {
    if !error.is_temporary() {
        return;
    }
    effect(move || {
        let online = window_event_listener_untyped("online", |_| {
            // Fails only while the browser unloads the page.
            let _ = window().location().reload();
        });
        on_cleanup(move || online.remove());
    });
}

/// A button that loads the page again.
#[component]
pub fn TryAgainLink() -> impl IntoView {
    let location = use_location();
    let page = move || format!("{}{}", location.pathname.get(), location.query.with(ParamsMap::to_query_string));
    view! { <a class="button" href=page rel="external">"Try again"</a> }
}

/// Shows the error, and a button to reload the page if the error is temporary.
#[component]
pub fn Failure(
    /// The error.
    error: AppError,
    /// The sentence to show if the content does not exist.
    #[prop(optional_no_strip)]
    not_found: Option<&'static str>,
) -> impl IntoView {
    set_page_status(&error);
    reload_once_online(&error);
    let can_retry = error.is_temporary();
    let text = not_found.filter(|_| error == AppError::NotFound).map_or_else(|| sentence(&error), str::to_owned);
    view! {
        <Notice kind=NoticeKind::Error takes_focus=true>{words(text)}</Notice>
        {can_retry.then(|| view! {
            <p class="actions"><TryAgainLink/></p>
        })}
    }
}
