//! The device's clock.

use leptos::web_sys::js_sys::Date;

#[expect(clippy::cast_precision_loss, reason = "dates are exact far beyond any wait")]
pub(super) fn time_of_day_in(seconds: u64) -> String {
    let date = Date::new(&(Date::now() + seconds as f64 * 1000.0 + 59_999.0).into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

#[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
pub(super) fn now() -> i64 {
    (Date::now() / 1000.0) as i64
}
