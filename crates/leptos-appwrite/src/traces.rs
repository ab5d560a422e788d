//! Traces for an OpenTelemetry collector (`OTEL_EXPORTER_OTLP_ENDPOINT`): a span for each request, and below it one for each
//! call to Appwrite. Spans have names from the app's own tables of routes, never what a client sends.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, Request};
use axum::http::{HeaderValue, header};
use axum::middleware::Next;
use axum::response::Response;
use ipnet::IpNet;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceId, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, KeyValue, context::FutureExt, global};
use opentelemetry_http::{HeaderExtractor, HttpClient, HttpError};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator, SdkTracer, SdkTracerProvider};
use percent_encoding::percent_decode_str;
use secrecy::ExposeSecret;
use tokio::runtime::Handle;
use url::Url;

use crate::config::TraceSettings;
use crate::error::causes::with_causes;
use crate::request_id;
use crate::request_labels::{method_of, route_of};
use appwrite_client::is_loopback;

/// The time limit for an answer of the collector.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The tracer of this process; none if no collector is configured.
static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The traces of this process, until it stops.
pub struct Traces(SdkTracerProvider);

/// Starts to trace. Sends the spans in the background, some seconds later.
pub fn start(settings: &TraceSettings) -> Result<Traces, String> {
    let refused = |error: &dyn std::fmt::Display| format!("The traces cannot be sent: {error}.");
    let collector = Collector {
        http: client(&settings.endpoint).map_err(|error| refused(&with_causes(&error)))?,
        runtime: Handle::current(),
        is_away: AtomicBool::new(false),
    };
    let headers: HashMap<_, _> =
        settings.headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(collector)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(settings.endpoint.as_str())
        .with_headers(headers)
        .build()
        .map_err(|error| refused(&error))?;
    let provider = SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_id_generator(RequestIds::default())
        .with_resource(Resource::builder().with_service_name(settings.service_name.clone()).build())
        .build();
    TRACER.set(provider.tracer("leptos-appwrite")).map_err(|_| refused(&"this process does so already"))?;
    // The calls to Appwrite use this tracer.
    global::set_tracer_provider(provider.clone());
    Ok(Traces(provider))
}

impl Traces {
    /// Sends the last spans.
    pub async fn stop(self) {
        // Blocks its thread while another thread sends.
        let stopped = tokio::task::spawn_blocking(move || self.0.shutdown()).await;
        if !matches!(stopped, Ok(Ok(()))) {
            tracing::warn!("the last traces were not sent");
        }
    }
}

/// Sends an empty list of spans to the collector. Returns the time until its response.
pub async fn check(settings: &TraceSettings) -> Result<Duration, String> {
    let mut request = client(&settings.endpoint)
        .map_err(|error| with_causes(&error))?
        .post(settings.endpoint.clone())
        .header(header::CONTENT_TYPE, "application/x-protobuf");
    for (name, value) in &settings.headers {
        request = request.header(name, &*percent_decode_str(value.expose_secret()).decode_utf8_lossy());
    }
    let start = Instant::now();
    let status = request.send().await.map_err(|error| with_causes(&error.without_url()))?.status();
    if status.is_success() { Ok(start.elapsed()) } else { Err(format!("it answers {status}")) }
}

fn client(collector: &Url) -> Result<reqwest::Client, reqwest::Error> {
    let client = reqwest::Client::builder().timeout(TIMEOUT).redirect(reqwest::redirect::Policy::none());
    if is_loopback(collector) { client.no_proxy().build() } else { client.build() }
}

/// The span of a trusted proxy, to which the request belongs.
#[derive(Clone)]
struct Parent(SpanContext);

