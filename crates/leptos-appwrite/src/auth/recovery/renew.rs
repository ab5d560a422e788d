//! The new password, by the link's secret.

use leptos::prelude::*;

use crate::error::AppError;

/// Sets a new password by the link's secret. Signs this browser out and signs nobody in.
///
/// Appwrite ends all sessions of the account by itself since 1.9; `everywhere=yes` ends them on older servers too, and so
/// does the first proof of the address.
/// `address` holds the link's hashes of the address that it was sent to: it must still be the account's.
#[server(prefix = "/actions", endpoint = "set_new_password")]
pub async fn set_new_password(
    #[server(default)] user_id: String,
    #[server(default)] secret: String,
    #[server(default)] password: String,
    #[server(default)] everywhere: String,
    #[server(default)] address: String,
) -> Result<(), AppError> {
    use crate::auth::fields::new_password_problem;
    use crate::auth::finish::end_former_session;
    use crate::auth::first_proof::{self, Before, ProofKind};
    use crate::auth::sent_to::{SentTo, is_own_address};
    use crate::auth::typed_password::TypedPassword;
    use crate::error::FieldErrors;
    use crate::security::rate_limit::Attempt;
    use crate::session::Success;
    use crate::session::mail_link::MailLink;
    use crate::session::methods::SignInMethod;
    use crate::session::own_path::OwnPath;
    use crate::session::request::ActionRequest;
    use appwrite_client::AppwriteError;
    use tracing::Instrument as _;

    let request = ActionRequest::for_method(SignInMethod::Recovery)?;
    let (state, password) = (&request.state, &TypedPassword::new(password));
    let password = password.composed();
    let MailLink { user_id, secret } = MailLink::parse(&user_id, &secret).ok_or(AppError::LinkInvalid)?;
    let mut errors = FieldErrors::default();
    errors.note("password", new_password_problem(password, |text| is_own_address(&state.hash, &address, text)));
    errors.check()?;
    state.limits.count(Attempt::Proof, request.sender.address, None).await?;
    // Runs in its own task: a browser that disconnects must not stop it between the proof and the removal of earlier
    // credentials.
    let (own_state, password, ends_all) = (state.clone(), password.clone(), everywhere == "yes");
    let sent_to = SentTo::Link(address);
    let work = async move {
        let (state, admin) = (&own_state, own_state.appwrite.admin());
        let work = async {
            let is_of_password = |error: &AppwriteError| {
                error.is("general_argument_invalid") && !matches!(error.parameter(), Some("userId" | "secret"))
            };
            let before = first_proof::before(state, &user_id).await;
            if !sent_to.is_of(state, &before) {
                return Err(AppError::LinkInvalid);
            }
            let answer = admin.update_recovery(&user_id, &secret.into(), &password).await;
            answer.map_err(|error| match is_of_password(&error) {
                true => AppError::of_form(error, &[("password", "password")]),
                false => AppError::of_mail_link(error),
            })?;
            if sent_to.is_still_of(state, &user_id).await { Ok(before) } else { Err(AppError::LinkInvalid) }
        };
        let before = state.response_timing.refusal(work).await?;
        let secured = match before {
            Before::Known(_) => first_proof::secure(state, &before, &user_id, &ProofKind::Email, None).await,
            Before::Missing | Before::Unknown => None,
        };
        let mut outcome = match secured {
            Some(Success::AccountSecured) => Success::PasswordChangedAndSecured,
            Some(_) => Success::PasswordChangedNotSecured,
            None => Success::PasswordChanged,
        };
        if ends_all && let Err(error) = admin.delete_sessions(&user_id).await {
            tracing::warn!(%error, "the sessions of an account with a new password could not be ended");
            if outcome != Success::PasswordChangedNotSecured {
                outcome = Success::PasswordChangedOnly;
            }
        }
        Ok::<_, AppError>(outcome)
    };
    let outcome = tokio::spawn(work.in_current_span()).await.map_err(AppError::internal)??;
    request.forget_session();
    request.forget_pending_sign_in();
    end_former_session(state, request.session_secret()).await;
    request.leave_success(outcome);
    request.go_to(&OwnPath::of_page(state.site.paths.sign_in));
    Ok(())
}
