//! Dates as PHP understands them: ISO forms, and a few words.

use jiff::{Timestamp, ToSpan, civil, tz::TimeZone};

/// Reads a date at `now`; `None` when it is none.
///
/// PHP takes far more than ISO 8601; taken here are the ISO forms with a blank or `T`, with or without time, zone
/// and fraction, `@seconds`, and the words `now`, `today`, `midnight`, `noon`, `tomorrow`, `yesterday` and `+3 days`.
#[must_use]
pub fn parse(text: &str, now: Timestamp) -> Option<Timestamp> {
    let text = text.trim();
    word(text, now)
        .or_else(|| relative(text, now))
        .or_else(|| text.strip_prefix('@')?.parse().ok().and_then(|second| Timestamp::from_second(second).ok()))
        .or_else(|| text.parse().ok())
        .or_else(|| with_plain_offset(text))
        .or_else(|| civil_time(text))
}

fn word(text: &str, now: Timestamp) -> Option<Timestamp> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let date = match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now),
        "noon" => return today.at(12, 0, 0, 0).to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp()),
        "today" | "midnight" => today,
        "tomorrow" => today.tomorrow().ok()?,
        "yesterday" => today.yesterday().ok()?,
        _ => return None,
    };
    date.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// `+3 days`, `-1 week`.
fn relative(text: &str, now: Timestamp) -> Option<Timestamp> {
    let (count, unit) = text.split_once(' ')?;
    if !count.starts_with(['+', '-']) {
        return None;
    }
    let count: i64 = count.parse().ok()?;
    let span = match unit.trim().trim_end_matches('s') {
        "second" | "sec" => count.seconds(),
        "minute" | "min" => count.minutes(),
        "hour" => count.hours(),
        "day" => count.days(),
        "week" => count.weeks(),
        "month" => count.months(),
        "year" => count.years(),
        _ => return None,
    };
    // Days and longer are counted by the calendar, in UTC.
    now.to_zoned(TimeZone::UTC).checked_add(span).ok().map(|zoned| zoned.timestamp())
}

/// `2012-02-03T00:00:00.000+0000`, which `Timestamp` takes only with a colon or without fraction.
fn with_plain_offset(text: &str) -> Option<Timestamp> {
    ["%Y-%m-%dT%H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%z", "%Y-%m-%d %H:%M:%S%.f%:z"]
        .iter()
        .find_map(|format| jiff::fmt::strtime::parse(format, text).ok()?.to_timestamp().ok())
}

/// A date or time without a zone is UTC.
fn civil_time(text: &str) -> Option<Timestamp> {
    let time = text
        .parse::<civil::DateTime>()
        .ok()
        .or_else(|| civil::DateTime::strptime("%Y-%m-%d %H:%M", text).ok())
        .or_else(|| civil::DateTime::strptime("%Y-%m-%dT%H:%M", text).ok())
        .or_else(|| civil::Date::strptime("%Y/%m/%d", text).ok().map(|date| date.at(0, 0, 0, 0)))?;
    time.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::wire;

    fn read(text: &str) -> Option<String> {
        let now = "2026-11-21T06:51:04.772Z".parse().expect("a timestamp");
        parse(text, now).map(wire)
    }

    #[test]
    fn iso_dates_are_taken_in_all_their_forms() {
        for text in [
            "2012-02-03",
            "2012-02-03T00:00:00.000+00:00",
            "2012-02-03T00:00:00Z",
            "2012-02-03 00:00:00",
            "2012-02-03 00:00",
            "2012-02-03T00:00",
            "2012-02-03T01:00:00+01:00",
            "2012-02-03 01:00:00.000+01:00",
            "2012/02/03",
        ] {
            assert_eq!(read(text).as_deref(), Some("2012-02-03T00:00:00.000+00:00"), "{text}");
        }
    }

    #[test]
    fn tomorrow_is_a_date_as_recorded() {
        assert_eq!(read("tomorrow").as_deref(), Some("2026-11-22T00:00:00.000+00:00"));
        assert_eq!(read("+2 days").as_deref(), Some("2026-11-23T06:51:04.772+00:00"));
        assert_eq!(read("now").as_deref(), Some("2026-11-21T06:51:04.772+00:00"));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in ["", "oops", "2012-13-01", "2012-02-30", "+x days", "12"] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
