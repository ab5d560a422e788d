//! Reads the environment once into a [`Config`], and reports all problems at once.

mod operation;
pub(crate) mod providers;
mod proxies;
mod traces;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use axum::http::HeaderValue;
use ipnet::IpNet;
use secrecy::SecretString;
use url::{Position, Url};

pub use self::traces::TraceSettings;
use crate::security::headers::hsts;
use crate::session::methods::Provider;
use crate::tables::DATABASE;
use appwrite_client::{AppwriteSettings, is_loopback, is_valid_id};

/// All settings from the environment.
#[derive(Debug, Clone)]
pub struct Config {
    /// The Appwrite server that stores the accounts and the data.
    pub backend: Backend,
    /// The id of the database with the app's tables.
    pub database_id: String,
    /// The app's own origin, as browsers write it.
    pub origin: AppOrigin,
    /// Further origins of the app, which only redirect to the main one.
    pub origins_also: Vec<AppOrigin>,
    /// The secret for the keys of sealed cookies; none to derive them from the API key.
    pub app_secret: Option<SecretString>,
    /// The secret before the last change, which still opens the cookies that it sealed.
    pub app_secret_previous: Option<SecretString>,
    /// The `Strict-Transport-Security` header, which tells browsers to use https only; none on an http origin.
    pub hsts: Option<HeaderValue>,
    /// The reverse proxies whose `X-Forwarded-For` the server trusts.
    pub trusted_proxies: Vec<IpNet>,
    /// The OAuth2 providers, in the order of their buttons.
    pub oauth_providers: Vec<Provider>,
    /// The transport from browsers to Appwrite's Realtime.
    pub realtime: RealtimeTransport,
    /// The maximum number of relayed connections per client address.
    pub realtime_per_address: usize,
    /// The maximum number of relayed connections in total.
    pub realtime_total: usize,
    /// The maximum number of open connections per client address.
    pub connections_per_address: usize,
    /// A session that was not used for this long is ended.
    pub session_idle_limit: Option<Duration>,
    /// The time after the signal to stop in which the app still accepts requests, while proxies send new ones to other
    /// instances.
    pub stop_delay: Duration,
    /// The address of the metrics; none if they are off.
    pub metrics: Option<SocketAddr>,
    /// The address of the shared store of the rate limits; none to count in memory.
    pub rate_limit_redis: Option<SecretString>,
    /// The collector of the traces; none if they are off.
    pub traces: Option<TraceSettings>,
    /// The form of the log's lines.
    pub log_format: LogFormat,
    /// True if all clients are on this machine, so that limits per address make no sense.
    pub relaxed_limits: bool,
    /// True in production (`LEPTOS_ENV=PROD`).
    pub production: bool,
}

/// The Appwrite server that the app uses.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A real Appwrite server.
    Remote {
        /// The address and the API key.
        appwrite: AppwriteSettings,
        /// The endpoint for browsers, if it differs from the server's.
        public_endpoint: Url,
    },
    /// The local backend, started by the app itself.
    Local {
        /// The loopback address that it listens on.
        listen: SocketAddr,
        /// The folder for its data.
        data: PathBuf,
        /// The version of Appwrite that it emulates.
        profile: LocalProfile,
    },
}

/// The version of Appwrite that the local backend emulates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalProfile {
    /// 2.x: Realtime accepts a JWT in its address.
    V2,
    /// The main branch of July 2026, which reports 1.9.5: Realtime accepts a JWT in its address; account logs are gone.
    V1_9Next,
    /// 1.9: Realtime ignores a JWT in its address.
    V1_9,
    /// 1.5: older routes, JWTs without `duration`.
    V1_5,
}

/// The transport from browsers to Appwrite's Realtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealtimeTransport {
    /// Directly, if Appwrite accepts a JWT in the address; otherwise through the relay.
    Auto,
    /// Always directly. Disables the relay.
    Direct,
    /// Always through the relay on our server.
    Relay,
}

/// The app's origin as browsers see it: scheme, host and port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppOrigin {
    url: Url,
    names: Vec<String>,
}

/// The form of the log's lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// Text for people.
    #[default]
    Text,
    /// One JSON object for each line.
    Json,
}

/// All problems with the environment. Each sentence says how to fix it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblems(Vec<String>);

/// The names of the environment variables.
mod name {
    pub const ENDPOINT: &str = "APPWRITE_ENDPOINT";
    pub const PROJECT_ID: &str = "APPWRITE_PROJECT_ID";
    pub const API_KEY: &str = "APPWRITE_API_KEY";
    pub const PUBLIC_ENDPOINT: &str = "APPWRITE_PUBLIC_ENDPOINT";
    pub const DATABASE_ID: &str = "APPWRITE_DATABASE_ID";
    pub const ORIGIN: &str = "APP_ORIGIN";
    pub const ORIGINS_ALSO: &str = "APP_ORIGINS_ALSO";
    pub const SECRET: &str = "APP_SECRET";
    pub const SECRET_PREVIOUS: &str = "APP_SECRET_PREVIOUS";
    pub const INSECURE: &str = "APPWRITE_INSECURE";
    pub const HSTS: &str = "HSTS";
    pub const TRUSTED_PROXIES: &str = "TRUSTED_PROXIES";
    pub const OAUTH_PROVIDERS: &str = "OAUTH_PROVIDERS";
    pub const REALTIME: &str = "REALTIME";
    pub const REALTIME_PER_ADDRESS: &str = "REALTIME_PER_ADDRESS";
    pub const REALTIME_TOTAL: &str = "REALTIME_TOTAL";
    pub const CONNECTIONS_PER_ADDRESS: &str = "CONNECTIONS_PER_ADDRESS";
    pub const SESSION_IDLE_LIMIT: &str = "SESSION_IDLE_LIMIT";
    pub const STOP_DELAY: &str = "STOP_DELAY";
    pub const METRICS: &str = "METRICS_ADDR";
    pub const METRICS_PUBLIC: &str = "METRICS_PUBLIC";
    pub const RATE_LIMIT_REDIS: &str = "RATE_LIMIT_REDIS";
    pub const TRACES: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
    pub const TRACE_HEADERS: &str = "OTEL_EXPORTER_OTLP_HEADERS";
    pub const TRACE_PROTOCOL: &str = "OTEL_EXPORTER_OTLP_PROTOCOL";
    pub const TRACE_SAMPLER: &str = "OTEL_TRACES_SAMPLER";
    pub const TRACE_SAMPLER_ARG: &str = "OTEL_TRACES_SAMPLER_ARG";
    pub const TRACE_SERVICE: &str = "OTEL_SERVICE_NAME";
    pub const LOG_FORMAT: &str = "LOG_FORMAT";
    pub const RELAXED_LIMITS: &str = "RELAXED_LIMITS";
    pub const ENV: &str = "LEPTOS_ENV";
    pub const SITE_ADDR: &str = "LEPTOS_SITE_ADDR";
    pub const LOCAL: &str = "LOCAL_APPWRITE";
    pub const LOCAL_LISTEN: &str = "LOCAL_APPWRITE_LISTEN";
    pub const LOCAL_DATA: &str = "LOCAL_APPWRITE_DATA";
    pub const LOCAL_PROFILE: &str = "LOCAL_APPWRITE_PROFILE";
}

