//! The account's name.

use leptos::prelude::*;

use crate::error::AppError;

/// Changes the name and redirects to `next`, like a sign-in. `account` comes from
/// [`AccountField`](super::AccountField).
#[server(prefix = "/actions", endpoint = "change_name")]
pub async fn change_name(
    #[server(default)] name: String,
    #[server(default)] account: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::own::OwnAccount;
    use crate::auth::fields::name_problem;
    use crate::error::FieldErrors;
    use crate::session::Success;

    let account = OwnAccount::of_form(|paths| paths.change_name, &account).await?;
    let name = name.trim();
    let mut errors = FieldErrors::default();
    errors.note("name", name_problem(name));
    errors.check()?;
    account.session.update_name(name).await.map_err(|error| AppError::of_form(error, &[("name", "name")]))?;
    account.finish(Success::NameChanged(name.to_owned()), &next);
    Ok(())
}
