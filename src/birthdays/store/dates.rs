//! Writes dates in the reader's language, and counts years.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use icu_calendar::{Date as IcuDate, Gregorian};
use icu_datetime::FixedCalendarDateTimeFormatter;
use icu_datetime::fieldsets::{MD, YMD};
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use jiff::{Timestamp, ToSpan};

use crate::language::Language;

/// The languages of which a thread keeps texts.
const MAX_LANGUAGES: usize = 8;

/// The dates of which a language keeps texts.
const MAX_DATES: usize = 500;

thread_local! {
    /// The dates in the languages of the latest readers: each list shows the same dates to all of them, again and again.
    static KEPT: RefCell<VecDeque<Rc<Dates>>> = const { RefCell::new(VecDeque::new()) };
}

/// Writes dates in one language. The reader's time zone is unknown, so "today" may be one of two dates.
pub(super) struct Dates {
    language: Language,
    tag: String,
    whole: Option<FixedCalendarDateTimeFormatter<Gregorian, YMD>>,
    day: Option<FixedCalendarDateTimeFormatter<Gregorian, MD>>,
    earliest_today: Date,
    latest_today: Date,
    texts: RefCell<BTreeMap<Date, DateTexts>>,
}

/// A date of birth, as a reader sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct DateTexts {
    /// The date with its year: `February 3, 2012`.
    pub(super) in_words: String,
    /// The age: `14, turns 15 on`. Empty if it is wrong in some time zone.
    pub(super) age: String,
    /// The day of the next birthday: `February 3`. Empty without an age.
    pub(super) next_in_words: String,
}

impl Dates {
    /// Returns the dates in this language, as of today.
    pub(super) fn of(language: &Language) -> Rc<Self> {
        let today = (earliest_today(), latest_today());
        KEPT.with_borrow_mut(|kept| {
            kept.retain(|dates| (dates.earliest_today, dates.latest_today) == today);
            let known = kept.iter().position(|dates| dates.language == *language);
            let dates = known.and_then(|at| kept.remove(at)).unwrap_or_else(|| Rc::new(Self::new(language, today)));
            kept.truncate(MAX_LANGUAGES - 1);
            kept.push_front(Rc::clone(&dates));
            dates
        })
    }

    fn new(language: &Language, (earliest_today, latest_today): (Date, Date)) -> Self {
        let locale = language.locale();
        Self {
            language: language.clone(),
            tag: locale.to_string(),
            whole: FixedCalendarDateTimeFormatter::try_new(locale.into(), YMD::long()).ok(),
            day: FixedCalendarDateTimeFormatter::try_new(locale.into(), MD::long()).ok(),
            earliest_today,
            latest_today,
            texts: RefCell::default(),
        }
    }

    /// Returns the language's tag.
    pub(super) fn language(&self) -> &str {
        &self.tag
    }

    /// Returns the date, the age and the next birthday in words.
    pub(super) fn texts(&self, born: Date) -> DateTexts {
        let mut texts = self.texts.borrow_mut();
        if let Some(known) = texts.get(&born) {
            return known.clone();
        }
        if texts.len() >= MAX_DATES {
            texts.clear();
        }
        let (age, next_in_words) = self.age_and_day(born).unwrap_or_default();
        let new = DateTexts { in_words: self.in_words(born), age, next_in_words };
        texts.insert(born, new.clone());
        new
    }

    fn in_words(&self, date: Date) -> String {
        match (&self.whole, gregorian(date)) {
            (Some(whole), Some(date)) => whole.format(&date).to_string(),
            _ => date.to_string(),
        }
    }

    fn age_and_day(&self, born: Date) -> Option<(String, String)> {
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
        Dates::new(&Language::preferred(accepted), (date(2026, 11, 26), date(2026, 11, 27)))
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
    fn kept_texts_are_of_their_language_and_date() {
        for _ in 0..2 {
            for (accepted, expected) in [("", "February 3, 2012"), ("de", "3. Februar 2012"), ("fr", "3 février 2012")]
            {
                let dates = Dates::of(&Language::preferred(accepted));
                assert_eq!(dates.texts(date(2012, 2, 3)).in_words, expected);
                assert_ne!(dates.texts(date(2012, 2, 4)), dates.texts(date(2012, 2, 3)));
            }
        }
    }

    #[test]
    fn texts_of_another_day_are_not_kept() {
        let german = Language::preferred("de");
        let yesterday = (earliest_today().yesterday().expect("a date"), latest_today().yesterday().expect("a date"));
        KEPT.with_borrow_mut(|kept| kept.push_front(Rc::new(Dates::new(&german, yesterday))));
        let dates = Dates::of(&german);
        assert_eq!((dates.earliest_today, dates.latest_today), (earliest_today(), latest_today()));
        assert_eq!(KEPT.with_borrow(VecDeque::len), 1);
    }

    #[test]
    fn number_of_kept_languages_and_dates_is_bounded() {
        let language = |region| Language::preferred(&format!("en-G{region}"));
        let first = Dates::of(&language('A'));
        for region in 'B'..='Z' {
            Dates::of(&language(region));
            assert!(Rc::ptr_eq(&Dates::of(&language('A')), &first), "what is read stays");
        }
        assert_eq!(KEPT.with_borrow(VecDeque::len), MAX_LANGUAGES);
        let dates = dates("");
        let mut born = date(2000, 1, 1);
        for _ in 0..=MAX_DATES {
            dates.texts(born);
            born = born.tomorrow().expect("a date");
        }
        assert_eq!(dates.texts.borrow().len(), 1);
    }

    #[test]
    fn leap_day_is_celebrated_each_year() {
        let born = date(2012, 2, 29);
        assert_eq!(next(born, date(2026, 2, 28)), date(2026, 2, 28));
        assert_eq!(next(born, date(2026, 3, 1)), date(2027, 2, 28));
        assert_eq!(next(born, date(2028, 1, 1)), date(2028, 2, 29));
    }
}
