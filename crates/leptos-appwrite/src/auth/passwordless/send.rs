//! Sends a link or code through Appwrite, without revealing if an account exists.

use crate::auth::fields::{email_problem, phone_number};
use crate::auth::sent_to::link_for;
use crate::clock;
use crate::error::{AppError, Problem};
use crate::security::rate_limit::Attempt;
use crate::session::cookie::CookieLifetime;
use crate::session::own_path::OwnPath;
use crate::session::pending_cookie::PendingSignIn;
use crate::session::pending_sign_in::{PendingView, Proof, SentProof};
use crate::session::request::ActionRequest;
use crate::site::Paths;
use appwrite_client::{AppwriteError, Token};

use super::decoy;

/// The longest `next`, in bytes, that a pending sign-in keeps; the whole of it must fit into a cookie.
const MAX_NEXT_LENGTH: usize = 1024;

/// Parses the address or phone number that the user typed.
pub fn address_of(proof: SentProof, typed: &str) -> Result<String, Problem> {
    let typed = typed.trim();
    match proof {
        SentProof::MagicLink | SentProof::EmailCode => email_problem(typed).map_or(Ok(typed.to_owned()), Err),
        SentProof::PhoneCode if typed.is_empty() => Err(Problem::Missing),
        SentProof::PhoneCode => phone_number(typed).ok_or(Problem::NotAPhone),
    }
}

/// Sends the proof, stores the pending sign-in in a cookie and redirects to the page that waits.
pub async fn send(
    request: &ActionRequest,
    proof: SentProof,
    address: &str,
    next: &str,
    lifetime: CookieLifetime,
) -> Result<(), AppError> {
    let page = waiting_page(&request.state.site.paths, proof).ok_or(AppError::MethodUnavailable)?;
    request.state.limits.count(attempt(proof), request.sender.address, Some(address)).await?;
    let token = request.state.response_timing.answer(create(request, proof, address)).await?;
    let shown = PendingView {
        proof: Proof::Sent(proof),
        address: address.to_owned(),
        phrase: token.phrase,
        sent_at: clock::now(),
        next: remembered(next),
        keep: lifetime == CookieLifetime::Persistent,
    };
    request.keep_pending_sign_in(&PendingSignIn { shown, id: token.user_id, challenge: None })?;
    request.go_to(&OwnPath::of_page(page));
    Ok(())
}

fn waiting_page(paths: &Paths, proof: SentProof) -> Option<&'static str> {
    match proof {
        SentProof::MagicLink => paths.magic_link.map(|pages| pages.sent),
        SentProof::EmailCode => paths.email_code,
        SentProof::PhoneCode => paths.phone_code,
    }
}

fn attempt(proof: SentProof) -> Attempt {
    match proof {
        SentProof::MagicLink => Attempt::MagicLink,
        SentProof::EmailCode => Attempt::EmailCode,
        SentProof::PhoneCode => Attempt::PhoneCode,
    }
}

fn remembered(next: &str) -> String {
    let path = OwnPath::parse(next).map(|path| path.as_str().to_owned());
    path.filter(|path| path.len() <= MAX_NEXT_LENGTH).unwrap_or_default()
}

async fn create(request: &ActionRequest, proof: SentProof, address: &str) -> Result<Token, AppError> {
    let (state, visitor) = (&request.state, request.sender.visitor());
    let admin = state.appwrite.admin();
    let answer = match proof {
        SentProof::MagicLink => {
            let page = state.site.paths.magic_link.ok_or(AppError::MethodUnavailable)?.open;
            admin.create_magic_url_token(address, &link_for(state, page, address), &visitor).await
        }
        SentProof::EmailCode => admin.create_email_token(address, &visitor).await,
        SentProof::PhoneCode => admin.create_phone_token(address, &visitor).await,
    };
    answer.or_else(|error| {
        state.availability.note_refusal(proof.into(), &error);
        if reveals_account(&error) { Ok(decoy::token(proof)) } else { Err(to_form_error(error)) }
    })
}

/// Returns true if the error reveals something about an account: it is blocked, it has another address, or the project
/// allows no more accounts. The response then looks as if the proof was sent.
fn reveals_account(error: &AppwriteError) -> bool {
    matches!(
        error.kind(),
        Some(
            "user_blocked"
                | "user_count_exceeded"
                | "user_already_exists"
                | "user_email_already_exists"
                | "user_phone_already_exists"
                | "user_target_already_exists"
                | "user_not_found"
        )
    )
}

fn to_form_error(error: AppwriteError) -> AppError {
    if error.is("general_bad_request") {
        return AppError::field("address", Problem::Refused);
    }
    AppError::of_form(error, &[("email", "address"), ("phone", "address")])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn address_is_normalized() {
        assert_eq!(address_of(SentProof::MagicLink, " ann@example.com\n"), Ok("ann@example.com".into()));
        assert_eq!(address_of(SentProof::EmailCode, "+442079460018"), Err(Problem::NotAnEmail));
        assert_eq!(address_of(SentProof::PhoneCode, " 0044 (20) 7946-0018"), Ok("+442079460018".into()));
        assert_eq!(address_of(SentProof::PhoneCode, "020 7946 0018"), Err(Problem::NotAPhone));
        assert_eq!(address_of(SentProof::PhoneCode, " "), Err(Problem::Missing));
    }

    #[test]
    fn next_page_is_kept_if_own_and_short_enough() {
        assert_eq!(remembered("/birthdays?page=2"), "/birthdays?page=2");
        assert_eq!(remembered("//evil"), "");
        assert_eq!(remembered(&format!("/{}", "a".repeat(1024))), "");
    }

    proptest! {
        #[test]
        fn accepted_phone_number_is_valid_for_appwrite(typed in "[+0-9 ().-]{0,24}|\\PC{0,12}") {
            if let Ok(number) = address_of(SentProof::PhoneCode, &typed) {
                let digits = number.strip_prefix('+').unwrap_or_default();
                prop_assert!((7..=15).contains(&digits.len()) && !digits.starts_with('0'), "{}", number);
                prop_assert!(digits.bytes().all(|digit| digit.is_ascii_digit()), "{}", number);
            }
        }
    }
}
