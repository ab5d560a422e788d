//! Stands in for the metering where the feature `metrics` is off: counts nothing.

use std::time::Duration;

use reqwest::Method;

use super::error::AppwriteError;

pub(super) fn count(_: &Method, _: &[String], _: &str, _: Option<&AppwriteError>, _: Duration) {}