/// The default for open connections per client address: enough for an office that shares one.
pub const CONNECTIONS_PER_ADDRESS: usize = 256;
/// The default for relayed connections per client address: enough for a large office that shares one.
const DEFAULT_PER_ADDRESS: usize = 512;
/// The same on a developer's machine, where all clients have the same address.
const DEFAULT_PER_ADDRESS_IN_DEVELOPMENT: usize = 100_000;
/// The default for `REALTIME_TOTAL`. Each connection uses two sockets and 24 KiB of memory, up to 50 KiB under load.
const DEFAULT_REALTIME_TOTAL: usize = 10_000;
const SHORTEST_IDLE_LIMIT: Duration = Duration::from_secs(60);
/// Browsers keep no cookie longer.
const MAX_IDLE_LIMIT: Duration = Duration::from_secs(400 * 86_400);
/// One year, for this host only: its subdomains may belong to others.
const DEFAULT_HSTS: &str = "max-age=31536000";
const DEFAULT_SITE_ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_LOCAL_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9380);

/// True if this build includes the local backend.
const HAS_LOCAL_BACKEND: bool = cfg!(feature = "local-appwrite");

impl Config {
    /// Reads the configuration through `lookup`, in production `|name| std::env::var(name).ok()`.
    ///
    /// Trims white space around values, and treats an empty value as missing.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigProblems> {
        Self::read(lookup, HAS_LOCAL_BACKEND)
    }

    fn read(lookup: impl Fn(&str) -> Option<String>, has_local_backend: bool) -> Result<Self, ConfigProblems> {
        let mut reader = Reader { lookup, has_local_backend, problems: Vec::new() };
        let production = reader.production();
        let site_address = reader.site_address();
        let origin = reader.origin(production, site_address);
        let backend = reader.backend(production, origin.as_ref());
        let database_id = reader.id(name::DATABASE_ID, DATABASE);
        let origins_also = reader.origins_also(origin.as_ref());
        let app_secret = reader.app_secret();
        let app_secret_previous = reader.get(name::SECRET_PREVIOUS).map(SecretString::from);
        let hsts = reader.hsts(origin.as_ref());
        let trusted_proxies = reader.trusted_proxies();
        let oauth_providers = reader.oauth_providers(matches!(backend, Some(Backend::Local { .. })));
        let realtime = reader.realtime();
        if let (RealtimeTransport::Auto, Some(Backend::Remote { appwrite, public_endpoint })) = (realtime, &backend)
            && public_endpoint.origin() != appwrite.endpoint.origin()
        {
            reader.proxy(public_endpoint);
        }
        let relaxed_limits = match (&backend, &origin, site_address) {
            (Some(backend), Some(origin), Some(address)) => {
                let is_possible = is_one_machine(backend, origin, address) && !production;
                reader.relaxed_limits(matches!(backend, Backend::Local { .. }), is_possible)
            }
            _ => false,
        };
        let realtime_per_address = reader.realtime_per_address(relaxed_limits);
        let realtime_total =
            reader.above_zero(name::REALTIME_TOTAL, DEFAULT_REALTIME_TOTAL, "how many connections there may be in all");
        let connections_per_address = reader.above_zero(
            name::CONNECTIONS_PER_ADDRESS,
            if relaxed_limits { usize::MAX } else { CONNECTIONS_PER_ADDRESS },
            "how many connections one address may have",
        );
        let session_idle_limit = reader.session_idle_limit();
        let log_format = reader.log_format();
        let metrics = reader.metrics();
        let stop_delay = reader.stop_delay();
        let rate_limit_redis = reader.rate_limit_redis();
        let traces = reader.traces();
        match (backend, origin) {
            (Some(backend), Some(origin)) if reader.problems.is_empty() => Ok(Self {
                backend,
                database_id,
                origin,
                origins_also,
                app_secret,
                app_secret_previous,
                hsts,
                trusted_proxies,
                oauth_providers,
                realtime,
                realtime_per_address,
                realtime_total,
                connections_per_address,
                session_idle_limit,
                stop_delay,
                metrics,
                rate_limit_redis,
                traces,
                log_format,
                relaxed_limits,
                production,
            }),
            _ => Err(ConfigProblems(reader.problems)),
        }
    }
}

impl AppOrigin {
    /// Parses an origin as in `APP_ORIGIN`: https, or http for this machine; scheme, host and port only.
    pub fn parse(text: &str) -> Result<Self, ConfigProblems> {
        Self::checked(text).map_err(|sentence| ConfigProblems(vec![sentence]))
    }

