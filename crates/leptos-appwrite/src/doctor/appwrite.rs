//! The checks that call Appwrite. They change nothing.

use appwrite_client::{Appwrite, AppwriteError, ServerVersion, Visitor};
use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::finding::Finding;
use crate::config::{Config, RealtimeTransport};
use crate::error::causes::with_causes;
use crate::session::methods::SignInMethod;
use crate::site::Site;
use crate::tables::Table;
use crate::tables::create::{self, CreateError, Step};

/// The clock difference that causes a warning, in seconds.
const SKEW: i64 = 5;

/// An address that no account has (RFC 2606).
const NOBODYS_EMAIL: &str = "nobody@doctor.invalid";

pub(super) struct AppwriteChecks<'a> {
    pub site: &'a Site,
    pub config: &'a Config,
    pub endpoint: &'a Url,
    pub public_endpoint: &'a Url,
    /// The client with the app's own key.
    pub appwrite: Appwrite,
    /// The client with the key that reads tables.
    pub setup: Appwrite,
}

impl AppwriteChecks<'_> {
    pub(super) async fn run(&self, findings: &mut Vec<Finding>) {
        let Some(version) = self.server(findings).await else { return };
        findings.push(self.clock().await);
        if !self.key(findings).await {
            return;
        }
        self.scopes(findings).await;
        findings.push(self.platform().await);
        if self.sends_mail() {
            findings.push(self.mail().await);
        }
        for provider in &self.config.oauth_providers {
            findings.push(self.provider(&provider.id, &provider.name).await);
        }
        findings.push(self.realtime(version));
        self.tables(findings).await;
    }

    /// Returns the version; none if the server hides it or does not answer.
    async fn server(&self, findings: &mut Vec<Finding>) -> Option<Option<ServerVersion>> {
        let check = "Appwrite";
        let at = self.endpoint;
        let (finding, version) = match self.appwrite.guest().health_version().await {
            Ok(text) => (Finding::ok(check, format!("version {text} at {at}")), Some(text.parse().ok())),
            Err(AppwriteError::Unexpected { status }) => {
                let fix = "check that APPWRITE_ENDPOINT is the address of Appwrite's API, which ends in /v1";
                (Finding::error(check, format!("{at} answers {status}, but not as Appwrite does"), fix), None)
            }
            Err(error) if error.is_outage() => {
                let fix = "check APPWRITE_ENDPOINT, that this machine reaches it (HTTPS_PROXY, NO_PROXY), and its certificate \
                            (SSL_CERT_FILE)";
                let error = with_causes(&error);
                (Finding::error(check, format!("{at} cannot be reached: {error}"), fix), None)
            }
            Err(_) => (Finding::ok(check, format!("{at} answers, and hides its version")), Some(None)),
        };
        findings.push(finding);
        version
    }

    async fn clock(&self) -> Finding {
        let check = "clock";
        let before = Timestamp::now();
        let Ok(Some(there)) = self.appwrite.guest().server_time().await else {
            return Finding::unknown(check, "Appwrite does not tell its time", "");
        };
        let after = Timestamp::now();
        // `Date` has no fractions: the server read it at some time from `there` on, within a second.
        let ahead = before.as_second() - (there.as_second() + 1);
        let behind = there.as_second() - after.as_second();
        let fix = "synchronize the clocks of both machines (NTP)";
        match (ahead, behind) {
            (SKEW.., _) => Finding::warning(check, format!("{ahead} seconds ahead of Appwrite's"), fix),
            (_, SKEW..) => Finding::warning(check, format!("{behind} seconds behind Appwrite's"), fix),
            _ => Finding::ok(check, "agrees with Appwrite's"),
        }
    }

    /// True if the project and the key are known.
    async fn key(&self, findings: &mut Vec<Finding>) -> bool {
        let sessions = "scope sessions.write";
        let refused = self.appwrite.admin().check_key().await.err();
        let project = self.appwrite.project_id();
        let (is_known, finding) = match refused {
            Some(error) if error.is("project_not_found") => (
                false,
                Finding::error(
                    "project",
                    format!("Appwrite has no project {project}"),
                    "copy APPWRITE_PROJECT_ID from the project's settings in the console",
                ),
            ),
            Some(error) if error.lacks_scope() => {
                let fix = "give APPWRITE_API_KEY the scope sessions.write in the console: without it, nobody signs in";
                (true, Finding::error(sessions, "missing", fix))
            }
            Some(error) if !error.is_rate_limited() => {
                let fix = error.fix().unwrap_or("copy APPWRITE_API_KEY anew from the console");
                (false, Finding::error("API key", in_words(&error), fix))
            }
            Some(_) | None => (true, Finding::ok(sessions, "there")),
        };
        if is_known {
            findings.push(Finding::ok("project", format!("Appwrite knows the project {project}")));
            findings.push(Finding::ok("API key", "Appwrite knows the key"));
        }
        findings.push(finding);
        is_known
    }

    async fn scopes(&self, findings: &mut Vec<Finding>) {
        let admin = self.appwrite.admin();
        let without = "accounts are not deleted, and a password from before an address was confirmed still signs in";
        findings.push(scope("users.read", admin.require_users_read().await, |fix| {
            Finding::error("scope users.read", "missing: the user checks the password on each new browser", fix)
        }));
        findings.push(scope("users.write", admin.require_users_write().await, |fix| {
            Finding::error("scope users.write", format!("missing: {without}"), fix)
        }));
        if let Some(table) = self.site.tables.first() {
            let rows = admin.require_rows_write(&self.config.database_id, table.id).await;
            findings.push(scope("rows.write", rows, |fix| {
                let result = "missing: an account with more than 60 rows is not deleted at once";
                Finding::warning("scope rows.write", result, format!("{fix} (before 1.8: documents.write)"))
            }));
        }
    }

    async fn platform(&self) -> Finding {
        let (check, origin) = ("platform", self.config.origin.as_str());
        match self.appwrite.guest().check_origin(origin).await {
            Err(error) if error.is("general_unknown_origin") => Finding::error(
                check,
                format!("Appwrite does not know {origin}: Realtime refuses its pages, and mails their links"),
                "add the host of APP_ORIGIN as a web platform in the project's settings",
            ),
            Err(error) if !error.is_rate_limited() => Finding::unknown(check, in_words(&error), ""),
            Ok(()) | Err(_) => Finding::ok(check, format!("Appwrite accepts pages of {origin}")),
        }
    }

    fn sends_mail(&self) -> bool {
        let methods =
            [SignInMethod::MagicLink, SignInMethod::EmailCode, SignInMethod::Recovery, SignInMethod::Verification];
        methods.into_iter().any(|method| self.site.paths.offers(method))
    }

    async fn mail(&self) -> Finding {
        let check = "email";
        let link = self.config.origin.url(self.site.paths.home);
        match self.appwrite.admin().create_recovery(NOBODYS_EMAIL, &link, &Visitor::default()).await {
            Err(error) if error.is("general_smtp_disabled") => Finding::error(
                check,
                "Appwrite has no mail server: links and codes are not sent",
                "set Appwrite's SMTP variables, or the project's SMTP settings",
            ),
            Err(error) if error.is("user_not_found") => {
                Finding::ok(check, "Appwrite has a mail server; send yourself a link to see that it delivers")
            }
            Err(error) => Finding::unknown(check, in_words(&error), error.fix().unwrap_or_default()),
            Ok(_) => Finding::ok(check, "Appwrite sends mail"),
        }
    }

    async fn provider(&self, id: &str, name: &str) -> Finding {
        let check = format!("provider {name}");
        let page = self.config.origin.url(self.site.paths.sign_in);
        match self.appwrite.admin().create_oauth2_token(id, &page, &page, self.public_endpoint).await {
            Ok(_) => Finding::ok(check, "switched on"),
            Err(error) if error.is_provider_disabled() => Finding::error(
                check,
                "switched off in the project",
                "switch it on in the console, or take it out of OAUTH_PROVIDERS",
            ),
            Err(error) => Finding::unknown(check, in_words(&error), error.fix().unwrap_or_default()),
        }
    }

    fn realtime(&self, version: Option<ServerVersion>) -> Finding {
        let check = "Realtime";
        let is_ignored = version.map(ServerVersion::ignores_jwt_in_realtime_address);
        match (self.config.realtime, is_ignored) {
            (RealtimeTransport::Relay, _) => Finding::ok(check, "through the relay (REALTIME)"),
            (RealtimeTransport::Direct, Some(true)) => Finding::warning(
                check,
                "direct (REALTIME), but this version usually ignores a JWT in the address, and pages are then not live",
                "set REALTIME=auto or relay",
            ),
            (RealtimeTransport::Direct, _) => Finding::ok(check, "direct (REALTIME)"),
            (RealtimeTransport::Auto, Some(true)) => {
                Finding::ok(check, "through the relay, by Appwrite's version; the app tests it with its first user")
            }
            (RealtimeTransport::Auto, _) => {
                Finding::ok(check, "direct, by Appwrite's version; the app tests it with its first user")
            }
        }
    }

    async fn tables(&self, findings: &mut Vec<Finding>) {
        let database = &self.config.database_id;
        for table in self.site.tables {
            let check = format!("table {}", table.id);
            // Checks one table at a time, so that an incompatible column does not hide the other tables.
            let finding = match create::plan(&self.setup.tables(), database, std::slice::from_ref(table)).await {
                Ok(steps) => of_plan(check, &steps),
                Err(CreateError::Appwrite(error)) if error.lacks_scope() => self.table_for_a_guest(check, table).await,
                Err(CreateError::Appwrite(error)) => {
                    Finding::unknown(check, in_words(&error), error.fix().unwrap_or_default())
                }
                Err(error) => Finding::error(check, error.to_string(), "change the column in the console"),
            };
            findings.push(finding);
        }
    }

    /// Asks without scopes: a guest learns whether the table exists.
    async fn table_for_a_guest(&self, check: String, table: &Table) -> Finding {
        match self.appwrite.guest().rows(&self.config.database_id, table.id).list::<Value>(&[]).await {
            Err(error) if error.is_not_found() => Finding::error(check, in_words(&error), CREATE),
            _ => Finding::unknown(
                check,
                "there; its columns and permissions are not visible to APPWRITE_API_KEY",
                "to check them, set APPWRITE_SETUP_KEY to a key with the scopes that .env.example names",
            ),
        }
    }
}

const CREATE: &str = "run create-tables (make table); with --dry-run it only says what it would change";

fn of_plan(check: String, steps: &[Step]) -> Finding {
    let changes: Vec<_> = steps.iter().filter(|step| step.is_change()).map(Step::plan).collect();
    match changes.is_empty() {
        true => Finding::ok(check, "there, with its columns, indexes and permissions"),
        false => Finding::error(check, changes.join(" "), CREATE),
    }
}

fn scope(name: &str, asked: Result<(), AppwriteError>, missing: impl FnOnce(String) -> Finding) -> Finding {
    match asked {
        Err(error) if error.lacks_scope() => missing(format!("give APPWRITE_API_KEY the scope {name} in the console")),
        Err(error) if !error.is_rate_limited() => Finding::unknown(format!("scope {name}"), in_words(&error), ""),
        Ok(()) | Err(_) => Finding::ok(format!("scope {name}"), "there"),
    }
}

fn in_words(error: &AppwriteError) -> String {
    match error.message_for_log() {
        Some(words) => format!("{error}: {words}"),
        None => with_causes(error),
    }
}
