//! What a browser keeps on its round trip to a provider, sealed: by it, whoever comes back is known to have left here.

use std::fmt::Write;

use axum::http::{HeaderMap, HeaderValue};
use axum_extra::extract::cookie::SameSite;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use time::Duration;

use super::own_path::OwnPath;
use super::sealed::{SealedCookie, Sealer};

/// How long a person may take at the provider.
const LIFETIME: Duration = Duration::minutes(10);

/// The random part, in bytes.
const STATE: usize = 32;

/// A round trip under way.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoundTrip {
    state: String,
    provider: String,
    next: String,
}

impl RoundTrip {
    /// A new one, with a state that nobody can guess.
    pub fn begin(provider: &str, next: &str) -> Self {
        let random: [u8; STATE] = rand::random();
        let state = random.iter().fold(String::with_capacity(2 * STATE), |mut state, byte| {
            // Writing into a string cannot fail.
            let _ = write!(state, "{byte:02x}");
            state
        });
        let next = OwnPath::parse(next).map(|path| path.as_str().to_owned()).unwrap_or_default();
        Self { state, provider: provider.to_owned(), next }
    }

    /// The state, for the address of the way back.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// Whether `state` is this one's. The time of the answer does not tell how much of it is right.
    pub fn is_of(&self, state: &str) -> bool {
        self.state.as_bytes().ct_eq(state.as_bytes()).into()
    }

    /// Where the browser was sent, by Appwrite's id.
    pub fn provider(&self) -> &str {
        &self.provider
    }

    /// Where the person wants to go once signed in; empty for nowhere in particular.
    pub fn next(&self) -> &str {
        &self.next
    }
}

/// Seals and opens it.
#[derive(Clone)]
pub struct RoundTripCookie(SealedCookie<RoundTrip>);

impl RoundTripCookie {
    /// The cookie, sealed by `sealer`. The way back is a link on another site, with which browsers send no `Strict` cookie.
    pub fn new(sealer: &Sealer) -> Self {
        Self(sealer.cookie("round-trip", "__Host-round-trip", LIFETIME, SameSite::Lax))
    }

    /// The `Set-Cookie` that keeps it. Who begins another round trip gives up the one before.
    pub fn keep(&self, trip: &RoundTrip) -> Option<HeaderValue> {
        self.0.leave(trip)
    }

    /// The round trip that the request's browser has under way.
    pub fn read(&self, headers: &HeaderMap) -> Option<RoundTrip> {
        self.0.read(headers)
    }

    /// The `Set-Cookie` that forgets it.
    pub fn clear(&self) -> Option<HeaderValue> {
        self.0.clear()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn trip() -> RoundTrip {
        RoundTrip::begin("github", "/birthdays")
    }

    #[test]
    fn no_two_round_trips_have_the_same_state() {
        let (one, other) = (trip(), trip());
        assert_eq!(one.state().len(), 64);
        assert!(one.is_of(one.state()) && !one.is_of(other.state()));
    }

    #[test]
    fn a_way_back_to_another_site_is_not_kept() {
        assert_eq!(trip().next(), "/birthdays");
        assert_eq!(RoundTrip::begin("github", "//evil").next(), "");
    }

    proptest! {
        #[test]
        fn only_the_whole_state_is_the_state(text in "[0-9a-f]{0,80}|\\PC{0,80}", cut in 0usize..64) {
            let trip = trip();
            prop_assert!(!trip.is_of(&text));
            prop_assert!(!trip.is_of(&trip.state()[..cut]));
            let longer = format!("{}{text}", trip.state());
            prop_assert_eq!(trip.is_of(&longer), text.is_empty());
        }
    }
}
