//! The cookie that keeps a sign-in under way, sealed: neither the browser nor its person learns the ids in it, by which
//! an address with an account could be told from one without.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::SameSite;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use time::Duration;

use super::pending_sign_in::{Factor, PendingView};
use super::sealed::{SealedCookie, Sealer};

/// As long as the longest-lived proof, a link, works.
const LIFETIME: Duration = Duration::hours(1);

/// A sign-in under way, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// What the pages show of it.
    pub shown: PendingView,
    /// The id of the account that the proof is for.
    #[serde(serialize_with = "padded", deserialize_with = "trimmed")]
    pub id: String,
    /// The id of the challenge, where the proof is a second factor.
    pub challenge: Option<String>,
}

/// The most characters of Appwrite's ids. Ids of all lengths take as much room in the cookie: its length would tell an
/// account whose id somebody chose from one that was just made.
const LONGEST_ID: usize = 36;

fn padded<S: Serializer>(id: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&format_args!("{id:<LONGEST_ID$}"))
}

fn trimmed<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(String::deserialize(deserializer)?.trim_end().to_owned())
}

/// Seals and opens it.
#[derive(Clone)]
pub struct PendingCookie(SealedCookie<PendingSignIn>);

impl PendingCookie {
    /// The cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("pending", "__Host-pending", LIFETIME, SameSite::Strict))
    }

    /// The `Set-Cookie` that keeps it.
    pub fn keep(&self, pending: &PendingSignIn) -> Option<HeaderValue> {
        self.0.leave(pending)
    }

    /// The sign-in that the request's browser has under way.
    pub fn read(&self, headers: &HeaderMap) -> Option<PendingSignIn> {
        self.0.read(headers)
    }

    /// The `Set-Cookie` that forgets it.
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
    use crate::session::pending_sign_in::Proof;

    fn kept(id: &str, next: &str) -> (String, Option<PendingSignIn>) {
        let cookie = PendingCookie::new(&Sealer::new(&"key".into(), false));
        let shown = PendingView {
            proof: Proof::EmailCode,
            address: "ann@example.com".into(),
            phrase: "Calm owl".into(),
            sent_at: 1_795_243_754,
            next: next.into(),
        };
        let header = cookie.keep(&PendingSignIn { shown, id: id.into(), challenge: None }).expect("a cookie");
        let text = header.to_str().expect("text").to_owned();
        let pair = text.split(';').next().expect("a pair").to_owned();
        let brought_back = HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))]);
        (text, cookie.read(&brought_back))
    }

    #[test]
    fn the_id_comes_back_but_its_length_cannot_be_seen() {
        let (short, read) = kept("kay", "");
        assert_eq!(read.expect("a sign-in under way").id, "kay");
        let (long, read) = kept("6b013ef8ceed9d5e2056", "");
        assert_eq!(read.expect("a sign-in under way").id, "6b013ef8ceed9d5e2056");
        let length = |text: String| percent_encoding::percent_decode_str(&text).count();
        assert_eq!(length(short), length(long));
    }

    #[test]
    fn a_long_way_on_fits_into_a_cookie() {
        let (text, read) = kept("6b013ef8ceed9d5e2056", &format!("/{}", "a".repeat(1023)));
        assert!(read.is_some() && text.len() < 4096, "{} bytes", text.len());
    }
}
