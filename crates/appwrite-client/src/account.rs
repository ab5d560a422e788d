//! The routes under `/account`: sign-up, sign-in, sessions, JWTs.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::Method;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;

use super::{
    call::Call,
    capabilities::{Names, ServerVersion},
    client::{AdminClient, JwtClient, SessionClient},
    error::AppwriteError,
    id::checked_id,
    model::{CreatedSession, Jwt, Session, SessionList, User},
    project::{Appwrite, SessionSecret},
    visitor::Visitor,
};

/// The data of a new account.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The email address to sign in with.
    pub email: String,
    /// The password, 8 to 256 characters.
    pub password: SecretString,
    /// The user's name, at most 128 characters; may be empty.
    pub name: String,
}

/// A new session, with its secret.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// The secret, for the cookie.
    pub secret: SessionSecret,
    /// The session's expiry.
    pub expire: Timestamp,
    /// The session's other fields.
    pub session: Session,
}

/// Selects one of a user's sessions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionId<'a> {
    /// The session that makes the call.
    Current,
    /// The session with this id.
    Id(&'a str),
}

impl AdminClient {
    /// Creates an account with an id chosen by Appwrite (`POST /account`, scope `sessions.write`). Does not sign in.
    ///
    /// 409 `user_already_exists` if the address is taken; 400 for invalid values.
    pub async fn create_account(&self, account: &NewAccount, visitor: &Visitor) -> Result<User, AppwriteError> {
        let mut body = json!({
            "userId": "unique()",
            "email": account.email,
            "password": account.password.expose_secret(),
        });
        if !account.name.is_empty() {
            body["name"] = json!(account.name);
        }
        self.call(Method::POST, &["account"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Signs a user in (`POST /account/sessions/email`, scope `sessions.write`).
    ///
    /// 401 `user_invalid_credentials` for both a wrong password and an unknown address; 403 `user_blocked`; 412
    /// `user_password_reset_required` if the password is correct but must be changed first.
    pub async fn create_email_session(
        &self,
        email: &str,
        password: &SecretString,
        visitor: &Visitor,
    ) -> Result<NewSession, AppwriteError> {
        self.call(Method::POST, &["account", "sessions", "email"])
            .json(json!({ "email": email, "password": password.expose_secret() }))
            .on_behalf_of(visitor)
            .receive::<CreatedSession>()
            .await?
            .try_into()
    }

    /// Creates an anonymous account and signs in (`POST /account/sessions/anonymous`, scope `sessions.write`).
    ///
    /// 501 `user_auth_method_unsupported` if guests are disabled.
    pub async fn create_anonymous_session(&self, visitor: &Visitor) -> Result<NewSession, AppwriteError> {
        self.call(Method::POST, &["account", "sessions", "anonymous"])
            .json(json!({}))
            .on_behalf_of(visitor)
            .receive::<CreatedSession>()
            .await?
            .try_into()
    }

    /// Signs in with a proof: the secret of a link or code from Appwrite, or of an OAuth2 sign-in
    /// (`POST /account/sessions/token`, scope `sessions.write`). A proof works once.
    ///
    /// 401 `user_invalid_token` for a wrong, used or expired one.
    pub async fn create_token_session(
        &self,
        user_id: &str,
        secret: &SecretString,
        visitor: &Visitor,
    ) -> Result<NewSession, AppwriteError> {
        self.call(Method::POST, &["account", "sessions", "token"])
            .json(json!({ "userId": checked_id(user_id)?, "secret": secret.expose_secret() }))
            .on_behalf_of(visitor)
            .receive::<CreatedSession>()
            .await?
            .try_into()
    }
}

impl SessionClient {
    /// Returns the session's account (`GET /account`).
    ///
    /// 401 once the session has ended; 401 `user_more_factors_required` before the second factor; 403 `user_blocked`.
    pub async fn account(&self) -> Result<User, AppwriteError> {
        self.call(Method::GET, &["account"]).receive().await
    }

    /// Changes the account's email address (`PATCH /account/email`). For a guest or an account without a password, also
    /// sets the password; otherwise the password must be correct.
    ///
    /// 401 `user_invalid_credentials`; 409 `user_target_already_exists` or 400 `general_bad_request` if the address is
    /// taken.
    pub async fn update_email(&self, email: &str, password: &SecretString) -> Result<User, AppwriteError> {
        let body = json!({ "email": email, "password": password.expose_secret() });
        self.call(Method::PATCH, &["account", "email"]).json(body).receive().await
    }

    /// Changes the account's name, at most 128 characters (`PATCH /account/name`).
    pub async fn update_name(&self, name: &str) -> Result<User, AppwriteError> {
        self.call(Method::PATCH, &["account", "name"]).json(json!({ "name": name })).receive().await
    }

    /// Changes the account's phone number, in E.164 (`PATCH /account/phone`). For an account without a password, also sets
    /// the password; otherwise the password must be correct.
    ///
    /// 401 `user_invalid_credentials`; 409 `user_target_already_exists` or `user_phone_already_exists` if the number is
    /// taken.
    pub async fn update_phone(&self, phone: &str, password: &SecretString) -> Result<User, AppwriteError> {
        let body = json!({ "phone": phone, "password": password.expose_secret() });
        self.call(Method::PATCH, &["account", "phone"]).json(body).receive().await
    }

    /// Changes the account's password (`PATCH /account/password`). An account without one needs no old password. From 1.8
    /// on, Appwrite ends the user's other sessions unless the project switches that off.
    ///
    /// 401 `user_invalid_credentials` for a wrong old password; 400 `password_recently_used`, `password_personal_data`,
    /// `password_pwned`; 400 `general_argument_invalid` for `password` under other policies. 429 above ten calls per hour
    /// and client address: Appwrite learns the address from `visitor` where it trusts `X-Forwarded-For`.
    pub async fn update_password(
        &self,
        password: &SecretString,
        old_password: Option<&SecretString>,
        visitor: &Visitor,
    ) -> Result<User, AppwriteError> {
        let mut body = json!({ "password": password.expose_secret() });
        if let Some(old) = old_password {
            body["oldPassword"] = json!(old.expose_secret());
        }
        self.call(Method::PATCH, &["account", "password"]).json(body).on_behalf_of(visitor).receive().await
    }

    /// Returns all sessions of the user (`GET /account/sessions`).
    pub async fn sessions(&self) -> Result<Vec<Session>, AppwriteError> {
        let list: SessionList = self.call(Method::GET, &["account", "sessions"]).receive().await?;
        Ok(list.sessions)
    }

    /// Returns one session of the user (`GET /account/sessions/:id`); 404 `user_session_not_found`.
    pub async fn session(&self, id: SessionId<'_>) -> Result<Session, AppwriteError> {
        self.session_call(Method::GET, id)?.receive().await
    }

    /// Ends one session of the user (`DELETE /account/sessions/:id`); 404 `user_session_not_found`.
    pub async fn delete_session(&self, id: SessionId<'_>) -> Result<(), AppwriteError> {
        self.session_call(Method::DELETE, id)?.done().await
    }

    /// Restarts the lifetime of the calling session (`PATCH /account/sessions/current`). Returns its new expiry.
    ///
    /// Appwrite limits this to 10 per hour and address. It uses the user's address from `visitor` if it trusts our
    /// server as a proxy.
    pub async fn extend_session(&self, visitor: &Visitor) -> Result<Session, AppwriteError> {
        self.session_call(Method::PATCH, SessionId::Current)?.json(json!({})).on_behalf_of(visitor).receive().await
    }

    /// Ends a session from this user's list. Succeeds if it has already ended.
    ///
    /// Uses the API key above Appwrite's limit, see [`sign_out`](Self::sign_out).
    pub async fn end_session(&self, session: &Session) -> Result<(), AppwriteError> {
        let result = match self.delete_session(SessionId::Id(&session.id)).await {
            Err(error) if error.is_rate_limited() => {
                self.appwrite.admin().delete_session(&session.user_id, &session.id).await
            }
            result => result,
        };
        match result {
            Err(error) if error.is("user_session_not_found") => Ok(()),
            result => result,
        }
    }

    /// Ends the calling session. Succeeds if it has already ended.
    ///
    /// Appwrite limits `DELETE /account/sessions/:id` to 100 per hour and address, and all users of a site share our
    /// server's address. Above the limit, ends the session with the API key, which has no limit.
    pub async fn sign_out(&self) -> Result<(), AppwriteError> {
        let refusal = match self.delete_session(SessionId::Current).await {
            Err(error) if error.is_rate_limited() => error,
            Err(error) if error.is_signed_out() => return Ok(()),
            result => return result,
        };
        // Before the second factor, Appwrite lets a session end but not read itself.
        let Ok(session) = self.session(SessionId::Current).await else { return Err(refusal) };
        self.appwrite.admin().delete_session(&session.user_id, &session.id).await
    }

    /// Creates a JWT for this session, which Realtime and other services accept in its place (`POST /account/jwts`).
    ///
    /// It is valid for `duration` (1 s to 1 h, whole seconds) on servers that accept it, from 1.9.0 on; otherwise, or
    /// without a duration, for Appwrite's 15 minutes. An unknown route means a server that only supports
    /// [`AdminClient::create_jwt_for_session`].
    pub async fn create_jwt(&self, duration: Option<Duration>) -> Result<SecretString, AppwriteError> {
        let body = jwt_body(&self.appwrite, duration).await?;
        let answer: Jwt = self
            .appwrite
            .capabilities()
            .jwt_route
            .negotiate(|names| {
                let path = match names {
                    Names::New => ["account", "jwts"],
                    Names::Old => ["account", "jwt"],
                };
                self.call(Method::POST, &path).json(body.clone()).about_own_session().receive()
            })
            .await?;
        Ok(answer.jwt)
    }

    fn session_call(&self, method: Method, id: SessionId<'_>) -> Result<Call, AppwriteError> {
        Ok(match id {
            SessionId::Current => self.call(method, &["account", "sessions", "current"]).about_own_session(),
            SessionId::Id(id) => self.call(method, &["account", "sessions", checked_id(id)?]),
        })
    }
}

impl JwtClient {
    /// Returns the JWT's account (`GET /account`); 401 `user_jwt_invalid` once it or its session has ended.
    pub async fn account(&self) -> Result<User, AppwriteError> {
        self.call(Method::GET, &["account"]).receive().await
    }
}

impl TryFrom<CreatedSession> for NewSession {
    type Error = AppwriteError;

    fn try_from(created: CreatedSession) -> Result<Self, AppwriteError> {
        let secret = created.secret.filter(|secret| !secret.expose_secret().is_empty());
        Ok(Self {
            secret: secret.ok_or(AppwriteError::SecretWithheld)?.into(),
            expire: created.session.expire.ok_or(AppwriteError::Unexpected { status: 201 })?,
            session: created.session,
        })
    }
}

/// Creates the request body for a JWT.
pub(super) async fn jwt_body(
    appwrite: &Appwrite,
    duration: Option<Duration>,
) -> Result<serde_json::Value, AppwriteError> {
    let Some(duration) = duration else {
        return Ok(json!({}));
    };
    // 0 is within the documented range, but 1.9.6 answers it with a 500.
    let seconds = duration.as_secs().clamp(1, 3600);
    let takes_duration = appwrite.version().await?.is_none_or(ServerVersion::takes_jwt_duration);
    Ok(if takes_duration { json!({ "duration": seconds }) } else { json!({}) })
}