    /// Returns the origin in its normal form, without a trailing slash: `https://app.example`.
    pub fn as_str(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// True if browsers reach the app over TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// True if an `Origin` header's value is this app's own.
    ///
    /// Browsers write each origin in exactly one form, so any other text is a foreign origin. On the default origin,
    /// `localhost`, `127.0.0.1` and `[::1]` all count as own, because a developer may open any of them.
    pub fn allows(&self, origin: &str) -> bool {
        self.names.iter().any(|name| name == origin)
    }

    /// True if a request's `Host` names this origin. For an origin on this machine, any name and port of this machine
    /// counts.
    pub fn has_host(&self, host: &str) -> bool {
        // Nearly each request names it like this, and parsing takes longer.
        if host == &self.url[Position::BeforeHost..Position::AfterPort] {
            return true;
        }
        let is_host = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_:[]".contains(&byte));
        let url = Url::parse(&format!("{}://{host}", self.url.scheme())).ok().filter(|_| is_host);
        url.is_some_and(|url| url.origin() == self.url.origin() || (is_loopback(&url) && is_loopback(&self.url)))
    }

    /// Returns the URL of one of the app's pages from its path (`/account`).
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    fn checked(text: &str) -> Result<Self, String> {
        let url = web_address(name::ORIGIN, text, "https://app.example")?;
        if url.path() != "/" {
            return Err(
                "APP_ORIGIN has a path, and the app works only at the root of a host: give it a host name of its own, and \
                 write scheme, host and port only, for instance https://app.example."
                    .into()
            );
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            let sentence = "APP_ORIGIN is an http address of another machine: use https, since the session's cookie \
                            must not travel in the clear (http is for localhost only).";
            return Err(sentence.into());
        }
        Ok(Self::new(url))
    }

    fn new(url: Url) -> Self {
        let names = vec![url.origin().ascii_serialization()];
        Self { url, names }
    }

    /// Returns the loopback origin for `port`: `localhost`, 127.0.0.1 and [::1].
    fn loopback(port: u16) -> Result<Self, url::ParseError> {
        let url = Url::parse(&format!("http://localhost:{port}"))?;
        let mut origin = Self::new(url);
        for host in ["127.0.0.1", "[::1]"] {
            origin.names.push(Url::parse(&format!("http://{host}:{port}"))?.origin().ascii_serialization());
        }
        Ok(origin)
    }
}

impl fmt::Display for AppOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl ConfigProblems {
    /// Returns the problems, one sentence each.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("The configuration in the environment cannot be used (.env.example explains each variable):")?;
        for problem in &self.0 {
            write!(f, "\n  - {problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigProblems {}

/// True if the app and Appwrite run on this machine and no other machine can reach the app.
fn is_one_machine(backend: &Backend, origin: &AppOrigin, site_address: SocketAddr) -> bool {
    let is_near = match backend {
        Backend::Local { listen, .. } => listen.ip().is_loopback(),
        Backend::Remote { appwrite, .. } => is_loopback(&appwrite.endpoint),
    };
    is_near && site_address.ip().is_loopback() && !origin.is_https() && is_loopback(&origin.url)
}

struct Reader<L> {
    lookup: L,
    has_local_backend: bool,
    problems: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name).map(|value| value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    /// Returns the value, or records the problem and returns none.
    fn noted<T>(&mut self, result: Result<T, String>) -> Option<T> {
        result.map_err(|sentence| self.problems.push(sentence)).ok()
    }

    fn production(&mut self) -> bool {
        // The same values as in leptos_config.
        match self.get(name::ENV).map(|value| value.to_ascii_lowercase()).as_deref() {
            None | Some("dev" | "development") => false,
            Some("prod" | "production") => true,
            Some(_) => {
                self.problem("LEPTOS_ENV is neither DEV nor PROD: set one of them.");
                true
            }
        }
    }

    fn origin(&mut self, production: bool, site_address: Option<SocketAddr>) -> Option<AppOrigin> {
        let Some(value) = self.get(name::ORIGIN) else {
            if production {
                self.problem(
                    "APP_ORIGIN is missing: in production, set it to the app's public address, for instance \
                     https://app.example.",
                );
                return None;
            }
            return AppOrigin::loopback(site_address?.port()).ok();
        };
        self.noted(AppOrigin::checked(&value))
    }

    fn site_address(&mut self) -> Option<SocketAddr> {
        let value = self.get(name::SITE_ADDR);
        let address = value.map_or(Ok(DEFAULT_SITE_ADDR), |value| value.parse());
        let sentence = "LEPTOS_SITE_ADDR is not an address with a port: write it like 127.0.0.1:3000.";
        self.noted(address.map_err(|_| sentence.into()))
    }

    fn hsts(&mut self, origin: Option<&AppOrigin>) -> Option<HeaderValue> {
        let header = hsts(self.get(name::HSTS).as_deref().unwrap_or(DEFAULT_HSTS));
        if header.is_none() {
            self.problem(
                "HSTS is no Strict-Transport-Security header: write it like max-age=31536000; includeSubDomains.",
            );
        }
        header.filter(|_| origin.is_some_and(AppOrigin::is_https))
    }

    fn backend(&mut self, production: bool, origin: Option<&AppOrigin>) -> Option<Backend> {
        let remote = [name::ENDPOINT, name::PROJECT_ID, name::API_KEY, name::PUBLIC_ENDPOINT];
        let set: Vec<&str> = remote.into_iter().filter(|name| self.get(name).is_some()).collect();
        let local = match self.get(name::LOCAL).as_deref() {
            None => false,
            Some("yes") => true,
            Some(_) => {
                self.problem(
                    "LOCAL_APPWRITE has a value other than yes: write yes to use the local backend, or remove it.",
                );
                return None;
            }
        };
        if !self.has_local_backend {
            if local {
                self.problem(
                    "LOCAL_APPWRITE=yes asks for the local backend, which this build does not have: remove it, and set \
                     APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY.",
                );
                return None;
            }
            if set.is_empty() {
                self.problem(
                    "No Appwrite is configured, and this build has no local backend: create a project and an API key in \
                     Appwrite's console, and set the variables named below.",
                );
            }
            return self.remote_backend(origin);
        }
        if local && !set.is_empty() {
            self.problem(format!(
                "LOCAL_APPWRITE=yes asks for the local backend, but {} for a real Appwrite: remove one of them.",
                match set.as_slice() {
                    [name] => format!("{name} asks"),
                    names => format!("{} ask", names.join(", ")),
                }
            ));
            return None;
        }
        if !set.is_empty() {
            return self.remote_backend(origin);
        }
        if production && !local {
            self.problem(
                "No Appwrite is configured: set APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY (or, to \
                 use the local backend in production all the same, LOCAL_APPWRITE=yes).",
            );
            return None;
        }
        self.local_backend()
    }

    fn remote_backend(&mut self, origin: Option<&AppOrigin>) -> Option<Backend> {
        let endpoint =
            self.required(name::ENDPOINT, "the API's address, for instance https://fra.cloud.appwrite.io/v1");
        let project_id = self.required(name::PROJECT_ID, "the id from the project's settings in the console");
        let api_key = self.required(name::API_KEY, "a key of the project with the scope sessions.write");

        let is_insecure = self.insecure_appwrite();
        let endpoint = endpoint.and_then(|value| self.endpoint(name::ENDPOINT, &value));
        if let Some(endpoint) = &endpoint {
            self.proxy(endpoint);
        }
        let public_endpoint = match self.get(name::PUBLIC_ENDPOINT) {
            Some(value) => self.endpoint(name::PUBLIC_ENDPOINT, &value),
            None => endpoint.clone(),
        };
        if let Some(endpoint) = &endpoint
            && endpoint.scheme() == "http"
            && !is_loopback(endpoint)
            && !is_insecure
        {
            self.problem(
                "APPWRITE_ENDPOINT is an http address of another machine, and anyone on the way can read the API key and \
                 every session: use https, or write APPWRITE_INSECURE=yes if you trust that network.",
            );
        }
        if let (Some(origin), Some(public)) = (origin, &public_endpoint)
            && origin.is_https()
            && public.scheme() == "http"
            && !is_loopback(public)
        {
            self.problem(
                "Browsers on an https page refuse to connect to an http address: set APPWRITE_PUBLIC_ENDPOINT to \
                 Appwrite's https address.",
            );
        }
        if project_id.as_deref().is_some_and(|id| !is_valid_id(id)) {
            self.problem("APPWRITE_PROJECT_ID is not an id: copy it from the project's settings in the console.");
        }
        if api_key.as_deref().is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            self.problem("APPWRITE_API_KEY has characters that no key has: copy the key anew from the console.");
        }
        Some(Backend::Remote {
            appwrite: AppwriteSettings {
                endpoint: endpoint?,
                project_id: project_id?,
                api_key: SecretString::from(api_key?),
            },
            public_endpoint: public_endpoint?,
        })
    }

    fn local_backend(&mut self) -> Option<Backend> {
        let listen = match self.get(name::LOCAL_LISTEN).map(|value| value.parse::<SocketAddr>()) {
            None => Some(DEFAULT_LOCAL_LISTEN),
            Some(Ok(address)) if address.ip().is_loopback() => Some(address),
            Some(Ok(_)) => {
                self.problem("LOCAL_APPWRITE_LISTEN is not on this machine's loopback: write it like 127.0.0.1:9380.");
                None
            }
            Some(Err(_)) => {
                self.problem("LOCAL_APPWRITE_LISTEN is not an address with a port: write it like 127.0.0.1:9380.");
                None
            }
        };
        let profile = match self.get(name::LOCAL_PROFILE).as_deref() {
            None | Some("2") => Some(LocalProfile::V2),
            Some("1.9-next") => Some(LocalProfile::V1_9Next),
            Some("1.9") => Some(LocalProfile::V1_9),
            Some("1.5") => Some(LocalProfile::V1_5),
            Some(_) => {
                self.problem("LOCAL_APPWRITE_PROFILE is none of 2, 1.9-next, 1.9 and 1.5: write one of them.");
                None
            }
        };
        let data = self.get(name::LOCAL_DATA).unwrap_or_else(|| ".local-appwrite".to_owned());
        Some(Backend::Local { listen: listen?, data: data.into(), profile: profile? })
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.get(name);
        if value.is_none() {
            self.problem(format!("{name} is missing: set it to {what}."));
        }
        value
    }

    fn endpoint(&mut self, name: &str, value: &str) -> Option<Url> {
        let url = self.noted(web_address(name, value, "https://fra.cloud.appwrite.io/v1"))?;
        if url.path() == "/" {
            self.problem(format!(
                "{name} lacks the API's path: it ends in /v1, as in https://fra.cloud.appwrite.io/v1."
            ));
            return None;
        }
        Some(url)
    }

    fn id(&mut self, name: &str, default: &str) -> String {
        let id = self.get(name).unwrap_or_else(|| default.to_owned());
        if !is_valid_id(&id) {
            self.problem(format!(
                "{name} is not an id: Appwrite's ids have at most 36 letters, digits, periods, hyphens and underscores."
            ));
        }
        id
    }

    fn realtime(&mut self) -> RealtimeTransport {
        match self.get(name::REALTIME).as_deref() {
            None | Some("auto") => RealtimeTransport::Auto,
            Some("direct") => RealtimeTransport::Direct,
            Some("relay") => RealtimeTransport::Relay,
            Some(_) => {
                self.problem("REALTIME is none of auto, direct and relay: write one of them.");
                RealtimeTransport::Auto
            }
        }
    }

    /// Limits are strict by default, except with the local backend. They can be relaxed only if the app and Appwrite
    /// run on this machine.
    fn relaxed_limits(&mut self, is_local: bool, is_possible: bool) -> bool {
        match self.get(name::RELAXED_LIMITS).as_deref() {
            None => is_local && is_possible,
            Some("yes") if is_possible => true,
            Some("yes") => {
                self.problem(
                    "RELAXED_LIMITS=yes is for tests on one machine: remove it, as APP_ORIGIN is https, Appwrite is \
                     elsewhere, LEPTOS_SITE_ADDR is open to other machines, or LEPTOS_ENV is PROD.",
                );
                false
            }
            Some(_) => {
                self.problem("RELAXED_LIMITS has a value other than yes: remove it.");
                false
            }
        }
    }

    fn realtime_per_address(&mut self, relaxed_limits: bool) -> usize {
        let default = if relaxed_limits { DEFAULT_PER_ADDRESS_IN_DEVELOPMENT } else { DEFAULT_PER_ADDRESS };
        self.above_zero(name::REALTIME_PER_ADDRESS, default, "how many connections one address may have")
    }

    fn above_zero(&mut self, name: &str, default: usize, meaning: &str) -> usize {
        match self.get(name).map(|value| value.parse::<usize>()) {
            None => default,
            Some(Ok(count)) if count > 0 => count,
            Some(_) => {
                self.problem(format!("{name} is not a number above zero: write {meaning}, for instance 500."));
                default
            }
        }
    }

    fn session_idle_limit(&mut self) -> Option<Duration> {
        let value = self.get(name::SESSION_IDLE_LIMIT)?;
        let limit = duration(&value).filter(|limit| SHORTEST_IDLE_LIMIT <= *limit && *limit <= MAX_IDLE_LIMIT);
        self.noted(limit.ok_or_else(|| {
            "SESSION_IDLE_LIMIT is not a duration from one minute to 400 days: write it like 30m, 8h or 14d.".into()
        }))
    }

    fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let value = self.get(name::TRUSTED_PROXIES).unwrap_or_default();
        let mut networks = Vec::new();
        for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from)) {
                Some(network) if network.prefix_len() == 0 => self.problem(format!(
                    "TRUSTED_PROXIES trusts every address by {part}, so that a visitor could claim any: name the proxies."
                )),
                Some(network) => networks.push(network.trunc()),
                None => self.problem(format!(
                    "TRUSTED_PROXIES has {part}, which is no address or network: write it like 10.0.0.7 or 10.0.0.0/8."
                )),
            }
        }
        networks
    }

    /// Defaults to the local backend's own provider, if the local backend runs.
    fn oauth_providers(&mut self, is_local: bool) -> Vec<Provider> {
        let named = self.get(name::OAUTH_PROVIDERS);
        let value = named.unwrap_or_else(|| if is_local { providers::MOCK.into() } else { String::new() });
        let mut chosen: Vec<Provider> = Vec::new();
        for id in value.split([',', ' ']).filter(|id| !id.is_empty()) {
            let provider = providers::provider(id).ok_or_else(|| {
                format!(
                    "{} has '{id}', which Appwrite does not know: write its ids, such as github,google.",
                    name::OAUTH_PROVIDERS
                )
            });
            if let Some(provider) = self.noted(provider)
                && !chosen.contains(&provider)
            {
                chosen.push(provider);
            }
        }
        chosen
    }
}

