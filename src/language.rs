//! The reader's language.

use icu_locale_core::{Locale, locale};

/// The language and country whose dates the reader is used to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Language(Locale);

impl Default for Language {
    fn default() -> Self {
        Self(locale!("en-US"))
    }
}

impl Language {
    /// Returns the locale.
    pub fn locale(&self) -> &Locale {
        &self.0
    }

    /// Returns the language that `Accept-Language` prefers (RFC 9110, section 12.5.4).
    pub fn preferred(accepted: &str) -> Self {
        let mut best: Option<(f32, Locale)> = None;
        for range in accepted.split(',') {
            let (tag, parameters) = range.split_once(';').unwrap_or((range, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse::<f32>().ok());
            // Extensions could choose other calendars and digits, which readers of English pages do not expect.
            let locale = Locale::try_from_str(tag.trim()).ok().map(|locale| Locale::from(locale.id));
            if let (Some(weight), Some(locale)) = (weight, locale)
                && !locale.id.language.is_unknown()
                && weight > best.as_ref().map_or(0.0, |(best, _)| *best)
            {
                best = Some((weight, locale));
            }
        }
        best.map(|(_, locale)| Self(locale)).unwrap_or_default()
    }
}
