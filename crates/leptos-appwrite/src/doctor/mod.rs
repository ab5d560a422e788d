//! The command `doctor`: checks the configuration, Appwrite and the tables, and says how to fix what is wrong.

mod appwrite;
mod finding;
mod services;

use std::process::ExitCode;

use appwrite_client::Appwrite;

use self::appwrite::AppwriteChecks;
pub use self::finding::{Finding, Status};
use crate::config::{Backend, Config};
use crate::site::Site;

const JSON: &str = "--json";

/// Prints a line for each check, and how to fix a problem; with `--json`, a list of objects. Changes nothing.
///
/// Fails if a check fails; a warning is not a failure.
pub async fn run(site: &Site, arguments: &[String]) -> ExitCode {
    if let Some(unknown) = arguments.iter().find(|argument| *argument != JSON) {
        eprintln!("Unknown argument {unknown}: write {JSON} or nothing.");
        return ExitCode::FAILURE;
    }
    let findings = examine(site, |name| std::env::var(name).ok()).await;
    if arguments.is_empty() {
        print!("{}", finding::in_lines(&findings));
    } else {
        println!("{:#}", serde_json::json!(findings));
    }
    if findings.iter().any(|finding| finding.status == Status::Error) { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// Checks the app whose environment is `lookup`.
///
/// If `APPWRITE_SETUP_KEY` is set, the checks of the tables use it, so that the app's own key needs fewer scopes.
pub async fn examine(site: &Site, lookup: impl Fn(&str) -> Option<String>) -> Vec<Finding> {
    let config = match Config::from_env(&lookup) {
        Ok(config) => config,
        Err(problems) => {
            let fix = "see .env.example and docs/configuration.md";
            return problems.sentences().map(|problem| Finding::error("configuration", problem, fix)).collect();
        }
    };
    let mut findings = vec![Finding::ok("configuration", format!("the app is at {}", config.origin))];
    services::check(&config, &mut findings).await;
    let Backend::Remote { appwrite: settings, public_endpoint } = &config.backend else {
        findings.push(Finding::ok("Appwrite", "none is configured: the app starts its local backend"));
        return findings;
    };
    let setup_key = lookup("APPWRITE_SETUP_KEY").map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
    let setup = setup_key.map(|key| appwrite_client::AppwriteSettings { api_key: key.into(), ..settings.clone() });
    let clients = Appwrite::new(settings.clone())
        .and_then(|appwrite| Ok((appwrite, Appwrite::new(setup.unwrap_or_else(|| settings.clone()))?)));
    match clients {
        Ok((appwrite, setup)) => {
            let endpoint = &settings.endpoint;
            AppwriteChecks { site, config: &config, endpoint, public_endpoint, appwrite, setup }
                .run(&mut findings)
                .await;
        }
        Err(error) => findings.push(Finding::error("Appwrite", error.to_string(), "see docs/configuration.md")),
    }
    findings
}
