//! Parses dates like PHP: ISO formats, a few others, and a few keywords.

use jiff::{
    Span, Timestamp, ToSpan,
    civil::{self, DateTime, ISOWeekDate, Weekday},
    tz::TimeZone,
};

/// Parses a date relative to `now`, in UTC; `None` if it is invalid or before the year 1000.
///
/// Supports a part of PHP's formats: years, months and days with dashes, slashes or dots or run together, months by
/// name, days by name before them, ISO weeks, each with or without time, zone and fraction; a time alone; `@seconds`;
/// `now`, `today`, `midnight`, `noon`, `tomorrow`, `yesterday`, with a time too; `+3 days`, `3 days ago`, `next week`; and
/// `monday`, `next monday`, `last monday`. A day past the end of a month continues
/// into the next month; month 0 and day 0 are those before the first.
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
        lower => return word_and_time(lower, now).or_else(|| on_weekday(lower, today)),
    };
    Some(date.at(0, 0, 0, 0))
}

/// `tomorrow noon`, `yesterday 14:00`.
fn word_and_time(text: &str, now: DateTime) -> Option<DateTime> {
    let (day, time) = text.split_once(' ')?;
    let date = word(day, now).filter(|_| matches!(day, "today" | "tomorrow" | "yesterday"))?.date();
    match time.trim() {
        "noon" => Some(date.at(12, 0, 0, 0)),
        "midnight" => Some(date.at(0, 0, 0, 0)),
        time => at(date, time),
    }
}

/// `monday`, `next monday`, `last monday`.
fn on_weekday(text: &str, today: civil::Date) -> Option<DateTime> {
    let (which, name) = text.split_once(' ').unwrap_or(("", text));
    let (Some(wanted), "") = weekday(name) else {
        return None;
    };
    let date = match which {
        "" if today.weekday() == wanted => today,
        "" | "next" => today.nth_weekday(1, wanted).ok()?,
        "last" => today.nth_weekday(-1, wanted).ok()?,
        _ => return None,
    };
    Some(date.at(0, 0, 0, 0))
}

/// `+3 days`, `-1 week`, `3 days ago`, `next week`, `last month`.
fn relative(text: &str, now: DateTime) -> Option<DateTime> {
    let (count, unit) = text.split_once(' ')?;
    let (count, unit) = match (count, unit.trim().strip_suffix(" ago")) {
        ("next", None) => (1, unit),
        ("last", None) => (-1, unit),
        (count, Some(unit)) => (count.parse::<i64>().ok()?.checked_neg()?, unit),
        (count, None) if count.starts_with(['+', '-']) => (count.parse::<i64>().ok()?, unit),
        _ => return None,
    };
    let span = Span::new();
    let span = match unit.trim().trim_end_matches('s') {
        "second" | "sec" => span.try_seconds(count),
        "minute" | "min" => span.try_minutes(count),
        "hour" => span.try_hours(count),
        "day" => span.try_days(count),
        "week" => span.try_weeks(count),
        "month" => span.try_months(count),
        "year" => span.try_years(count),
        _ => return None,
    };
    now.checked_add(span.ok()?).ok()
}

fn since_1970(text: &str) -> Option<DateTime> {
    let second: i64 = text.strip_prefix('@')?.parse().ok()?;
    Some(Timestamp::from_second(second).ok()?.to_zoned(TimeZone::UTC).datetime())
}

/// `20:24`, `20:24:30`, and `2024`, which PHP reads as a time.
fn time_of_day(text: &str, now: DateTime) -> Option<DateTime> {
    if text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let (hour, minute) = text.split_at(2);
        return at(now.date(), &format!("{hour}:{minute}"));
    }
    at(now.date(), text).filter(|_| text.contains(':') || text.to_ascii_lowercase().ends_with('m'))
}

