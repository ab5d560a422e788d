//! One-time secrets: links, codes, and the results of OAuth2 sign-ins.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::{ApiError, Profile, clock, identity::secret, sessions::USER_VERIFICATION};

/// The purpose of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TokenKind {
    /// Sign-in by a link in an email.
    MagicUrl,
    /// Sign-in by a code in an email.
    EmailCode,
    /// Sign-in by a code in a text message.
    PhoneCode,
    /// Sign-in after a provider's consent page.
    OAuth2,
    /// Sign-in with a token that an API key created.
    Server,
    /// Sign-in after a passkey's signature.
    Passkey,
    /// A new password, by a link.
    Recovery,
    /// A new password, by a code.
    RecoveryCode,
    /// Verification of an email address, by a link.
    EmailVerification,
    /// Verification of an email address, by a code.
    EmailVerificationCode,
    /// Verification of a phone number.
    PhoneVerification,
}

impl TokenKind {
    /// Returns true if this kind of token creates a session.
    #[must_use]
    pub fn signs_in(self) -> bool {
        matches!(self, Self::MagicUrl | Self::EmailCode | Self::PhoneCode | Self::OAuth2 | Self::Server | Self::Passkey)
    }
}

/// A token. Only the hash of its secret is stored.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Token {
    /// `$id`.
    pub id: String,
    /// The user's id.
    pub user_id: String,
    /// The purpose.
    pub kind: TokenKind,
    /// The secret's hash.
    pub secret_hash: String,
    /// `$createdAt`.
    pub created_at: Timestamp,
    /// The expiry.
    pub expire: Timestamp,
    /// The OAuth2 provider, and the user's id at the provider.
    #[serde(default)]
    pub provider: Option<(String, String)>,
}

impl Token {
    /// A token whose secret is `secret`.
    #[must_use]
    pub fn new(user_id: &str, kind: TokenKind, secret: &str, now: Timestamp, expire: Timestamp) -> Self {
        Self {
            id: secret::id(now),
            user_id: user_id.to_owned(),
            kind,
            secret_hash: secret::hash(secret),
            created_at: now,
            expire,
            provider: None,
        }
    }

    /// The factors of a session that this token creates. Since 2.x, an OAuth2 sign-in counts as two.
    #[must_use]
    pub fn session_factors(&self, profile: Profile) -> Vec<&'static str> {
        match self.kind {
            TokenKind::OAuth2 if profile == Profile::Two => vec!["email", "oauth2"],
            TokenKind::MagicUrl | TokenKind::EmailCode | TokenKind::OAuth2 => vec!["email"],
            TokenKind::PhoneCode => vec!["phone"],
            TokenKind::Passkey => vec!["passkey", USER_VERIFICATION],
            _ => vec!["token"],
        }
    }

    /// The `provider` and `providerUid` of the session. Before 2.x, `providerUid` is missing; before 1.9, each provider
    /// is called `oauth2`.
    #[must_use]
    pub fn session_provider(&self, profile: Profile) -> (String, String) {
        if let Some((provider, uid)) = &self.provider {
            let uid = if profile == Profile::Two { uid.clone() } else { String::new() };
            let provider = if profile < Profile::OneNine { "oauth2" } else { provider };
            return (provider.to_owned(), uid);
        }
        let provider = match self.kind {
            TokenKind::MagicUrl => "magic-url",
            TokenKind::PhoneCode => "phone",
            TokenKind::Passkey => "passkey",
            _ => "token",
        };
        (provider.to_owned(), String::new())
    }

    /// The token in Appwrite's format.
    #[must_use]
    pub fn wire(&self, secret: &str, phrase: &str) -> Value {
        json!({
            "$id": self.id,
            "$createdAt": clock::wire(self.created_at),
            "userId": self.user_id,
            "secret": secret,
            "expire": clock::wire(self.expire),
            "phrase": phrase,
        })
    }
}

impl Token {
    /// The token in an event: newer servers omit the secret.
    #[must_use]
    pub fn event_payload(&self, profile: Profile) -> Value {
        let mut payload = self.wire("", "");
        if let Some(fields) = payload.as_object_mut().filter(|_| profile >= Profile::OneNineNext) {
            fields.remove("secret");
        }
        payload
    }
}

/// Inserts a new token.
pub(crate) fn insert(db: &Connection, token: &Token) -> Result<(), ApiError> {
    db.execute(
        "INSERT INTO tokens (id, user_id, document) VALUES (?1, ?2, ?3)",
        params![token.id, token.user_id, serde_json::to_string(token)?],
    )?;
    Ok(())
}

/// The user's token with this secret and one of these kinds, unless it has expired at `now`.
pub(crate) fn proven_by(
    db: &Connection,
    user_id: &str,
    secret: &str,
    is_wanted: impl Fn(TokenKind) -> bool,
    now: Timestamp,
) -> Result<Option<Token>, ApiError> {
    let hash = secret::hash(secret);
    let mut statement = db.prepare_cached("SELECT document FROM tokens WHERE user_id = ?1 ORDER BY sequence")?;
    let documents: Vec<String> = statement.query_map([user_id], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for document in documents {
        let token: Token = serde_json::from_str(&document)?;
        if is_wanted(token.kind) && token.secret_hash == hash && now < token.expire {
            return Ok(Some(token));
        }
    }
    Ok(None)
}

/// Deletes a used token.
pub(crate) fn remove(db: &Connection, id: &str) -> Result<(), ApiError> {
    db.execute("DELETE FROM tokens WHERE id = ?1", [id])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Clock, store::Store, users};

    fn store() -> Store {
        let store = Store::in_memory().expect("a store");
        let hub = crate::realtime::Hub::new(std::time::SystemTime::now);
        let user = users::User::new("kay".into(), Timestamp::UNIX_EPOCH);
        store.write(&hub, |db| users::insert(db, &user)).expect("a user");
        store
    }

    fn is_found(store: &Store, secret: &str, kind: TokenKind, now: Timestamp) -> bool {
        store.read(|db| proven_by(db, "kay", secret, |found| found == kind, now)).expect("a look-up").is_some()
    }

    #[test]
    fn token_requires_its_secret_purpose_and_lifetime() {
        let store = store();
        let clock = Clock::manual("2026-11-21T06:00:00Z".parse().expect("a timestamp"));
        let expire = clock::after(clock.now(), std::time::Duration::from_secs(900));
        let token = Token::new("kay", TokenKind::EmailCode, "123456", clock.now(), expire);
        store.read(|db| insert(db, &token)).expect("a token");
        assert!(is_found(&store, "123456", TokenKind::EmailCode, clock.now()));
        assert!(!is_found(&store, "123457", TokenKind::EmailCode, clock.now()));
        assert!(!is_found(&store, "123456", TokenKind::Recovery, clock.now()));
        clock.advance(std::time::Duration::from_secs(900));
        assert!(!is_found(&store, "123456", TokenKind::EmailCode, clock.now()));
    }
}
