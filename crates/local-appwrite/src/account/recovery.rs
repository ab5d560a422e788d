//! Password reset by email.

use std::time::Duration;

use super::{emit, logs, profile::ends_sessions_with_password, tokens::require_smtp};
use crate::{
    ApiError, ErrorKind, Profile,
    clock::after,
    http::{Call, Reply},
    identity::{password, secret},
    outbox::{self, mail},
    project, sessions,
    tokens::{self, Token, TokenKind},
    users,
};

const LIFETIME: Duration = Duration::from_secs(3600);

/// `POST /account/recovery`. The response reveals if the account exists, so apps must hide it.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    require_smtp(call)?;
    let email = call.params.email("email")?;
    let url = call.params.platform_url("url", call.state)?;
    let secret = secret::hex(256);
    call.state.store().write(call.state.hub(), |changes| {
        let user = users::find_by_email(changes, &email)?.ok_or(ErrorKind::UserNotFound)?;
        if !user.status {
            return Err(ErrorKind::UserBlocked.into());
        }
        let token = Token::new(&user.id, TokenKind::Recovery, &secret, call.now, after(call.now, LIFETIME));
        tokens::insert(changes, &token)?;
        let link = mail::link(url, &user.id, &secret, token.expire, None);
        outbox::keep(changes, call.now, &mail::recovery(&call.project_name(), &email, &link))?;
        logs::record(changes, call, &user, "recovery.create")?;
        emit(changes, &user.id, &format!("recovery.{}.create", token.id), token.event_payload(call.profile()));
        let shown = if call.caller.is_key() { secret.as_str() } else { "" };
        Ok(Reply::created(token.wire(shown, "")))
    })
}

/// `PUT /account/recovery`. Ends all sessions of the user since 1.9.
pub fn complete(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user_id = call.params.id("userId")?;
    let secret = call.params.text("secret", 1, 256)?;
    let password = project::new_password(call)?;
    let hash = password::hash(&password)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut user = users::find(changes, &user_id)?.ok_or(ErrorKind::UserNotFound)?;
        let wanted = |kind| kind == TokenKind::Recovery;
        let token =
            tokens::proven_by(changes, &user.id, &secret, wanted, call.now)?.ok_or(ErrorKind::UserInvalidToken)?;
        project::check_history(call, &user, &password)?;
        // Only since 2.3.
        if call.profile() == Profile::Two {
            project::check_personal_data(call, &user, &password)?;
        }
        tokens::remove(changes, &token.id)?;
        project::remember(call, &mut user, &hash);
        user.set_password(hash, call.now);
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
