//! Responses whose timing does not reveal if an account exists.
//!
//! A reference call to Appwrite that involves no account runs in parallel. Its duration decides when the response is
//! sent.

use std::pin::pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::{Instant, sleep_until};

use appwrite_client::Appwrite;

/// Responses are sent only at multiples of this.
const BEAT: Duration = Duration::from_millis(500);
/// The minimum margin: the work may take this much longer than the reference.
const LEAST_MARGIN: Duration = Duration::from_millis(300);
/// The maximum margin. The margin does not adapt to longer excesses, which are outages.
const MAX_MARGIN: Duration = Duration::from_millis(1500);
/// The maximum random delay, so that no constant delay of Appwrite always falls on the edge of a beat.
const JITTER: Duration = Duration::from_millis(100);
/// The half-life of the learned margin.
const HALF_LIFE: Duration = Duration::from_secs(300);

/// Delays responses. Learns how much longer calls for accounts take than the reference: hashing a password takes longer
/// on a busy server.
pub struct ResponseTiming {
    appwrite: Appwrite,
    slowest: Mutex<(Duration, Instant)>,
}

impl ResponseTiming {
    /// Uses this Appwrite for the reference calls.
    pub fn new(appwrite: Appwrite) -> Self {
        Self { appwrite, slowest: Mutex::new((Duration::ZERO, Instant::now())) }
    }

    /// Runs `work` and returns its result when a call without an account would return.
    pub async fn answer<T>(&self, work: impl Future<Output = T>) -> T {
        self.answer_with(reference(&self.appwrite), work, |_| false).await
    }

    /// Like [`answer`](Self::answer), for work that may fail. Returns a success at once, because the user may know that
    /// the account exists.
    pub async fn refusal<T, E>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        self.answer_with(reference(&self.appwrite), work, Result::is_ok).await
    }

    async fn answer_with<T>(
        &self,
        reference: impl Future<Output = ()>,
        work: impl Future<Output = T>,
        may_come_at_once: impl Fn(&T) -> bool,
    ) -> T {
        let start = Instant::now();
        let (outcome, worked, reference) = match select(pin!(work), pin!(reference)).await {
            Either::Left((outcome, reference)) => {
                if may_come_at_once(&outcome) {
                    return outcome;
                }
                let worked = start.elapsed();
                reference.await;
                (outcome, worked, start.elapsed())
            }
            Either::Right(((), work)) => {
                let reference = start.elapsed();
                let outcome = work.await;
                if may_come_at_once(&outcome) {
                    return outcome;
                }
                (outcome, start.elapsed(), reference)
            }
        };
        let margin = self.margin(worked.saturating_sub(reference));
        sleep_until(start + answer_after(worked, reference + margin, JITTER.mul_f64(rand::random()))).await;
        outcome
    }

    /// Returns the margin that covers this excess and larger ones of the last minutes.
    fn margin(&self, excess: Duration) -> Duration {
        let mut slowest = self.slowest.lock().unwrap_or_else(PoisonError::into_inner);
        let (before, since) = *slowest;
        let excess = if excess > MAX_MARGIN { Duration::ZERO } else { excess };
        let faded = before.mul_f64(0.5_f64.powf(since.elapsed().as_secs_f64() / HALF_LIFE.as_secs_f64()));
        if excess > faded {
            *slowest = (excess, Instant::now());
        }
        // Adds a quarter to the slowest, so that the next similar call is covered too.
        (faded.max(excess) * 5 / 4).clamp(LEAST_MARGIN, MAX_MARGIN)
    }
}

/// Makes a call that takes as long as other calls to the same Appwrite, and ignores its result.
async fn reference(appwrite: &Appwrite) {
    let _ = appwrite.guest().health_version().await;
}

/// Returns the next multiple of the beat after `earliest` and the jitter. Work that takes longer delays the response
/// further.
fn answer_after(worked: Duration, earliest: Duration, jitter: Duration) -> Duration {
    let beats = (earliest.max(worked) + jitter).as_nanos() / BEAT.as_nanos() + 1;
    BEAT * u32::try_from(beats).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    fn timing() -> ResponseTiming {
        let endpoint = url::Url::parse("http://127.0.0.1:9/v1").expect("an address");
        let settings = appwrite_client::AppwriteSettings { endpoint, project_id: "demo".into(), api_key: "key".into() };
        ResponseTiming::new(Appwrite::new(settings).expect("a client"))
    }

    async fn time_of(timing: &ResponseTiming, reference: u64, work: u64, outcome: Result<(), ()>) -> u128 {
        let start = Instant::now();
        let work = async {
            sleep(Duration::from_millis(work)).await;
            outcome
        };
        let _ = timing.answer_with(sleep(Duration::from_millis(reference)), work, Result::is_ok).await;
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn refusal_time_does_not_depend_on_the_work_of_appwrite() {
        let timing = timing();
        for (upstream, answer) in [(0, 500), (250, 1000), (485, 1000), (495, 1000), (900, 1500)] {
            for more in [0, 5, 70, 240] {
                let time = time_of(&timing, upstream, upstream + more, Err(())).await;
                assert_eq!(time, answer, "{upstream} ms and {more}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn quick_refusals_match_recent_slow_ones() {
        let timing = timing();
        assert_eq!(time_of(&timing, 5, 705, Err(())).await, 1000);
        for work in [5, 400, 705, 720] {
            assert_eq!(time_of(&timing, 5, work, Err(())).await, 1000, "{work}");
        }
        sleep(Duration::from_secs(3600)).await;
        assert_eq!(time_of(&timing, 5, 6, Err(())).await, 500);
    }

    #[tokio::test(start_paused = true)]
    async fn outage_does_not_delay_refusals_after_it() {
        let timing = timing();
        for outage in [1_600, 2_400, 10_000] {
            time_of(&timing, 5, outage, Err(())).await;
            assert_eq!(time_of(&timing, 5, 6, Err(())).await, 500, "after {outage} ms");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn slow_hashing_delays_refusals_by_the_largest_margin_at_most() {
        let timing = timing();
        time_of(&timing, 5, 1_500, Err(())).await;
        let after = time_of(&timing, 5, 6, Err(())).await;
        assert!((1_500..=2_000).contains(&after), "{after} ms");
    }

    #[tokio::test(start_paused = true)]
    async fn success_does_not_wait_for_the_reference() {
        let timing = timing();
        assert_eq!(time_of(&timing, 5000, 20, Ok(())).await, 20);
        assert_eq!(time_of(&timing, 5, 20, Ok(())).await, 20);
    }

    #[test]
    fn refusal_time_is_random_near_a_rounding_boundary() {
        let earliest = Duration::from_millis(450);
        let at = |jitter| answer_after(Duration::ZERO, earliest, Duration::from_millis(jitter)).as_millis();
        assert_eq!((at(0), at(49), at(50), at(99)), (500, 500, 1000, 1000));
    }
}
