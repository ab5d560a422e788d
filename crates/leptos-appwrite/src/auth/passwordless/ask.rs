//! The request for a link or code.

use leptos::prelude::*;

use crate::error::AppError;
use crate::session::pending_sign_in::SentProof;

/// Sends a link or code to an email address or phone number, and redirects to the page that waits for it.
///
/// The response is the same with and without an account. `keep` is for a code; the page that a link opens asks again.
#[server(prefix = "/actions", endpoint = "ask_for_proof")]
pub async fn ask_for_proof(
    proof: SentProof,
    #[server(default)] address: String,
    #[server(default)] next: String,
    #[server(default)] keep: String,
) -> Result<(), AppError> {
    use super::send::{address_of, send};
    use crate::session::request::ActionRequest;

    let request = ActionRequest::for_method(proof.into())?;
    let address = address_of(proof, &address).map_err(|problem| AppError::field("address", problem))?;
    send(&request, proof, &address, &next, request.cookie_lifetime(&keep)).await
}
