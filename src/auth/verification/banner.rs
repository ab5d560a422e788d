//! The banner that asks the user to confirm their email address.

use std::time::Duration;

use appwrite_realtime::protocol::Channel;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos::task::spawn_local;
use leptos_appwrite::auth::verification::{SendVerification, email_is_confirmed};
use leptos_appwrite::effect::effect;
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::use_channel;
use leptos_appwrite::session::methods::SignInMethod;
use leptos_appwrite::session::{take_submission, use_sign_in_methods};

use super::dismiss::DismissReminder;
use crate::components::{
    Banner, FormAction, HiddenField, OutboxHint, PostForm, SubmitButton, focus, focus_in_place, is_nothing_focused,
    reactive, words,
};
use crate::person::use_person;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No email was sent.
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
    /// True if the link was sent.
    is_link_sent: bool,
) -> impl IntoView {
    let left = take_submission(SendVerification::PATH).map(|left| left.outcome);
    let is_asked = left.is_some() || use_sign_in_methods().offers(SignInMethod::Verification);
    let person = use_person().filter(|person| is_asked && !person.email.is_empty() && !person.email_verified)?;
    if is_dismissed && left.is_none() {
        return None;
    }
    let (action, dismiss) = (FormAction::of::<SendVerification>(), FormAction::of::<DismissReminder>());
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
            Some(Err(_)) | None => before.copied().unwrap_or(if is_link_sent { Stage::Sent } else { Stage::Unsent }),
        }
    });
    let (email, shown) = (person.email.clone(), StoredValue::new(person.email));
    let text = move || match stage.get() {
        Stage::Unsent => format!("Confirm {email} to secure your account."),
        Stage::Sent => format!("We emailed a link to {email}. It expires in an hour."),
        Stage::Confirmed => "Your email address is confirmed.".to_owned(),
        Stage::SwitchedOff => "This site can't send email right now. Everything else works.".to_owned(),
    };
    let message = NodeRef::<leptos::html::P>::new();
    let is_sent = Memo::new(move |_| stage.get() == Stage::Sent);
    // Renders the form once for both stages, so that its button keeps the focus.
    let has_form = Memo::new(move |_| matches!(stage.get(), Stage::Unsent | Stage::Sent));
    focus_message_without_form(message, has_form);
    let forms = move || {
        let button = move || words(if is_sent.get() { "Send it again" } else { "Send email" });
        view! {
            <div class="actions">
                <PostForm action id="send-verification">
                    <HiddenField name="to" value=shown.get_value()/>
                    <SubmitButton class="button button-quiet button-small">{button}</SubmitButton>
                </PostForm>
                <PostForm action=dismiss id="dismiss-reminder">
                    <SubmitButton class="button button-quiet button-small">"Not now"</SubmitButton>
                </PostForm>
            </div>
        }
    };
    let content = move || {
        let text = text.clone();
        view! {
            <p role="status" tabindex="-1" node_ref=message>{reactive(move || Some(words(text())))}</p>
            {reactive(move || is_sent.get().then(|| view! { <OutboxHint/> <FollowConfirmation is_confirmed/> }))}
            {reactive(move || has_form.get().then(forms))}
        }
    };
    Some(reactive(move || {
        (!dismiss.is_done()).then(|| {
            let content = content.clone();
            view! { <Banner>{content()}</Banner> }
        })
    }))
}

/// Moves the focus to the message if the focused button is gone. Does not scroll: the page may have been confirmed
/// while the user reads on.
fn focus_message_without_form(message: NodeRef<leptos::html::P>, has_form: Memo<bool>) {
    let mut had_form = false;
    effect(move || {
        let has_form = has_form.get();
        if std::mem::replace(&mut had_form, has_form) && !has_form {
            request_animation_frame(move || {
                if let (true, Some(message)) = (is_nothing_focused(), message.try_get_untracked().flatten()) {
                    focus_in_place(&message);
                }
            });
        }
    });
}

/// Moves the focus to the page, because the focused button is gone.
fn focus_page_when_done(dismiss: FormAction) {
    effect(move || {
        if dismiss.is_done()
            && let Ok(Some(main)) = document().query_selector("main")
        {
            focus(&main);
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
    effect(move || {
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
    effect(move || {
        let listener = window_event_listener_untyped("visibilitychange", move |_| {
            if !document().hidden() {
                look();
            }
        });
        on_cleanup(move || listener.remove());
    });
}
