//! Summarizes many delays by a median and a percentile.

use std::fmt;
use std::time::{Duration, Instant};

/// The delays of all rows to all listeners.
pub struct Delays(Vec<Duration>);

impl Delays {
    /// Adds the delays between sending a row and its arrival at each listener.
    pub fn between(written: &[Instant], arrivals: &[Vec<Instant>]) -> Self {
        let mut delays: Vec<_> = arrivals
            .iter()
            .flat_map(|arrived| written.iter().zip(arrived))
            .map(|(written, arrived)| arrived.duration_since(*written))
            .collect();
        delays.sort_unstable();
        Self(delays)
    }

    /// The smallest delay that this share of the delays does not exceed.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a share of a length is one")]
    fn quantile(&self, share: f64) -> Duration {
        let rank = (self.0.len() as f64 * share).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Delays {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = |share| self.quantile(share).as_secs_f64() * 1000.0;
        write!(
            formatter,
            "median {:.1} ms   99% {:.1} ms   most {:.1} ms   ({} frames)",
            milliseconds(0.5),
            milliseconds(0.99),
            milliseconds(1.0),
            self.0.len()
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantile_is_the_nearest_rank() {
        let start = Instant::now();
        let written = vec![start; 100];
        let arrived = (1..=100).rev().map(|delay| start + Duration::from_millis(delay)).collect();
        let delays = Delays::between(&written, &[arrived]);
        assert_eq!(delays.quantile(0.5), Duration::from_millis(50));
        assert_eq!(delays.quantile(0.99), Duration::from_millis(99));
        assert_eq!(delays.quantile(1.0), Duration::from_millis(100));
    }

    #[test]
    fn each_row_counts_from_its_own_write() {
        let start = Instant::now();
        let later = start + Duration::from_secs(1);
        let arrived = vec![start + Duration::from_millis(3), later + Duration::from_millis(5)];
        let delays = Delays::between(&[start, later], &[arrived.clone(), arrived]);
        assert_eq!(delays.0, [3, 3, 5, 5].map(Duration::from_millis));
    }
}
