//! Services that this backend lacks: they respond like a real server that has them switched off.

use axum::http::Method;

use super::{Call, Reply, Route};
use crate::{ApiError, ErrorKind, Profile};

/// A service that is switched off, with the checks that come before the refusal.
struct Service {
    /// `*` matches one segment. The first matching prefix is used.
    prefix: &'static str,
    read: &'static [&'static str],
    write: &'static [&'static str],
    /// The first profile with this service.
    since: Profile,
}

const fn old(prefix: &'static str, read: &'static [&'static str], write: &'static [&'static str]) -> Service {
    Service { prefix, read, write, since: Profile::OneFive }
}

const fn new(prefix: &'static str, read: &'static [&'static str], write: &'static [&'static str]) -> Service {
    Service { prefix, read, write, since: Profile::OneNine }
}

const fn of_sites(prefix: &'static str, read: &'static [&'static str], write: &'static [&'static str]) -> Service {
    Service { prefix, read, write, since: Profile::OneEight }
}

/// A service of 2.x whose scopes are not known.
const fn newest(prefix: &'static str) -> Service {
    of_two(prefix, &["public"], &["public"])
}

const fn of_two(prefix: &'static str, read: &'static [&'static str], write: &'static [&'static str]) -> Service {
    Service { prefix, read, write, since: Profile::Two }
}

const SERVICES: &[Service] = &[
    old("/functions/runtimes", &["public"], &["functions.write"]),
    old("/functions/templates", &["public"], &["functions.write"]),
    old("/functions/*/executions", &["executions.read", "execution.read"], &["executions.write", "execution.write"]),
    old("/functions", &["functions.read"], &["functions.write"]),
    old("/messaging/messages", &["messages.read"], &["messages.write"]),
    old("/messaging/providers", &["providers.read"], &["providers.write"]),
    old("/messaging/topics/*/subscribers", &["subscribers.read"], &["subscribers.write"]),
    old("/messaging/topics", &["topics.read"], &["topics.write"]),
    old("/messaging/subscribers", &["subscribers.read"], &["subscribers.write"]),
    old("/graphql", &["graphql"], &["graphql"]),
    old("/projects", &["projects.read"], &["projects.write"]),
    old("/console/variables", &["projects.read"], &["projects.write"]),
    old("/proxy/rules", &["rules.read"], &["rules.write"]),
    new("/console", &["public"], &["assistant.read"]),
    new("/embeddings", &["embeddings.write"], &["embeddings.write"]),
    old("/migrations/*/report", &["migrations.write"], &["migrations.write"]),
    old("/migrations", &["migrations.read"], &["migrations.write"]),
    old("/vcs", &["vcs.read"], &["vcs.write"]),
    of_sites("/sites/frameworks", &["public"], &["sites.write"]),
    of_sites("/sites/templates", &["public"], &["sites.write"]),
    of_sites("/sites/*/logs", &["log.read"], &["log.write"]),
    of_sites("/sites", &["sites.read"], &["sites.write"]),
    new("/webhooks", &["webhooks.read"], &["webhooks.write"]),
    new("/project/keys", &["keys.read"], &["keys.write"]),
    new("/project/platforms", &["platforms.read"], &["platforms.write"]),
    new(
        "/project/policies",
        &["policies.read", "project.policies.read"],
        &["policies.write", "project.policies.write"],
    ),
    new("/project/oauth2", &["project.oauth2.read"], &["project.oauth2.write"]),
    new("/project/templates", &["templates.read"], &["templates.write"]),
    new("/project/mock-phones", &["mocks.read"], &["mocks.write"]),
    new("/project", &["project.read"], &["project.write"]),
    new("/documentsdb/transactions", &["documents.read"], &["documents.write"]),
    new("/vectorsdb/transactions", &["documents.read"], &["documents.write"]),
    new("/documentsdb/*/collections/*/documents", &["documents.read"], &["documents.write"]),
    new("/documentsdb/*/collections", &["collections.read"], &["collections.write"]),
    new("/documentsdb", &["databases.read"], &["databases.write"]),
    new("/vectorsdb/*/collections/*/documents", &["documents.read"], &["documents.write"]),
    new("/vectorsdb/*/collections", &["collections.read"], &["collections.write"]),
    new("/vectorsdb", &["databases.read"], &["databases.write"]),
    new("/reports/*/insights", &["insights.read"], &["insights.write"]),
    new("/reports", &["reports.read"], &["reports.write"]),
    newest("/activities"),
    newest("/apps"),
    newest("/backups"),
    newest("/oauth2"),
    newest("/organization"),
    newest("/account/consents"),
    of_two("/teams/*/installations", &["teams.read"], &["teams.write"]),
    of_two("/tablesdb/*/failovers", &["databases.read"], &["databases.write"]),
    of_two("/tablesdb/*/replicas", &["databases.read"], &["databases.write"]),
    of_two("/tablesdb/*/status", &["databases.read"], &["databases.write"]),
];

/// The route of a missing service; `None` if Appwrite does not know the path either.
#[must_use]
pub fn find(profile: Profile, method: &Method, path: &str) -> Option<Route> {
    let service =
        SERVICES.iter().filter(|service| profile >= service.since).find(|service| is_below(service.prefix, path))?;
    let is_read = matches!(*method, Method::GET | Method::HEAD);
    let route = if is_read { Route::get(service.prefix, refuse) } else { Route::post(service.prefix, refuse) };
    Some(route.scope(if is_read { service.read } else { service.write }))
}

fn is_below(prefix: &str, path: &str) -> bool {
    let mut segments = path.split('/');
    prefix.split('/').all(|wanted| segments.next().is_some_and(|segment| wanted == "*" || wanted == segment))
}

fn refuse(_: &Call<'_>) -> Result<Reply, ApiError> {
    Err(ErrorKind::GeneralServiceDisabled.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scopes(profile: Profile, method: &Method, path: &str) -> Option<&'static [&'static str]> {
        find(profile, method, path).map(|route| route.scopes)
    }

    #[test]
    fn longest_prefix_decides_the_scopes() {
        assert_eq!(scopes(Profile::Two, &Method::GET, "/functions/f"), Some(["functions.read"].as_slice()));
        let executions = scopes(Profile::Two, &Method::POST, "/functions/f/executions");
        assert_eq!(executions, Some(["executions.write", "execution.write"].as_slice()));
    }

    #[test]
    fn path_with_a_service_prefix_is_unknown() {
        for path in ["/functionsx", "/function", "/graphqls", "/"] {
            assert!(find(Profile::Two, &Method::GET, path).is_none(), "{path}");
        }
    }

    #[test]
    fn older_server_has_no_newer_services() {
        assert!(find(Profile::OneFive, &Method::GET, "/sites").is_none());
        assert!(find(Profile::OneFive, &Method::GET, "/functions").is_some());
        assert!(find(Profile::OneNineNext, &Method::GET, "/apps").is_none());
        assert!(find(Profile::Two, &Method::GET, "/apps").is_some());
        assert!(find(Profile::OneNineNext, &Method::GET, "/teams/t/installations/i").is_none());
        assert!(find(Profile::Two, &Method::GET, "/teams/t/installations/i").is_some());
    }
}
