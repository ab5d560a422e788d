//! A client's session token: base64 of `{"id":<user>,"secret":<secret>}`.

use base64::{Engine, prelude::BASE64_STANDARD};
use serde::{Deserialize, Serialize};

/// The pair inside a session cookie, `X-Appwrite-Session` or an `authentication` message.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionToken {
    /// The user's id.
    pub id: String,
    /// The session's secret. The server stores only its hash.
    pub secret: String,
}

impl SessionToken {
    /// Parses the encoded form; `None` if it is invalid.
    #[must_use]
    pub fn decode(text: &str) -> Option<Self> {
        let bytes = BASE64_STANDARD.decode(text.trim()).ok()?;
        let token: Self = serde_json::from_slice(&bytes).ok()?;
        (!token.id.is_empty() && !token.secret.is_empty()).then_some(token)
    }

    /// The encoded form.
    #[must_use]
    pub fn encode(&self) -> String {
        let pair = serde_json::json!({"id": self.id, "secret": self.secret});
        BASE64_STANDARD.encode(pair.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn token_survives_its_encoding() {
        let token = SessionToken { id: "u".into(), secret: "s".into() };
        assert_eq!(token.encode(), "eyJpZCI6InUiLCJzZWNyZXQiOiJzIn0=");
        assert!(SessionToken::decode(&token.encode()) == Some(token));
    }

    #[test]
    fn malformed_token_is_refused() {
        assert!(SessionToken::decode("garbage").is_none());
        assert!(SessionToken::decode("").is_none());
        assert!(SessionToken::decode(&BASE64_STANDARD.encode(r#"{"id":"","secret":""}"#)).is_none());
    }
}
