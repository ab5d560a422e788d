//! The state of the user's email address.

use leptos::prelude::*;

use crate::error::AppError;
use crate::json::Answer;

/// Returns true once the user's email address is confirmed.
#[server(prefix = "/actions", endpoint = "email_is_confirmed", output = Answer)]
pub async fn email_is_confirmed() -> Result<bool, AppError> {
    use crate::session::methods::SignInMethod;
    use crate::session::request::ActionRequest;
    use appwrite_client::User;

    let request = ActionRequest::for_method(SignInMethod::Verification)?;
    request.no_store();
    Ok(request.user::<User>().await?.email_verification)
}
