//! Counts the calls, for the recorder of the crate `metrics` that the program has installed, if any.

use std::time::Duration;

use metrics::{counter, histogram};
use reqwest::Method;

use super::call_labels::{outcome, route};
use super::error::AppwriteError;

/// Counts a call and its time.
pub(super) fn count(
    method: &Method,
    segments: &[String],
    caller: &'static str,
    error: Option<&AppwriteError>,
    took: Duration,
) {
    let call = format!("{method} {}", route(segments));
    histogram!("appwrite_call_duration_seconds", "call" => call.clone()).record(took.as_secs_f64());
    counter!("appwrite_calls_total", "call" => call, "caller" => caller, "outcome" => outcome(error)).increment(1);
}
