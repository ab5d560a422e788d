//! Opening the link.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::components::A;

use crate::auth::mail_link::{MailLink, MailLinkFields, use_mail_link};
use crate::components::{Notice, PostForm, SubmitButton, Tone};
use crate::error::AppError;
use crate::session::{set_page_status, take_submission, use_person};

/// The page that the mail's link opens.
pub(super) const PAGE: &str = "/login/link/open";

/// Signs in by the link from a mail, and goes on to where the person wanted to go, if the link was asked for in this
/// browser, or to the account.
#[server(prefix = "/actions", endpoint = "open_link")]
pub async fn open_link(#[server(default)] user_id: String, #[server(default)] secret: String) -> Result<(), AppError> {
    use super::redeem::redeem_link;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let link = MailLink::parse(&user_id, &secret).ok_or(AppError::LinkInvalid)?;
    redeem_link(&request, link).await
}

/// The page that the mail's link opens: one button. A link that does not work gets another page.
#[component]
pub fn OpenLinkPage() -> impl IntoView {
    let action = ServerAction::<OpenLink>::new();
    let link = StoredValue::new(use_mail_link());
    // Without JavaScript, whoever pressed the button in vain comes back here without the link.
    let left = take_submission(OpenLink::PATH).and_then(|left| left.outcome.err());
    let is_refused = move || {
        action.version().get() > 0 && action.value().with(|value| matches!(value, Some(Err(AppError::LinkInvalid))))
    };
    let dead = Memo::new(move |_| match (is_refused(), &left) {
        (true, _) => Some(AppError::LinkInvalid),
        (false, Some(error)) => Some(error.clone()),
        (false, None) => link.with_value(Option::is_none).then_some(AppError::LinkInvalid),
    });
    move || match (dead.get(), link.get_value()) {
        (None, Some(link)) => view! { <ConfirmSignIn action link/> }.into_any(),
        (error, _) => view! { <DeadLink error=error.unwrap_or(AppError::LinkInvalid)/> }.into_any(),
    }
}

#[component]
fn ConfirmSignIn(action: ServerAction<OpenLink>, link: MailLink) -> impl IntoView {
    let person = use_person().map(|person| person.display_name().to_owned());
    view! {
        <Title text="Sign in by link"/>
        <div class="page page-narrow">
            <h1>"Sign in by link"</h1>
            {match person {
                Some(name) => view! {
                    <p>"You are signed in here as " <strong>{name}</strong> ". The button signs you out and in anew."</p>
                }.into_any(),
                None => view! { <p>"One press of the button and you are in."</p> }.into_any(),
            }}
            <PostForm action id="open-link" class="form" page=PAGE>
                <MailLinkFields link/>
                <SubmitButton>"Sign in"</SubmitButton>
            </PostForm>
        </div>
    }
}

/// Why the link did not sign in, and the way on.
#[component]
fn DeadLink(error: AppError) -> impl IntoView {
    set_page_status(&error);
    let (heading, then) = match error {
        AppError::LinkInvalid => (
            "This link does not work",
            "If your mail broke it into two lines, copy the whole of it into the address bar.",
        ),
        _ => ("Signing in did not work", "Then open the link in the mail again."),
    };
    view! {
        <Title text=heading/>
        <div class="page page-narrow">
            <h1>{heading}</h1>
            <Notice tone=Tone::Bad>{error.sentence()}</Notice>
            <p>{then}</p>
            <p class="actions">
                <A href="/login/link" attr:class="button">"Get a new link"</A>
                <A href="/login">"Sign in another way"</A>
            </p>
        </div>
    }
}
