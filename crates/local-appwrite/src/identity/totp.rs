//! Codes of authenticator apps (RFC 6238: SHA-1, six digits, 30 seconds).

use jiff::Timestamp;
use rand::RngExt;
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret};
use url::form_urlencoded::byte_serialize;

/// The size of a new secret in bytes, as in Appwrite.
const SECRET_BYTES: usize = 64;

/// The secret that a server shares with an authenticator app. Has no `Debug`.
#[derive(Clone, Serialize, Deserialize)]
pub struct Totp {
    /// The secret in base32.
    secret: String,
}

impl Totp {
    /// A new secret.
    #[must_use]
    pub fn generate() -> Self {
        let mut bytes = [0; SECRET_BYTES];
        rand::rng().fill(&mut bytes);
        Self { secret: Secret::from(bytes.to_vec()).to_base32() }
    }

    /// Uses a given secret; `None` unless it is base32 of at least 128 bits.
    #[must_use]
    pub fn of_secret(secret: &str) -> Option<Self> {
        let bytes = Secret::try_from_base32(secret).ok()?;
        Builder::new().with_secret(bytes).build().ok()?;
        Some(Self { secret: secret.to_owned() })
    }

    /// The secret in base32.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// The URI that authenticator apps read from a QR code.
    #[must_use]
    pub fn uri(&self, issuer: &str, account: &str) -> String {
        let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
        let label = encoded(&format!("{issuer}:{account}"));
        format!("otpauth://totp/{label}?issuer={}&secret={}", encoded(issuer), self.secret)
    }

    /// Returns true if `code` is valid at `now`, with a tolerance of one 30-second step.
    #[must_use]
    pub fn accepts(&self, code: &str, now: Timestamp) -> bool {
        let (Ok(secret), Ok(now)) = (Secret::try_from_base32(&self.secret), u64::try_from(now.as_second())) else {
            return false;
        };
        Builder::new().with_secret(secret).build().is_ok_and(|totp| totp.check(code, now).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a timestamp")
    }

    #[test]
    fn codes_match_the_rfc() {
        // RFC 6238, appendix B: the secret "12345678901234567890", cut to six digits.
        let totp = Totp { secret: "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ".into() };
        assert!(totp.accepts("287082", at(59)));
        assert!(totp.accepts("081804", at(1_111_111_109)));
        assert!(totp.accepts("287082", at(59 + 30)), "one step later");
        assert!(!totp.accepts("287082", at(59 + 90)), "three steps later");
        assert!(!totp.accepts("000000", at(59)));
        assert!(!totp.accepts("not a code", at(59)));
    }

    #[test]
    fn authenticator_app_can_read_the_uri() {
        let totp = Totp { secret: "ABC".into() };
        assert_eq!(
            totp.uri("Demo", "ver@example.com"),
            "otpauth://totp/Demo%3Aver%40example.com?issuer=Demo&secret=ABC"
        );
    }

    #[test]
    fn new_secret_has_the_length_of_appwrites() {
        assert_eq!(Totp::generate().secret().len(), 103);
    }
}
