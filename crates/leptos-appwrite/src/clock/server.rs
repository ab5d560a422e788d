//! The server's clock. The server does not know the user's time zone, so it uses UTC and says so.

use jiff::{SignedDuration, Timestamp};

pub(super) fn time_of_day_in(seconds: u64) -> String {
    after(Timestamp::now(), seconds)
}

pub(super) fn iso(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or_default().to_string()
}

pub(super) fn now() -> i64 {
    Timestamp::now().as_second()
}

fn after(now: Timestamp, seconds: u64) -> String {
    let wait = SignedDuration::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_add(59));
    now.checked_add(wait).unwrap_or(Timestamp::MAX).strftime("%H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_written_in_iso_8601() {
        assert_eq!(super::super::iso(1_795_702_530), "2026-11-26T14:15:30Z");
    }

    #[test]
    fn shown_time_is_never_too_early() {
        let now: Timestamp = "2026-11-21T14:04:30Z".parse().expect("a time");
        assert_eq!(after(now, 30), "14:05 UTC");
        assert_eq!(after(now, 31), "14:06 UTC");
        assert_eq!(after(now, 3600), "15:05 UTC");
        assert_eq!(after(now, u64::MAX), "22:00 UTC");
    }
}
