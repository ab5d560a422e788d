//! The deletion of the account.

use leptos::prelude::*;

use crate::error::AppError;

/// Deletes the user's rows in all of the app's tables and the account, signs this browser out, and opens the goodbye page.
///
/// `address` is the account's email address, or its phone number if it has no email address. `password` is the
/// account's; an account without a password needs a recent second factor, if it has one. Fails with
/// [`AppError::NotAllDeleted`] if something is left; the next attempt deletes the rest.
#[server(prefix = "/actions", endpoint = "delete_account")]
pub async fn delete_account(
    #[server(default)] address: String,
    #[server(default)] password: String,
    #[server(default)] account: String,
) -> Result<(), AppError> {
    use super::erase::AccountDeletion;
    use super::proof::{Typed, require_proof};
    use crate::account::own::OwnAccount;
    use crate::auth::typed_password::TypedPassword;
    use crate::session::own_path::OwnPath;

    let account = OwnAccount::of_form(|paths| paths.leaving.map(|pages| pages.delete), &account).await?;
    require_proof(&account, &Typed { address, password: TypedPassword::new(password) }).await?;
    let OwnAccount { request, session, user } = account;
    let state = &request.state;
    let pages = state.site.paths.leaving.ok_or(AppError::MethodUnavailable)?;
    let erasure = AccountDeletion {
        appwrite: state.appwrite.clone(),
        session,
        user_id: user.id,
        database: state.config.database_id.clone(),
        tables: state.site.tables,
    };
    erasure.run().await?;
    request.forget_session();
    request.forget_pending_sign_in();
    request.go_to(&OwnPath::of_page(pages.goodbye));
    Ok(())
}
