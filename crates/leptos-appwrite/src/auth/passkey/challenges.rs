//! The challenges that this browser may answer. Appwrite does not tie a sign-in's challenge to a browser: without the
//! cookie, an attacker could sign a user in to the attacker's account.

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use crate::session::sealed::{SealedCookie, Sealer};

/// The lifetime of Appwrite's challenges.
const LIFETIME: Duration = Duration::minutes(5);

/// The maximum number of challenges per browser, for its tabs. New ones replace the oldest.
const MAX_CHALLENGES: usize = 4;

/// A challenge that waits for its answer.
#[derive(Serialize, Deserialize)]
pub(super) struct Challenge {
    /// The random text that the authenticator signs.
    pub text: String,
    /// Appwrite's id of the challenge.
    pub id: String,
}

/// Seals and opens the challenges.
pub(super) struct ChallengeCookie(SealedCookie<Vec<Challenge>>);

impl ChallengeCookie {
    /// Returns the cookie, sealed by `sealer`.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("passkey", "__Host-passkey", LIFETIME, SameSite::Strict))
    }

    /// Returns the `Set-Cookie` header that adds a challenge.
    pub fn keep(&self, headers: &HeaderMap, challenge: Challenge) -> Option<HeaderValue> {
        let mut challenges = self.0.read(headers).unwrap_or_default();
        challenges.push(challenge);
        challenges.drain(..challenges.len().saturating_sub(MAX_CHALLENGES));
        self.0.leave(&challenges)
    }

    /// Returns the challenge with this text.
    pub fn read(&self, headers: &HeaderMap, text: &str) -> Option<Challenge> {
        self.0.read(headers)?.into_iter().find(|challenge| challenge.text == text)
    }

    /// Returns the `Set-Cookie` header that removes the challenge with this text.
    pub fn forget(&self, headers: &HeaderMap, text: &str) -> Option<HeaderValue> {
        let mut challenges = self.0.read(headers).unwrap_or_default();
        challenges.retain(|challenge| challenge.text != text);
        if challenges.is_empty() { self.0.clear() } else { self.0.leave(&challenges) }
    }
}
