//! Checks if the project has passkeys. They are off in a new project, so the app offers them only after Appwrite
//! has confirmed that they are on.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use appwrite_client::{Appwrite, AppwriteError, Visitor};
use tokio::time::timeout;

/// Ask again after this time. Appwrite allows ten requests per hour and address.
const MEMORY: Duration = Duration::from_secs(30 * 60);
/// Ask again after this time if Appwrite did not answer.
const RETRY: Duration = Duration::from_secs(30);
/// The maximum time that a page waits for the first answer.
const DEADLINE: Duration = Duration::from_secs(1);

/// Appwrite's last answer. Each instance of the app asks on its own.
#[derive(Clone, Default)]
pub(crate) struct PasskeyOffer(Arc<Shared>);

#[derive(Default)]
struct Shared {
    known: Mutex<Option<Known>>,
    asking: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy)]
struct Known {
    is_offered: bool,
    until: Instant,
}

impl PasskeyOffer {
    /// True if the project has passkeys. Waits for Appwrite the first time only.
    pub async fn is_offered(&self, appwrite: &Appwrite) -> bool {
        let known = *self.known();
        if let Some(known) = known.filter(|known| Instant::now() < known.until || self.0.asking.try_lock().is_err()) {
            return known.is_offered;
        }
        let (offer, appwrite) = (self.clone(), appwrite.clone());
        // Runs in its own task, so that an answer after the deadline counts too.
        let asking = tokio::spawn(async move { offer.ask(&appwrite).await });
        if known.is_none() {
            let _ = timeout(DEADLINE, asking).await;
        }
        self.known().is_some_and(|known| known.is_offered)
    }

    async fn ask(&self, appwrite: &Appwrite) {
        let _one_at_a_time = self.0.asking.lock().await;
        let known = *self.known();
        if known.is_some_and(|known| Instant::now() < known.until) {
            return;
        }
        let (is_offered, memory) = match probe(appwrite).await {
            Ok(is_offered) => (is_offered, MEMORY),
            Err(_) => (known.is_some_and(|known| known.is_offered), RETRY),
        };
        *self.known() = Some(Known { is_offered, until: Instant::now() + memory });
    }

    /// A panic elsewhere leaves no half-written value, so a poisoned lock is safe to use.
    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks like a guest: with the API key, Appwrite ignores that the project has switched passkeys off.
async fn probe(appwrite: &Appwrite) -> Result<bool, AppwriteError> {
    if appwrite.version().await?.is_some_and(|version| !version.has_passkeys()) {
        return Ok(false);
    }
    let answer = match appwrite.guest().create_passkey_challenge().await {
        Err(error) if error.is_rate_limited() => appwrite.admin().create_passkey_challenge(&Visitor::default()).await,
        answer => answer,
    };
    match answer {
        Err(error) if error.is_outage() && !error.is_unknown_route() => Err(error),
        answer => Ok(answer.is_ok()),
    }
}
