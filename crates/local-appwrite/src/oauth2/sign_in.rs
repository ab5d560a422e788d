//! The end of an OAuth2 sign-in: finds or creates the user, then creates a token or session.

use serde_json::{Map, Value, json};
use url::Url;

use super::{
    MOCK,
    address::landing,
    identity::{self, Identity},
    redirects::{self, Returned},
    request::{self, OAuth2State, ProviderAccount},
    secret_token::wrap_secret,
};
use crate::{
    ApiError, ErrorKind, Profile,
    account::{ProviderTokens, start_session},
    clock::after,
    http::{Call, Reply, platform::is_known_url},
    identity::secret,
    sessions,
    store::Changes,
    tokens::{self, Token, TokenKind},
    users::{self, Target, TargetKind, User},
};

/// The lifetime of the token; the JWT around it expires sooner.
const TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(900);

/// The lifetime of the mock provider's access token.
const PROVIDER_TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(3600);

/// `GET /account/sessions/oauth2/:provider/redirect`: the callback redirects here, and the sign-in ends here.
pub fn redirect(call: &Call<'_>) -> Result<Reply, ApiError> {
    let provider = redirects::provider(call)?;
    let returned = redirects::returned(call)?;
    let state = match &returned.state {
        None => OAuth2State::default(),
        Some(text) => OAuth2State::parse(text).ok_or_else(|| {
            let message = "Failed to parse login state params as passed from OAuth2 provider";
            ApiError::new(ErrorKind::GeneralServerError, message)
        })?,
    };
    let known = |text: &str| Url::parse(text).ok().filter(|url| is_known_url(call.state, url));
    let success = known(&state.success).ok_or(ErrorKind::ProjectInvalidSuccessUrl)?;
    let failure = match state.failure.as_str() {
        "" => None,
        text => Some(known(text).ok_or(ErrorKind::ProjectInvalidFailureUrl)?),
    };
    let outcome = consented(call, &provider, &returned).and_then(|account| {
        call.state
            .store()
            .write(call.state.hub(), |changes| finish(changes, call, &provider, &success, state.token, &account))
    });
    match (outcome, failure) {
        (Err(error), Some(failure)) => Ok(Reply::redirect(&landing(&failure, &[("error", &why(&error))]))),
        (outcome, _) => outcome,
    }
}

/// Returns the provider's account, and uses up the code.
fn consented(call: &Call<'_>, provider: &str, returned: &Returned) -> Result<ProviderAccount, ApiError> {
    // Without a project, the request belongs to the console project, which has no providers.
    let is_ours = call.header("x-appwrite-project").is_some() || call.params.raw("project").is_some();
    if provider != MOCK || !is_ours {
        return Err(super::disabled());
    }
    let provider_error = |message: String| ApiError::new(ErrorKind::UserOauth2ProviderError, message);
    if let Some(error) = &returned.error {
        let more = returned.error_description.as_ref().map(|text| format!(": {text}")).unwrap_or_default();
        return Err(provider_error(format!("The Mock OAuth2 provider returned an error: {error}{more}")));
    }
    let code = returned.code.as_ref().ok_or_else(|| {
        provider_error("Missing OAuth2 code. Please contact the Appwrite team for additional support.".to_owned())
    })?;
    let account = call.state.store().write(call.state.hub(), |changes| request::redeem(changes, code, call.now))?;
    account.ok_or_else(|| match call.profile() {
        Profile::Two => ApiError::new(
            ErrorKind::UserOauth2ProviderFailure,
            "Mock couldn't complete sign-in (invalid_grant). Please try again.",
        ),
        _ => ApiError::new(
            ErrorKind::UserOauth2BadRequest,
            "Failed to obtain access token. The Mock OAuth2 provider returned an error: invalid_grant: The code is wrong or has been used.",
        ),
    })
}

fn finish(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    provider: &str,
    success: &Url,
    wants_token: bool,
    account: &ProviderAccount,
) -> Result<Reply, ApiError> {
    let user = user_of(changes, call, provider, account)?;
    if wants_token {
        let secret = secret::hex(64);
        let mut token = Token::new(&user.id, TokenKind::OAuth2, &secret, call.now, after(call.now, TOKEN_LIFETIME));
        token.provider = Some((provider.to_owned(), account.uid.clone()));
        tokens::insert(changes, &token)?;
        let secret = wrap_secret(call.state, &secret, call.now)?;
        return Ok(Reply::redirect(&landing(success, &[("secret", &secret), ("userId", &user.id)])));
    }
    // No service accepts these tokens. Clients see them as they would with real providers.
    let tokens = ProviderTokens {
        access: secret::hex(40),
        refresh: secret::hex(40),
        expire: after(call.now, PROVIDER_TOKEN_LIFETIME),
    };
    let factors = ["email", "oauth2"];
    let reply = start_session(changes, call, &user, provider, &account.uid, &factors, Some(tokens))?;
    if call.caller.user.is_some() {
        keep_devices(changes, user)?;
    }
    Ok(reply.turned_into_redirect(&landing(success, &[])))
}

