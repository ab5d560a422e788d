//! Checks the [`AccountField`](super::AccountField) of a form.

use crate::error::AppError;

/// Fails if the form was rendered for another user than the one who is signed in now. Programs may leave `account` empty.
pub(crate) fn check_form_account(user_id: &str, account: &str) -> Result<(), AppError> {
    if account.is_empty() || account == user_id { Ok(()) } else { Err(AppError::OtherAccount) }
}
