//! The account that a form changes.

use appwrite_client::{AppwriteError, SessionClient, User};
use secrecy::SecretString;

use super::password_state::PasswordState;
use super::security::answers::require_factor_if_on;
use crate::auth::typed_password::TypedPassword;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::Success;
use crate::session::request::ActionRequest;
use crate::site::Paths;

/// The signed-in user's account.
pub(super) struct OwnAccount {
    pub request: ActionRequest,
    pub session: SessionClient,
    pub user: User,
}

impl OwnAccount {
    /// Returns the account for a form. `page` is the form's page, and `account` the user for whom it was rendered.
    ///
    /// Fails with [`AppError::MethodUnavailable`] if the app has no such page, and with [`AppError::OtherAccount`] if
    /// another user has signed in since.
    pub async fn of_form(page: impl FnOnce(&Paths) -> Option<&'static str>, account: &str) -> Result<Self, AppError> {
        let request = ActionRequest::current()?;
        page(&request.state.site.paths).ok_or(AppError::MethodUnavailable)?;
        let (session, user) = (request.session()?, request.user::<User>().await?);
        if user.id != account {
            return Err(AppError::OtherAccount);
        }
        Ok(Self { request, session, user })
    }

    /// Asks for the second factor again, if it is on and the app has the page for it, because the change may remove a
    /// factor.
    pub async fn require_factor_if_on(&self) -> Result<(), AppError> {
        match self.request.state.site.paths.security {
            Some(_) => require_factor_if_on(&self.session, &self.user).await,
            None => Ok(()),
        }
    }

    /// True if the account has ever had a password; it may have been removed.
    pub fn had_password(&self) -> bool {
        self.user.password_update.is_some()
    }

    /// Asks Appwrite for the state of the password.
    pub async fn password_state(&self) -> Result<PasswordState, AppError> {
        PasswordState::of(&self.request.state, &self.user).await
    }

    /// Counts an attempt to prove the password.
    pub async fn count_password(&self) -> Result<(), AppError> {
        let limits = &self.request.state.limits;
        limits.count(Attempt::Password, self.request.sender.address, Some(&self.user.id)).await
    }

    /// Changes the email address or phone number in `field` by `call`, which sends the password as a proof.
    ///
    /// Fails if the account has no password, because Appwrite would set this one as its first.
    pub async fn change_with_password<F>(
        &self,
        field: &str,
        password: &TypedPassword,
        call: impl Fn(SecretString) -> F,
    ) -> Result<(), AppError>
    where
        F: Future<Output = Result<User, AppwriteError>>,
    {
        if !self.had_password() {
            return Err(AppError::NoPassword);
        }
        self.count_password().await?;
        match password.prove(call).await {
            None => Err(AppError::field("password", Problem::WrongPassword)),
            Some(Err(error)) => Err(of_change(error, field)),
            Some(Ok(_)) => Ok(()),
        }
    }

    /// Tells the next page that the change succeeded.
    pub fn finish(&self, success: Success, next: &str) {
        self.request.leave_success(success);
        self.request.go_to_next(next);
    }
}

fn of_change(error: AppwriteError, field: &str) -> AppError {
    match error.kind() {
        Some("user_invalid_credentials") => return AppError::field("password", Problem::WrongPassword),
        // Appwrite looks for the address among the accounts and their targets (account.php, `PATCH /account/email`).
        Some("user_target_already_exists" | "user_email_already_exists" | "user_phone_already_exists") => {
            return AppError::field(field, Problem::OfAnotherAccount);
        }
        Some("general_bad_request") if field == "email" => return AppError::field(field, Problem::OfAnotherAccount),
        _ => {}
    }
    match error.parameter() {
        Some("password") => AppError::field("password", Problem::WrongPassword),
        _ => AppError::of_form(error, &[(field, field)]),
    }
}
