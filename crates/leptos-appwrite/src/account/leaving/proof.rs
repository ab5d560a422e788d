//! Checks that the user who deletes the account is its owner, and means this account.

use appwrite_client::AppwriteError;
use jiff::{SignedDuration, Timestamp};

use crate::account::own::OwnAccount;
use crate::account::password_state::PasswordState;
use crate::account::security::answers::has_factor;
use crate::auth::fields::phone_number;
use crate::auth::typed_password::TypedPassword;
use crate::error::{AppError, FieldErrors, Problem};

/// A sign-in counts as recent for ten minutes, as in Appwrite for passkeys.
const RECENT: SignedDuration = SignedDuration::from_mins(10);

/// The form's fields.
pub(super) struct Typed {
    pub address: String,
    pub password: TypedPassword,
}

/// Fails unless the address is the account's, and the user has proven to be its owner: by the password, by the second
/// factor, or by a recent sign-in.
pub(super) async fn require_proof(account: &OwnAccount, typed: &Typed) -> Result<(), AppError> {
    let asks_password = !account.user.email.is_empty() && account.password_state().await? == PasswordState::Set;
    let mut errors = FieldErrors::default();
    errors.note("address", address_problem(account, typed.address.trim()));
    errors.note("password", (asks_password && typed.password.is_empty()).then_some(Problem::Missing));
    errors.check()?;
    account.require_factor_if_on().await?;
    if asks_password { require_password(account, &typed.password).await } else { require_recent(account).await }
}

fn address_problem(account: &OwnAccount, typed: &str) -> Option<Problem> {
    let (email, phone) = (&account.user.email, &account.user.phone);
    let is_right = match (email.is_empty(), phone.is_empty()) {
        // A guest has no address.
        (true, true) => return None,
        (true, false) => phone_number(typed).as_ref() == Some(phone),
        (false, _) => typed.to_lowercase() == email.to_lowercase(),
    };
    match typed {
        "" => Some(Problem::Missing),
        _ => (!is_right).then_some(Problem::NotTheAccounts),
    }
}

/// Checks the password by changing the email address to the same address. Appwrite checks the password first, and then
/// refuses the change. A sign-in would start a session instead, which may end this one.
async fn require_password(account: &OwnAccount, password: &TypedPassword) -> Result<(), AppError> {
    account.count_password().await?;
    let (session, email) = (&account.session, &account.user.email);
    let keep_email = |password| async move { session.update_email(email, &password).await };
    let wrong = || AppError::field("password", Problem::WrongPassword);
    match password.prove(keep_email).await.ok_or_else(wrong)? {
        // If the account has no messaging target for the address, Appwrite accepts the change. The address is then
        // unconfirmed, but the account is about to be deleted.
        Ok(_) => Ok(()),
        Err(error) if is_after_password(&error) => Ok(()),
        Err(error) if error.is("user_invalid_credentials") || error.is("general_argument_invalid") => Err(wrong()),
        Err(error) => Err(error.into()),
    }
}

/// True for errors that Appwrite returns only after it has checked the password (account.php, `PATCH /account/email`):
/// the address is taken, or a policy that is newer than the account does not allow the address or the password.
fn is_after_password(error: &AppwriteError) -> bool {
    error.kind().is_some_and(|kind| {
        let is_of_policy =
            kind.starts_with("user_email_") || kind.starts_with("password_") || kind == "general_invalid_email";
        is_of_policy || matches!(kind, "user_target_already_exists" | "general_bad_request")
    })
}

/// Asks for the second factor, or else for a recent sign-in. Asks guests for neither, because they cannot sign in
/// again.
async fn require_recent(account: &OwnAccount) -> Result<(), AppError> {
    let can_verify = account.request.state.site.paths.security.is_some();
    if can_verify && has_factor(account.session.factors().await?) {
        return Ok(account.session.require_recent_challenge().await?);
    }
    if account.user.is_guest() {
        return Ok(());
    }
    let sessions = account.session.sessions().await?;
    let since = sessions.iter().find(|session| session.current).and_then(|session| session.created_at);
    match since {
        Some(since) if Timestamp::now().duration_since(since) <= RECENT => Ok(()),
        _ => Err(AppError::RecentSignInRequired),
    }
}
