//! The account's password.

use leptos::prelude::*;

use crate::error::AppError;

/// Changes the password, or sets the first one, and redirects to `next`. The user stays signed in.
///
/// `others=yes` ends the user's other sessions. From 1.8 on, Appwrite ends them by itself unless the project switches
/// that off.
#[server(prefix = "/actions", endpoint = "change_password")]
pub async fn change_password(
    #[server(default)] old_password: String,
    #[server(default)] password: String,
    #[server(default)] others: String,
    #[server(default)] account: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use super::replace::{end_other_sessions, replace};
    use crate::auth::fields::{is_own_address, new_password_problem};
    use crate::auth::typed_password::TypedPassword;
    use crate::error::{FieldErrors, Problem};
    use crate::session::Success;

    let account = OwnAccount::of_form(|paths| paths.change_password, &account).await?;
    let user = &account.user;
    if user.is_guest() {
        // A guest cannot sign in with a password alone, and must save the account with an email address first.
        return Err(AppError::Forbidden);
    }
    let (old, new) = (TypedPassword::new(old_password), TypedPassword::new(password));
    let (had_password, name) = (account.had_password(), user.name.to_lowercase());
    let is_own = |text: &str| is_own_address(&user.email, text) || text == name;
    let new_problem = new_password_problem(new.composed(), is_own);
    let mut errors = FieldErrors::default();
    errors.note("old_password", (had_password && old.is_empty()).then_some(Problem::Missing));
    errors.note("password", new_problem.or((had_password && old.is(&new)).then_some(Problem::UsedBefore)));
    errors.check()?;
    account.count_password().await?;
    replace(&account, had_password.then_some(&old), new.composed()).await?;
    let success = match others == "yes" && end_other_sessions(&account).await.is_err() {
        true => Success::OwnPasswordChangedOnly,
        false if had_password => Success::OwnPasswordChanged,
        false => Success::PasswordSet,
    };
    account.finish(success, &next);
    Ok(())
}