fn date_and_time(text: &str) -> Option<DateTime> {
    let (weekday, text) = weekday(text);
    let (date, rest) = numbered(text).or_else(|| run_together(text)).or_else(|| week(text)).or_else(|| named(text))?;
    // PHP moves a date to the given weekday.
    let date = match weekday {
        Some(wanted) => date.checked_add(i64::from(date.weekday().until(wanted)).days()).ok()?,
        None => date,
    };
    let rest = rest.strip_prefix(['T', 't', ' ']).unwrap_or(rest).trim();
    if rest.is_empty() { Some(date.at(0, 0, 0, 0)) } else { at(date, rest) }
}

/// `Mon, 15 Aug 2005`: the weekday, and the rest of the text.
fn weekday(text: &str) -> (Option<Weekday>, &str) {
    let (word, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_alphabetic).count());
    let short: String = word.to_ascii_lowercase().chars().take(3).collect();
    let index =
        WEEKDAYS.iter().position(|(name, day)| *name == short && (word.len() == 3 || word.eq_ignore_ascii_case(day)));
    let day = index.and_then(|index| Weekday::from_monday_zero_offset(i8::try_from(index).ok()?).ok());
    match day {
        Some(day) => (Some(day), rest.trim_start_matches([',', '.', ' '])),
        None => (None, text),
    }
}

/// `20120203`, and the rest of the text.
fn run_together(text: &str) -> Option<(civil::Date, &str)> {
    let (digits, rest) = text.split_at_checked(8)?;
    let is_date =
        digits.bytes().all(|byte| byte.is_ascii_digit()) && !rest.starts_with(|next: char| next.is_ascii_digit());
    is_date.then(|| date(digits[..4].parse().ok()?, &digits[4..6], &digits[6..])).flatten().map(|date| (date, rest))
}

/// `2012-W05`, `2012W053`, `2012-W05-3`, and the rest of the text.
fn week(text: &str) -> Option<(civil::Date, &str)> {
    let (year, rest) = text.split_at_checked(4)?;
    let (week, rest) = rest.strip_prefix('-').unwrap_or(rest).strip_prefix('W')?.split_at_checked(2)?;
    let after = rest.strip_prefix('-').unwrap_or(rest);
    let (day, rest) = match after.bytes().next().filter(u8::is_ascii_digit) {
        Some(digit) => (i8::try_from(digit - b'0').ok()?, &after[1..]),
        None => (1, rest),
    };
    let (year, week): (i16, i64) = (year.parse().ok()?, week.parse().ok()?);
    let first = ISOWeekDate::new(year, 1, Weekday::Monday).ok()?.date();
    let days = (week - 1) * 7 + i64::from(day) - 1;
    (week <= 53).then(|| first.checked_add(days.days()).ok()).flatten().map(|date| (date, rest))
}

/// `2012-02-03`, `2012/2/3`, `2012-02`, `12-2-3`, `2/3/2012`, `3.2.2012`, `3-2-2012`, and the rest of the text.
fn numbered(text: &str) -> Option<(civil::Date, &str)> {
    let (first, separator, rest) = number_and_separator(text, &['-', '/', '.'])?;
    if first.len() == 4 && separator == '-' && rest.len() == 2 {
        return Some((date(first.parse().ok()?, rest, "1")?, ""));
    }
    let (second, _, rest) = number_and_separator(rest, &[separator])?;
    let end = rest.bytes().take_while(u8::is_ascii_digit).count();
    let (third, rest) = rest.split_at(end);
    let date = match (first.len(), third.len(), separator) {
        (4, 1 | 2, '-' | '/') => date(first.parse().ok()?, second, third),
        (2, 1 | 2, '-') => date(century(first.parse().ok()?), second, third),
        (1 | 2, 4, '/') => date(third.parse().ok()?, first, second),
        (1 | 2, 4, '-' | '.') => date(third.parse().ok()?, second, first),
        _ => None,
    };
    Some((date?, rest))
}

