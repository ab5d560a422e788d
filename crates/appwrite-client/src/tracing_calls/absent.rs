//! Stands in for the traces where the feature `traces` is off: traces nothing.

use std::time::Duration;

use reqwest::Method;

use super::error::AppwriteError;

pub(super) fn record(_: &Method, _: &[String], _: &str, _: Option<&AppwriteError>, _: Duration) {}
