//! Parses dates like PHP: ISO formats, a few others, and a few keywords.

use jiff::{Timestamp, ToSpan, civil, civil::DateTime, tz::TimeZone};

/// Parses a date relative to `now`, in UTC; `None` if it is invalid or before the year 1000.
///
/// Supports a part of PHP's formats: years, months and days with dashes or slashes, months by name, each with or
/// without time, zone and fraction; a time alone; `@seconds`; `now`, `today`, `midnight`, `noon`, `tomorrow`,
/// `yesterday`; and `+3 days`. A day past the end of a month continues into the next month.
#[must_use]
pub fn parse(text: &str, now: Timestamp) -> Option<DateTime> {
    let text = text.trim();
    let now = now.to_zoned(TimeZone::UTC).datetime();
    word(text, now)
        .or_else(|| relative(text, now))
        .or_else(|| since_1970(text))
        .or_else(|| time_of_day(text, now))
        .or_else(|| date_and_time(text))
        .filter(|date| date.year() >= 1000)
}

/// Formats a date like Appwrite's responses: `2026-11-21T06:49:14.881+00:00`.
#[must_use]
pub fn wire(date: DateTime) -> String {
    date.strftime("%Y-%m-%dT%H:%M:%S%.3f+00:00").to_string()
}

fn word(text: &str, now: DateTime) -> Option<DateTime> {
    let today = now.date();
    let date = match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now),
        "noon" => return Some(today.at(12, 0, 0, 0)),
        "today" | "midnight" => today,
        "tomorrow" => today.tomorrow().ok()?,
        "yesterday" => today.yesterday().ok()?,
        _ => return None,
    };
    Some(date.at(0, 0, 0, 0))
}

/// `+3 days`, `-1 week`.
fn relative(text: &str, now: DateTime) -> Option<DateTime> {
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
    now.checked_add(span).ok()
}

fn since_1970(text: &str) -> Option<DateTime> {
    let second: i64 = text.strip_prefix('@')?.parse().ok()?;
    Some(Timestamp::from_second(second).ok()?.to_zoned(TimeZone::UTC).datetime())
}

/// `20:24`, `20:24:30`, and `2024`, which PHP takes for the former.
fn time_of_day(text: &str, now: DateTime) -> Option<DateTime> {
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (hour, minute) = text.split_at(2);
        return at(now.date(), &format!("{hour}:{minute}"));
    }
    at(now.date(), text).filter(|_| text.contains(':'))
}

fn date_and_time(text: &str) -> Option<DateTime> {
    let (date, rest) = numbered(text).or_else(|| named(text))?;
    let rest = rest.strip_prefix(['T', 't', ' ']).unwrap_or(rest).trim();
    if rest.is_empty() { Some(date.at(0, 0, 0, 0)) } else { at(date, rest) }
}

/// `2012-02-03`, `2012/2/3`, `12-2-3`, `2/3/2012`, and what follows.
fn numbered(text: &str) -> Option<(civil::Date, &str)> {
    let (first, separator, rest) = number_and_separator(text, &['-', '/'])?;
    let (second, _, rest) = number_and_separator(rest, &[separator])?;
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (third, rest) = rest.split_at(end);
    let date = match (first.len(), third.len(), separator) {
        (4, 1 | 2, _) => date(first.parse().ok()?, second, third),
        (2, 1 | 2, '-') => date(century(first.parse().ok()?), second, third),
        (1 | 2, 4, '/') => date(third.parse().ok()?, first, second),
        _ => None,
    };
    Some((date?, rest))
}