fn number_and_separator<'text>(text: &'text str, separators: &[char]) -> Option<(&'text str, char, &'text str)> {
    let (number, rest) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let separator = rest.chars().next().filter(|letter| separators.contains(letter))?;
    (!number.is_empty()).then(|| (number, separator, &rest[1..]))
}

/// A year with two digits.
fn century(year: i16) -> i16 {
    if year < 70 { 2000 + year } else { 1900 + year }
}

/// A day after the end of the month continues into the next month; day 0 is the last day of the previous one.
fn date(year: i16, month: &str, day: &str) -> Option<civil::Date> {
    let (month, day): (i64, i64) = (month.parse().ok()?, day.parse().ok()?);
    if !(0..=12).contains(&month) || !(0..=31).contains(&day) {
        return None;
    }
    civil::Date::new(year, 1, 1).ok()?.checked_add((month - 1).months().days(day - 1)).ok()
}

const WEEKDAYS: [(&str, &str); 7] = [
    ("mon", "monday"),
    ("tue", "tuesday"),
    ("wed", "wednesday"),
    ("thu", "thursday"),
    ("fri", "friday"),
    ("sat", "saturday"),
    ("sun", "sunday"),
];

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// `Jan 5, 2024`, `5 January 2024`, `5-Jan-2024`, `Jan 2024`, and the rest of the text.
fn named(text: &str) -> Option<(civil::Date, &str)> {
    const BETWEEN: [char; 3] = [' ', ',', '-'];
    let mut rest = text;
    let mut words = Vec::new();
    while words.len() < 3 {
        let word = rest.split(BETWEEN).next()?;
        words.push(word);
        rest = rest[word.len()..].trim_start_matches(BETWEEN);
        if words.len() == 2 && word.len() == 4 && word.bytes().all(|byte| byte.is_ascii_digit()) {
            words.insert(1, "1");
        }
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

/// A time on `date`: hours and minutes, and optionally seconds, a fraction and a zone.
fn at(date: civil::Date, text: &str) -> Option<DateTime> {
    let end = text.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b':' | b'.')).count();
    let (time, zone) = text.split_at(end);
    let (half, zone) = match zone.trim_start().split_at_checked(2) {
        Some((half, zone)) if half.eq_ignore_ascii_case("am") => (Some(0), zone),
        Some((half, zone)) if half.eq_ignore_ascii_case("pm") => (Some(12), zone),
        _ => (None, zone),
    };
    let (time, fraction) = time.split_once('.').unwrap_or((time, ""));
    let mut parts = time.split(':');
    let mut part = |most: i8| -> Option<Option<i8>> {
        match parts.next() {
            None => Some(None),
            Some(text) => text.parse().ok().filter(|number| (0..=most).contains(number)).map(Some),
        }
    };
    let (hour, minute, second) = (part(24)??, part(59)?, part(60)?.unwrap_or(0));
    // Only a 12-hour time may omit the minutes.
    let (hour, minute) = match half {
        None => (hour, minute?),
        Some(noon) => (noon + Some(hour % 12).filter(|_| (1..=12).contains(&hour))?, minute.unwrap_or(0)),
    };
    if parts.next().is_some() || fraction.len() > 9 {
        return None;
    }
    let nanosecond = if fraction.is_empty() { 0 } else { format!("{fraction:0<9}").parse().ok()? };
    let days = i32::from(hour == 24);
    let time = date.at(hour % 24, minute, 0, nanosecond).checked_add(i64::from(second).seconds()).ok()?;
    time.checked_add(days.days()).ok()?.checked_sub(offset(zone.trim())?.seconds()).ok()
}

