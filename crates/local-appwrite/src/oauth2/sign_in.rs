//! The callback: finds or creates the user, then a token or session.

use serde_json::{Map, Value, json};

use super::{
    address::landing,
    identity::{self, Identity},
    request::{self, OAuth2Request, Outcome, ProviderAccount},
    secret_token::wrap_secret,
};
use crate::{
    ApiError, ErrorKind,
    account::{ProviderTokens, start_session},
    clock::after,
    http::{Call, Reply},
    identity::secret,
    store::Changes,
    tokens::{self, Token, TokenKind},
    users::{self, Target, TargetKind, User},
};

/// The lifetime of the token; the JWT around it expires sooner.
const TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(900);

/// The lifetime of the mock provider's access token.
const PROVIDER_TOKEN_LIFETIME: std::time::Duration = std::time::Duration::from_secs(3600);

/// `GET /account/sessions/oauth2/callback/:provider/:projectId`: where the provider sends the browser.
pub fn callback(call: &Call<'_>) -> Result<Reply, ApiError> {
    let state = call.params.text("state", 1, 2048)?;
    // The callback uses up the state, even if the sign-in fails.
    let request = call.state.store().write(call.state.hub(), |changes| {
        let request = request::find(changes, &state, call.now)?.ok_or(ErrorKind::GeneralBadRequest)?;
        request::remove(changes, &state)?;
        Ok::<_, ApiError>(request)
    })?;
    let outcome = consented(call, &request).and_then(|account| {
        call.state.store().write(call.state.hub(), |changes| finish(changes, call, &request, &account))
    });
    match outcome {
        Ok(reply) => Ok(reply),
        Err(error) => Ok(Reply::redirect(&landing(&request.failure, &[("error", &why(&error))]))),
    }
}

/// Returns the provider's account if the code is correct.
fn consented(call: &Call<'_>, request: &OAuth2Request) -> Result<ProviderAccount, ApiError> {
    if let Some(error) = call.params.optional_text("error", 1, 2048)? {
        let described = call.params.optional_text("error_description", 1, 2048)?;
        let more = described.map(|text| format!(": {text}")).unwrap_or_default();
        return Err(ApiError::new(
            ErrorKind::UserOauth2ProviderError,
            format!("The Mock OAuth2 provider returned an error: {error}{more}"),
        ));
    }
    let code = call.params.optional_text("code", 1, 2048)?.ok_or(ErrorKind::UserOauth2BadRequest)?;
    match &request.consent {
        Some((given, account)) if *given == secret::hash(&code) => Ok(account.clone()),
        _ => Err(ErrorKind::UserOauth2BadRequest.into()),
    }
}

fn finish(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    request: &OAuth2Request,
    account: &ProviderAccount,
) -> Result<Reply, ApiError> {
    let user = user_of(changes, call, request, account)?;
    if !user.status {
        return Err(ErrorKind::UserBlocked.into());
    }
    match request.outcome {
        Outcome::Token => {
            let secret = secret::hex(64);
            let mut token = Token::new(&user.id, TokenKind::OAuth2, &secret, call.now, after(call.now, TOKEN_LIFETIME));
            token.provider = Some((request.provider.clone(), account.uid.clone()));
            tokens::insert(changes, &token)?;
            let secret = wrap_secret(call.state, &secret, call.now)?;
            Ok(Reply::redirect(&landing(&request.success, &[("secret", &secret), ("userId", &user.id)])))
        }
        Outcome::Session => {
            // Nothing accepts these tokens; clients see them as with real providers.
            let tokens = ProviderTokens {
                access: secret::hex(40),
                refresh: secret::hex(40),
                expire: after(call.now, PROVIDER_TOKEN_LIFETIME),
            };
            let factors = ["email", "oauth2"];
            let reply = start_session(changes, call, &user, &request.provider, &account.uid, &factors, Some(tokens))?;
            Ok(reply.turned_into_redirect(&landing(&request.success, &[])))
        }
    }
}

/// Finds the user by identity, then by verified address, or creates one.
fn user_of(
    changes: &mut Changes<'_>,
    call: &Call<'_>,
    request: &OAuth2Request,
    account: &ProviderAccount,
) -> Result<User, ApiError> {
    if let Some(known) = identity::find(changes, &request.provider, &account.uid)? {
        return users::find(changes, &known.user_id)?.ok_or_else(|| ErrorKind::UserNotFound.into());
    }
    let user = match users::find_by_email(changes, &account.email)? {
        Some(user) if account.is_verified => user,
        Some(_) => return Err(ErrorKind::UserAlreadyExists.into()),
        None => new_user(changes, call, account)?,
    };
    identity::insert(
        changes,
        &Identity {
            id: secret::id(call.now),
            user_id: user.id.clone(),
            provider: request.provider.clone(),
            provider_uid: account.uid.clone(),
            provider_email: account.email.clone(),
            created_at: call.now,
        },
    )?;
    Ok(user)
}

fn new_user(changes: &mut Changes<'_>, call: &Call<'_>, account: &ProviderAccount) -> Result<User, ApiError> {
    if identity::has_email(changes, &account.email)? {
        return Err(ErrorKind::UserEmailAlreadyExists.into());
    }
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
