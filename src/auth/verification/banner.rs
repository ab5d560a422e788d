//! The reminder on each page of a person whose address is not confirmed.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::send::{SendVerification, VerificationMail, email_is_confirmed};
use crate::components::{Banner, PostForm, SubmitButton};
use crate::error::AppError;
use crate::realtime::protocol::Channel;
use crate::realtime::use_channel;
use crate::session::ways::Way;
use crate::session::{take_submission, use_person, use_ways};

/// How far the person is with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// No mail was asked for on this page.
    Unsent,
    /// A mail is on its way.
    Sent,
    /// The link was opened.
    Confirmed,
    /// The project sends no mails.
    SwitchedOff,
}

/// Asks a person whose address is not confirmed to do so, on each page; nothing for others.
#[component]
pub fn VerificationBanner() -> impl IntoView {
    let action = ServerAction::<SendVerification>::new();
    let left = take_submission(SendVerification::PATH).map(|left| left.outcome.map(|()| VerificationMail::Sent));
    let is_asked = left.is_some() || use_ways().offers(Way::Verification);
    let person = use_person().filter(|person| is_asked && !person.email.is_empty() && !person.email_verified)?;
    let is_confirmed = RwSignal::new(false);
    let stage = Memo::new(move |before: Option<&Stage>| {
        if is_confirmed.get() {
            return Stage::Confirmed;
        }
        // The action's first value may come from the query string, which anyone can write.
        let outcome = if action.version().get() == 0 { left.clone() } else { action.value().get() };
        match outcome {
            Some(Ok(VerificationMail::NotNeeded)) => Stage::Confirmed,
            Some(Ok(VerificationMail::Sent)) => Stage::Sent,
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
        match stage.get() {
        Stage::Unsent => view! {
            <p>"Confirm your e-mail address: we mail a link to " {email.get_value()} ", and you open it."</p>
            {form("Send the mail")}
        }
        .into_any(),
        Stage::Sent => view! {
            <p role="status">"A mail is on its way to " {email.get_value()} ". Open the link in it within an hour."</p>
            {form("Send it again")}
            <FollowConfirmation is_confirmed/>
        }
        .into_any(),
        Stage::Confirmed => view! { <p role="status">"Your e-mail address is confirmed."</p> }.into_any(),
        Stage::SwitchedOff => view! {
            <p role="status">"This site sends no mails at the moment, so your address stays as it is. All else works."</p>
        }
        .into_any(),
    }
    };
    Some(view! { <Banner>{content}</Banner> })
}

/// Finds out when the link is opened, in whatever browser: Appwrite tells of it on the account's channel.
#[component]
fn FollowConfirmation(is_confirmed: RwSignal<bool>) -> impl IntoView {
    let look = Action::new(|&()| email_is_confirmed());
    use_channel(Channel::Account, move |_| {
        look.dispatch(());
    });
    Effect::new(move |_| {
        if look.value().get() == Some(Ok(true)) {
            is_confirmed.set(true);
        }
    });
}
