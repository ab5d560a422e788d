//! The field for the date of a birthday.

use leptos::prelude::*;
use leptos_appwrite::clock;

use super::model::OLDEST;
use crate::components::TextField;

/// The offset of the latest time zone, UTC+14, in seconds.
const LATEST_ZONE: i64 = 14 * 3600;

/// A date in the past 130 years. Allows the latest date on Earth: the server checks the exact range.
#[component]
pub(super) fn DateField(
    /// The initial value.
    #[prop(optional)]
    value: String,
) -> impl IntoView {
    let latest = clock::iso(clock::now() + LATEST_ZONE).split('T').next().unwrap_or_default().to_owned();
    let earliest = earliest(&latest);
    view! { <TextField name="date" label="Birthday" kind="date" value min=earliest max=latest/> }
}

fn earliest(latest: &str) -> String {
    let year: i16 = latest.get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
    format!("{:04}-01-01", year.saturating_sub(OLDEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn earliest_date_is_the_first_day_of_a_year() {
        assert_eq!(earliest("2026-11-27"), "1896-01-01");
    }
}
