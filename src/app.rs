//! The root component and the frame around every page.

use leptos::prelude::*;
use leptos_appwrite::english::{heading, sentence};
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::use_has_ended;
use leptos_appwrite::request_id::use_request_id;
use leptos_appwrite::session::{
    provide_visit, use_failure, use_is_person_unknown, use_notice, use_outbox, use_owes_factor, use_revealed,
    use_success,
};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{A, Router};
use leptos_router::hooks::use_location;

use crate::auth::{GuestHint, PasskeyOffer, VerificationBanner, is_dismissed};
use crate::components::{NotFoundPage, Notice, ThemeButtons, Tone, focus_in_place, words};
use crate::menu::UserMenu;
use crate::person::{Person, use_person};
use crate::routes::Pages;
use crate::scroll::restore_scroll_after_back;
use crate::success;

/// The root component.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    view! {
        <Router>
            <Frame/>
        </Router>
    }
}

#[component]
fn Frame() -> impl IntoView {
    provide_visit::<Person>();
    let failure = use_failure();
    let request_id = failure.with_untracked(Option::is_some).then(use_request_id).flatten();
    let revealed = use_revealed();
    let (notice, outcome) = (use_notice(), use_success());
    let main = NodeRef::<leptos::html::Main>::new();
    focus_after_navigation(main);
    restore_scroll_after_back();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Leptos Appwrite".into() } else { format!("{title} · Leptos Appwrite") }
        }/>
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <Header/>
        <Reminders/>
        <main id="main" tabindex="-1" node_ref=main>
            {move || {
                outcome
                    .with(|outcome| success::sentence(outcome.as_ref()?))
                    .map(|text| view! { <Notice tone=Tone::Good>{words(text)}</Notice> })
            }}
            <PasskeyOffer/>
            {move || notice.get().map(|notice| view! { <Notice tone=Tone::Neutral>{words(sentence(&notice))}</Notice> })}
            {move || match failure.get() {
                Some(AppError::NotFound) => view! { <NotFoundPage/> }.into_any(),
                Some(error) => view! { <FailurePage error request_id=request_id.clone()/> }.into_any(),
                None => view! { <Pages/> }.into_any(),
            }}
        </main>
        <footer class="footer">
            // A form would lead to the page without what it shows once.
            {move || revealed.with(Option::is_none).then(|| view! { <ThemeButtons/> })}
            <p>
                "An example of "
                <a href="https://leptos.dev" rel="external noreferrer">"Leptos"</a>
                " with "
                <a href="https://appwrite.io" rel="external noreferrer">"Appwrite"</a>
                "."
            </p>
            {use_outbox().map(|outbox| view! {
                <p>
                    "Accounts and data are in the local backend on this machine: for development and tests only. "
                    <a href=outbox rel="external">"Open the outbox"</a>
                    " to read its emails and text messages."
                </p>
            })}
        </footer>
    }
}

/// Moves the focus to the new page after a client-side navigation, as loading a document would do.
/// Otherwise keyboard users stay where they were and screen readers stay silent. The router scrolls.
fn focus_after_navigation(main: NodeRef<leptos::html::Main>) {
    let path = use_location().pathname;
    Effect::new(move |before: Option<String>| {
        let path = path.get();
        if let (true, Some(main)) = (before.is_some_and(|before| before != path), main.get_untracked()) {
            focus_in_place(&main);
        }
        path
    });
}

#[component]
fn Header() -> impl IntoView {
    let has_ended = use_has_ended();
    let person = use_person();
    let owes_factor = use_owes_factor();
    // Offers no sign-in if the server did not look up the session: the user may be signed in already.
    let offers_no_sign_in = owes_factor || use_is_person_unknown();
    let rel = offers_no_sign_in.then_some("external");
    let account_links = move || match person.clone() {
        // Loads a new document: the rest of this one still shows the former user's data.
        Some(_) if has_ended.get() => view! {
            <li><a href="/login" rel="external">"Sign in"</a></li>
            <li><a href="/signup" rel="external">"Create account"</a></li>
        }
        .into_any(),
        Some(person) => {
            let name = person.display_name().to_owned();
            view! { <li class="header-menu"><UserMenu name/></li> }.into_any()
        }
        None if offers_no_sign_in => ().into_any(),
        None => view! {
            <li><A href="/login">"Sign in"</A></li>
            <li><A href="/signup">"Create account"</A></li>
        }
        .into_any(),
    };
    view! {
        <header class="header">
            <nav class="header-nav" aria-label="Main">
                <ul>
                    <li>
                        <A href="/" exact=true attr:rel=rel attr:class="brand">
                            <img src="/favicon.svg" alt="" width="24" height="24"/>
                            <span>"Leptos Appwrite"</span>
                        </A>
                    </li>
                    <li><A href="/birthdays" attr:rel=rel>"Birthdays"</A></li>
                    {account_links}
                </ul>
            </nav>
        </header>
    }
}

/// Reminders shown on every page. They contain the user's data, so they disappear when the session ends.
#[component]
fn Reminders() -> impl IntoView {
    let has_ended = use_has_ended();
    // A form would lead to the page without what it shows once.
    let has_secret = use_revealed().with_untracked(Option::is_some);
    let is_dismissed = use_person().is_some_and(|person| is_dismissed(person.id));
    move || (!has_secret && !has_ended.get()).then(|| view! { <GuestHint/> <VerificationBanner is_dismissed/> })
}

/// Loads the page again when the network is back.
fn reload_once_online() {
    Effect::new(move |_| {
        let online = window_event_listener_untyped("online", |_| {
            // The browser refuses only while it leaves the page.
            let _ = window().location().reload();
        });
        on_cleanup(move || online.remove());
    });
}

/// The page shown when the requested page fails.
#[component]
fn FailurePage(
    /// The error.
    error: AppError,
    /// The request's id in the server log.
    request_id: Option<String>,
) -> impl IntoView {
    let location = use_location();
    let again = move || {
        format!("{}{}", location.pathname.get(), location.query.with(leptos_router::params::ParamsMap::to_query_string))
    };
    if error == AppError::Offline {
        reload_once_online();
    }
    let heading = heading(&error);
    let can_reload = matches!(error, AppError::BackendUnavailable | AppError::Internal | AppError::Offline);
    let must_reset = error == AppError::PasswordResetRequired;
    view! {
        <Title text=heading/>
        <div class="page page-narrow">
            <h1>{heading}</h1>
            <p>{sentence(&error)}</p>
            {request_id.map(|id| view! { <p class="hint">{format!("Request ID: {id}")}</p> })}
            <p class="actions">
                {can_reload.then(|| view! { <a class="button" href=again rel="external">"Try again"</a> })}
                {must_reset.then(|| view! { <a class="button" href="/recovery" rel="external">"Request a reset link"</a> })}
                <a href="/" rel="external">"Go to the home page"</a>
            </p>
        </div>
    }
}
