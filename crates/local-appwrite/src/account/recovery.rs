//! Password reset by email.

use std::time::Duration;

use jiff::Timestamp;

use super::{emit, logs, profile::ends_sessions_with_password, tokens::require_smtp};
use crate::{
    ApiError, ErrorKind, Profile,
    clock::after,
    http::{Call, Reply},
    identity::{password, secret},
    outbox::{self, Message, Sender, mail},
    project, sessions,
    tokens::{self, Token, TokenKind},
    users::{self, User},
};

const LIFETIME: Duration = Duration::from_secs(3600);
const CODE_LIFETIME: Duration = Duration::from_secs(900);

/// `POST /account/recovery`. The response reveals if the account exists, so apps must hide it.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_smtp(call)?;
    let email = call.params.email("email")?;
    let url = call.params.platform_url("url", call.state)?;
    let secret = secret::hex(256);
    let expire = after(call.now, LIFETIME);
    issue(call, &email, (TokenKind::Recovery, &secret, expire), "", |user| {
        let link = mail::link(url, &user.id, &secret, expire, None);
        Sender::of(call).recovery(&email, &link)
    })
}

/// `POST /account/recovery/otp`: six digits instead of a link, since 2.3.
pub fn create_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_smtp(call)?;
    let email = call.params.email("email")?;
    let phrase = if call.params.boolean_or("phrase", false)? { mail::phrase() } else { String::new() };
    let code = secret::code(6);
    let expire = after(call.now, CODE_LIFETIME);
    issue(call, &email, (TokenKind::RecoveryCode, &code, expire), &phrase, |_| {
        Sender::of(call).recovery_code(&email, &code, &phrase)
    })
}

fn issue(
    call: &Call<'_>,
    email: &str,
    (kind, secret, expire): (TokenKind, &str, Timestamp),
    phrase: &str,
    message: impl FnOnce(&User) -> Message,
) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        let user = users::find_by_email(changes, email)?.ok_or(ErrorKind::UserNotFound)?;
        if !user.status {
            return Err(ErrorKind::UserBlocked.into());
        }
        let token = Token::new(&user.id, kind, secret, call.now, expire);
        tokens::insert(changes, &token)?;
        outbox::keep(changes, call.now, &message(&user))?;
        logs::record(changes, call, &user, "recovery.create")?;
        emit(changes, &user.id, &format!("recovery.{}.create", token.id), token.event_payload(call.profile()));
        let shown = if call.caller.is_key() { secret } else { "" };
        Ok(Reply::created(token.wire(shown, phrase)))
    })
}

/// `PUT /account/recovery`. Ends all sessions of the user since 1.9.
pub fn complete(call: &Call<'_>) -> Result<Reply, ApiError> {
    redeem(call, TokenKind::Recovery)
}

/// `PUT /account/recovery/otp`. A refused password leaves the code valid.
pub fn complete_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    redeem(call, TokenKind::RecoveryCode)
}

fn redeem(call: &Call<'_>, kind: TokenKind) -> Result<Reply, ApiError> {
    let user_id = call.params.id("userId")?;
    let secret = call.params.text("secret", 1, 256)?;
    let password = project::new_password(call)?;
    let hash = password::hash(&password)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = users::find(changes, &user_id)?.ok_or(ErrorKind::UserNotFound)?;
        let wanted = |found| found == kind;
        let token =
            tokens::proven_by(changes, &user.id, &secret, wanted, call.now)?.ok_or(ErrorKind::UserInvalidToken)?;
        project::check_history(call, &user, &password)?;
        // Only since 2.3.
        if call.profile() == Profile::Two {
            project::check_personal_data(call, &user, &password)?;
        }
        tokens::remove(changes, &token.id)?;
        project::adopt(call, &mut user, &password, hash);
        // The user has read the email, so the address is verified.
        user.email_verification = true;
        user.updated_at = call.now;
        users::update(changes, &user)?;
        if ends_sessions_with_password(call.profile()) {
            sessions::remove_all(changes, &user.id)?;
        }
        logs::record(changes, call, &user, "recovery.update")?;
        emit(changes, &user.id, &format!("recovery.{}.update", token.id), token.event_payload(call.profile()));
        Ok(Reply::ok(token.wire("", "")))
    })
}
