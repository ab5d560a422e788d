//! Sign-in by a code.

use leptos::prelude::*;

use crate::error::AppError;
use crate::session::pending_sign_in::SentProof;

/// Signs in by the code and redirects to the path from the request for it.
#[server(prefix = "/actions", endpoint = "enter_code")]
pub async fn enter_code(proof: SentProof, #[server(default)] code: String) -> Result<(), AppError> {
    use super::redeem::redeem_code;
    use crate::auth::guest::stays::asks_first;
    use crate::session::pending_sign_in::Proof;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(proof.into())?;
    if !proof.is_code() {
        return Err(AppError::BadRequest);
    }
    if asks_first(&request).await? {
        return Ok(());
    }
    let pending = request.pending_sign_in(Proof::Sent(proof))?;
    redeem_code(&request, &pending, &code).await
}
