//! Formats times for reading.

use jiff::Timestamp;

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// The markup of a time, `5 minutes ago`. Its title is the exact time.
#[must_use]
pub fn ago(then: Timestamp, now: Timestamp) -> String {
    format!("<time datetime=\"{then}\" title=\"{}\">{}</time>", exact(then), in_words(then, now))
}

/// The date and time: `November 21, 2026, 06:49 UTC`.
#[must_use]
pub fn exact(time: Timestamp) -> String {
    time.strftime("%B %-d, %Y, %H:%M UTC").to_string()
}

fn in_words(then: Timestamp, now: Timestamp) -> String {
    let count = |seconds: i64, unit: &str| {
        let count = seconds.max(1);
        format!("{count} {unit}{} ago", if count == 1 { "" } else { "s" })
    };
    match now.as_second() - then.as_second() {
        // The clock may have been moved.
        ..0 => exact(then),
        seconds @ 0..MINUTE => {
            if seconds < 10 {
                "just now".to_owned()
            } else {
                count(seconds, "second")
            }
        }
        seconds @ MINUTE..HOUR => count(seconds / MINUTE, "minute"),
        seconds @ HOUR..DAY => count(seconds / HOUR, "hour"),
        seconds if seconds < 7 * DAY => count(seconds / DAY, "day"),
        _ => then.strftime("%B %-d, %Y").to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shown_in_words() {
        let now: Timestamp = "2026-11-21T06:49:14Z".parse().expect("a timestamp");
        for (then, words) in [
            ("2026-11-21T06:49:10Z", "just now"),
            ("2026-11-21T06:48:44Z", "30 seconds ago"),
            ("2026-11-21T06:48:00Z", "1 minute ago"),
            ("2026-11-21T06:00:00Z", "49 minutes ago"),
            ("2026-11-21T05:49:14Z", "1 hour ago"),
            ("2026-11-19T05:49:14Z", "2 days ago"),
            ("2026-11-03T05:49:14Z", "November 3, 2026"),
            ("2026-11-21T07:49:14Z", "November 21, 2026, 07:49 UTC"),
        ] {
            assert_eq!(in_words(then.parse().expect("a timestamp"), now), words, "{then}");
        }
    }

    #[test]
    fn exact_time_is_the_title() {
        let time: Timestamp = "2026-11-21T06:49:14Z".parse().expect("a timestamp");
        let markup = ago(time, time);
        assert_eq!(
            markup,
            "<time datetime=\"2026-11-21T06:49:14Z\" title=\"November 21, 2026, 06:49 UTC\">just now</time>"
        );
    }
}