fn number_and_separator<'text>(text: &'text str, separators: &[char]) -> Option<(&'text str, char, &'text str)> {
    let (number, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let separator = rest.chars().next().filter(|letter| separators.contains(letter))?;
    (!number.is_empty()).then(|| (number, separator, &rest[1..]))
}

/// A year of two digits.
fn century(year: i16) -> i16 {
    if year < 70 { 2000 + year } else { 1900 + year }
}

/// A day past the end of the month continues into the next one.
fn date(year: i16, month: &str, day: &str) -> Option<civil::Date> {
    let (month, day): (i8, i64) = (month.parse().ok()?, day.parse().ok()?);
    let first = civil::Date::new(year, month, 1).ok()?;
    (1..=31).contains(&day).then(|| first.checked_add((day - 1).days()).ok())?
}

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `Jan 5, 2024`, `5 January 2024`, and what follows.
fn named(text: &str) -> Option<(civil::Date, &str)> {
    let mut rest = text;
    let mut words = Vec::new();
    while words.len() < 3 {
        let word = rest.split([' ', ',']).next()?;
        words.push(word);
        rest = rest[word.len()..].trim_start_matches([' ', ',']);
    }
    let month = |word: &str| {
        let short: String = word.to_ascii_lowercase().chars().take(3).collect();
        let is_name = word.len() >= 3 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
        MONTHS.iter().position(|name| is_name && *name == short).map(|index| (index + 1).to_string())
    };
    let (month, day) = match (month(words[0]), month(words[1])) {
        (Some(month), _) => (month, words[1]),
        (None, Some(month)) => (month, words[0]),
        (None, None) => return None,
    };
    let day = day.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    (words[2].len() == 4).then(|| date(words[2].parse().ok()?, &month, day)).flatten().map(|date| (date, rest))
}

/// A time on `date`: hours and minutes, then seconds, a fraction and a zone where given.
fn at(date: civil::Date, text: &str) -> Option<DateTime> {
    let end = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')).count();
    let (time, zone) = text.split_at(end);
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':');
    let mut part = |most: i8| -> Option<Option<i8>> {
        match parts.next() {
            None => Some(None),
            Some(text) => text.parse().ok().filter(|number| (0..=most).contains(number)).map(Some),
        }
    };
    let (hour, minute, second) = (part(24)??, part(59)??, part(59)?.unwrap_or(0));
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let nanosecond = if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").parse().ok()? };
    let days = i32::from(hour == 24);
    let time = date.at(hour % 24, minute, second, nanosecond);
    time.checked_add(days.days()).ok()?.checked_sub(offset(zone.trim())?.seconds()).ok()
}

/// The seconds by which a zone is before UTC.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.to_ascii_uppercase().as_str() {
        "" | "Z" | "UTC" | "GMT" => return Some(0),
        _ => (if zone.starts_with('-') { -1 } else { 1 }, zone.strip_prefix(['+', '-'])?.replace(':', "")),
    };
    let (hours, minutes) = match digits.len() {
        1 | 2 => (digits.as_str(), "0"),
        4 => digits.split_at(2),
        _ => return None,
    };
    Some(sign * (hours.parse::<i64>().ok()? * 3600 + minutes.parse::<i64>().ok()? * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        let now = "2026-11-21T06:51:04.772Z".parse().expect("a timestamp");
        parse(text, now).map(wire)
    }

    #[test]
    fn iso_dates_are_parsed_in_all_forms() {
        for text in [
            "2012-02-03",
            "2012-02-03T00:00:00.000+00:00",
            "2012-02-03T00:00:00Z",
            "2012-02-03 00:00:00",
            "2012-02-03 00:00",
            "2012-02-03T00:00",
            "2012-02-03T01:00:00+01:00",
            "2012-02-03 01:00:00.000+01:00",
            "2012-02-02T23:00:00-0100",
            "2012/02/03",
            "2012-2-3",
            "2/3/2012",
            "12-2-3",
            "Feb 3, 2012",
            "3 February 2012",
        ] {
            assert_eq!(read(text).as_deref(), Some("2012-02-03T00:00:00.000+00:00"), "{text}");
        }
    }

    #[test]
    fn tomorrow_is_a_date_as_recorded() {
        assert_eq!(read("tomorrow").as_deref(), Some("2026-11-22T00:00:00.000+00:00"));
        assert_eq!(read("+2 days").as_deref(), Some("2026-11-23T06:51:04.772+00:00"));
        assert_eq!(read("now").as_deref(), Some("2026-11-21T06:51:04.772+00:00"));
        assert_eq!(read("2024").as_deref(), Some("2026-11-21T20:24:00.000+00:00"));
    }

    #[test]
    fn day_overflow_continues_in_the_next_month() {
        assert_eq!(read("2024-02-30").as_deref(), Some("2024-03-01T00:00:00.000+00:00"));
        assert_eq!(read("2023-02-29").as_deref(), Some("2023-03-01T00:00:00.000+00:00"));
        assert_eq!(read("9999-12-31T23:59:59Z").as_deref(), Some("9999-12-31T23:59:59.000+00:00"));
    }

    #[test]
    fn nonsense_is_no_date() {
        for text in [
            "",
            "oops",
            "2012-13-01",
            "2012-02-32",
            "+x days",
            "12",
            "0001-01-01",
            "1700000000",
            "2024-01-01T25:00:00Z",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
    }
}
