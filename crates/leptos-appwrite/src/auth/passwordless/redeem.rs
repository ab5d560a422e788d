//! Signs in by a link or a code.

use crate::auth::fields;
use crate::auth::finish::finish_by_proof;
use crate::auth::proof::{Source, redeem};
use crate::auth::sent_to::SentTo;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::cookie::CookieLifetime;
use crate::session::mail_link::MailLink;
use crate::session::pending_cookie::PendingSignIn;
use crate::session::pending_sign_in::{Proof, SentProof};
use crate::session::request::ActionRequest;

/// Signs in by a code as the user typed it.
pub async fn redeem_code(request: &ActionRequest, pending: &PendingSignIn, typed: &str) -> Result<(), AppError> {
    let refused = |problem| Err(AppError::field("code", problem));
    let code = match fields::sent_code(typed) {
        Ok(code) => code,
        Err(problem) => return refused(problem),
    };
    // Counts by address too, because without an account each new code has another user id.
    let address = &pending.shown.address;
    request.state.limits.count(Attempt::Proof, request.sender.address, Some(address)).await?;
    request.state.limits.count_account(Attempt::Proof, &pending.id).await?;
    let sent_to = match pending.shown.proof {
        Proof::Sent(SentProof::PhoneCode) => SentTo::Phone(address.clone()),
        _ => SentTo::Email(address.clone()),
    };
    match redeem(&request.state, &request.sender, &pending.id, code.into(), Source::Sent(sent_to)).await? {
        Some(redeemed) => {
            if pending.shown.proof == Proof::Sent(SentProof::EmailCode) {
                request.remember_account(address);
            }
            finish_by_proof(request, &redeemed, CookieLifetime::of_choice(pending.shown.keep), &pending.shown.next)
                .await
        }
        None => refused(Problem::WrongCode),
    }
}

/// Signs in by a link. `address` holds its hashes of the address that it was sent to.
pub async fn redeem_link(
    request: &ActionRequest,
    link: MailLink,
    address: String,
    lifetime: CookieLifetime,
) -> Result<(), AppError> {
    let asked_here = request.pending_sign_in(Proof::Sent(SentProof::MagicLink)).ok();
    let asked_here = asked_here.filter(|pending| pending.id == link.user_id).map(|pending| pending.shown);
    request.state.limits.count(Attempt::Proof, request.sender.address, None).await?;
    let source = Source::Sent(SentTo::Link(address));
    match redeem(&request.state, &request.sender, &link.user_id, link.secret.into(), source).await? {
        Some(redeemed) => {
            if let Some(asked) = &asked_here {
                request.remember_account(&asked.address);
            }
            finish_by_proof(request, &redeemed, lifetime, asked_here.as_ref().map_or("", |asked| &asked.next)).await
        }
        None => Err(AppError::LinkInvalid),
    }
}