/// Devices that the former session registered stay with the new one.
fn keep_devices(changes: &Changes<'_>, mut user: User) -> Result<(), ApiError> {
    let newest = sessions::of_user(changes, &user.id)?.pop().map(|session| session.id);
    for target in user.targets.iter_mut().filter(|target| target.kind == TargetKind::Push) {
        target.session_id.clone_from(&newest);
    }
    users::update(changes, &user)
}

/// Finds the user (the signed-in one, or else by identity, or else by verified address), or creates one.
fn user_of(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    provider: &str,
    account: &ProviderAccount,
) -> Result<User, ApiError> {
    let known = identity::find(changes, provider, &account.uid)?;
    let mut user = match (&call.caller.user, &known) {
        (Some(user), _) => signed_in(changes, call, user, account)?,
        (None, Some(known)) => users::find(changes, &known.user_id)?.ok_or(ErrorKind::UserNotFound)?,
        (None, None) => by_address(changes, call, account)?,
    };
    if !user.status {
        return Err(ErrorKind::UserBlocked.into());
    }
    let (had_email, had_name) = (user.email.is_some(), !user.name.is_empty());
    if !had_email {
        user.email = Some(account.email.clone());
        user.email_verification = user.email_verification || account.is_verified;
    }
    if !had_name {
        user.name.clone_from(&account.name);
    }
    if !had_email || !had_name {
        users::update(changes, &user)?;
    }
    if known.is_none() {
        identity::insert(
            changes,
            &Identity {
                id: secret::id(call.now),
                user_id: user.id.clone(),
                provider: provider.to_owned(),
                provider_uid: account.uid.clone(),
                provider_email: account.email.clone(),
                created_at: call.now,
            },
        )?;
    }
    Ok(user)
}

/// The user of the browser's current session, which the new session replaces, unless the address belongs to another
/// user.
fn signed_in(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    user: &User,
    account: &ProviderAccount,
) -> Result<User, ApiError> {
    let is_anothers = identity::is_anothers_email(changes, &account.email, &user.id)?
        || users::find_by_email(changes, &account.email)?.is_some_and(|other| other.id != user.id);
    if is_anothers {
        return Err(ErrorKind::UserAlreadyExists.into());
    }
    if let Some(session) = &call.caller.session {
        sessions::remove(changes, &session.id)?;
    }
    Ok(user.clone())
}

fn by_address(changes: &mut Changes<'_>, call: &Call<'_>, account: &ProviderAccount) -> Result<User, ApiError> {
    let by_identity = || match identity::with_email(changes, &account.email)? {
        Some(identity) => users::find(changes, &identity.user_id),
        None => Ok(None),
    };
    let user = match users::find_by_email(changes, &account.email)? {
        Some(user) => Some(user),
        None => by_identity()?,
    };
    match user {
        // Gives no details, so that the response does not reveal who has an account.
        Some(_) if !account.is_verified => Err(ErrorKind::GeneralBadRequest.into()),
        Some(user) => Ok(user),
        None => new_user(changes, call, account),
    }
}

fn new_user(changes: &mut Changes<'_>, call: &Call<'_>, account: &ProviderAccount) -> Result<User, ApiError> {
    let mut user = User::new(secret::id(call.now), call.now);
    user.name.clone_from(&account.name);
    user.email = Some(account.email.clone());
    user.email_verification = account.is_verified;
    user.targets = vec![Target::new(TargetKind::Email, &account.email, call.now)];
    users::insert(changes, &user)?;
    Ok(user)
}

/// The failure URL's `error` parameter: JSON, like Appwrite's.
fn why(error: &ApiError) -> String {
    let mut why = Map::new();
    why.insert("message".into(), Value::from(error.message.clone()));
    why.insert("type".into(), Value::from(error.kind.name()));
    why.insert("code".into(), json!(error.kind.status()));
    Value::Object(why).to_string()
}
