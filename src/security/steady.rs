//! Answers whose time tells nothing of what was found on the way.

use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Answers come only at whole multiples of this.
const BEAT: Duration = Duration::from_millis(500);

/// Does the work, and answers at the next beat: whether an account was there or not, the answer takes as long.
pub async fn steady<T>(work: impl Future<Output = T>) -> T {
    let start = Instant::now();
    let outcome = work.await;
    next_beat(start).await;
    outcome
}

/// As [`steady`] for work that may fail; a success is answered at once, as it tells all by itself.
pub async fn steady_refusal<T, E>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let start = Instant::now();
    let outcome = work.await;
    if outcome.is_err() {
        next_beat(start).await;
    }
    outcome
}

async fn next_beat(start: Instant) {
    let beats = start.elapsed().as_nanos() / BEAT.as_nanos() + 1;
    sleep_until(start + BEAT * u32::try_from(beats).unwrap_or(u32::MAX)).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn quick_and_slow_work_are_answered_after_the_same_time() {
        for (work, answer) in [(0, 500), (70, 500), (499, 500), (501, 1000)] {
            let start = Instant::now();
            steady(tokio::time::sleep(Duration::from_millis(work))).await;
            assert_eq!(start.elapsed().as_millis(), answer, "{work} ms of work");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_success_need_not_wait() {
        let start = Instant::now();
        let _ = steady_refusal(async { Ok::<(), ()>(()) }).await;
        assert_eq!(start.elapsed().as_millis(), 0);
        let _ = steady_refusal(async { Err::<(), ()>(()) }).await;
        assert_eq!(start.elapsed().as_millis(), 500);
    }
}
