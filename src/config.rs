//! The environment, read once into a [`Config`]; every problem in it is reported at once.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
};

use ipnet::IpNet;
use secrecy::SecretString;
use url::{Host, Url};

use crate::appwrite::{AppwriteSettings, is_valid_id};

/// Everything that the environment decides.
#[derive(Debug, Clone)]
pub struct Config {
    /// The Appwrite that holds the accounts and the data.
    pub backend: Backend,
    /// The database that the app's table is in.
    pub database_id: String,
    /// The table of the example page.
    pub table_id: String,
    /// The app's own address, as browsers write it.
    pub origin: AppOrigin,
    /// The proxies in front of the app whose word about a visitor's address is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Whether the app runs for real (`LEPTOS_ENV=PROD`).
    pub production: bool,
}

/// Which Appwrite the app talks to.
#[derive(Debug, Clone)]
pub enum Backend {
    /// A real one.
    Remote {
        /// Where it is and the key to it.
        appwrite: AppwriteSettings,
        /// The endpoint's address for browsers, if it differs from the server's.
        public_endpoint: Url,
    },
    /// The local one, started by the app itself.
    Local {
        /// The loopback address that it listens on.
        listen: SocketAddr,
        /// The folder that keeps its data.
        data: PathBuf,
        /// The version of Appwrite that it speaks.
        profile: LocalProfile,
    },
}

/// The version of Appwrite that the local backend speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocalProfile {
    /// 2.x: Realtime honors a JWT in its address.
    V2,
    /// 1.9: Realtime ignores it.
    V1_9,
    /// 1.5: older routes, JWTs without `duration`.
    V1_5,
}

/// An origin: scheme, host and port of the app as browsers see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppOrigin {
    url: Url,
    names: Vec<String>,
}

/// All that is wrong with the environment, a sentence each, with the cure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProblems(Vec<String>);

/// The names of the variables.
mod name {
    pub const ENDPOINT: &str = "APPWRITE_ENDPOINT";
    pub const PROJECT_ID: &str = "APPWRITE_PROJECT_ID";
    pub const API_KEY: &str = "APPWRITE_API_KEY";
    pub const PUBLIC_ENDPOINT: &str = "APPWRITE_PUBLIC_ENDPOINT";
    pub const DATABASE_ID: &str = "APPWRITE_DATABASE_ID";
    pub const TABLE_ID: &str = "APPWRITE_TABLE_ID";
    pub const ORIGIN: &str = "APP_ORIGIN";
    pub const TRUSTED_PROXIES: &str = "TRUSTED_PROXIES";
    pub const ENV: &str = "LEPTOS_ENV";
    pub const SITE_ADDR: &str = "LEPTOS_SITE_ADDR";
    pub const LOCAL: &str = "LOCAL_APPWRITE";
    pub const LOCAL_LISTEN: &str = "LOCAL_APPWRITE_LISTEN";
    pub const LOCAL_DATA: &str = "LOCAL_APPWRITE_DATA";
    pub const LOCAL_PROFILE: &str = "LOCAL_APPWRITE_PROFILE";
}

const DEFAULT_SITE_ADDR: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 3000);
const DEFAULT_LOCAL_LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 9380);

impl Config {
    /// Reads the configuration through `lookup`, which for the process is `|name| std::env::var(name).ok()`.
    ///
    /// White space around a value doesn't count, and an empty value is no value.
    pub fn from_env(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, ConfigProblems> {
        let mut reader = Reader {
            lookup,
            problems: Vec::new(),
        };
        let production = reader.production();
        let origin = reader.origin(production);
        let backend = reader.backend(production, origin.as_ref());
        let database_id = reader.id(name::DATABASE_ID, "main");
        let table_id = reader.id(name::TABLE_ID, "birthdays");
        let trusted_proxies = reader.trusted_proxies();
        match (backend, origin) {
            (Some(backend), Some(origin)) if reader.problems.is_empty() => Ok(Self {
                backend,
                database_id,
                table_id,
                origin,
                trusted_proxies,
                production,
            }),
            _ => Err(ConfigProblems(reader.problems)),
        }
    }
}

impl AppOrigin {
    /// The origin in its usual form, without a slash at the end: `https://app.example`.
    pub fn as_str(&self) -> &str {
        self.names.first().map_or("", String::as_str)
    }

