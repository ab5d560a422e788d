//! The time of day, in the user's time zone.

#[cfg(not(feature = "ssr"))]
#[path = "clock/browser.rs"]
mod side;
#[cfg(feature = "ssr")]
#[path = "clock/server.rs"]
mod side;

/// Returns the time of day after this many seconds, rounded up to the next minute: `14:05` in the browser, `14:05 UTC`
/// on the server.
pub fn time_of_day_in(seconds: u64) -> String {
    side::time_of_day_in(seconds)
}

/// Returns the date and time in ISO 8601, for the attribute `datetime`.
pub fn iso(seconds: i64) -> String {
    side::iso(seconds)
}

/// Returns the current time in seconds since 1970.
pub fn now() -> i64 {
    side::now()
}
