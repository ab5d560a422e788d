//! Sign-up and sign-in with email and password, shared by the forms and the JSON routes.

use crate::error::FieldErrors;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::request::Sender;
use crate::state::AppState;
use appwrite_client::{AppwriteError, NewAccount, NewSession};

use super::fields::{email_problem, is_own_address, name_problem, new_password_problem};
use super::typed_password::TypedPassword;

/// An email address and a password.
pub struct Credentials {
    /// The email address.
    pub email: String,
    /// The password.
    pub(crate) password: TypedPassword,
}

impl Credentials {
    /// Trims white space around the address.
    pub fn new(email: &str, password: String) -> Self {
        Self { email: email.trim().to_owned(), password: TypedPassword::new(password) }
    }
}

/// Validates a sign-up and reports all problems at once.
pub(super) fn check_new_member(name: &str, credentials: &Credentials) -> Result<(), AppError> {
    let Credentials { email, password } = credentials;
    let mut errors = FieldErrors::default();
    errors.note("name", name_problem(name));
    errors.note("email", email_problem(email));
    let is_own = |text: &str| is_own_address(email, text) || text == name.to_lowercase();
    errors.note("password", new_password_problem(password.composed(), is_own));
    errors.check()
}

/// Translates Appwrite's error for a sign-up.
pub(super) fn of_new_member(error: AppwriteError) -> AppError {
    // Appwrite returns this if another account has the address (account.php, `POST /account` and `PATCH
    // /account/email`).
    if error.is("general_bad_request") {
        return AppError::EmailTaken;
    }
    AppError::of_form(error, &[("email", "email"), ("password", "password"), ("name", "name")])
}

/// Creates an account and signs in to it.
pub async fn sign_up(
    state: &AppState,
    sender: &Sender,
    name: &str,
    credentials: &Credentials,
) -> Result<NewSession, AppError> {
    let name = name.trim();
    check_new_member(name, credentials)?;
    state.limits.count(Attempt::SignUp, sender.address, None).await?;
    let (email, password) = (credentials.email.clone(), credentials.password.composed().clone());
    let account = NewAccount { email, password, name: name.to_owned() };
    let admin = state.appwrite.admin();
    admin.create_account(&account, &sender.visitor()).await.map_err(of_new_member)?;
    Ok(admin.create_email_session(&account.email, &account.password, &sender.visitor()).await?)
}

/// Signs in. A wrong password and an unknown address return the same error.
pub async fn sign_in(state: &AppState, sender: &Sender, credentials: &Credentials) -> Result<NewSession, AppError> {
    let mut errors = FieldErrors::default();
    errors.note("email", email_problem(&credentials.email));
    errors.note("password", credentials.password.is_empty().then_some(Problem::Missing));
    errors.check()?;
    let known_browser = state.known_browsers.id_for(sender.known_browser.as_ref(), &credentials.email);
    state.limits.count_password(sender.address, &credentials.email, known_browser).await?;
    let work = async {
        let (admin, email, visitor) = (&state.appwrite.admin(), &credentials.email, &sender.visitor());
        let open = |password| async move { admin.create_email_session(email, &password, visitor).await };
        // No account has a password of another length. Appwrite would return another error than for a wrong password.
        match credentials.password.prove(open).await.ok_or(AppError::InvalidCredentials)? {
            // No account has a password or an address that Appwrite rejects as invalid.
            Err(error) if error.is("general_argument_invalid") => Err(match error.parameter() {
                Some("email") => AppError::field("email", Problem::NotAnEmail),
                _ => AppError::InvalidCredentials,
            }),
            result => Ok(result?),
        }
    };
    state.response_timing.refusal(work).await
}
