//! Writes times in UTC, in the language of the request.

use axum::http::header::ACCEPT_LANGUAGE;
use axum::http::request::Parts;
use icu_calendar::Gregorian;
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::YMDT;
use icu_datetime::input::{Date, DateTime, Time};
use icu_datetime::options::TimePrecision;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use leptos::reactive::owner::with_context;
use leptos_appwrite::clock;

use crate::language::Language;

/// Returns the time and its language.
pub(super) fn at_first(seconds: i64) -> (String, String) {
    let preferred = |parts: &Parts| {
        let accepted = parts.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Language::preferred(accepted.unwrap_or_default())
    };
    let language = with_context(preferred).unwrap_or_else(|| Language::preferred(""));
    (in_utc(seconds, &language).unwrap_or_else(|| clock::iso(seconds)), language.locale().to_string())
}

/// Only browsers call this.
pub(super) fn in_own_zone(seconds: i64) -> (String, String) {
    at_first(seconds)
}

fn in_utc(seconds: i64, language: &Language) -> Option<String> {
    let at = Timestamp::from_second(seconds).ok()?.to_zoned(TimeZone::UTC);
    let number = |part: i8| u8::try_from(part).ok();
    let date = Date::try_new_gregorian(at.year().into(), number(at.month())?, number(at.day())?).ok()?;
    let time = Time::try_new(number(at.hour())?, number(at.minute())?, 0, 0).ok()?;
    let style = YMDT::medium().with_time_precision(TimePrecision::Minute);
    let formatter = FixedCalendarDateTimeFormatter::<Gregorian, YMDT>::try_new(language.locale().into(), style).ok()?;
    Some(format!("{} UTC", formatter.format(&DateTime { date, time })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_uses_the_readers_language_and_names_utc() {
        for (accepted, expected) in [
            ("", "Nov 26, 2026, 2:15\u{202f}PM UTC"),
            ("de-DE,de;q=0.9", "26.11.2026, 14:15 UTC"),
            ("en-GB", "26 Nov 2026, 14:15 UTC"),
        ] {
            assert_eq!(in_utc(1_795_702_530, &Language::preferred(accepted)).as_deref(), Some(expected), "{accepted}");
        }
        for accepted in ["fa-IR", "th-TH"] {
            let text = in_utc(1_795_702_530, &Language::preferred(accepted)).expect("a text");
            let is_gregorian = ["2026", "\u{6f2}\u{6f0}\u{6f2}\u{6f6}"].iter().any(|year| text.contains(year));
            assert!(is_gregorian && text.ends_with("UTC"), "{accepted}: {text}");
        }
    }
}
