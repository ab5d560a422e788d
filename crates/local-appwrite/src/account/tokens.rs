//! Sign-in without a password: links and codes by email, codes by SMS, and their redemption.

use std::time::Duration;

use super::sessions;
use crate::{
    ApiError, ErrorKind, Profile,
    clock::after,
    http::{Call, Reply},
    identity::secret,
    oauth2::{self, identity},
    outbox::{self, Sender, mail},
    store::Changes,
    tokens::{self, Token, TokenKind},
    users::{self, Target, TargetKind, User},
};

const LINK_LIFETIME: Duration = Duration::from_secs(3600);
const CODE_LIFETIME: Duration = Duration::from_secs(900);

/// `POST /account/tokens/magic-url`.
pub fn create_magic_url(call: &Call<'_>) -> Result<Reply, ApiError> {
    let (id, email, url, phrase) = {
        let params = call.params;
        let id = params.new_id("userId", call.now)?;
        let email = params.email("email")?;
        let url = params.raw("url").map(|_| params.platform_url("url", call.state)).transpose()?;
        (id, email, url, params.boolean_or("phrase", false)?)
    };
    require_smtp(call)?;
    let phrase = if phrase { mail::phrase() } else { String::new() };
    let secret = secret::hex(64);
    call.state.store().write(call.state.hub(), |changes| {
        let has_target = call.profile() != Profile::OneNineNext;
        let user = user_of_email(changes, call, id, &email, has_target)?;
        let token = new_token(call, &user.id, TokenKind::MagicUrl, &secret, LINK_LIFETIME);
        let base = url.map_or_else(|| mail::default_link(call, "/console/auth/magic-url"), Ok)?;
        let link = mail::link(base, &user.id, &secret, token.expire, Some(&call.state.settings().project_id));
        outbox::keep(changes, call.now, &Sender::of(call).magic_url(&email, &link, &phrase))?;
        issue(changes, call, token, &secret, &phrase)
    })
}

/// `POST /account/tokens/email`.
pub fn create_email(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("userId", call.now)?;
    let email = call.params.email("email")?;
    let wants_phrase = call.params.boolean_or("phrase", false)?;
    require_smtp(call)?;
    let phrase = if wants_phrase { mail::phrase() } else { String::new() };
    let secret = secret::code(6);
    call.state.store().write(call.state.hub(), |changes| {
        let user = user_of_email(changes, call, id, &email, true)?;
        let token = new_token(call, &user.id, TokenKind::EmailCode, &secret, CODE_LIFETIME);
        outbox::keep(changes, call.now, &Sender::of(call).email_code(&email, &secret, &phrase))?;
        issue(changes, call, token, &secret, &phrase)
    })
}

/// `POST /account/tokens/phone`.
pub fn create_phone(call: &Call<'_>) -> Result<Reply, ApiError> {
    let id = call.params.new_id("userId", call.now)?;
    let phone = call.params.phone("phone")?;
    require_sms(call)?;
    let secret = secret::code(6);
    call.state.store().write(call.state.hub(), |changes| {
        let user = user_of_phone(changes, call, id, &phone)?;
        let token = new_token(call, &user.id, TokenKind::PhoneCode, &secret, CODE_LIFETIME);
        outbox::keep(changes, call.now, &Sender::of(call).sms_code(&phone, &secret))?;
        // Appwrite returns this secret encoded like a session token.
        let shown = crate::sessions::SessionToken { id: user.id, secret: secret.clone() }.encode();
        issue(changes, call, token, &shown, "")
    })
}

/// `POST /account/sessions/token` and the older `PUT /account/sessions/{magic-url,phone}`.
pub fn redeem(call: &Call<'_>) -> Result<Reply, ApiError> {
    let user_id = call.params.custom_id("userId")?;
    let given = call.params.text("secret", 1, 256)?;
    // An OAuth2 secret is a short-lived JWT that contains the token's secret.
    let secret = oauth2::unwrap_secret(call.state, &given, call.now).unwrap_or(given);
    call.state.store().write(call.state.hub(), |changes| {
        let user = users::find(changes, &user_id)?.ok_or(ErrorKind::UserInvalidToken)?;
        let token = tokens::proven_by(changes, &user.id, &secret, TokenKind::signs_in, call.now)?
            .ok_or(ErrorKind::UserInvalidToken)?;
        tokens::remove(changes, &token.id)?;
        let user = prove_address(changes, call, user, token.kind)?;
        let (provider, uid) = token.session_provider(call.profile());
        let factors = token.session_factors(call.profile());
        sessions::start(changes, call, &user, &provider, &uid, &factors, None)
    })
}

/// Redeeming a link or code verifies the address it was sent to.
fn prove_address(changes: &Changes<'_>, call: &Call<'_>, mut user: User, kind: TokenKind) -> Result<User, ApiError> {
    match kind {
        TokenKind::MagicUrl | TokenKind::EmailCode => user.email_verification = true,
        TokenKind::PhoneCode => user.phone_verification = true,
        _ => return Ok(user),
    }
    user.updated_at = call.now;
    users::update(changes, &user)?;
    Ok(user)
}

/// The main branch of July 2026 creates no target for a user created by a magic link.
fn user_of_email(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    id: String,
    email: &str,
    has_target: bool,
) -> Result<User, ApiError> {
    if let Some(user) = users::find_by_email(changes, email)? {
        return Ok(user);
    }
    if identity::has_email(changes, email)? {
        return Err(ErrorKind::UserEmailAlreadyExists.into());
    }
    let mut user = User::new(id, call.now);
    user.email = Some(email.to_owned());
    if has_target {
        user.targets = vec![Target::new(TargetKind::Email, email, call.now)];
    }
    users::insert(changes, &user)?;
    Ok(user)
}

fn user_of_phone(changes: &mut Changes<'_>, call: &Call<'_>, id: String, phone: &str) -> Result<User, ApiError> {
    if let Some(user) = users::find_by_phone(changes, phone)? {
        return Ok(user);
    }
    let mut user = User::new(id, call.now);
    user.phone = Some(phone.to_owned());
    user.targets = vec![Target::new(TargetKind::Sms, phone, call.now)];
    users::insert(changes, &user)?;
    Ok(user)
}

fn new_token(call: &Call<'_>, user_id: &str, kind: TokenKind, secret: &str, lifetime: Duration) -> Token {
    Token::new(user_id, kind, secret, call.now, after(call.now, lifetime))
}

/// Stores the token and returns it; only API keys receive the secret.
fn issue(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    token: Token,
    shown_secret: &str,
    phrase: &str,
) -> Result<Reply, ApiError> {
    tokens::insert(changes, &token)?;
    let secret = if call.caller.is_key() { shown_secret } else { "" };
    Ok(Reply::created(token.wire(secret, phrase)))
}

/// Returns 503 if the server cannot send email.
pub(super) fn require_smtp(call: &Call<'_>) -> Result<(), ApiError> {
    if call.state.settings().smtp { Ok(()) } else { Err(ErrorKind::GeneralSmtpDisabled.into()) }
}

/// Returns 503 if the server cannot send SMS.
pub(super) fn require_sms(call: &Call<'_>) -> Result<(), ApiError> {
    if call.state.settings().sms { Ok(()) } else { Err(ErrorKind::GeneralPhoneDisabled.into()) }
}
