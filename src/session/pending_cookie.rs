//! The cookie that keeps a sign-in under way, sealed: neither the browser nor its person learns the ids in it, by which
//! an address with an account could be told from one without.

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::SameSite;
use serde::{Deserialize, Serialize};
use time::Duration;

use super::pending::Pending;
use super::sealed::{SealedCookie, Sealer};

/// As long as the longest-lived proof, a link, works.
const LIFETIME: Duration = Duration::hours(1);

/// A sign-in under way, as the server knows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingSignIn {
    /// What the pages show of it.
    pub shown: Pending,
    /// The id of the account that a link or code is for, or of the second factor's challenge.
    pub id: String,
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
