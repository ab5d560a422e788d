//! Traces the calls, for the tracer provider of the crate `opentelemetry` that the program has set, if any.

use std::time::{Duration, SystemTime};

use opentelemetry::trace::{Span, SpanKind, Status, TraceContextExt, Tracer};
use opentelemetry::{Context, KeyValue, global};
use reqwest::Method;

use super::call_labels::{outcome, route};
use super::error::AppwriteError;

/// Adds a span of a call that has just ended, if the current request is traced.
pub(super) fn record(
    method: &Method,
    segments: &[String],
    caller: &'static str,
    error: Option<&AppwriteError>,
    took: Duration,
) {
    Context::map_current(|parent| {
        if !parent.span().is_recording() {
            return;
        }
        let (route, outcome, end) = (route(segments), outcome(error), SystemTime::now());
        let tracer = global::tracer("appwrite-client");
        let mut span = tracer
            .span_builder(format!("{method} {route}"))
            .with_kind(SpanKind::Client)
            .with_start_time(end.checked_sub(took).unwrap_or(end))
            .with_attributes([
                KeyValue::new("http.request.method", method.to_string()),
                KeyValue::new("url.template", route),
                KeyValue::new("appwrite.caller", caller),
                KeyValue::new("appwrite.outcome", outcome.clone()),
            ])
            .start_with_context(&tracer, parent);
        if error.is_some() {
            span.set_attribute(KeyValue::new("error.type", outcome));
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(end);
    });
}