/// Parses the origins of other sites, separated by commas or spaces, for CORS. `name` is the app's variable, for the
/// error.
pub fn foreign_origins(name: &str, value: &str) -> Result<Vec<HeaderValue>, ConfigProblems> {
    let parts = value.split([',', ' ']).filter(|part| !part.is_empty());
    let (origins, problems): (Vec<_>, Vec<_>) =
        parts.map(|part| foreign_origin(name, part)).partition(|origin| origin.is_ok());
    let problems: Vec<_> = problems.into_iter().filter_map(Result::err).collect();
    if problems.is_empty() { Ok(origins.into_iter().flatten().collect()) } else { Err(ConfigProblems(problems)) }
}

/// Parses a whole number with its unit: `90s`, `30m`, `8h`, `14d`.
fn duration(text: &str) -> Option<Duration> {
    let seconds = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];
    let unit = text.chars().next_back()?;
    let (_, unit_seconds) = seconds.into_iter().find(|(name, _)| *name == unit)?;
    let number: u64 = text.strip_suffix(unit)?.parse().ok()?;
    number.checked_mul(unit_seconds).map(Duration::from_secs)
}

/// Parses the origin of another site, as browsers send it.
fn foreign_origin(name: &str, text: &str) -> Result<HeaderValue, String> {
    if text.contains('*') {
        return Err(format!("{name} has a *, which stands for sites that nobody chose: name each site."));
    }
    let url = web_address(name, text, "https://other.example")?;
    if url.path() != "/" {
        return Err(format!("{name} has an address with a path: write scheme, host and port only."));
    }
    if url.scheme() == "http" && !is_loopback(&url) {
        return Err(format!(
            "{name} has an http address of another machine, whose pages anyone on the way can change: use https."
        ));
    }
    HeaderValue::try_from(url.origin().ascii_serialization())
        .map_err(|_| format!("{name} has an address that no header can carry: write it like https://other.example."))
}

