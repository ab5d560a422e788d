//! The time of day, in the user's time zone.

#[cfg(not(feature = "ssr"))]
#[path = "clock/browser.rs"]
mod side;
#[cfg(feature = "ssr")]
#[path = "clock/server.rs"]
mod side;

/// Returns the time of day in that many seconds, rounded up to the next minute: `14:05` in the browser, `14:05 UTC` on
/// the server.
pub fn time_of_day_in(seconds: u64) -> String {
    side::time_of_day_in(seconds)
}

/// Returns the date and time in the user's own format and time zone. The server, which does not know them, returns it
/// as [`in_utc`] does.
pub fn in_own_way(seconds: i64) -> String {
    side::in_own_way(seconds)
}

/// Returns the date and time, in seconds since 1970, as `2026-11-26 14:05 UTC`.
pub fn in_utc(seconds: i64) -> String {
    let iso = iso(seconds);
    match (iso.get(..10), iso.get(11..16)) {
        (Some(date), Some(time)) => format!("{date} {time} UTC"),
        _ => iso,
    }
}

/// Returns the date and time in ISO 8601, for the attribute `datetime`.
pub fn iso(seconds: i64) -> String {
    side::iso(seconds)
}

/// Returns the current time in seconds since 1970.
pub fn now() -> i64 {
    side::now()
}
