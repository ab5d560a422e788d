//! The account's phone number.

use leptos::prelude::*;

use crate::error::AppError;

/// Changes the phone number and redirects to `next`. Needs the password; fails with [`AppError::NoPassword`] if the
/// account has none.
#[server(prefix = "/actions", endpoint = "change_phone")]
pub async fn change_phone(
    #[server(default)] phone: String,
    #[server(default)] password: String,
    #[server(default)] account: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::auth::fields::phone_number;
    use crate::auth::typed_password::TypedPassword;
    use crate::error::{FieldErrors, Problem};
    use crate::session::Success;

    let account = OwnAccount::of_form(|paths| paths.change_phone, &account).await?;
    let (number, password) = (phone_number(&phone), TypedPassword::new(password));
    let phone_problem = match &number {
        _ if phone.trim().is_empty() => Some(Problem::Missing),
        None => Some(Problem::NotAPhone),
        Some(number) => (*number == account.user.phone).then_some(Problem::Unchanged),
    };
    let mut errors = FieldErrors::default();
    errors.note("phone", phone_problem);
    errors.note("password", password.is_empty().then_some(Problem::Missing));
    errors.check()?;
    account.require_factor_if_on().await?;
    let (session, number) = (&account.session, &number.unwrap_or_default());
    let update = |password| async move { session.update_phone(number, &password).await };
    account.change_with_password("phone", &password, update).await?;
    account.finish(Success::PhoneChanged(number.clone()), &next);
    Ok(())
}
