//! The state shared by all requests.

use std::{
    sync::{Arc, PoisonError, RwLock, RwLockWriteGuard},
    time::SystemTime,
};

use secrecy::SecretString;

use crate::{
    AuthMethod, Clock, Policies,
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
    disabled_methods: RwLock<Vec<AuthMethod>>,
    keys: Vec<ApiKey>,
    jwt_key: SecretString,
    store: Store,
    clock: Clock,
    limiter: RateLimiter,
    hub: Hub,
    /// The state after the seed, if the backend stores nothing on disk.
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
        let policies = RwLock::new(first_policies(&settings));
        let disabled_methods = RwLock::new(first_disabled(&settings));
        let limiter = RateLimiter::default();
        let memory_base = None;
        Self {
            inner: Arc::new(Inner {
                settings,
                policies,
                disabled_methods,
                keys,
                jwt_key,
                store,
                clock,
                limiter,
                hub,
                memory_base,
            }),
        }
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

    /// Resets what is not in the store: sockets, rate limits, the clock, the policies and the sign-in methods.
    pub(crate) fn forget(&self) {
        self.inner.clock.reset();
        self.inner.hub.reset();
        self.inner.limiter.clear_all();
        self.change_policies(|policies| *policies = first_policies(&self.inner.settings));
        *self.methods() = first_disabled(&self.inner.settings);
    }

    /// The settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// The current policies.
    #[must_use]
    pub fn policies(&self) -> Policies {
        self.inner.policies.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn change_policies(&self, change: impl FnOnce(&mut Policies)) {
        change(&mut self.inner.policies.write().unwrap_or_else(PoisonError::into_inner));
    }

    /// Returns true if the project has switched the sign-in method off.
    #[must_use]
    pub fn is_disabled(&self, method: AuthMethod) -> bool {
        self.inner.disabled_methods.read().unwrap_or_else(PoisonError::into_inner).contains(&method)
    }

    pub(crate) fn switch_method(&self, method: AuthMethod, is_on: bool) {
        let mut disabled = self.methods();
        disabled.retain(|other| *other != method);
        if !is_on {
            disabled.push(method);
        }
    }

    fn methods(&self) -> RwLockWriteGuard<'_, Vec<AuthMethod>> {
        self.inner.disabled_methods.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The clock for all expiries.
    #[must_use]
    pub fn clock(&self) -> &Clock {
        &self.inner.clock
    }

    /// The hub that publishes events.
    #[must_use]
    pub fn hub(&self) -> &Hub {
        &self.inner.hub
    }

    /// The database.
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

fn first_policies(settings: &Settings) -> Policies {
    let mut policies = settings.policies.clone();
    policies.passkey_rp_id = settings.passkeys.clone().unwrap_or(policies.passkey_rp_id);
    policies
}

/// Passkeys are off in a new project.
fn first_disabled(settings: &Settings) -> Vec<AuthMethod> {
    let mut disabled = settings.disabled_methods.clone();
    if settings.passkeys.is_none() {
        disabled.push(AuthMethod::Passkey);
    }
    disabled
}
