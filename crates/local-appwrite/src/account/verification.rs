//! Verification of email addresses and phone numbers.

use std::time::Duration;

use super::{
    emit, logs,
    tokens::{require_sms, require_smtp},
    user,
};
use crate::{
    ApiError, ErrorKind,
    clock::after,
    http::{Call, Reply},
    identity::secret,
    outbox::{self, Sender, mail},
    tokens::{self, Token, TokenKind},
    users::{self, User},
};

const LINK_LIFETIME: Duration = Duration::from_secs(3600);
const CODE_LIFETIME: Duration = Duration::from_secs(900);

/// `POST /account/verifications/email`.
pub fn create_email(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_smtp(call)?;
    let url = call.params.platform_url("url", call.state)?;
    let user = user(call)?;
    let email = user.email.as_deref().ok_or(ErrorKind::UserEmailNotFound)?;
    if user.email_verification {
        return Err(ErrorKind::UserEmailAlreadyVerified.into());
    }
    let secret = secret::hex(256);
    let token = Token::new(&user.id, TokenKind::EmailVerification, &secret, call.now, after(call.now, LINK_LIFETIME));
    let link = mail::link(url, &user.id, &secret, token.expire, None);
    issue(call, user, &token, (&secret, ""), &Sender::of(call).verification(email, &link))
}

/// `POST /account/verifications/email/otp`: six digits instead of a link, since 2.3.
pub fn create_email_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_smtp(call)?;
    let phrase = if call.params.boolean_or("phrase", false)? { mail::phrase() } else { String::new() };
    let user = user(call)?;
    let email = user.email.as_deref().ok_or(ErrorKind::UserEmailNotFound)?;
    if user.email_verification {
        return Err(ErrorKind::UserEmailAlreadyVerified.into());
    }
    let code = secret::code(6);
    let expire = after(call.now, CODE_LIFETIME);
    let token = Token::new(&user.id, TokenKind::EmailVerificationCode, &code, call.now, expire);
    let message = Sender::of(call).verification_code(email, &code, &phrase);
    issue(call, user, &token, (&code, &phrase), &message)
}

/// `PUT /account/verifications/email/otp`.
pub fn complete_email_code(call: &Call<'_>) -> Result<Reply, ApiError> {
    complete(call, TokenKind::EmailVerificationCode, |user| user.email_verification = true)
}

/// `PUT /account/verifications/email`. Needs no session: the link works in any browser.
pub fn complete_email(call: &Call<'_>) -> Result<Reply, ApiError> {
    complete(call, TokenKind::EmailVerification, |user| user.email_verification = true)
}

/// `POST /account/verifications/phone`.
pub fn create_phone(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_sms(call)?;
    let user = user(call)?;
    let phone = user.phone.as_deref().ok_or(ErrorKind::UserPhoneNotFound)?;
    if user.phone_verification {
        return Err(ErrorKind::UserPhoneAlreadyVerified.into());
    }
    let secret = secret::code(6);
    let token = Token::new(&user.id, TokenKind::PhoneVerification, &secret, call.now, after(call.now, CODE_LIFETIME));
    issue(call, user, &token, (&secret, ""), &Sender::of(call).sms_code(phone, &secret))
}

/// `PUT /account/verifications/phone`.
pub fn complete_phone(call: &Call<'_>) -> Result<Reply, ApiError> {
    complete(call, TokenKind::PhoneVerification, |user| user.phone_verification = true)
}

fn issue(
    call: &Call<'_>,
    user: &User,
    token: &Token,
    (secret, phrase): (&str, &str),
    message: &outbox::Message,
) -> Result<Reply, ApiError> {
    call.state.store().write(call.state.hub(), |changes| {
        tokens::insert(changes, token)?;
        outbox::keep(changes, call.now, message)?;
        logs::record(changes, call, user, "verification.create")?;
        emit(changes, &user.id, &format!("verification.{}.create", token.id), token.event_payload(call.profile()));
        let shown = if call.caller.is_key() { secret } else { "" };
        Ok(Reply::created(token.wire(shown, phrase)))
    })
}

fn complete(call: &Call<'_>, kind: TokenKind, prove: impl FnOnce(&mut User)) -> Result<Reply, ApiError> {
    let user_id = call.params.id("userId")?;
    let secret = call.params.text("secret", 1, 256)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = users::find(changes, &user_id)?.ok_or(ErrorKind::UserNotFound)?;
        let token = tokens::proven_by(changes, &user.id, &secret, |found| found == kind, call.now)?
            .ok_or(ErrorKind::UserInvalidToken)?;
        tokens::remove(changes, &token.id)?;
        prove(&mut user);
        user.updated_at = call.now;
        users::update(changes, &user)?;
        logs::record(changes, call, &user, "verification.update")?;
        emit(changes, &user.id, &format!("verification.{}.update", token.id), token.event_payload(call.profile()));
        Ok(Reply::ok(token.wire("", "")))
    })
}
