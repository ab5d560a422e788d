//! The checks of the other services that the app uses: the store of the shared rate limits, the collector of the traces.

use super::finding::Finding;
use crate::config::Config;
use crate::security::shared_counters::SharedCounters;
use crate::traces;

pub(super) async fn check(config: &Config, findings: &mut Vec<Finding>) {
    if let Some(address) = &config.rate_limit_redis {
        let check = "shared limits";
        findings.push(match SharedCounters::new(address) {
            Err(problem) => Finding::error(check, problem, "see RATE_LIMIT_REDIS in .env.example"),
            Ok(counters) => match counters.check().await {
                Ok(took) => Finding::ok(check, format!("the store counts; it answers in {} ms", took.as_millis() / 2)),
                Err(cause) => Finding::warning(
                    check,
                    format!("each instance counts for itself, because the store cannot be used: {cause}"),
                    "check RATE_LIMIT_REDIS, that this machine reaches it, and for rediss:// its certificate (SSL_CERT_FILE)",
                ),
            },
        });
    }
    if let Some(settings) = &config.traces {
        let check = "traces";
        findings.push(match traces::check(settings).await {
            Ok(took) => Finding::ok(check, format!("the collector takes them; it answers in {} ms", took.as_millis())),
            Err(cause) => Finding::warning(
                check,
                format!("the collector does not take them: {cause}"),
                "check OTEL_EXPORTER_OTLP_ENDPOINT (the app adds /v1/traces) and OTEL_EXPORTER_OTLP_HEADERS",
            ),
        });
    }
}
