//! What every request shares.

use std::{sync::Arc, time::SystemTime};

use secrecy::SecretString;

use crate::{
    Clock,
    http::rate::RateLimiter,
    realtime::Hub,
    settings::{ApiKey, Settings},
    store::Store,
};

/// The running backend's shared parts. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    keys: Vec<ApiKey>,
    jwt_key: SecretString,
    store: Store,
    clock: Clock,
    limiter: RateLimiter,
    hub: Hub,
}

impl AppState {
    pub(crate) fn new(
        settings: Settings,
        keys: Vec<ApiKey>,
        jwt_key: SecretString,
        store: Store,
        clock: Clock,
    ) -> Self {
        let hub_clock = clock.clone();
        let hub = Hub::new(move || SystemTime::from(hub_clock.now()));
        Self { inner: Arc::new(Inner { settings, keys, jwt_key, store, clock, limiter: RateLimiter::default(), hub }) }
    }

    /// What the start was told.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The time that every expiry is measured by.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// Where events are published.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// Everything kept.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.inner.store
    }

    pub(crate) fn keys(&self) -> &[ApiKey] {
        &self.inner.keys
    }

    pub(crate) fn jwt_key(&self) -> &SecretString {
        &self.inner.jwt_key
    }

    pub(crate) fn limiter(&self) -> &RateLimiter {
        &self.inner.limiter
    }
}
