//! Checks if Appwrite's Realtime accepts a JWT in its address, by connecting like a browser. The version does not tell
//! (some 1.9.5 builds accept it), and the server does not trust a browser's report.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::StreamExt;
use secrecy::SecretString;
use tokio::time::{Instant, timeout};
use tokio_tungstenite::tungstenite::Message;
use url::Url;

use super::upstream::{UpstreamError, connect_as_browser};
use crate::realtime::jwt::session_and_jwt;
use appwrite_client::{Appwrite, SessionClient};
use appwrite_realtime::protocol::{Channel, RowNaming, ServerFrame};

/// Probe again once the result is this old. The old result is used until a new one replaces it.
const LIFETIME: Duration = Duration::from_secs(600);
/// Minimum time between two probes.
const SPACING: Duration = Duration::from_secs(60);
/// The probe's time limit: tickets wait for the first one.
const DEADLINE: Duration = Duration::from_secs(5);

/// The last probe's result.
#[derive(Default)]
pub struct JwtProbe {
    known: Mutex<Known>,
    /// Locked while a probe runs.
    running: Arc<tokio::sync::Mutex<()>>,
}

#[derive(Clone, Copy, Default)]
struct Known {
    honors: Option<(bool, Instant)>,
    tried: Option<Instant>,
}

/// The result of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// True if Realtime accepts a JWT in its address.
    Honors(bool),
    /// Realtime gave another response, or none.
    Inconclusive,
    /// The session behind the JWT has ended, so the result says nothing about the server.
    SessionEnded,
}

impl JwtProbe {
    /// Returns the last conclusive result: true if Realtime accepts a JWT in its address.
    pub(super) fn honors_jwt(&self) -> Option<bool> {
        self.known().honors.map(|(honors, _)| honors)
    }

    /// True if a probe is due. `is_doubted`: a browser reports that its JWT was ignored.
    pub(super) fn is_due(&self, is_doubted: bool) -> bool {
        let Known { honors, tried } = *self.known();
        let is_old = honors.is_none_or(|(_, at)| at.elapsed() >= LIFETIME);
        tried.is_none_or(|at| at.elapsed() >= SPACING) && (is_doubted || is_old)
    }

