//! Which ways in the project has switched off, as far as its refusals have told.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::ways::{Provider, Way, Ways};
use appwrite_client::AppwriteError;

/// How long a refusal is remembered. After that the way is offered again, as the project may have switched it on.
const MEMORY: Duration = Duration::from_secs(10 * 60);

/// Remembers what was refused. Each instance of the app finds out by itself.
#[derive(Clone, Default)]
pub struct Availability {
    providers: Vec<Provider>,
    ways: Arc<Mutex<HashMap<Way, Instant>>>,
    refused_providers: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Availability {
    /// Everything is open until refused.
    pub fn new(providers: Vec<Provider>) -> Self {
        Self { providers, ..Self::default() }
    }

    /// Notes that the project refused this way.
    pub fn switch_off(&self, way: Way) {
        lock(&self.ways).insert(way, Instant::now());
    }

    /// Notes what a refusal tells of `way`, and of the others that need the same: without mail there is none of them.
    pub fn note_refusal(&self, way: Way, error: &AppwriteError) {
        match error.kind() {
            Some("user_auth_method_unsupported" | "general_phone_disabled") => self.switch_off(way),
            Some("general_smtp_disabled") => Way::BY_MAIL.into_iter().for_each(|way| self.switch_off(way)),
            _ => {}
        }
    }

    /// Notes that the project refused this provider.
    pub fn switch_off_provider(&self, id: &str) {
        lock(&self.refused_providers).insert(id.to_owned(), Instant::now());
    }

    /// What to offer now.
    pub fn ways(&self) -> Ways {
        self.ways_at(Instant::now())
    }

    fn ways_at(&self, now: Instant) -> Ways {
        let (ways, providers) = (lock(&self.ways), lock(&self.refused_providers));
        let is_open = |refused: Option<&Instant>| refused.is_none_or(|at| now.duration_since(*at) >= MEMORY);
        Ways {
            open: Way::ALL.into_iter().filter(|way| is_open(ways.get(way))).collect(),
            providers: self.providers.iter().filter(|one| is_open(providers.get(&one.id))).cloned().collect(),
        }
    }
}

/// Nothing is left half done in these maps, so a panic elsewhere does not spoil them.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_refused_is_not_offered_until_the_project_may_have_changed_its_mind() {
        let github = Provider { id: "github".into(), name: "GitHub".into() };
        let availability = Availability::new(vec![github.clone()]);
        availability.switch_off(Way::PhoneCode);
        availability.switch_off_provider("github");
        let ways = availability.ways();
        assert!(!ways.offers(Way::PhoneCode) && ways.offers(Way::MagicLink) && ways.providers.is_empty());
        let later = availability.ways_at(Instant::now() + MEMORY);
        assert!(later.offers(Way::PhoneCode));
        assert_eq!(later.providers, [github]);
    }
}