/// Adopts the trace of a `traceparent` header from a trusted proxy: its id is then the request's id.
pub fn adopt_parent<B>(trusted: &[IpNet], mut request: axum::http::Request<B>) -> axum::http::Request<B> {
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|ConnectInfo(peer)| peer.ip().to_canonical());
    if TRACER.get().is_none() || !peer.is_some_and(|peer| trusted.iter().any(|net| net.contains(&peer))) {
        return request;
    }
    let headers = HeaderExtractor(request.headers());
    let context = TraceContextPropagator::new().extract_with_context(&Context::new(), &headers);
    let parent = context.span().span_context().clone();
    if parent.is_valid()
        && let Ok(id) = HeaderValue::from_str(&request_id_of(parent.trace_id()))
    {
        request.headers_mut().insert(request_id::NAME, id);
        // Drops the proxy's `tracestate`, which has no fixed format.
        let (trace, span, flags) = (parent.trace_id(), parent.span_id(), parent.trace_flags());
        request.extensions_mut().insert(Parent(SpanContext::new(trace, span, flags, true, TraceState::NONE)));
    }
    request
}

/// Middleware: traces a request.
pub async fn trace_request(request: Request, next: Next) -> Response {
    let Some(tracer) = TRACER.get() else { return next.run(request).await };
    let parent = request.extensions().get::<Parent>();
    let parent = parent.map_or_else(Context::new, |Parent(span)| Context::new().with_remote_span_context(span.clone()));
    let (method, route) = (method_of(request.method()), route_of(&request));
    let span = tracer
        .span_builder(format!("{method} {route}"))
        .with_kind(SpanKind::Server)
        .with_attributes([KeyValue::new("http.request.method", method), KeyValue::new("http.route", route)])
        .start_with_context(tracer, &parent);
    let context = parent.with_span(span);
    let response = next.run(request).with_context(context.clone()).await;
    let status = response.status();
    context.span().set_attribute(KeyValue::new("http.response.status_code", i64::from(status.as_u16())));
    if status.is_server_error() {
        context.span().set_status(Status::error(""));
    }
    context.span().end();
    response
}

/// Returns a task that belongs to the current request's trace.
pub(crate) fn in_current_trace<F: Future>(task: F) -> impl Future<Output = F::Output> {
    task.with_current_context()
}

/// Gives a request's id to its trace.
#[derive(Debug, Default)]
struct RequestIds(RandomIdGenerator);

impl IdGenerator for RequestIds {
    fn new_trace_id(&self) -> TraceId {
        let own = request_id::current().and_then(|id| TraceId::from_hex(&id.replace('-', "")).ok());
        own.unwrap_or_else(|| self.0.new_trace_id())
    }

    fn new_span_id(&self) -> SpanId {
        self.0.new_span_id()
    }
}

/// Writes a trace's id like a request's: as a UUID.
fn request_id_of(trace: TraceId) -> String {
    let hex = trace.to_string();
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}

/// Sends the spans. The exporter's own thread has no runtime, so the app's does the work.
#[derive(Debug)]
struct Collector {
    http: reqwest::Client,
    runtime: Handle,
    is_away: AtomicBool,
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: axum::http::Request<Bytes>) -> Result<axum::http::Response<Bytes>, HttpError> {
        let (http, request) = (self.http.clone(), request.try_into()?);
        let outcome = self.runtime.spawn(async move { http.execute(request).await }).await?;
        match &outcome {
            Ok(response) if response.status().is_success() => self.note(None),
            Ok(response) => self.note(Some(format!("it answers {}", response.status()))),
            Err(_) => self.note(Some("it cannot be reached".into())),
        }
        let mut response = axum::http::Response::new(Bytes::new());
        *response.status_mut() = outcome.map_err(reqwest::Error::without_url)?.status();
        Ok(response)
    }
}

impl Collector {
    /// Logs an outage and its end, each once.
    fn note(&self, outage: Option<String>) {
        let was_away = self.is_away.swap(outage.is_some(), Ordering::Relaxed);
        match outage {
            Some(cause) if !was_away => {
                tracing::warn!(cause, "OTEL_EXPORTER_OTLP_ENDPOINT does not accept traces: they are lost");
            }
            None if was_away => tracing::info!("OTEL_EXPORTER_OTLP_ENDPOINT accepts traces again"),
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_id_and_trace_id_are_the_same() {
        let id = request_id::new_id();
        let trace = TraceId::from_hex(&id.replace('-', "")).expect("a trace's id");
        assert_eq!(request_id_of(trace), id);
    }
}
