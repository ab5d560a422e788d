//! The state shared by all requests.

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
    /// The state after the seed, if the backend keeps nothing on the disk.
    memory_base: Option<Store>,
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
        let memory_base = None;
        Self { inner: Arc::new(Inner { settings, policies, keys, jwt_key, store, clock, limiter, hub, memory_base }) }
    }

    /// Stores the state after the seed in `base` instead of a file.
    pub(crate) fn keeping_base(mut self, base: Store) -> Self {
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.memory_base = Some(base);
        }
        self
    }

    pub(crate) fn memory_base(&self) -> Option<&Store> {
        self.inner.memory_base.as_ref()
    }

    /// Resets the state outside the store: sockets, rate limits, the clock and the policies.
    pub(crate) fn forget(&self) {
        self.inner.clock.reset();
        self.inner.hub.reset();
        self.inner.limiter.clear_all();
        self.change_policies(|policies| policies.clone_from(&self.inner.settings.policies));
    }

    /// The settings.
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

    /// The hub that publishes events.
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
