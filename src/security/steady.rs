//! Answers whose time does not tell whether there is an account.
//!
//! Beside the work runs a call to Appwrite that knows of no account. The time of that call decides when to answer.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use tokio::time::{Instant, sleep_until};

use crate::appwrite::Appwrite;

/// Answers come only at whole multiples of this.
const BEAT: Duration = Duration::from_millis(500);
/// How much longer than the reference the work may take.
const MARGIN: Duration = Duration::from_millis(300);
/// At most so much is added by chance, so that no upstream delay is at a beat's edge every time.
const JITTER: Duration = Duration::from_millis(100);

/// Does the work, and answers when a call about nobody would be answered.
pub async fn steady<T>(appwrite: &Appwrite, work: impl Future<Output = T>) -> T {
    answer_with(reference(appwrite), work, |_| false).await
}

/// As [`steady`] for work that may fail. A success is answered at once: it needs no secrecy.
pub async fn steady_refusal<T, E>(appwrite: &Appwrite, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    answer_with(reference(appwrite), work, Result::is_ok).await
}

/// A call that takes as long as any other one to the same Appwrite. Its answer does not matter, nor its failure.
async fn reference(appwrite: &Appwrite) {
    let _ = appwrite.guest().health_version().await;
}

async fn answer_with<T>(
    reference: impl Future<Output = ()>,
    work: impl Future<Output = T>,
    may_come_at_once: impl Fn(&T) -> bool,
) -> T {
    let start = Instant::now();
    let outcome = match select(pin!(work), pin!(reference)).await {
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
    let (outcome, worked, reference) = outcome;
    sleep_until(start + answer_after(worked, reference, JITTER.mul_f64(rand::random()))).await;
    outcome
}

/// The beat after the reference and the margin. Only work that takes longer than both moves the answer.
fn answer_after(worked: Duration, reference: Duration, jitter: Duration) -> Duration {
    let earliest = (reference + MARGIN).max(worked) + jitter;
    let beats = earliest.as_nanos() / BEAT.as_nanos() + 1;
    BEAT * u32::try_from(beats).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use tokio::time::sleep;

    use super::*;

    async fn time_of(reference: u64, work: u64, outcome: Result<(), ()>) -> u128 {
        let start = Instant::now();
        let work = async {
            sleep(Duration::from_millis(work)).await;
            outcome
        };
        let _ = answer_with(sleep(Duration::from_millis(reference)), work, Result::is_ok).await;
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn refusals_take_as_long_whatever_appwrite_finds() {
        for (upstream, answer) in [(0, 500), (250, 1000), (485, 1000), (495, 1000), (900, 1500)] {
            for more in [0, 5, 70, 290] {
                assert_eq!(time_of(upstream, upstream + more, Err(())).await, answer, "{upstream} ms and {more}");
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_much_slower_than_the_reference_waits_for_a_later_beat() {
        assert_eq!(time_of(5, 550, Err(())).await, 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn success_does_not_wait_for_the_reference() {
        assert_eq!(time_of(5000, 20, Ok(())).await, 20);
        assert_eq!(time_of(5, 20, Ok(())).await, 20);
    }

    #[test]
    fn chance_decides_near_the_edge_of_a_beat() {
        let reference = Duration::from_millis(150);
        let at = |jitter| answer_after(reference, reference, Duration::from_millis(jitter)).as_millis();
        assert_eq!((at(0), at(49), at(50), at(99)), (500, 500, 1000, 1000));
    }
}
