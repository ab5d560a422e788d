//! The request for another link or code.

use leptos::prelude::*;

use crate::error::AppError;
use crate::session::pending_sign_in::SentProof;

/// Sends another link or code to the address that this browser gave before.
#[server(prefix = "/actions", endpoint = "send_again")]
pub async fn send_again(proof: SentProof) -> Result<(), AppError> {
    use super::send::send;
    use crate::session::Success;
    use crate::session::cookie::CookieLifetime;
    use crate::session::pending_sign_in::{PendingView, Proof};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(proof.into())?;
    let before = request.pending_sign_in(Proof::Sent(proof))?;
    let PendingView { address, next, keep, .. } = before.shown;
    send(&request, proof, &address, &next, CookieLifetime::of_choice(keep)).await?;
    request.leave_success(Success::SentAgain);
    Ok(())
}
