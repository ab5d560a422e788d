//! Finds out whether Appwrite's Realtime honors a JWT in its address: by connecting as a browser would. A version does not
//! tell (some 1.9.5 do), and what a browser says about it is not believed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use secrecy::SecretString;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;

use super::protocol::{Channel, RowNaming, ServerFrame};
use super::relay::upstream::{UpstreamError, connect_as_browser};
use crate::appwrite::SessionClient;
use crate::server::AppState;

/// How long an answer is believed.
const LIFETIME: Duration = Duration::from_secs(600);
/// The least time from one probe to the next, whoever asks and whatever came of it.
const SPACING: Duration = Duration::from_secs(60);
/// How long a probe may take: tickets wait for the first one.
const DEADLINE: Duration = Duration::from_secs(5);

/// What is known of Appwrite's Realtime.
#[derive(Default)]
pub struct JwtProbe {
    known: Mutex<Known>,
    /// Held while a probe runs.
    running: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    honors: Option<(bool, Instant)>,
    tried: Option<Instant>,
}

impl JwtProbe {
    /// Whether Realtime honors a JWT in its address, as far as that was found out lately.
    pub(super) fn honors_jwt(&self) -> Option<bool> {
        self.known().honors.filter(|(_, at)| at.elapsed() < LIFETIME).map(|(honors, _)| honors)
    }

    /// Whether it is time to probe. `is_doubted`: somebody says that the answer is wrong.
    pub(super) fn is_due(&self, is_doubted: bool) -> bool {
        let is_allowed = self.known().tried.is_none_or(|at| at.elapsed() >= SPACING);
        is_allowed && (is_doubted || self.honors_jwt().is_none())
    }

    /// Probes if it is still time to, after the probe that is under way. The probe goes on when this is dropped.
    pub(super) async fn run<P>(self: &Arc<Self>, is_doubted: bool, probe: P)
    where
        P: Future<Output = Option<bool>> + Send + 'static,
    {
        let running = Arc::clone(&self.running).lock_owned().await;
        if !self.is_due(is_doubted) {
            return;
        }
        self.known().tried = Some(Instant::now());
        let this = Arc::clone(self);
        let task = tokio::spawn(async move {
            if let Ok(Some(honors)) = timeout(DEADLINE, probe).await {
                tracing::info!(honors, "Realtime was asked whether it honors a JWT in its address");
                this.known().honors = Some((honors, Instant::now()));
            }
            drop(running);
        });
        // A probe that panicked has found out nothing, and has said so in the log.
        let _ = task.await;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Connects with a JWT of this person in the address. Nothing if the outcome tells nothing about the server.
pub(super) async fn probe(state: AppState, client: SessionClient, user_id: String, jwt: SecretString) -> Option<bool> {
    match connected_user(&state, &jwt).await {
        Ok(Connected::Person(id)) => (id == user_id).then_some(true),
        // A session that has ended is connected as a guest too. One that lives afterwards lived all the time.
        Ok(Connected::Guest) => client.account().await.is_ok().then_some(false),
        Ok(Connected::Nobody) => None,
        Err(error) => {
            tracing::info!(%error, "Realtime could not be asked whether it honors a JWT in its address");
            None
        }
    }
}

enum Connected {
    Person(String),
    Guest,
    /// The server refused for another reason.
    Nobody,
}

async fn connected_user(state: &AppState, jwt: &SecretString) -> Result<Connected, UpstreamError> {
    let (database, table) = (&state.config.database_id, &state.config.table_id);
    // Servers up to 1.9.4 refuse a handshake without channels.
    let channels = [Channel::rows(database, table).name(RowNaming::Tables)];
    let project = state.appwrite.project_id();
    let mut socket = connect_as_browser(&state.public_endpoint, project, &channels, jwt).await?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        return Ok(match ServerFrame::parse(&text) {
            Ok(ServerFrame::Connected(connected)) => connected.user_id.map_or(Connected::Guest, Connected::Person),
            // A project may refuse guests (403). The frame's message alone tells that from a Realtime that is switched off.
            Ok(ServerFrame::Error(error)) if error.code == 403 && !error.message.contains("disabled") => {
                Connected::Guest
            }
            _ => Connected::Nobody,
        });
    }
    Ok(Connected::Nobody)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A probe that is counted and tells this.
    fn counted(count: &Arc<AtomicUsize>, tells: Option<bool>) -> impl Future<Output = Option<bool>> + Send + 'static {
        let count = Arc::clone(count);
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            tells
        }
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_share_one_probe() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        let asking = (0..50).map(|number| {
            let (probe, counted) = (Arc::clone(&probe), counted(&count, Some(false)));
            async move {
                probe.run(number % 2 == 0, counted).await;
                probe.honors_jwt()
            }
        });
        let answers = futures_util::future::join_all(asking).await;
        assert!(answers.iter().all(|answer| *answer == Some(false)), "{answers:?}");
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    #[tokio::test(start_paused = true)]
    async fn complaints_lead_to_one_probe_a_minute() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        for _ in 0..300 {
            probe.run(true, counted(&count, Some(true))).await;
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let probes = count.load(Ordering::SeqCst);
        assert!((4..=6).contains(&probes), "{probes} in five minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn answer_expires() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        probe.run(false, counted(&count, Some(false))).await;
        tokio::time::advance(LIFETIME - Duration::from_secs(1)).await;
        assert!(!probe.is_due(false));
        assert_eq!(probe.honors_jwt(), Some(false));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(probe.is_due(false));
        assert_eq!(probe.honors_jwt(), None);
    }

    #[tokio::test(start_paused = true)]
    async fn probe_that_tells_nothing_keeps_the_answer_before() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        probe.run(false, counted(&count, Some(true))).await;
        tokio::time::advance(SPACING).await;
        probe.run(true, counted(&count, None)).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(true), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn probe_goes_on_when_the_first_who_asked_has_left() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        let first = timeout(Duration::from_millis(1), probe.run(false, counted(&count, Some(true)))).await;
        assert!(first.is_err());
        probe.run(false, counted(&count, Some(true))).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(true), 1));
    }
}
