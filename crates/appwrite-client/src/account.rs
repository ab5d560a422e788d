//! The routes under `/account`: sign-up, sign-in, sessions, the JWT for other services.

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

/// What a new account starts with.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// The e-mail address to sign in with.
    pub email: String,
    /// The password, 8 to 256 characters.
    pub password: SecretString,
    /// The person's name, at most 128 characters; may be empty.
    pub name: String,
}

/// A session that was just created, with its secret.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// What the cookie holds.
    pub secret: SessionSecret,
    /// When the session ends by itself.
    pub expire: Timestamp,
    /// The rest.
    pub session: Session,
}

/// Which session of a person is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionId<'a> {
    /// The one that calls.
    Current,
    /// The one with this id.
    Id(&'a str),
}

impl AdminClient {
    /// Creates an account under an id of Appwrite's choice (`POST /account`, scope `sessions.write`), without signing in.
    ///
    /// 409 `user_already_exists` if the address is taken; 400 for what Appwrite does not accept.
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

    /// Signs a person in (`POST /account/sessions/email`, scope `sessions.write`).
    ///
    /// 401 `user_invalid_credentials` for a wrong password and an unknown address alike; 403 `user_blocked`; 412
    /// `user_password_reset_required` for a right password that must be changed first.
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

    /// Signs somebody in without asking who they are (`POST /account/sessions/anonymous`, scope `sessions.write`).
    ///
    /// 501 `user_auth_method_unsupported` where guests are switched off.
    pub async fn create_anonymous_session(&self, visitor: &Visitor) -> Result<NewSession, AppwriteError> {
        self.call(Method::POST, &["account", "sessions", "anonymous"])
            .json(json!({}))
            .on_behalf_of(visitor)
            .receive::<CreatedSession>()
            .await?
            .try_into()
    }

    /// Signs in whoever proved to be the person: by the link or the code that Appwrite sent them, or at another provider
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
    /// The account that the session belongs to (`GET /account`).
    ///
    /// 401 once the session has ended; 401 `user_more_factors_required` before the second factor; 403 `user_blocked`.
    pub async fn account(&self) -> Result<User, AppwriteError> {
        self.call(Method::GET, &["account"]).receive().await
    }

    /// Gives the account another e-mail address (`PATCH /account/email`). A guest, and an account without a password,
    /// gets address and password at once; everyone else proves who they are by the password.
    ///
    /// 401 `user_invalid_credentials`; 409 `user_target_already_exists` or 400 `general_bad_request` if the address is
    /// taken.
    pub async fn update_email(&self, email: &str, password: &SecretString) -> Result<User, AppwriteError> {
        let body = json!({ "email": email, "password": password.expose_secret() });
        self.call(Method::PATCH, &["account", "email"]).json(body).receive().await
    }

    /// Gives the account another name, at most 128 characters (`PATCH /account/name`).
    pub async fn update_name(&self, name: &str) -> Result<User, AppwriteError> {
        self.call(Method::PATCH, &["account", "name"]).json(json!({ "name": name })).receive().await
    }

    /// All sessions of the person (`GET /account/sessions`).
    pub async fn sessions(&self) -> Result<Vec<Session>, AppwriteError> {
        let list: SessionList = self.call(Method::GET, &["account", "sessions"]).receive().await?;
        Ok(list.sessions)
    }

    /// One session of the person (`GET /account/sessions/:id`); 404 `user_session_not_found`.
    pub async fn session(&self, id: SessionId<'_>) -> Result<Session, AppwriteError> {
        self.session_call(Method::GET, id)?.receive().await
    }

    /// Ends one session of the person (`DELETE /account/sessions/:id`); 404 `user_session_not_found`.
    pub async fn delete_session(&self, id: SessionId<'_>) -> Result<(), AppwriteError> {
        self.session_call(Method::DELETE, id)?.done().await
    }

    /// Ends the session that calls; one that has ended already is as good.
    ///
    /// Appwrite counts `DELETE /account/sessions/:id` by address, 100 an hour, and all that it sees of a whole site's
    /// people is our server's. Where that is used up, the session is ended by the API key, which nothing limits.
    pub async fn sign_out(&self) -> Result<(), AppwriteError> {
        let refusal = match self.delete_session(SessionId::Current).await {
            Err(error) if error.is_rate_limited() => error,
            Err(error) if error.is_signed_out() => return Ok(()),
            result => return result,
        };
        // Before the second factor a session may be ended, but not looked at.
        let Ok(session) = self.session(SessionId::Current).await else { return Err(refusal) };
        self.appwrite.admin().delete_session(&session.user_id, &session.id).await
    }

    /// Asks for a JWT of this session, which Realtime and other services accept in its place (`POST /account/jwts`).
    ///
    /// It lives for `duration` (1 s to 1 h, whole seconds) on servers that take it, from 1.9.0 on; elsewhere, and if
    /// there is none, for Appwrite's 15 minutes. An unknown route means a server that offers only
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
    /// The account that the JWT was signed for (`GET /account`); 401 `user_jwt_invalid` once it or its session ended.
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

/// The body of a request for a JWT.
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