/// The offset of a time zone, in seconds before UTC.
fn offset(zone: &str) -> Option<i64> {
    let (sign, digits) = match zone.to_ascii_uppercase().as_str() {
        "" | "Z" | "UTC" | "GMT" => return Some(0),
        "EDT" => return Some(-4 * 3600),
        "EST" | "CDT" => return Some(-5 * 3600),
        "CST" | "MDT" => return Some(-6 * 3600),
        "MST" | "PDT" => return Some(-7 * 3600),
        "PST" => return Some(-8 * 3600),
        "CET" => return Some(3600),
        "CEST" | "EET" => return Some(2 * 3600),
        _ => (if zone.starts_with('-') { -1 } else { 1 }, zone.strip_prefix(['+', '-'])?.replace(':', "")),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
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
            "3-Feb-2012",
            "3.2.2012",
            "3-2-2012",
            "20120203",
            "20120203T00:00:00Z",
            "2012-W05-5",
            "2012W055",
            "Fri, 03 Feb 2012 00:00:00 +0000",
            "Friday, 3 Feb 2012",
            "2012-02-02 19:00 EST",
            "2012-02-02T23:59:60Z",
            "2012-02-03 12:00 AM",
            "2012-02-03 12am",
        ] {
            assert_eq!(read(text).as_deref(), Some("2012-02-03T00:00:00.000+00:00"), "{text}");
        }
    }

    #[test]
    fn relative_date_matches_the_recording() {
        assert_eq!(read("tomorrow").as_deref(), Some("2026-11-22T00:00:00.000+00:00"));
        assert_eq!(read("+2 days").as_deref(), Some("2026-11-23T06:51:04.772+00:00"));
        assert_eq!(read("now").as_deref(), Some("2026-11-21T06:51:04.772+00:00"));
        assert_eq!(read("2024").as_deref(), Some("2026-11-21T20:24:00.000+00:00"));
    }

    #[test]
    fn relative_dates_count_from_now() {
        for (text, date) in [
            ("3 days ago", "2026-11-18T06:51:04.772+00:00"),
            ("next week", "2026-11-28T06:51:04.772+00:00"),
            ("last month", "2026-10-21T06:51:04.772+00:00"),
            ("tomorrow 10:00", "2026-11-22T10:00:00.000+00:00"),
            ("yesterday noon", "2026-11-20T12:00:00.000+00:00"),
            ("saturday", "2026-11-21T00:00:00.000+00:00"),
            ("next saturday", "2026-11-28T00:00:00.000+00:00"),
            ("last Fri", "2026-11-20T00:00:00.000+00:00"),
            ("Monday", "2026-11-23T00:00:00.000+00:00"),
            ("1pm", "2026-11-21T13:00:00.000+00:00"),
        ] {
            assert_eq!(read(text).as_deref(), Some(date), "{text}");
        }
        for text in ["ago", "x days ago", "next", "next x", "some monday", "now 10:00", "13pm", "0am"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn day_overflow_continues_in_the_next_month() {
        assert_eq!(read("2024-02-30").as_deref(), Some("2024-03-01T00:00:00.000+00:00"));
        assert_eq!(read("2023-02-29").as_deref(), Some("2023-03-01T00:00:00.000+00:00"));
        assert_eq!(read("9999-12-31T23:59:59Z").as_deref(), Some("9999-12-31T23:59:59.000+00:00"));
    }

    #[test]
    fn missing_and_zero_parts_are_filled_as_in_php() {
        assert_eq!(read("2024-01").as_deref(), Some("2024-01-01T00:00:00.000+00:00"));
        assert_eq!(read("Jan 2024").as_deref(), Some("2024-01-01T00:00:00.000+00:00"));
        assert_eq!(read("2024-W05").as_deref(), Some("2024-01-29T00:00:00.000+00:00"));
        assert_eq!(read("2024-00-00").as_deref(), Some("2023-11-30T00:00:00.000+00:00"));
        assert_eq!(read("Mon, 14 Aug 2005").as_deref(), Some("2005-08-15T00:00:00.000+00:00"));
    }

    #[test]
    fn malformed_date_is_refused() {
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
