//! The account's email address.

use leptos::prelude::*;

use crate::error::AppError;

/// Changes the email address, which is then unconfirmed, and redirects to `next`. Needs the password; fails with
/// [`AppError::NoPassword`] if the account has none.
#[server(prefix = "/actions", endpoint = "change_email")]
pub async fn change_email(
    #[server(default)] email: String,
    #[server(default)] password: String,
    #[server(default)] account: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::auth::fields::email_problem;
    use crate::auth::typed_password::TypedPassword;
    use crate::error::{FieldErrors, Problem};
    use crate::session::Success;

    let account = OwnAccount::of_form(|paths| paths.change_email, &account).await?;
    let (email, password) = (email.trim(), TypedPassword::new(password));
    let is_unchanged = email.to_lowercase() == account.user.email.to_lowercase();
    let mut errors = FieldErrors::default();
    errors.note("email", email_problem(email).or(is_unchanged.then_some(Problem::Unchanged)));
    errors.note("password", password.is_empty().then_some(Problem::Missing));
    errors.check()?;
    account.require_factor_if_on().await?;
    let session = &account.session;
    let update = |password| async move { session.update_email(email, &password).await };
    account.change_with_password("email", &password, update).await?;
    account.request.remember_account(email);
    account.finish(Success::EmailChanged(email.to_owned()), &next);
    Ok(())
}
