//! The root component and the frame around every page.

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos_appwrite::effect::effect;
use leptos_appwrite::english::{heading, sentence};
use leptos_appwrite::error::AppError;
use leptos_appwrite::request_id::use_request_id;
use leptos_appwrite::routes::loaded_view;
use leptos_appwrite::session::{
    provide_visit, use_failure, use_has_revealed, use_is_person_unknown, use_is_signed_in, use_needs_second_factor,
    use_notice, use_outbox, use_success_text,
};
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::{A, Router};
use leptos_router::hooks::use_location;

use crate::components::{
    LoadingNotice, NotFoundPage, Notice, NoticeKind, ThemeButtons, TryAgainLink, at_once, cached, focus_in_place,
    reactive, reload_once_online, words,
};
use crate::person::Person;
use crate::routes::{Pages, signed_in};
use crate::scroll::restore_scroll_after_back;

/// The id of the element with the page.
const MAIN: &str = "main";

/// The root component.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // A counter, because the user may open a page before the previous one has loaded.
    let pending = RwSignal::new(0_usize);
    let count = move |begins: bool| {
        pending.update(|pending| *pending = if begins { *pending + 1 } else { pending.saturating_sub(1) });
    };
    let is_routing = Memo::new(move |_| pending.get() > 0);
    view! {
        <Router set_is_routing=SignalSetter::map(count)>
            <Frame is_routing/>
        </Router>
    }
}

#[component]
fn Frame(is_routing: Memo<bool>) -> impl IntoView {
    provide_visit::<Person>();
    let failure = use_failure();
    let request_id = failure.with_untracked(Option::is_some).then(use_request_id).flatten();
    let has_revealed = use_has_revealed();
    let (notice, success) = (use_notice(), use_success_text());
    let is_signed_in = use_is_signed_in();
    focus_after_navigation(is_routing);
    restore_scroll_after_back();
    view! {
        <Title formatter=|title: String| {
            if title.is_empty() { "Leptos Appwrite".into() } else { format!("{title} · Leptos Appwrite") }
        }/>
        <a class="skip" href="#main" rel="external">"Skip to content"</a>
        <LoadingNotice is_loading=is_routing/>
        {at_once(|| view! { <Header/> })}
        {is_signed_in.then(|| loaded_view(signed_in::view("reminders")))}
        <main id=MAIN tabindex="-1">
            {reactive(move || {
                success().map(|text| view! { <Notice kind=NoticeKind::Success takes_focus=true>{words(text)}</Notice> })
            })}
            {is_signed_in.then(|| loaded_view(signed_in::view("passkey offer")))}
            {reactive(move || notice().map(|notice| view! {
                <Notice kind=NoticeKind::Info takes_focus=true>{words(sentence(&notice))}</Notice>
            }))}
            {reactive(move || Some(match failure.get() {
                Some(AppError::NotFound) => view! { <NotFoundPage/> }.into_any(),
                Some(error) => view! { <FailurePage error request_id=request_id.clone()/> }.into_any(),
                None => view! { <Pages/> }.into_any(),
            }))}
        </main>
        <footer class="footer">
            // Shows no form: sending one would reload the page, which could not show its secret again.
            {at_once(move || reactive(move || (!has_revealed()).then(|| cached("themes", "", || view! { <ThemeButtons/> }))))}
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

/// Moves the focus to the new page after a client-side navigation, once it is there, as loading a document would do.
/// Otherwise keyboard users stay where they were and screen readers stay silent.
fn focus_after_navigation(is_routing: Memo<bool>) {
    let path = use_location().pathname;
    let focused = StoredValue::new(path.get_untracked());
    let focus_new_page = move || {
        let path = path.get_untracked();
        if !is_routing.get_untracked() && focused.get_value() != path {
            focused.set_value(path);
            if let Some(main) = document().get_element_by_id(MAIN).and_then(|main| main.dyn_into().ok()) {
                // Does not scroll: the router does, perhaps to the URL's fragment.
                focus_in_place(&main);
            }
        }
    };
    effect(move || {
        path.track();
        is_routing.track();
        // By the next frame, the router knows if it has to wait for the page.
        request_animation_frame(focus_new_page);
    });
}

#[component]
fn Header() -> impl IntoView {
    let needs_second_factor = use_needs_second_factor();
    // Offers no sign-in if the server did not look up the session, because the user may be signed in already.
    let offers_no_sign_in = needs_second_factor || use_is_person_unknown();
    let rel = offers_no_sign_in.then_some("external");
    let links = cached("header links", rel.unwrap_or_default(), move || {
        view! {
            <li>
                <A href="/" exact=true attr:rel=rel attr:class="brand">
                    <span>"Leptos Appwrite"</span>
                </A>
            </li>
            <li><A href="/birthdays" attr:rel=rel>"Birthdays"</A></li>
        }
    });
    let account_links = if use_is_signed_in() {
        loaded_view(signed_in::view("menu")).into_any()
    } else if offers_no_sign_in {
        ().into_any()
    } else {
        view! {
            <li><A href="/login">"Sign in"</A></li>
            <li><A href="/signup">"Create account"</A></li>
        }
        .into_any()
    };
    view! {
        <header class="header">
            <nav class="header-nav" aria-label="Main">
                <ul>
                    {links}
                    {account_links}
                </ul>
            </nav>
        </header>
    }
}

/// The page shown when the requested page fails.
#[component]
fn FailurePage(
    /// The error.
    error: AppError,
    /// The request's id in the server log.
    request_id: Option<String>,
) -> impl IntoView {
    reload_once_online(&error);
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
                {can_reload.then(|| view! { <TryAgainLink/> })}
                {must_reset.then(|| view! { <a class="button" href="/recovery" rel="external">"Request a reset link"</a> })}
                <a href="/" rel="external">"Go to the home page"</a>
            </p>
        </div>
    }
}
