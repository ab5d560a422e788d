//! Detects the capabilities of an Appwrite server: by its version, and by trying both names of a route.

use std::{
    fmt,
    str::FromStr,
    sync::atomic::{AtomicBool, Ordering},
};

use tokio::sync::OnceCell;
use tracing::info;

use super::error::AppwriteError;

/// A version of Appwrite's server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ServerVersion {
    /// First part.
    pub major: u16,
    /// Second part.
    pub minor: u16,
    /// Third part.
    pub patch: u16,
}

impl ServerVersion {
    /// True if a JWT can have a `duration` (from 1.9.0); otherwise it is valid for 15 minutes.
    pub fn takes_jwt_duration(self) -> bool {
        self >= Self { major: 1, minor: 9, patch: 0 }
    }

    /// True if this version's Realtime ignores `?jwt=` in its address (up to 1.9.6). Some builds accept it.
    pub fn ignores_jwt_in_realtime_address(self) -> bool {
        self <= Self { major: 1, minor: 9, patch: 6 }
    }

    /// True if `POST /users/:id/jwts` exists (from 1.6.0).
    pub fn has_jwts_by_key(self) -> bool {
        self >= Self { major: 1, minor: 6, patch: 0 }
    }

    /// True if the server has passkeys (from 2.5).
    pub fn has_passkeys(self) -> bool {
        self >= Self { major: 2, minor: 5, patch: 0 }
    }
}

impl FromStr for ServerVersion {
    type Err = AppwriteError;

    fn from_str(text: &str) -> Result<Self, AppwriteError> {
        let malformed = || AppwriteError::Unexpected { status: 200 };
        // A release candidate calls itself 1.9.0-RC1.
        let release = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = release.split('.').map(|part| part.parse().map_err(|_| malformed()));
        let mut next = || parts.next().unwrap_or_else(|| Err(malformed()));
        let version = Self { major: next()?, minor: next()?, patch: next()? };
        if parts.next().is_some() { Err(malformed()) } else { Ok(version) }
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

/// The answer of `GET /health/version`.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Server {
    /// The version; none if the server hides it.
    pub version: Option<ServerVersion>,
    /// True for the emulator `local-appwrite`.
    pub is_local_appwrite: bool,
}

/// The detected capabilities, kept for the life of the process.
#[derive(Default)]
pub(super) struct Capabilities {
    pub server: OnceCell<Server>,
    /// `/account/jwts` (from 1.6), before it `/account/jwt`.
    pub jwt_route: Route,
    /// `/account/verifications/email` (from 1.8), before it `/account/verification`.
    pub verification_route: Route,
    /// `/account/mfa/challenges` (from 1.8.1), before it `/account/mfa/challenge`.
    pub challenge_route: Route,
    /// `/tablesdb/…` (from 1.8), before it `/databases/…/collections`.
    pub tables_route: Route,
}

/// The two names of a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    New,
    Old,
}

/// Remembers which of a route's two names the server supports.
#[derive(Default)]
pub(super) struct Route {
    old: AtomicBool,
}

impl Route {
    /// Calls the route by the name that worked last, or by the other one if the server does not know it.
    ///
    /// An unknown route changes nothing, so the second call repeats nothing.
    pub async fn negotiate<T, F>(&self, call: impl Fn(Names) -> F) -> Result<T, AppwriteError>
    where
        F: Future<Output = Result<T, AppwriteError>>,
    {
        let (first, second) =
            if self.old.load(Ordering::Relaxed) { (Names::Old, Names::New) } else { (Names::New, Names::Old) };
        let result = call(first).await;
        if !result.as_ref().is_err_and(AppwriteError::is_unknown_route) {
            return result;
        }
        let other = call(second).await;
        if other.as_ref().is_err_and(AppwriteError::is_unknown_route) {
            return result;
        }
        self.old.store(second == Names::Old, Ordering::Relaxed);
        info!(names = ?second, "the server knows this route by its other name");
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> ServerVersion {
        text.parse().unwrap_or_else(|_| panic!("{text} is a version"))
    }

    #[test]
    fn versions_are_ordered_numerically() {
        assert!(version("1.10.0") > version("1.9.6"));
        assert!(version("2.0.0") > version("1.99.99"));
        assert_eq!(version("1.9.0-RC2"), version("1.9.0"));
        assert_eq!(version("1.9.6").to_string(), "1.9.6");
    }

    #[test]
    fn passkeys_require_version_2_5() {
        for (text, has_passkeys) in [("1.9.10", false), ("2.4.9", false), ("2.5.0", true), ("2.10.0", true)] {
            assert_eq!(version(text).has_passkeys(), has_passkeys, "{text}");
        }
    }

    #[test]
    fn malformed_version_is_refused() {
        for text in ["", "1", "1.9", "1.9.6.1", "v1.9.6", "1.x.0", "newest", "1.9.-1", "99999.0.0"] {
            assert!(text.parse::<ServerVersion>().is_err(), "{text}");
        }
    }

    #[test]
    fn capabilities_follow_from_the_version() {
        for (text, jwts_by_key, duration, ignores_in_address) in [
            ("1.5.7", false, false, true),
            ("1.6.0", true, false, true),
            ("1.8.1", true, false, true),
            ("1.9.0", true, true, true),
            ("1.9.6", true, true, true),
            ("1.9.7", true, true, false),
            ("1.9.10", true, true, false),
            ("2.0.0", true, true, false),
            ("2.7.1", true, true, false),
        ] {
            let version = version(text);
            assert_eq!(version.has_jwts_by_key(), jwts_by_key, "{text}");
            assert_eq!(version.takes_jwt_duration(), duration, "{text}");
            assert_eq!(version.ignores_jwt_in_realtime_address(), ignores_in_address, "{text}");
        }
    }
}
