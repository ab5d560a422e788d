//! The time of day, as the person who reads it says it.

#[cfg(not(feature = "ssr"))]
#[path = "clock/browser.rs"]
mod side;
#[cfg(feature = "ssr")]
#[path = "clock/server.rs"]
mod side;

/// The time of day in so many seconds, to the next full minute: `14:05` where the person is, or `14:05 UTC` if only our
/// server is there to say it.
pub fn time_of_day_in(seconds: u64) -> String {
    side::time_of_day_in(seconds)
}

/// Now, in seconds since 1970.
pub fn now() -> i64 {
    side::now()
}
