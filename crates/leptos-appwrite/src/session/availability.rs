//! Remembers which of the app's sign-in methods the project has disabled, based on Appwrite's errors.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::methods::{Provider, SignInMethod, SignInMethods};
use crate::site::Paths;
use appwrite_client::AppwriteError;

/// Offer a refused method again after this time, because the project may have enabled it.
const MEMORY: Duration = Duration::from_secs(10 * 60);

/// Remembers refused methods. Each instance of the app learns them on its own.
#[derive(Clone, Default)]
pub struct Availability {
    paths: Paths,
    providers: Vec<Provider>,
    methods: Arc<Mutex<HashMap<SignInMethod, Instant>>>,
    refused_providers: Arc<Mutex<HashMap<String, Instant>>>,
}

impl Availability {
    /// Starts with all methods and providers enabled for which `paths` names the pages.
    pub fn new(paths: Paths, providers: Vec<Provider>) -> Self {
        let providers = if paths.provider.is_some() { providers } else { Vec::new() };
        Self { paths, providers, ..Self::default() }
    }

    /// Records that the project refused this method.
    pub fn switch_off(&self, method: SignInMethod) {
        lock(&self.methods).insert(method, Instant::now());
    }

    /// Records a refusal of `method`. Without mail, also disables the other methods that need mail.
    pub fn note_refusal(&self, method: SignInMethod, error: &AppwriteError) {
        match error.kind() {
            Some("user_auth_method_unsupported" | "general_phone_disabled") => self.switch_off(method),
            Some("general_smtp_disabled") => {
                for method in SignInMethod::BY_MAIL {
                    self.switch_off(method);
                }
            }
            _ => {}
        }
    }

    /// Records that the project refused this provider.
    pub fn switch_off_provider(&self, id: &str) {
        lock(&self.refused_providers).insert(id.to_owned(), Instant::now());
    }

    /// Returns the methods to offer now.
    pub fn methods(&self) -> SignInMethods {
        self.methods_at(Instant::now())
    }

    fn methods_at(&self, now: Instant) -> SignInMethods {
        let (methods, providers) = (lock(&self.methods), lock(&self.refused_providers));
        let is_open = |refused: Option<&Instant>| refused.is_none_or(|at| now.duration_since(*at) >= MEMORY);
        let is_offered = |method: &SignInMethod| self.paths.offers(*method) && is_open(methods.get(method));
        SignInMethods {
            open: SignInMethod::ALL.into_iter().filter(is_offered).collect(),
            providers: self.providers.iter().filter(|one| is_open(providers.get(&one.id))).cloned().collect(),
        }
    }
}

/// A panic elsewhere leaves no half-written entries in these maps, so a poisoned lock is safe to use.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::site::LinkPages;

    #[test]
    fn disabled_method_is_offered_again_later() {
        let github = Provider { id: "github".into(), name: "GitHub".into() };
        let link = LinkPages { sent: "/login/link/sent", open: "/login/link/open" };
        let paths = Paths {
            magic_link: Some(link),
            phone_code: Some("/login/phone/enter"),
            provider: Some("/login"),
            ..Paths::DEFAULT
        };
        let availability = Availability::new(paths, vec![github.clone()]);
        availability.switch_off(SignInMethod::PhoneCode);
        availability.switch_off_provider("github");
        let methods = availability.methods();
        assert!(
            !methods.offers(SignInMethod::PhoneCode)
                && methods.offers(SignInMethod::MagicLink)
                && methods.providers.is_empty()
        );
        let later = availability.methods_at(Instant::now() + MEMORY);
        assert!(later.offers(SignInMethod::PhoneCode));
        assert_eq!(later.providers, [github]);
    }

    #[test]
    fn method_without_its_pages_is_not_offered() {
        let github = Provider { id: "github".into(), name: "GitHub".into() };
        assert_eq!(Availability::new(Paths::DEFAULT, vec![github]).methods(), SignInMethods::default());
    }
}
