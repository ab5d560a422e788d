//! What every request shares.

use std::{
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use secrecy::SecretString;

use crate::{
    Clock, Policies,
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
    policies: RwLock<Policies>,
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
        let policies = RwLock::new(settings.policies.clone());
        let limiter = RateLimiter::default();
        Self { inner: Arc::new(Inner { settings, policies, keys, jwt_key, store, clock, limiter, hub }) }
    }

    /// What the start was told.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The policies in force.
    #[must_use]
    pub fn policies(&self) -> Policies {
        self.inner.policies.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_policies(&self, change: impl FnOnce(&mut Policies)) {
        change(&mut self.inner.policies.write().unwrap_or_else(PoisonError::into_inner));
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
