//! Decides when to extend a session.
//!
//! Only Appwrite knows when a session ends. The server asks once, and then again when the last third of the session's life
//! begins.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::security::keyed_hash::{Hash, KeyedHash};
use appwrite_client::{Session, SessionSecret};

/// The minimum time between two attempts for one session. Appwrite allows ten per hour and address.
pub(super) const SHORTEST_GAP: i64 = 3600;

/// The maximum number of sessions to remember, about 5 MB.
const MAX_SESSIONS: usize = 100_000;

/// The times at which this process checks sessions next, in seconds since 1970.
pub struct Renewals {
    hash: KeyedHash,
    next_checks: Mutex<HashMap<Hash, i64>>,
}

impl Default for Renewals {
    fn default() -> Self {
        Self { hash: KeyedHash::random(), next_checks: Mutex::default() }
    }
}

impl Renewals {
    /// True once the session has to be checked. Postpones the next check, so that only one request checks.
    pub(super) fn is_due(&self, secret: &SessionSecret, now: i64) -> bool {
        let key = self.hash.of(&[secret.expose()]);
        let mut next_checks = self.next_checks.lock().unwrap_or_else(PoisonError::into_inner);
        if next_checks.get(&key).is_some_and(|next| now < *next) {
            return false;
        }
        if next_checks.len() >= MAX_SESSIONS {
            next_checks.clear();
        }
        next_checks.insert(key, now + SHORTEST_GAP);
        true
    }

    /// Sets the next check of a session.
    pub(super) fn postpone(&self, secret: &SessionSecret, until: i64) {
        let key = self.hash.of(&[secret.expose()]);
        self.next_checks.lock().unwrap_or_else(PoisonError::into_inner).insert(key, until);
    }
}

/// Returns the start of the last third of the session's life. The life of an extended session starts at its extension.
pub(super) fn last_third(session: &Session) -> Option<i64> {
    let expires = session.expire?.as_second();
    let begins = session.updated_at.or(session.created_at)?.as_second();
    Some(expires - (expires - begins).max(0) / 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_is_checked_once_until_renewal_is_due() {
        let (renewals, secret) = (Renewals::default(), SessionSecret::new("one"));
        assert!(renewals.is_due(&secret, 0));
        assert!(!renewals.is_due(&secret, SHORTEST_GAP - 1));
        assert!(renewals.is_due(&SessionSecret::new("other"), 0));
        assert!(renewals.is_due(&secret, SHORTEST_GAP));
        renewals.postpone(&secret, 100_000);
        assert!(!renewals.is_due(&secret, 99_999));
        assert!(renewals.is_due(&secret, 100_000));
    }

    #[test]
    fn extended_session_lifetime_starts_at_its_extension() {
        let session = |updated: &str| {
            let session = serde_json::json!({
                "$id": "a",
                "$createdAt": "2026-01-01T00:00:00.000+00:00",
                "$updatedAt": updated,
                "expire": "2026-01-31T00:00:00.000+00:00",
            });
            serde_json::from_value::<Session>(session).expect("a session")
        };
        let day = |day: i64| Some(1_767_225_600 + (day - 1) * 86_400);
        assert_eq!(last_third(&session("2026-01-01T00:00:00.000+00:00")), day(21));
        assert_eq!(last_third(&session("2026-01-25T00:00:00.000+00:00")), day(29));
        assert_eq!(last_third(&session("")), day(21));
    }
}
