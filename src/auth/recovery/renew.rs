//! The page that a reset link opens.

use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_appwrite::auth::mail_link::{MailLinkFields, use_is_link_refused, use_mail_link};
use leptos_appwrite::error::AppError;
use leptos_appwrite::realtime::announce_sign_out;
use leptos_appwrite::session::take_submission;
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_query_map;

use crate::auth::invalid_link::InvalidLink;
use crate::components::{CheckField, FormAction, HiddenField, PostForm, SubmitButton, TextField};

/// Sets a new password by the link's secret. Signs this browser out and signs nobody in.
///
/// Appwrite ends all sessions of the account by itself since 1.9; `everywhere=yes` ends them on older servers too.
/// `own` holds the hashes of the account's address.
#[server(prefix = "/actions", endpoint = "set_new_password")]
pub async fn set_new_password(
    #[server(default)] user_id: String,
    #[server(default)] secret: String,
    #[server(default)] password: String,
    #[server(default)] everywhere: String,
    #[server(default)] own: String,
) -> Result<(), AppError> {
    use secrecy::SecretString;

    use super::own_address::is_own_address;
    use appwrite_client::AppwriteError;
    use leptos_appwrite::auth::fields::new_password_problem;
    use leptos_appwrite::auth::finish::end_former_session;
    use leptos_appwrite::error::FieldErrors;
    use leptos_appwrite::security::rate_limit::Attempt;
    use leptos_appwrite::session::Success;
    use leptos_appwrite::session::mail_link::MailLink;
    use leptos_appwrite::session::own_path::OwnPath;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let (state, password) = (&request.state, SecretString::from(password));
    let MailLink { user_id, secret } = MailLink::parse(&user_id, &secret).ok_or(AppError::LinkInvalid)?;
    let mut errors = FieldErrors::default();
    errors.note("password", new_password_problem(&password, |text| is_own_address(&state.hash, &own, text)));
    errors.check()?;
    state.limits.count(Attempt::Proof, request.sender.address, None)?;
    let admin = state.appwrite.admin();
    let work = async {
        let is_of_password = |error: &AppwriteError| {
            error.is("general_argument_invalid") && !matches!(error.parameter(), Some("userId" | "secret"))
        };
        admin.update_recovery(&user_id, &secret.into(), &password).await.map_err(|error| match is_of_password(&error) {
            true => AppError::of_form(error, &[("password", "password")]),
            false => AppError::of_mail_link(error),
        })
    };
    state.steady.refusal(work).await?;
    let mut outcome = Success::PasswordChanged;
    if everywhere == "yes"
        && let Err(error) = admin.delete_sessions(&user_id).await
    {
        tracing::warn!(%error, "the sessions of an account with a new password could not be ended");
        outcome = Success::PasswordChangedOnly;
    }
    request.forget_session();
    request.forget_pending_sign_in();
    end_former_session(state, request.session_secret()).await;
    request.leave_success(outcome);
    request.go_to(&OwnPath::of_page("/login"));
    Ok(())
}

/// Asks for the new password.
#[component]
pub fn NewPasswordPage() -> impl IntoView {
    let action = FormAction::of::<SetNewPassword>();
    let link = use_mail_link(SetNewPassword::PATH);
    let own = use_query_map()
        .with_untracked(|query| query.get("own"))
        .or_else(|| take_submission(SetNewPassword::PATH)?.typed.get("own").cloned());
    let own = StoredValue::new(own);
    let is_refused = use_is_link_refused(action);
    Effect::new(move |_| {
        if action.is_done() {
            announce_sign_out();
        }
    });
    view! {
        <Title text="New password"/>
        <div class="page page-narrow">
            {move || match link.clone().filter(|_| !is_refused.get()) {
                Some(link) => view! {
                    <h1>"Choose a new password"</h1>
                    <PostForm action id="new-password" class="form">
                        <MailLinkFields link/>
                        {own.get_value().map(|own| view! { <HiddenField name="own" value=own/> })}
                        <TextField
                            name="password"
                            label="New password"
                            kind="password"
                            autocomplete="new-password"
                            hint="At least 8 characters."
                        />
                        <CheckField name="everywhere" label="Sign out of all other devices"/>
                        <p class="hint">
                            "Changing your password signs you out here, and on most servers everywhere. Check the box to be sure."
                        </p>
                        <SubmitButton>"Change password"</SubmitButton>
                    </PostForm>
                }
                .into_any(),
                None => view! {
                    <InvalidLink>
                        <p class="actions">
                            <A href="/recovery" attr:class="button">"Request a new link"</A>
                            <A href="/login">"Back to sign-in"</A>
                        </p>
                    </InvalidLink>
                }
                .into_any(),
            }}
        </div>
    }
}
