//! The request for another link or code.

use leptos::prelude::*;

use crate::error::AppError;
use crate::session::pending_sign_in::SentProof;

/// Sends another link or code to the address that this browser gave before.
#[server(prefix = "/actions", endpoint = "send_again")]
pub async fn send_again(proof: SentProof) -> Result<(), AppError> {
    use super::send::send;
    use crate::session::Success;
    use crate::session::pending_sign_in::Proof;
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(proof.into())?;
    let before = request.pending_sign_in(Proof::Sent(proof))?;
    send(&request, proof, &before.shown.address, &before.shown.next, before.lifetime).await?;
    request.leave_success(Success::SentAgain);
    Ok(())
}