    /// Waits for a running probe, then probes if still due. The probe continues if the returned future is dropped.
    pub(super) async fn run<P>(self: &Arc<Self>, is_doubted: bool, probe: P)
    where
        P: Future<Output = Finding> + Send + 'static,
    {
        let running = Arc::clone(&self.running).lock_owned().await;
        if !self.is_due(is_doubted) {
            return;
        }
        let tried_before = self.known().tried.replace(Instant::now());
        let this = Arc::clone(self);
        let task = tokio::spawn(async move {
            match timeout(DEADLINE, probe).await {
                Ok(Finding::Honors(honors)) => {
                    tracing::info!(honors, "Realtime was asked whether it honors a JWT in its address");
                    this.known().honors = Some((honors, Instant::now()));
                }
                // Otherwise a user who signs out at the right moment could prevent all probes.
                Ok(Finding::SessionEnded) => this.known().tried = tried_before,
                Ok(Finding::Inconclusive) | Err(_) => {}
            }
            drop(running);
        });
        // A probe that panicked has no result and is already in the log.
        let _ = task.await;
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The address and the channels that a browser would connect to.
pub(super) struct Realtime {
    /// Appwrite's endpoint for browsers.
    pub(super) endpoint: Url,
    /// Channels that every signed-in user may subscribe to.
    pub(super) channels: Vec<Channel>,
}

/// Connects with a JWT of this session in the address.
pub(super) async fn probe(appwrite: Appwrite, realtime: Realtime, client: SessionClient) -> Finding {
    let Ok((session, jwt)) = session_and_jwt(&appwrite, &client).await else { return Finding::SessionEnded };
    let finding = match connected_user(&appwrite, &realtime, &jwt).await {
        Ok(Connected::Person(id)) if id == session.user_id => return Finding::Honors(true),
        Ok(Connected::Guest) => Finding::Honors(false),
        Ok(Connected::Person(_) | Connected::Nobody) => Finding::Inconclusive,
        Err(error) => {
            tracing::info!(%error, "Realtime could not be asked whether it honors a JWT in its address");
            Finding::Inconclusive
        }
    };
    // Appwrite also connects an ended session as a guest. A session that is alive now was alive throughout the probe.
    if client.account().await.is_ok() { finding } else { Finding::SessionEnded }
}

enum Connected {
    Person(String),
    Guest,
    /// The server refused for another reason.
    Nobody,
}

async fn connected_user(
    appwrite: &Appwrite,
    realtime: &Realtime,
    jwt: &SecretString,
) -> Result<Connected, UpstreamError> {
    // Servers up to 1.9.4 reject a handshake without channels.
    let channels: Vec<_> = realtime.channels.iter().map(|channel| channel.name(RowNaming::Tables)).collect();
    let mut socket = connect_as_browser(&realtime.endpoint, appwrite.project_id(), &channels, jwt).await?;
    while let Some(Ok(message)) = socket.next().await {
        let Message::Text(text) = message else { continue };
        return Ok(match ServerFrame::parse(&text) {
            Ok(ServerFrame::Connected(connected)) => connected.user_id.map_or(Connected::Guest, Connected::Person),
            // A project may reject guests (403). Only the message distinguishes that from disabled Realtime.
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

    /// A probe that counts its runs and returns this finding.
    fn counted(count: &Arc<AtomicUsize>, tells: Finding) -> impl Future<Output = Finding> + Send + 'static {
        let count = Arc::clone(count);
        async move {
            count.fetch_add(1, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(1)).await;
            tells
        }
    }

    #[tokio::test(start_paused = true)]
    async fn concurrent_callers_share_one_probe() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        let asking = (0..50).map(|number| {
            let (probe, counted) = (Arc::clone(&probe), counted(&count, Finding::Honors(false)));
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
    async fn failed_browsers_cause_one_probe_a_minute() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        for _ in 0..300 {
            probe.run(true, counted(&count, Finding::Honors(true))).await;
            tokio::time::advance(Duration::from_secs(1)).await;
        }
        let probes = count.load(Ordering::SeqCst);
        assert!((4..=6).contains(&probes), "{probes} in five minutes");
    }

    #[tokio::test(start_paused = true)]
    async fn old_probe_result_counts_until_replaced() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        probe.run(false, counted(&count, Finding::Honors(false))).await;
        tokio::time::advance(LIFETIME - Duration::from_secs(1)).await;
        assert!(!probe.is_due(false));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(probe.is_due(false));
        probe.run(false, counted(&count, Finding::Inconclusive)).await;
        assert_eq!(probe.honors_jwt(), Some(false));
        tokio::time::advance(SPACING).await;
        probe.run(false, counted(&count, Finding::Honors(true))).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(true), 3));
    }

    #[tokio::test(start_paused = true)]
    async fn session_ending_during_a_probe_delays_no_other_session() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        probe.run(false, counted(&count, Finding::SessionEnded)).await;
        probe.run(false, counted(&count, Finding::Honors(false))).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(false), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn inconclusive_probe_keeps_the_previous_answer() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        probe.run(false, counted(&count, Finding::Honors(true))).await;
        tokio::time::advance(SPACING).await;
        probe.run(true, counted(&count, Finding::Inconclusive)).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(true), 2));
    }

    #[tokio::test(start_paused = true)]
    async fn probe_continues_when_its_first_caller_leaves() {
        let (probe, count) = (Arc::new(JwtProbe::default()), Arc::new(AtomicUsize::new(0)));
        let first = timeout(Duration::from_millis(1), probe.run(false, counted(&count, Finding::Honors(true)))).await;
        assert!(first.is_err());
        probe.run(false, counted(&count, Finding::Honors(true))).await;
        assert_eq!((probe.honors_jwt(), count.load(Ordering::SeqCst)), (Some(true), 1));
    }
}