/// Parses an http or https URL without query or fragment. The error does not repeat the value, which may contain a
/// password.
fn web_address(name: &str, value: &str, example: &str) -> Result<Url, String> {
    let url = Url::parse(value).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let Some(url) = url else {
        return Err(format!("{name} is not an http or https address: write it like {example}."));
    };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(format!("{name} has a user, a query or a fragment: write only the address, like {example}."));
    }
    Ok(url)
}

#[cfg(test)]
mod tests {
    use std::{cell::RefCell, collections::BTreeSet};

    use super::*;

    pub(super) const REMOTE: [(&str, &str); 3] = [
        ("APPWRITE_ENDPOINT", "https://appwrite.example/v1"),
        ("APPWRITE_PROJECT_ID", "demo"),
        ("APPWRITE_API_KEY", "standard_5f2c"),
    ];

    pub(super) fn read(variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
        read_in(variables, true)
    }

    /// Reads the configuration like a production build, which has no local backend.
    fn read_in_production_build(variables: &[(&str, &str)]) -> Result<Config, ConfigProblems> {
        read_in(variables, false)
    }

    fn read_in(variables: &[(&str, &str)], has_local_backend: bool) -> Result<Config, ConfigProblems> {
        let lookup = |name: &str| {
            let found = variables.iter().rev().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        Config::read(lookup, has_local_backend)
    }

    pub(super) fn with_remote(variables: &[(&'static str, &'static str)]) -> Result<Config, ConfigProblems> {
        read(&[&REMOTE[..], variables].concat())
    }

    pub(super) fn accepted(result: Result<Config, ConfigProblems>) -> Config {
        result.unwrap_or_else(|problems| panic!("should have been accepted: {problems}"))
    }

    pub(super) fn refused(result: Result<Config, ConfigProblems>) -> Vec<String> {
        match result {
            Ok(config) => panic!("should have been refused: {config:?}"),
            Err(problems) => problems.sentences().map(str::to_owned).collect(),
        }
    }

    pub(super) fn refused_once(result: Result<Config, ConfigProblems>) -> String {
        let problems = refused(result);
        assert_eq!(problems.len(), 1, "one problem, one sentence: {problems:#?}");
        problems.into_iter().next().unwrap_or_default()
    }

    #[test]
    fn empty_environment_means_the_local_backend_on_this_machine() {
        let config = accepted(read(&[]));
        assert!(!config.production);
        assert_eq!(config.database_id, "main");
        assert_eq!(config.origin.as_str(), "http://localhost:3000");
        assert!(config.trusted_proxies.is_empty());
        let Backend::Local { listen, data, profile } = config.backend else { panic!("not local") };
        assert_eq!(listen.to_string(), "127.0.0.1:9380");
        assert_eq!(data, PathBuf::from(".local-appwrite"));
        assert_eq!(profile, LocalProfile::V2);
    }

    #[test]
    fn three_variables_point_the_app_at_a_real_appwrite() {
        let config = accepted(with_remote(&[]));
        let Backend::Remote { appwrite, public_endpoint } = config.backend else { panic!("not remote") };
        assert_eq!(appwrite.endpoint.as_str(), "https://appwrite.example/v1");
        assert_eq!(appwrite.project_id, "demo");
        assert_eq!(public_endpoint, appwrite.endpoint);
    }

    #[test]
    fn browsers_may_use_another_endpoint_than_the_server() {
        let config = accepted(with_remote(&[
            ("APPWRITE_ENDPOINT", "http://appwrite/v1"),
            ("APPWRITE_INSECURE", "yes"),
            ("APPWRITE_PUBLIC_ENDPOINT", "https://appwrite.example/v1"),
        ]));
        let Backend::Remote { appwrite, public_endpoint } = config.backend else { panic!("not remote") };
        assert_eq!(appwrite.endpoint.as_str(), "http://appwrite/v1");
        assert_eq!(public_endpoint.as_str(), "https://appwrite.example/v1");
    }

    #[test]
    fn partial_appwrite_never_falls_back_to_the_local_backend() {
        let names: Vec<_> = REMOTE.iter().map(|(name, _)| *name).collect();
        for present in 1..7_usize {
            let some: Vec<_> = REMOTE
                .into_iter()
                .enumerate()
                .filter(|(at, _)| present & (1 << at) != 0)
                .map(|(_, pair)| pair)
                .collect();
            let problems = refused(read(&some));
            assert_eq!(problems.len(), 3 - some.len(), "{problems:#?}");
            for name in &names {
                let is_set = some.iter().any(|(set, _)| set == name);
                assert_eq!(problems.iter().any(|problem| problem.starts_with(name)), !is_set, "{problems:#?}");
            }
        }
        assert_eq!(refused(read(&[("APPWRITE_PUBLIC_ENDPOINT", "https://appwrite.example/v1")])).len(), 3);
    }

    #[test]
    fn empty_value_counts_as_unset() {
        let blank =
            [("APPWRITE_ENDPOINT", ""), ("APPWRITE_API_KEY", "  "), ("TRUSTED_PROXIES", ""), ("APP_ORIGIN", "")];
        assert!(matches!(accepted(read(&blank)).backend, Backend::Local { .. }));
        let problem = refused_once(with_remote(&[("APPWRITE_API_KEY", "\t")]));
        assert!(problem.starts_with("APPWRITE_API_KEY is missing"), "{problem}");
    }

    #[test]
    fn white_space_around_a_value_is_ignored() {
        let config = accepted(with_remote(&[("APPWRITE_PROJECT_ID", " demo\n")]));
        let Backend::Remote { appwrite, .. } = config.backend else { panic!("not remote") };
        assert_eq!(appwrite.project_id, "demo");
    }

    #[test]
    fn production_without_appwrite_does_not_start() {
        let production = [("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "https://app.example")];
        let problem = refused_once(read(&production));
        assert!(problem.starts_with("No Appwrite is configured"), "{problem}");
    }

    #[test]
    fn production_build_without_appwrite_names_every_missing_variable() {
        let production = [("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "https://app.example")];
        for variables in [&production[..], &[]] {
            let problems = refused(read_in_production_build(variables));
            assert_eq!(problems.len(), 4, "{problems:#?}");
            assert!(problems[0].starts_with("No Appwrite is configured"), "{problems:#?}");
            for ((name, _), problem) in REMOTE.iter().zip(&problems[1..]) {
                assert!(problem.starts_with(&format!("{name} is missing: set it to ")), "{problem}");
            }
        }
        let problem = refused_once(read_in_production_build(&REMOTE[1..]));
        assert!(problem.starts_with("APPWRITE_ENDPOINT is missing"), "{problem}");
    }

    #[test]
    fn production_build_refuses_the_local_backend() {
        for more in [&REMOTE[..], &[]] {
            let problem = refused_once(read_in_production_build(&[&[("LOCAL_APPWRITE", "yes")], more].concat()));
            assert!(problem.starts_with("LOCAL_APPWRITE=yes"), "{problem}");
        }
        let config = accepted(read_in_production_build(&REMOTE));
        assert!(matches!(config.backend, Backend::Remote { .. }) && !config.relaxed_limits);
    }

    #[test]
    fn production_uses_the_local_backend_only_if_requested() {
        let production = [("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "https://app.example"), ("LOCAL_APPWRITE", "yes")];
        let config = accepted(read(&production));
        assert!(config.production);
        assert!(matches!(config.backend, Backend::Local { .. }));
    }

    #[test]
    fn environment_names_are_those_of_leptos() {
        for word in ["DEV", "dev", "development"] {
            assert!(!accepted(with_remote(&[("LEPTOS_ENV", word)])).production);
        }
        for word in ["PROD", "prod", "Production"] {
            assert!(accepted(with_remote(&[("LEPTOS_ENV", word), ("APP_ORIGIN", "https://app.example")])).production);
        }
        let problem = refused_once(with_remote(&[("LEPTOS_ENV", "staging"), ("APP_ORIGIN", "https://app.example")]));
        assert!(problem.starts_with("LEPTOS_ENV"), "{problem}");
    }

    #[test]
    fn local_backend_and_a_real_appwrite_exclude_each_other() {
        let problem = refused_once(with_remote(&[("LOCAL_APPWRITE", "yes")]));
        assert!(problem.contains("APPWRITE_ENDPOINT"), "{problem}");
        let problem = refused_once(read(&[("LOCAL_APPWRITE", "yes"), ("APPWRITE_API_KEY", "standard_5f2c")]));
        assert!(problem.contains("APPWRITE_API_KEY asks"), "{problem}");
    }

    #[test]
    fn only_yes_requests_the_local_backend() {
        for word in ["no", "true", "1", "YES"] {
            let problem = refused_once(read(&[("LOCAL_APPWRITE", word)]));
            assert!(problem.starts_with("LOCAL_APPWRITE has"), "{problem}");
        }
    }

    #[test]
    fn local_backend_listens_only_on_loopback() {
        for address in ["127.0.0.1:0", "127.0.0.2:80", "[::1]:9380"] {
            accepted(read(&[("LOCAL_APPWRITE_LISTEN", address)]));
        }
        for address in ["0.0.0.0:9380", "192.168.0.2:9380", "[::]:9380", "localhost:9380", "9380"] {
            let problem = refused_once(read(&[("LOCAL_APPWRITE_LISTEN", address)]));
            assert!(problem.starts_with("LOCAL_APPWRITE_LISTEN"), "{problem}");
        }
    }

    #[test]
    fn local_backend_profile_is_one_of_four_versions() {
        for (word, expected) in [
            ("2", LocalProfile::V2),
            ("1.9-next", LocalProfile::V1_9Next),
            ("1.9", LocalProfile::V1_9),
            ("1.5", LocalProfile::V1_5),
        ] {
            let config = accepted(read(&[("LOCAL_APPWRITE_PROFILE", word), ("LOCAL_APPWRITE_DATA", "elsewhere")]));
            let Backend::Local { profile, data, .. } = config.backend else { panic!("not local") };
            assert_eq!(profile, expected);
            assert_eq!(data, PathBuf::from("elsewhere"));
        }
        refused_once(read(&[("LOCAL_APPWRITE_PROFILE", "1.8")]));
    }

    #[test]
    fn endpoint_is_an_http_url_with_the_api_path() {
        for address in [
            "appwrite.example/v1",
            "ftp://appwrite.example/v1",
            "https://",
            "https://appwrite.example",
            "https://appwrite.example/",
            "/v1",
        ] {
            let problem = refused_once(with_remote(&[("APPWRITE_ENDPOINT", address)]));
            assert!(problem.starts_with("APPWRITE_ENDPOINT"), "{address}: {problem}");
        }
        for address in ["https://appwrite.example/v1?x=1", "https://appwrite.example/v1#x"] {
            refused_once(with_remote(&[("APPWRITE_ENDPOINT", address)]));
        }
        let problem = refused_once(with_remote(&[("APPWRITE_PUBLIC_ENDPOINT", "https://appwrite.example")]));
        assert!(problem.starts_with("APPWRITE_PUBLIC_ENDPOINT"), "{problem}");
    }

    #[test]
    fn password_in_an_address_is_refused_and_not_repeated() {
        let problem = refused_once(with_remote(&[("APPWRITE_ENDPOINT", "https://me:hunter2@appwrite.example/v1")]));
        assert!(!problem.contains("hunter2"), "{problem}");
    }

    #[test]
    fn malformed_key_is_refused_and_not_printed() {
        for key in ["two words", "schlüssel", "line\nbreak"] {
            let problem = refused_once(with_remote(&[("APPWRITE_API_KEY", key)]));
            assert!(problem.starts_with("APPWRITE_API_KEY"), "{problem}");
            assert!(!problem.contains(key), "{problem}");
        }
    }

    #[test]
    fn malformed_ids_are_refused() {
        for name in ["APPWRITE_PROJECT_ID", "APPWRITE_DATABASE_ID"] {
            for id in ["../users", "a b", "_a", ".", "a/b", "0123456789012345678901234567890123456"] {
                let problem = refused_once(with_remote(&[(name, id)]));
                assert!(problem.starts_with(name), "{problem}");
            }
        }
        assert_eq!(accepted(read(&[("APPWRITE_DATABASE_ID", "app.db-1_2")])).database_id, "app.db-1_2");
    }

    #[test]
    fn production_must_know_its_own_origin() {
        let problem = refused_once(with_remote(&[("LEPTOS_ENV", "PROD")]));
        assert!(problem.starts_with("APP_ORIGIN is missing"), "{problem}");
    }

    #[test]
    fn origin_is_normalized_and_has_no_path() {
        let config = accepted(with_remote(&[("APP_ORIGIN", "https://App.Example:443/")]));
        assert_eq!(config.origin.as_str(), "https://app.example");
        assert!(config.origin.is_https());
        assert_eq!(config.origin.url("/account").as_str(), "https://app.example/account");
        for address in ["https://app.example/app", "app.example", "https://app.example?x", "https://me@app.example"] {
            refused_once(with_remote(&[("APP_ORIGIN", address)]));
        }
    }

    #[test]
    fn http_origin_is_allowed_on_this_machine_only() {
        for address in ["http://localhost:3000", "http://127.0.0.1:8080", "http://[::1]:3000"] {
            assert!(!accepted(with_remote(&[("APP_ORIGIN", address)])).origin.is_https());
        }
        for address in ["http://app.example", "http://10.0.0.1:3000", "http://localhost.example"] {
            let problem = refused_once(with_remote(&[("APP_ORIGIN", address)]));
            assert!(problem.contains("https"), "{problem}");
        }
    }

    #[test]
    fn https_page_needs_an_https_appwrite_for_its_browsers() {
        let inside = [
            ("APP_ORIGIN", "https://app.example"),
            ("APPWRITE_ENDPOINT", "http://appwrite/v1"),
            ("APPWRITE_INSECURE", "yes"),
        ];
        let problem = refused_once(with_remote(&inside));
        assert!(problem.contains("APPWRITE_PUBLIC_ENDPOINT"), "{problem}");
        accepted(with_remote(&[&inside[..], &[("APPWRITE_PUBLIC_ENDPOINT", "https://appwrite.example/v1")]].concat()));
    }

    #[test]
    fn default_origin_allows_every_loopback_name() {
        let origin = accepted(read(&[("LEPTOS_SITE_ADDR", "0.0.0.0:4000")])).origin;
        for ours in ["http://localhost:4000", "http://127.0.0.1:4000", "http://[::1]:4000"] {
            assert!(origin.allows(ours), "{ours}");
        }
        for foreign in [
            "http://localhost:3000",
            "https://localhost:4000",
            "http://localhost",
            "http://localhost:4000/",
            "null",
            "",
            "http://0.0.0.0:4000",
        ] {
            assert!(!origin.allows(foreign), "{foreign}");
        }
        refused_once(read(&[("LEPTOS_SITE_ADDR", "localhost:4000")]));
    }

    #[test]
    fn configured_origin_is_the_only_allowed_one() {
        let origin = accepted(with_remote(&[("APP_ORIGIN", "http://localhost:3000")])).origin;
        assert!(origin.allows("http://localhost:3000"));
        assert!(!origin.allows("http://127.0.0.1:3000"));
        let origin = accepted(with_remote(&[("APP_ORIGIN", "https://app.example")])).origin;
        assert!(origin.allows("https://app.example"));
        for foreign in [
            "http://app.example",
            "https://app.example:8443",
            "https://app.example.evil.example",
            "https://APP.example",
            "https://x@app.example",
        ] {
            assert!(!origin.allows(foreign), "{foreign}");
        }
    }

    #[test]
    fn trusted_proxies_are_addresses_or_networks() {
        let config = accepted(read(&[("TRUSTED_PROXIES", "10.0.0.7, 192.168.0.9/16,fd00::/8 ::1")]));
        let networks: Vec<_> = config.trusted_proxies.iter().map(ToString::to_string).collect();
        assert_eq!(networks, ["10.0.0.7/32", "192.168.0.0/16", "fd00::/8", "::1/128"]);
        assert_eq!(refused(read(&[("TRUSTED_PROXIES", "proxy.example,10.0.0.0/33")])).len(), 2);
        for everyone in ["0.0.0.0/0", "::/0"] {
            refused_once(read(&[("TRUSTED_PROXIES", everyone)]));
        }
    }

    #[test]
    fn cors_origins_are_listed_without_wildcards() {
        let read = |value| foreign_origins("SITES", value);
        assert_eq!(read(""), Ok(Vec::new()));
        let origins = read("https://Other.example:443/, http://localhost:5173").expect("origins");
        assert_eq!(origins, ["https://other.example", "http://localhost:5173"]);
        for value in
            ["*", "null", "other.example", "https://other.example/app", "http://other.example", "https://*.a.example"]
        {
            let problems = read(value).expect_err("a problem");
            assert!(problems.sentences().all(|problem| problem.starts_with("SITES")), "{problems}");
        }
        assert_eq!(read("https://a.example?x,b.example").expect_err("problems").sentences().count(), 2);
    }

    #[test]
    fn realtime_transport_is_detected_unless_configured() {
        assert_eq!(accepted(read(&[])).realtime, RealtimeTransport::Auto);
        for (word, transport) in [
            ("auto", RealtimeTransport::Auto),
            ("direct", RealtimeTransport::Direct),
            ("relay", RealtimeTransport::Relay),
        ] {
            assert_eq!(accepted(read(&[("REALTIME", word)])).realtime, transport);
        }
        let problem = refused_once(read(&[("REALTIME", "Relay")]));
        assert!(problem.starts_with("REALTIME"), "{problem}");
    }

    #[test]
    fn relayed_connections_per_address_are_configurable() {
        let per_address = |variables: &[(&'static str, &'static str)]| {
            let origin = ("APP_ORIGIN", "https://app.example");
            accepted(with_remote(&[&[origin], variables].concat())).realtime_per_address
        };
        assert_eq!(per_address(&[("LEPTOS_ENV", "PROD")]), 512);
        assert_eq!(per_address(&[]), 512);
        let developers = accepted(read(&[])).realtime_per_address;
        assert_eq!(developers, 100_000, "a developer's browsers all have one address");
        assert_eq!(per_address(&[("REALTIME_PER_ADDRESS", " 4000 ")]), 4000);
        for value in ["0", "-1", "many", "1e3"] {
            let problem = refused_once(read(&[("REALTIME_PER_ADDRESS", value)]));
            assert!(problem.starts_with("REALTIME_PER_ADDRESS"), "{problem}");
        }
    }

    #[test]
    fn connections_of_one_address_can_be_limited() {
        assert_eq!(accepted(read(&[])).connections_per_address, usize::MAX);
        assert_eq!(accepted(with_remote(&[])).connections_per_address, 256);
        assert_eq!(accepted(read(&[("CONNECTIONS_PER_ADDRESS", " 40 ")])).connections_per_address, 40);
        for value in ["0", "-1", "many"] {
            let problem = refused_once(read(&[("CONNECTIONS_PER_ADDRESS", value)]));
            assert!(problem.starts_with("CONNECTIONS_PER_ADDRESS"), "{problem}");
        }
    }

    #[test]
    fn limits_are_relaxed_only_in_local_development() {
        assert!(accepted(read(&[])).relaxed_limits);
        assert!(accepted(read(&[("APP_ORIGIN", "http://127.0.0.1:4000")])).relaxed_limits);
        let near = ("APPWRITE_ENDPOINT", "http://127.0.0.1:9380/v1");
        assert!(accepted(with_remote(&[near, ("RELAXED_LIMITS", "yes")])).relaxed_limits);
        let production = [("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "http://localhost"), ("LOCAL_APPWRITE", "yes")];
        for config in [
            read(&[("APP_ORIGIN", "https://app.example")]),
            read(&[("APP_ORIGIN", "https://localhost")]),
            read(&production),
            with_remote(&[]),
            with_remote(&[("APP_ORIGIN", "https://app.example")]),
            with_remote(&[near]),
            read(&[("LEPTOS_SITE_ADDR", "0.0.0.0:3000")]),
            read(&[("LEPTOS_SITE_ADDR", "192.168.0.7:3000"), ("APP_ORIGIN", "http://localhost:3000")]),
        ] {
            let config = accepted(config);
            assert!(!config.relaxed_limits, "{config:?}");
            assert_eq!(config.realtime_per_address, 512);
        }
        let relaxed = ("RELAXED_LIMITS", "yes");
        for config in [
            read(&[&production[..], &[relaxed]].concat()),
            read(&[relaxed, ("LEPTOS_SITE_ADDR", "[::]:3000")]),
            with_remote(&[relaxed]),
            with_remote(&[near, relaxed, ("APP_ORIGIN", "https://localhost")]),
            read(&[("RELAXED_LIMITS", "no")]),
        ] {
            let problem = refused_once(config);
            assert!(problem.starts_with("RELAXED_LIMITS"), "{problem}");
        }
    }

    #[test]
    fn relayed_connections_are_limited_in_total() {
        assert_eq!(accepted(read(&[])).realtime_total, 10_000);
        assert_eq!(accepted(read(&[("REALTIME_TOTAL", "3")])).realtime_total, 3);
        let problem = refused_once(read(&[("REALTIME_TOTAL", "0")]));
        assert!(problem.starts_with("REALTIME_TOTAL"), "{problem}");
    }

    #[test]
    fn idle_limit_is_a_duration_with_its_unit() {
        let limit = |value| accepted(read(&[("SESSION_IDLE_LIMIT", value)])).session_idle_limit;
        assert_eq!(accepted(read(&[])).session_idle_limit, None);
        for (value, seconds) in [("60s", 60), ("30m", 1800), (" 8h ", 28_800), ("14d", 1_209_600)] {
            assert_eq!(limit(value), Some(Duration::from_secs(seconds)), "{value}");
        }
        for value in ["30", "59s", "0d", "-1h", "1.5h", "m", "1w", "401d", "99999999999999999999d", "8 h"] {
            let problem = refused_once(read(&[("SESSION_IDLE_LIMIT", value)]));
            assert!(problem.starts_with("SESSION_IDLE_LIMIT"), "{problem}");
        }
    }

    #[test]
    fn all_problems_are_reported_together() {
        let problems = refused(read(&[
            ("LEPTOS_ENV", "PROD"),
            ("APPWRITE_ENDPOINT", "nonsense"),
            ("APPWRITE_PROJECT_ID", "a b"),
            ("APPWRITE_DATABASE_ID", "../x"),
            ("TRUSTED_PROXIES", "nobody"),
        ]));
        assert_eq!(problems.len(), 6, "{problems:#?}");
        for problem in &problems {
            assert!(problem.ends_with('.'), "a sentence ends with a period: {problem}");
        }
        let text = ConfigProblems(problems.clone()).to_string();
        assert!(problems.iter().all(|problem| text.contains(problem.as_str())), "{text}");
    }

    #[test]
    fn debug_output_holds_no_key() {
        let config = accepted(with_remote(&[]));
        assert!(!format!("{config:?}").contains("standard_5f2c"));
    }

    #[test]
    fn example_file_documents_exactly_the_variables_read() {
        let asked = RefCell::new(BTreeSet::new());
        for local in [true, false] {
            let lookup = |name: &str| {
                asked.borrow_mut().insert(name.to_owned());
                let is_set = name == "OTEL_EXPORTER_OTLP_ENDPOINT" || (name == "APPWRITE_ENDPOINT" && !local);
                is_set.then(|| "https://appwrite.example/v1".to_owned())
            };
            let result = Config::read(lookup, true);
            assert_eq!(result.is_ok(), local);
        }
        // Read by `create-tables`, by the app's `own_routes`, and by rustls.
        for name in ["APPWRITE_SETUP_KEY", "API_CORS_ORIGINS", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
            asked.borrow_mut().insert(name.to_owned());
        }

        // The network's variables have these names in small letters too.
        asked.borrow_mut().retain(|name| !name.ends_with("_proxy"));

        let documented: BTreeSet<String> = include_str!("../../../.env.example")
            .lines()
            .filter_map(|line| line.strip_prefix('#')?.split_once('=')?.0.into())
            .filter(|name: &&str| name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
            .map(str::to_owned)
            .collect();
        assert_eq!(asked.into_inner(), documented);
    }
}
