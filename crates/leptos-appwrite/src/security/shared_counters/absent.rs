//! Stands in for the shared counters where the feature `redis` is off.

use std::num::NonZeroU32;
use std::time::Duration;

use secrecy::SecretString;

use super::keyed_hash::Hash;

/// A value of this type never exists.
pub enum SharedCounters {}

impl SharedCounters {
    /// Refuses the address.
    pub fn new(_address: &SecretString) -> Result<Self, String> {
        Err("RATE_LIMIT_REDIS is set, but this build cannot use it (feature redis): build it with the feature, or remove it."
            .into())
    }

    /// Is never called.
    pub async fn check(&self) -> Result<Duration, String> {
        match *self {}
    }

    pub(super) async fn count(&self, _: Hash, _: NonZeroU32, _: Duration) -> Option<Result<(), Duration>> {
        match *self {}
    }
}
