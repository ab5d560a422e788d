//! The settings of the traces, by OpenTelemetry's own names.

use axum::http::{HeaderName, HeaderValue};
use secrecy::SecretString;
use url::Url;

use super::{Reader, name, web_address};

/// The collector of the traces.
#[derive(Debug, Clone)]
pub struct TraceSettings {
    /// The address for traces: `OTEL_EXPORTER_OTLP_ENDPOINT` with `/v1/traces`.
    pub endpoint: Url,
    /// Headers for the collector, such as its key; the values are percent-encoded.
    pub headers: Vec<(String, SecretString)>,
    /// The name of the app in its traces.
    pub service_name: String,
}

/// The samplers that the library knows. It reads the variable itself, and keeps all traces if the value is unknown.
const SAMPLERS: [&str; 6] = [
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
];

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    pub(super) fn traces(&mut self) -> Option<TraceSettings> {
        let address = self.get(name::TRACES)?;
        let headers = self.trace_headers();
        self.trace_protocol();
        self.trace_sampler();
        let service_name = self.get(name::TRACE_SERVICE).unwrap_or_else(program);
        let mut endpoint = self.noted(web_address(name::TRACES, &address, "http://127.0.0.1:4318"))?;
        self.proxy(&endpoint);
        match endpoint.path_segments_mut() {
            Ok(mut path) => path.pop_if_empty().extend(["v1", "traces"]),
            Err(()) => return None,
        };
        Some(TraceSettings { endpoint, headers, service_name })
    }

    fn trace_headers(&mut self) -> Vec<(String, SecretString)> {
        let value = self.get(name::TRACE_HEADERS).unwrap_or_default();
        let mut headers = Vec::new();
        for part in value.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let Some((name, value)) = part.split_once('=').map(|(name, value)| (name.trim(), value.trim())) else {
                self.problem("OTEL_EXPORTER_OTLP_HEADERS has an entry without =: write it like api-key=…,tenant=….");
                continue;
            };
            if HeaderName::try_from(name).is_err() || HeaderValue::try_from(value).is_err() {
                self.problem(
                    "OTEL_EXPORTER_OTLP_HEADERS has a name or a value that no header can have: percent-encode it.",
                );
                continue;
            }
            headers.push((name.to_owned(), value.to_owned().into()));
        }
        headers
    }

    fn trace_protocol(&mut self) {
        if self.get(name::TRACE_PROTOCOL).is_some_and(|protocol| protocol != "http/protobuf") {
            self.problem(
                "OTEL_EXPORTER_OTLP_PROTOCOL is not http/protobuf, the only one that the app speaks: remove it.",
            );
        }
    }

    fn trace_sampler(&mut self) {
        let sampler = self.get(name::TRACE_SAMPLER).unwrap_or_default();
        if !sampler.is_empty() && !SAMPLERS.contains(&sampler.as_str()) {
            self.problem(format!("OTEL_TRACES_SAMPLER is unknown: write one of {}.", SAMPLERS.join(", ")));
        }
        let ratio = self.get(name::TRACE_SAMPLER_ARG).map(|ratio| ratio.parse::<f64>());
        let is_ratio =
            ratio.as_ref().is_some_and(|ratio| ratio.as_ref().is_ok_and(|ratio| (0.0..=1.0).contains(ratio)));
        if (ratio.is_some() || sampler.ends_with("traceidratio")) && !is_ratio {
            self.problem("OTEL_TRACES_SAMPLER_ARG is not a number from 0 to 1: write the part of the traces to keep, such as 0.1.");
        }
    }
}

/// The name of the running program.
fn program() -> String {
    let path = std::env::current_exe().unwrap_or_default();
    path.file_stem().and_then(|name| name.to_str()).unwrap_or("leptos-appwrite").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{accepted, read, refused_once};

    const ENDPOINT: (&str, &str) = ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://collector.example:4318/otlp/");

    #[test]
    fn traces_are_sent_to_the_collector_path() {
        assert!(accepted(read(&[])).traces.is_none());
        let headers = ("OTEL_EXPORTER_OTLP_HEADERS", "api-key=hunter2, tenant=a%20b");
        let config = accepted(read(&[ENDPOINT, headers, ("OTEL_SERVICE_NAME", "birthdays")]));
        assert!(!format!("{config:?}").contains("hunter2"));
        let traces = config.traces.expect("a collector");
        assert_eq!(traces.endpoint.as_str(), "https://collector.example:4318/otlp/v1/traces");
        assert_eq!((traces.headers.len(), traces.service_name.as_str()), (2, "birthdays"));
    }

    #[test]
    fn invalid_trace_settings_are_named() {
        for (name, value) in [
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector.example:4318"),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "https://ann:hunter2@collector.example"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "hunter2"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "a b=hunter2"),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
            ("OTEL_TRACES_SAMPLER", "sometimes"),
            ("OTEL_TRACES_SAMPLER_ARG", "1.5"),
        ] {
            let problem = refused_once(read(&[ENDPOINT, (name, value)]));
            assert!(problem.starts_with(name) && !problem.contains("hunter2"), "{problem}");
        }
        let missing = refused_once(read(&[ENDPOINT, ("OTEL_TRACES_SAMPLER", "traceidratio")]));
        assert!(missing.starts_with("OTEL_TRACES_SAMPLER_ARG"), "{missing}");
    }
}
