//! The traces that a collector receives.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::routing::post;
use leptos_appwrite::config::Config;
use leptos_appwrite::doctor::{Status, examine};
use leptos_appwrite::traces;
use leptos_birthdays::site::SITE;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message;
use reqwest::Method;
use tokio::net::TcpListener;

use crate::running::App;

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Collector(Arc<Mutex<Vec<(HeaderMap, Bytes)>>>);

impl Collector {
    async fn start(&self) -> String {
        let take = |State(collector): State<Self>, headers: HeaderMap, body: Bytes| async move {
            collector.0.lock().expect("the bodies").push((headers, body));
        };
        let routes = Router::new().route("/v1/traces", post(take)).with_state(self.clone());
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        endpoint
    }

    fn spans(&self) -> Vec<Span> {
        let bodies = self.0.lock().expect("the bodies");
        let decoded = bodies.iter().map(|(_, body)| ExportTraceServiceRequest::decode(&body[..]).expect("protobuf"));
        let resources = decoded.flat_map(|request| request.resource_spans);
        resources.flat_map(|resource| resource.scope_spans).flat_map(|scope| scope.spans).collect()
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Everything in the span: its name, and the texts and numbers of its attributes.
fn words(span: &Span) -> String {
    format!("{} {:?}", span.name, span.attributes)
}

#[tokio::test]
async fn spans_have_templates_and_request_ids_without_secrets() {
    let collector = Collector::default();
    let endpoint = collector.start().await;
    let environment = HashMap::from([
        ("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint.as_str()),
        ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=a%20b"),
    ]);
    let lookup = |name: &str| environment.get(name).map(|value| (*value).to_owned());
    let found = examine(&SITE, lookup).await;
    assert!(found.iter().any(|finding| finding.check == "traces" && finding.status == Status::Ok), "{found:#?}");
    let settings = Config::from_env(lookup).expect("a configuration").traces.expect("a collector");
    let traces = traces::start(&settings).expect("traces");

    let app = App::start_with(&[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let browser = app.browser_of("Ann").await;
    let session = browser.cookie("session").expect("a session");
    let page = browser.open("/birthdays?next=%2Fhush-hush").await;
    assert_eq!(page.status, 200, "{}", page.body);
    let unknown = browser.open("/nowhere/hush-hush").await;
    let wrong = [("email", "hush@example.com"), ("password", "hush-hush"), ("page", "/login")];
    let refused = app.browser().call("/actions/sign_in", &wrong).await;
    let traced = |browser: &crate::browser::Browser| {
        browser.request(Method::GET, "/login").header("traceparent", format!("00-{TRACE}-b7ad6b7169203331-01"))
    };
    let behind_proxy = browser.send(traced(&browser)).await;
    assert_eq!(behind_proxy.header("x-request-id").replace('-', ""), TRACE);
    let stranger = app.another_instance(&[]).await.browser();
    let own = stranger.send(traced(&stranger)).await.header("x-request-id").to_owned();
    assert_ne!(own.replace('-', ""), TRACE);
    traces.stop().await;

    let spans = collector.spans();
    let of = |id: &str| {
        let mut spans: Vec<_> = spans.iter().filter(|span| hex(&span.trace_id) == id.replace('-', "")).collect();
        spans.sort_by_key(|span| span.kind);
        spans
    };
    let listed = of(page.header("x-request-id"));
    let [request, calls @ ..] = &listed[..] else { panic!("no span of the page") };
    assert_eq!(request.name, "GET /birthdays");
    assert!(words(request).contains("IntValue(200)"), "{}", words(request));
    assert!(calls.iter().all(|call| call.parent_span_id == request.span_id), "{calls:#?}");
    let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    for name in ["GET /account", "GET /tablesdb/:id/tables/:id/rows"] {
        assert!(names.contains(&name), "{name} is not among {names:?}");
    }
    assert_eq!(of(unknown.header("x-request-id"))[0].name, "GET other");
    let refused = of(refused.header("x-request-id"));
    assert!(refused.iter().any(|span| words(span).contains("user_invalid_credentials")), "{refused:#?}");
    assert_eq!(hex(&of(TRACE)[0].parent_span_id), "b7ad6b7169203331");
    assert!(of(&own)[0].parent_span_id.is_empty());

    let bodies = collector.0.lock().expect("the bodies");
    assert!(bodies.iter().all(|(headers, _)| headers["api-key"] == "a b"));
    let all: String = bodies.iter().map(|(_, body)| String::from_utf8_lossy(body).into_owned()).collect();
    for secret in ["hush", "next=", "example.com", "Correct-horse-1", session.as_str(), "127.0.0.1"] {
        assert!(!all.contains(secret), "{secret} is in the spans");
    }
}
