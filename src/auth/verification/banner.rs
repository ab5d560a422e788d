//! The banner that asks the user to confirm their email address.

use std::time::Duration;

use appwrite_realtime::protocol::Channel;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use leptos_appwrite::auth::verification::{SendVerification, email_is_confirmed};
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::use_channel;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use super::dismiss::DismissReminder;
use crate::components::{Banner, FormAction, OutboxHint, PostForm, SubmitButton, reactive};
use crate::person::use_person;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No email was requested from this page.
    Unsent,
    /// We emailed a link.
    Sent,
    /// The link was opened.
    Confirmed,
    /// The project sends no emails.
    SwitchedOff,
}

/// Asks the user to confirm their email address, on every page; empty for others.
#[component]
pub fn VerificationBanner(
    /// True if the user has dismissed the banner in this visit.
    is_dismissed: bool,
) -> impl IntoView {
    let action = FormAction::of::<SendVerification>();
    let left = take_submission(SendVerification::PATH).map(|left| left.outcome);
    let is_asked = left.is_some() || use_sign_in_methods().offers(SignInMethod::Verification);
    let person = use_person().filter(|person| is_asked && !person.email.is_empty() && !person.email_verified)?;
    if is_dismissed && left.is_none() {
        return None;
    }
    let dismiss = FormAction::of::<DismissReminder>();
    focus_page_when_done(dismiss);
    let is_confirmed = RwSignal::new(false);
    let stage = Memo::new(move |before: Option<&Stage>| {
        if is_confirmed.get() {
            return Stage::Confirmed;
        }
        let outcome = if action.is_unused() { left.clone() } else { action.answer() };
        match outcome {
            Some(Ok(())) => Stage::Sent,
            Some(Err(AppError::MethodUnavailable)) => Stage::SwitchedOff,
            Some(Err(_)) | None => before.copied().unwrap_or(Stage::Unsent),
        }
    });
    let email = StoredValue::new(person.email);
    let form = move |words: &'static str| {
        view! {
            <PostForm action id="send-verification">
                <SubmitButton class="button button-quiet button-small">{words}</SubmitButton>
            </PostForm>
        }
    };
    let content = move || {
        Some(match stage.get() {
            Stage::Unsent => view! {
                <p>"Confirm " {email.get_value()} " to secure your account."</p>
                <div class="actions">
                    {form("Send email")}
                    <PostForm action=dismiss id="dismiss-reminder">
                        <SubmitButton class="button button-quiet button-small">"Not now"</SubmitButton>
                    </PostForm>
                </div>
            }
            .into_any(),
            Stage::Sent => view! {
                <p role="status">"We emailed a link to " {email.get_value()} ". It expires in an hour."</p>
                <OutboxHint/>
                {form("Send it again")}
                <FollowConfirmation is_confirmed/>
            }
            .into_any(),
            Stage::Confirmed => view! { <p role="status">"Your email address is confirmed."</p> }.into_any(),
            Stage::SwitchedOff => view! {
                <p role="status">"This site can't send email right now. Everything else works."</p>
            }
            .into_any(),
        })
    };
    Some(reactive(move || (!dismiss.is_done()).then(|| view! { <Banner>{reactive(content)}</Banner> })))
}

/// Moves the focus to the page, because the button that had it is gone.
fn focus_page_when_done(dismiss: FormAction) {
    Effect::new(move |_| {
        if dismiss.is_done()
            && let Ok(Some(main)) = document().query_selector("main")
            && let Some(main) = main.dyn_ref::<HtmlElement>()
        {
            // Fails only for an element that is being removed.
            let _ = main.focus();
        }
    });
}

/// Wait between two checks. It grows after the first `SHORT_WAITS` checks.
const LOOK_AGAIN_AFTER: Duration = Duration::from_secs(5);
const SHORT_WAITS: u32 = 60;
const LONG_WAIT: Duration = Duration::from_secs(60);

/// Detects that the link was opened, in any browser. A visible page also polls: events without an attribute `secret`
/// (Appwrite's main branch of July 2026) match no query of `ACCOUNT_QUERIES`.
#[component]
fn FollowConfirmation(is_confirmed: RwSignal<bool>) -> impl IntoView {
    let is_looking = StoredValue::new(false);
    let look = move || {
        if is_looking.try_get_value() != Some(false) {
            return;
        }
        is_looking.set_value(true);
        spawn_local(async move {
            if email_is_confirmed().await == Ok(true) {
                is_confirmed.try_set(true);
            }
            is_looking.try_set_value(false);
        });
    };
    use_channel(Channel::Account, move |_| look());
    let looks = RwSignal::new(0_u32);
    Effect::new(move |_| {
        let wait = if looks.get() < SHORT_WAITS { LOOK_AGAIN_AFTER } else { LONG_WAIT };
        let look_now = move || {
            if !document().hidden() {
                look();
            }
            looks.update(|looks| *looks = looks.saturating_add(1));
        };
        if let Ok(timer) = set_timeout_with_handle(look_now, wait) {
            on_cleanup(move || timer.clear());
        }
    });
    Effect::new(move |_| {
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                look();
            }
        });
        on_cleanup(move || listener.remove());
    });
}