    /// Whether browsers reach the app over TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Whether the value of an `Origin` header is this app's own.
    ///
    /// Browsers write an origin in one way only, so that anything but the same characters is somebody else's. On the
    /// default origin `localhost`, `127.0.0.1` and `[::1]` are all ours, as a developer may open any of them.
    pub fn allows(&self, origin: &str) -> bool {
        self.names.iter().any(|name| name == origin)
    }

    /// The address of one of the app's own pages, from its path (`/account`).
    pub fn url(&self, path: &str) -> Url {
        let mut url = self.url.clone();
        url.set_path(path);
        url
    }

    fn new(url: Url) -> Self {
        let names = vec![url.origin().ascii_serialization()];
        Self { url, names }
    }

    /// The origin of a server on this machine's `port`, under each of its names.
    fn loopback(port: u16) -> Result<Self, url::ParseError> {
        let url = Url::parse(&format!("http://localhost:{port}"))?;
        let mut origin = Self::new(url);
        for host in ["127.0.0.1", "[::1]"] {
            origin.names.push(
                Url::parse(&format!("http://{host}:{port}"))?
                    .origin()
                    .ascii_serialization(),
            );
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
    /// The problems, a sentence each.
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

struct Reader<L> {
    lookup: L,
    problems: Vec<String>,
}

impl<L: Fn(&str) -> Option<String>> Reader<L> {
    fn get(&self, name: &str) -> Option<String> {
        (self.lookup)(name)
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
    }

    fn problem(&mut self, sentence: impl Into<String>) {
        self.problems.push(sentence.into());
    }

    fn production(&mut self) -> bool {
        // The same words as leptos_config takes.
        match self
            .get(name::ENV)
            .map(|value| value.to_ascii_lowercase())
            .as_deref()
        {
            None | Some("dev" | "development") => false,
            Some("prod" | "production") => true,
            Some(_) => {
                self.problem("LEPTOS_ENV is neither DEV nor PROD: set one of them.");
                true
            }
        }
    }

    fn origin(&mut self, production: bool) -> Option<AppOrigin> {
        let Some(value) = self.get(name::ORIGIN) else {
            if production {
                self.problem(
                    "APP_ORIGIN is missing: in production, set it to the app's public address, for instance \
                     https://app.example.",
                );
                return None;
            }
            return self.default_origin();
        };
        let url = self.web_address(name::ORIGIN, &value, "https://app.example")?;
        if url.path() != "/" {
            self.problem("APP_ORIGIN has a path: write scheme, host and port only, for instance https://app.example.");
            return None;
        }
        if url.scheme() == "http" && !is_loopback(&url) {
            self.problem(
                "APP_ORIGIN is an http address of another machine: use https, since the session's cookie must not \
                 travel in the clear (http is for localhost only).",
            );
            return None;
        }
        Some(AppOrigin::new(url))
    }

    fn default_origin(&mut self) -> Option<AppOrigin> {
        let address = match self
            .get(name::SITE_ADDR)
            .map(|value| value.parse::<SocketAddr>())
        {
            None => DEFAULT_SITE_ADDR,
            Some(Ok(address)) => address,
            Some(Err(_)) => {
                self.problem(
                    "LEPTOS_SITE_ADDR is not an address with a port: write it like 127.0.0.1:3000.",
                );
                return None;
            }
        };
        AppOrigin::loopback(address.port()).ok()
    }

    fn backend(&mut self, production: bool, origin: Option<&AppOrigin>) -> Option<Backend> {
        let remote = [
            name::ENDPOINT,
            name::PROJECT_ID,
            name::API_KEY,
            name::PUBLIC_ENDPOINT,
        ];
        let set: Vec<&str> = remote
            .into_iter()
            .filter(|name| self.get(name).is_some())
            .collect();
        let local = match self.get(name::LOCAL).as_deref() {
            None => false,
            Some("yes") => true,
            Some(_) => {
                self.problem("LOCAL_APPWRITE has a value other than yes: write yes to use the local backend, or remove it.");
                return None;
            }
        };
        if local && !set.is_empty() {
            self.problem(format!(
                "LOCAL_APPWRITE=yes asks for the local backend, but {} for a real Appwrite: remove the one or the other.",
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
                "No Appwrite is configured: set APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY (or, to use \
                 the local backend in production all the same, LOCAL_APPWRITE=yes).",
            );
            return None;
        }
        self.local_backend()
    }

    fn remote_backend(&mut self, origin: Option<&AppOrigin>) -> Option<Backend> {
        let endpoint = self.required(
            name::ENDPOINT,
            "the API's address, for instance https://fra.cloud.appwrite.io/v1",
        );
        let project_id = self.required(
            name::PROJECT_ID,
            "the id from the project's settings in the console",
        );
        let api_key = self.required(
            name::API_KEY,
            "a key of the project with the scope sessions.write",
        );

        let endpoint = endpoint.and_then(|value| self.endpoint(name::ENDPOINT, &value));
        let public_endpoint = match self.get(name::PUBLIC_ENDPOINT) {
            Some(value) => self.endpoint(name::PUBLIC_ENDPOINT, &value),
            None => endpoint.clone(),
        };
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
        if api_key
            .as_deref()
            .is_some_and(|key| !key.bytes().all(|byte| byte.is_ascii_graphic()))
        {
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
        let listen = match self
            .get(name::LOCAL_LISTEN)
            .map(|value| value.parse::<SocketAddr>())
        {
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
            Some("1.9") => Some(LocalProfile::V1_9),
            Some("1.5") => Some(LocalProfile::V1_5),
            Some(_) => {
                self.problem(
                    "LOCAL_APPWRITE_PROFILE is none of 2, 1.9 and 1.5: write one of them.",
                );
                None
            }
        };
        let data = self
            .get(name::LOCAL_DATA)
            .unwrap_or_else(|| ".local-appwrite".to_owned());
        Some(Backend::Local {
            listen: listen?,
            data: data.into(),
            profile: profile?,
        })
    }

    fn required(&mut self, name: &str, what: &str) -> Option<String> {
        let value = self.get(name);
        if value.is_none() {
            self.problem(format!(
                "{name} is missing while other APPWRITE_ variables are set: set it to {what}."
            ));
        }
        value
    }

    fn endpoint(&mut self, name: &str, value: &str) -> Option<Url> {
        let url = self.web_address(name, value, "https://fra.cloud.appwrite.io/v1")?;
        if url.path() == "/" {
            self.problem(format!("{name} lacks the API's path: it ends in /v1, as in https://fra.cloud.appwrite.io/v1."));
            return None;
        }
        Some(url)
    }

    /// An http or https address without anything beyond its path. The value isn't repeated, as it may hold a password.
    fn web_address(&mut self, name: &str, value: &str, example: &str) -> Option<Url> {
        let url = match Url::parse(value) {
            Ok(url) if matches!(url.scheme(), "http" | "https") && url.has_host() => url,
            _ => {
                self.problem(format!(
                    "{name} is not an http or https address: write it like {example}."
                ));
                return None;
            }
        };
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            self.problem(format!(
                "{name} has a user, a query or a fragment: write only the address, like {example}."
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

    fn trusted_proxies(&mut self) -> Vec<IpNet> {
        let value = self.get(name::TRUSTED_PROXIES).unwrap_or_default();
        let mut networks = Vec::new();
        for part in value.split([',', ' ']).filter(|part| !part.is_empty()) {
            match part.parse::<IpNet>().ok().or_else(|| part.parse::<IpAddr>().ok().map(IpNet::from)) {
                Some(network) if network.prefix_len() == 0 => self.problem(format!(
                    "TRUSTED_PROXIES trusts every address by {part}, so that visitors could claim any: name the proxies."
                )),
                Some(network) => networks.push(network.trunc()),
                None => self.problem(format!(
                    "TRUSTED_PROXIES has {part}, which is no address or network: write it like 10.0.0.7 or 10.0.0.0/8."
                )),
            }
        }
        networks
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}
