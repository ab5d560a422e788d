//! The cookie that stores a pending sign-in. It is sealed, because the ids in it would show the user which addresses
//! have an account.

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::Duration;

use super::pending_sign_in::{Factor, PendingView};
use super::sealed::{SealedCookie, Sealer};

/// The lifetime of a link, the longest-lived proof.
const LIFETIME: Duration = Duration::hours(1);

/// A pending sign-in, as the server stores it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// The part that pages show.
    pub shown: PendingView,
    /// The id of the account.
    #[serde(serialize_with = "padded", deserialize_with = "trimmed")]
    pub id: String,
    /// The challenge's id, if the proof is a second factor.
    pub challenge: Option<String>,
}

/// The maximum length of Appwrite ids. The cookie pads ids to this length: otherwise its size would distinguish a
/// custom id of an existing account from a generated one.
const MAX_ID_LENGTH: usize = 36;

fn padded<S: Serializer>(id: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{id:<MAX_ID_LENGTH$}"))
}

fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(String::deserialize(deserializer)?.trim_end().to_owned())
}

/// Seals and opens the pending sign-in.
#[derive(Clone)]
pub struct PendingCookie(SealedCookie<PendingSignIn>);

impl PendingCookie {
    /// Returns the cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("pending", "__Host-pending", LIFETIME, SameSite::Strict))
    }

    /// Returns the `Set-Cookie` header that stores the pending sign-in.
    pub fn keep(&self, pending: &PendingSignIn) -> Option<HeaderValue> {
        self.0.leave(pending)
    }

    /// Returns the request's pending sign-in.
    pub fn read(&self, headers: &HeaderMap) -> Option<PendingSignIn> {
        self.0.read(headers)
    }

    /// Returns the `Set-Cookie` header that removes the pending sign-in.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.0.clear()
    }
}

impl From<Factor> for appwrite_client::Factor {
    fn from(factor: Factor) -> Self {
        match factor {
            Factor::Totp => Self::Totp,
            Factor::Email => Self::Email,
            Factor::Phone => Self::Phone,
            Factor::RecoveryCode => Self::RecoveryCode,
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;

    use super::*;
    use crate::session::pending_sign_in::{Proof, SentProof};

    fn kept(id: &str, next: &str) -> (String, Option<PendingSignIn>) {
        let cookie = PendingCookie::new(&Sealer::new(&"key".into(), false));
        let shown = PendingView {
            proof: Proof::Sent(SentProof::EmailCode),
            address: "ann@example.com".into(),
            phrase: "Calm owl".into(),
            sent_at: 1_795_243_754,
            next: next.into(),
            keep: true,
        };
        let header = cookie.keep(&PendingSignIn { shown, id: id.into(), challenge: None }).expect("a cookie");
        let text = header.to_str().expect("text").to_owned();
        let pair = text.split(';').next().expect("a pair").to_owned();
        let brought_back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))]);
        (text, cookie.read(&brought_back))
    }

    #[test]
    fn id_is_restored_but_its_length_is_hidden() {
        let (short, read) = kept("kay", "");
        assert_eq!(read.expect("a sign-in under way").id, "kay");
        let (long, read) = kept("6b013ef8ceed9d5e2056", "");
        assert_eq!(read.expect("a sign-in under way").id, "6b013ef8ceed9d5e2056");
        let length = |text: String| percent_encoding::percent_decode_str(&text).count();
        assert_eq!(length(short), length(long));
    }

    #[test]
    fn longest_next_page_fits_into_a_cookie() {
        let (text, read) = kept("6b013ef8ceed9d5e2056", &format!("/{}", "a".repeat(1023)));
        assert!(read.is_some() && text.len() < 4096, "{} bytes", text.len());
    }
}
