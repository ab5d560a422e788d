//! Pending OAuth2 sign-ins: the sealed state in a browser's cookie, which proves that the returning browser started
//! here. Each tab may have one.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue};
use cookie::SameSite;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use time::Duration;

use crate::clock;
use crate::session::cookie::CookieLifetime;
use crate::session::own_path::OwnPath;
use crate::session::sealed::{SealedCookie, Sealer};

/// The time limit for the sign-in at the provider.
const LIFETIME: Duration = Duration::minutes(10);

/// The maximum number of pending sign-ins per browser. New ones replace the oldest.
const MAX_PENDING: usize = 4;

/// The length of the random state, in bytes.
const STATE: usize = 32;

/// A pending sign-in at a provider.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingOAuth {
    state: String,
    provider: String,
    next: String,
    until: i64,
    #[serde(default)]
    lifetime: CookieLifetime,
}

impl PendingOAuth {
    /// Starts a sign-in with an unguessable state.
    pub fn begin(provider: &str, next: &str, lifetime: CookieLifetime) -> Self {
        let random: [u8; STATE] = rand::random();
        let state = random.iter().fold(String::with_capacity(2 * STATE), |mut state, byte| {
            // Writing into a string cannot fail.
            let _ = write!(state, "{byte:02x}");
            state
        });
        let next = OwnPath::parse(next).map(|path| path.as_str().to_owned()).unwrap_or_default();
        let until = clock::now() + LIFETIME.whole_seconds();
        Self { state, provider: provider.to_owned(), next, until, lifetime }
    }

    /// Returns the state for the return URL.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Compares the state in constant time.
    pub fn is_of(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// Returns Appwrite's id of the provider.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// The page to open after sign-in; empty for the default.
    pub fn next(&self) -> &str {
        &self.next
    }

    /// Returns the time for which the browser keeps the session after the sign-in.
    pub fn lifetime(&self) -> CookieLifetime {
        self.lifetime
    }
}

/// Seals and opens the pending sign-ins.
#[derive(Clone)]
pub struct PendingOAuthCookie(SealedCookie<Vec<PendingOAuth>>);

impl PendingOAuthCookie {
    /// Returns the cookie, sealed by `sealer`. It is `Lax`: the provider's redirect is cross-site and omits `Strict`
    /// cookies.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("oauth-state", "__Host-oauth-state", LIFETIME, SameSite::Lax))
    }

    /// Returns the `Set-Cookie` header that adds `pending` to the browser's pending sign-ins.
    pub fn keep(&self, headers: &HeaderMap, pending: &PendingOAuth) -> Option<HeaderValue> {
        let mut all = self.pending(headers);
        all.push(pending.clone());
        all.drain(..all.len().saturating_sub(MAX_PENDING));
        // If the cookie is too long, drops the oldest `next` values: the sign-in works without them.
        for oldest in 0..all.len() - 1 {
            if serde_json::to_string(&all).is_ok_and(|json| json.len() <= self.0.room()) {
                break;
            }
            all[oldest].next.clear();
        }
        self.0.leave(&all)
    }

    /// Returns the browser's pending sign-in with this state.
    pub fn read(&self, headers: &HeaderMap, state: &str) -> Option<PendingOAuth> {
        self.pending(headers).into_iter().find(|pending| pending.is_of(state))
    }

    /// Returns the `Set-Cookie` header that removes `pending` and keeps the others.
    pub fn finish(&self, headers: &HeaderMap, pending: &PendingOAuth) -> Option<HeaderValue> {
        let mut all = self.pending(headers);
        all.retain(|other| !other.is_of(pending.state()));
        if all.is_empty() { self.0.clear() } else { self.0.leave(&all) }
    }

    fn pending(&self, headers: &HeaderMap) -> Vec<PendingOAuth> {
        let mut all = self.0.read(headers).unwrap_or_default();
        all.retain(|pending| clock::now() < pending.until);
        all
    }
}

#[cfg(test)]
mod tests {
    use axum::http::header;
    use proptest::prelude::*;

    use super::*;

    fn begin(next: &str) -> PendingOAuth {
        PendingOAuth::begin("github", next, CookieLifetime::Persistent)
    }

    fn pending() -> PendingOAuth {
        begin("/birthdays")
    }

    fn cookie() -> PendingOAuthCookie {
        PendingOAuthCookie::new(&Sealer::new(&"key".into(), true))
    }

    /// Returns the headers of a browser that stores each of these in turn.
    fn keeping(all: &[&PendingOAuth]) -> HeaderMap {
        all.iter().fold(HeaderMap::new(), |headers, pending| {
            let header = cookie().keep(&headers, pending).expect("a cookie");
            assert!(header.len() <= 4096, "{} bytes", header.len());
            let pair = header.to_str().expect("text").split(';').next().expect("a pair").to_owned();
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::try_from(pair).expect("a header"))])
        })
    }

    #[test]
    fn newest_four_pending_sign_ins_are_kept() {
        let all: Vec<_> = (0..6).map(|_| pending()).collect();
        let headers = keeping(&all.iter().collect::<Vec<_>>());
        let is_kept =
            |pending: &PendingOAuth| cookie().read(&headers, pending.state()).is_some_and(|kept| kept == *pending);
        assert_eq!(all.iter().map(is_kept).collect::<Vec<_>>(), [false, false, true, true, true, true]);
    }

    #[test]
    fn each_pending_sign_in_expires_on_its_own() {
        let old = PendingOAuth { until: clock::now(), ..pending() };
        let new = pending();
        let headers = keeping(&[&old, &new]);
        assert!(cookie().read(&headers, old.state()).is_none() && cookie().read(&headers, new.state()).is_some());
    }

    #[test]
    fn long_paths_fit_and_newest_pending_sign_in_keeps_its_path() {
        let path = format!("/{}", "a".repeat(2000));
        let (old, new) = (begin(&path), begin(&path));
        let headers = keeping(&[&old, &old, &old, &new]);
        assert_eq!(cookie().read(&headers, new.state()).expect("a pending sign-in").next(), path);
        assert_eq!(cookie().read(&headers, old.state()).expect("a pending sign-in").next(), "");
    }

    #[test]
    fn no_two_pending_sign_ins_have_the_same_state() {
        let (one, other) = (pending(), pending());
        assert_eq!(one.state().len(), 64);
        assert!(one.is_of(one.state()) && !one.is_of(other.state()));
    }

    #[test]
    fn next_page_on_another_site_is_not_kept() {
        assert_eq!(pending().next(), "/birthdays");
        assert_eq!(begin("//evil").next(), "");
    }

    proptest! {
        #[test]
        fn state_matches_only_if_complete(text in "[0-9a-f]{0,80}|\\PC{0,80}", cut in 0usize..64) {
            let pending = pending();
            prop_assert!(!pending.is_of(&text));
            prop_assert!(!pending.is_of(&pending.state()[..cut]));
            let longer = format!("{}{text}", pending.state());
            prop_assert_eq!(pending.is_of(&longer), text.is_empty());
        }
    }
}
