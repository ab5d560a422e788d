//! The device's clock.

use leptos::wasm_bindgen::JsValue;
use leptos::web_sys::js_sys::Date;

#[expect(clippy::cast_precision_loss, reason = "dates are exact far beyond any wait")]
pub(super) fn time_of_day_in(seconds: u64) -> String {
    let date = Date::new(&(Date::now() + seconds as f64 * 1000.0 + 59_999.0).into());
    format!("{:02}:{:02}", date.get_hours(), date.get_minutes())
}

pub(super) fn iso(seconds: i64) -> String {
    // Removes the fraction of a second, which the server does not write.
    let iso = String::from(date(seconds).to_iso_string());
    iso.get(..19).map_or_else(|| iso.clone(), |whole| format!("{whole}Z"))
}

#[expect(clippy::cast_precision_loss, reason = "dates are exact far beyond any session")]
fn date(seconds: i64) -> Date {
    Date::new(&JsValue::from_f64(seconds as f64 * 1000.0))
}

#[expect(clippy::cast_possible_truncation, reason = "seconds since 1970 fit")]
pub(super) fn now() -> i64 {
    (Date::now() / 1000.0) as i64
}
