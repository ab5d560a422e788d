//! Writes dates in the reader's language, and counts years.

use icu_calendar::{Date as IcuDate, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{MD, YMD};
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::language::Language;

/// Writes dates in one language. The reader's time zone is unknown, so "today" may be one of two dates.
pub(super) struct Dates {
    language: String,
    whole: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    day: Option<FixedCalendarDateTimeFormatter<Gregorian, MD>>,
    earliest_today: Date,
    latest_today: Date,
}

impl Dates {
    pub(super) fn new(language: &Language) -> Self {
        let locale = language.locale();
        Self {
            language: locale.to_string(),
            whole: FixedCalendarDateTimeFormatter::try_new(locale.into(), YMD::long()).ok(),
            day: FixedCalendarDateTimeFormatter::try_new(locale.into(), MD::long()).ok(),
            earliest_today: earliest_today(),
            latest_today: latest_today(),
        }
    }

    /// Returns the language's tag.
    pub(super) fn language(&self) -> &str {
        &self.language
    }

    /// Returns the date with its year: `February 3, 2012`.
    pub(super) fn in_words(&self, date: Date) -> String {
        match (&self.whole, gregorian(date)) {
            (Some(whole), Some(date)) => whole.format(&date).to_string(),
            _ => date.to_string(),
        }
    }

    /// Returns the age, and the day of the next birthday in the reader's language: `14, turns 15 on` and `February 3`.
    /// Leaves out an age that is wrong in some time zone.
    pub(super) fn age_and_day(&self, born: Date) -> Option<(String, String)> {
        let next = next(born, self.earliest_today);
        let turns = next.year() - born.year();
        if turns <= 0 {
            return None;
        }
        let day = match (&self.day, gregorian(next)) {
            (Some(day), Some(next)) => day.format(&next).to_string(),
            _ => next.to_string(),
        };
        let age = match turns - 1 {
            age if age > 0 && next > self.latest_today => format!("{age}, turns {turns} on"),
            _ => format!("turns {turns} on"),
        };
        Some((age, day))
    }
}

/// Returns the date at UTC-12, the earliest date anywhere on Earth.
pub(super) fn earliest_today() -> Date {
    Timestamp::now().to_zoned(TimeZone::fixed(tz::offset(-12))).date()
}

/// Returns the date at UTC+14, the latest date anywhere on Earth.
pub(super) fn latest_today() -> Date {
    Timestamp::now().to_zoned(TimeZone::fixed(tz::offset(14))).date()
}

/// Returns the first birthday that is not before `today`. A birthday of February 29 is on February 28 in other years.
pub(super) fn next(born: Date, today: Date) -> Date {
    let years = i32::from(today.year()) - i32::from(born.year());
    let after = |years: i32| born.checked_add(years.years()).unwrap_or(born);
    let this_year = after(years.max(0));
    if this_year < today { after(years + 1) } else { this_year }
}

fn gregorian(date: Date) -> Option<IcuDate<Gregorian>> {
    IcuDate::try_new_gregorian(date.year().into(), date.month().unsigned_abs(), date.day().unsigned_abs()).ok()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn dates(accepted: &str) -> Dates {
        let [earliest_today, latest_today] = [date(2026, 11, 26), date(2026, 11, 27)];
        Dates { earliest_today, latest_today, ..Dates::new(&Language::preferred(accepted)) }
    }

    #[test]
    fn dates_are_in_the_preferred_language() {
        for (accepted, expected) in [
            ("", "February 3, 2012"),
            ("en-US,en;q=0.9", "February 3, 2012"),
            ("en-GB", "3 February 2012"),
            ("de-AT,de;q=0.9,en;q=0.8", "3. Februar 2012"),
            ("en;q=0.2, fr;q=0.9", "3 février 2012"),
            ("ja", "2012年2月3日"),
            ("en-US-u-ca-buddhist", "February 3, 2012"),
            ("*", "February 3, 2012"),
            ("de;q=0", "February 3, 2012"),
            ("de;q=NaN, !!, ;;;, x", "February 3, 2012"),
        ] {
            assert_eq!(dates(accepted).in_words(date(2012, 2, 3)), expected, "{accepted}");
        }
    }

    #[test]
    fn age_names_the_next_birthday() {
        for (born, expected) in [
            (date(2012, 2, 3), "14, turns 15 on February 3"),
            (date(2012, 11, 25), "14, turns 15 on November 25"),
            (date(2012, 11, 26), "turns 14 on November 26"),
            (date(2012, 11, 27), "turns 14 on November 27"),
            (date(2012, 11, 28), "13, turns 14 on November 28"),
            (date(2026, 11, 25), "turns 1 on November 25"),
            (date(2025, 11, 25), "1, turns 2 on November 25"),
            (date(2026, 11, 26), ""),
            (date(2026, 11, 27), ""),
        ] {
            let found = dates("").age_and_day(born).map(|(age, day)| format!("{age} {day}"));
            assert_eq!(found.unwrap_or_default(), expected, "{born}");
        }
        let german = dates("de").age_and_day(date(2012, 2, 3));
        assert_eq!(german, Some(("14, turns 15 on".into(), "3. Februar".into())));
    }

    #[test]
    fn leap_day_is_celebrated_each_year() {
        let born = date(2012, 2, 29);
        assert_eq!(next(born, date(2026, 2, 28)), date(2026, 2, 28));
        assert_eq!(next(born, date(2026, 3, 1)), date(2027, 2, 28));
        assert_eq!(next(born, date(2028, 1, 1)), date(2028, 2, 29));
    }
}
