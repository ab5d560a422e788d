//! Starts an app with its own local backend on free ports, with a temporary data folder.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use appwrite_client::AppwriteSettings;
use leptos::config::LeptosOptions;
use leptos_appwrite::config::Config;
use leptos_appwrite::connections::{self, capacity::Capacity};
use leptos_appwrite::realtime::relay::registry::Relay;
use leptos_appwrite::realtime::relay_policy::RelayPolicy;
use leptos_appwrite::server::limits::{BODY_DEADLINE, MAX_REQUESTS};
use leptos_appwrite::server::{OwnRoutes, router};
use leptos_appwrite::site::{Paths, Site};
use leptos_appwrite::start;
use leptos_appwrite::state::{AppState, StateParts};
use leptos_appwrite::tables::create::create_all;
use leptos_appwrite::tables::{DATABASE, Table};
use leptos_birthdays::server::own_routes;
use leptos_birthdays::site::SITE;
use leptos_birthdays::tables::TABLES;
use local_appwrite::{Clock, LocalAppwrite, Profile, Settings};
use reqwest::{Client, Method};
use secrecy::{ExposeSecret, SecretString};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::Url;

use crate::browser::Browser;
use crate::logs;
use crate::network::Network;

/// An environment with strict limits per address, whose email links still point to this machine.
pub const STRICT_LIMITS: [(&str, &str); 2] = [("LEPTOS_ENV", "PROD"), ("APP_ORIGIN", "http://localhost")];

/// A running app. Its tasks end with the test's runtime.
pub struct App {
    /// The app's origin: `http://127.0.0.1:PORT`.
    pub origin: String,
    /// The app's relay.
    pub relay: Arc<Relay>,
    backend: Option<LocalAppwrite>,
    _data: TempDir,
}

impl App {
    /// Starts an app with the settings of a developer's machine.
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts an app with these environment variables.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        Self::start_with_sessions_of(Duration::from_secs(365 * 24 * 3600), environment).await
    }

    /// Starts an app whose backend ends sessions after this time.
    pub async fn start_with_sessions_of(session_duration: Duration, environment: &[(&str, &str)]) -> Self {
        Self::start_in_front_of_local(environment, |settings| settings.session_duration = session_duration).await
    }

    /// Starts an app in front of this version of Appwrite.
    pub async fn start_with_profile(profile: Profile, environment: &[(&str, &str)]) -> Self {
        Self::start_in_front_of_local(environment, |settings| settings.profile = profile).await
    }

    /// Starts an app whose backend has changed settings.
    pub async fn start_in_front_of_local(environment: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_at(Clock::system(), environment, change).await
    }

    /// Starts an app whose backend has changed settings and uses this clock.
    pub async fn start_at(clock: Clock, environment: &[(&str, &str)], change: impl FnOnce(&mut Settings)) -> Self {
        Self::start_local(environment, clock, None, None, Tuning::default(), change).await
    }

    /// Starts an app with these tables, in front of this version of Appwrite.
    pub async fn start_with_tables(tables: &'static [Table], profile: Profile, environment: &[(&str, &str)]) -> Self {
        let tuning = Tuning { tables, ..Tuning::default() };
        let change = |settings: &mut Settings| settings.profile = profile;
        Self::start_local(environment, Clock::system(), None, None, tuning, change).await
    }

    /// Starts an app that always uses the relay, with this policy.
    pub async fn start_with_relay_policy(relay_policy: RelayPolicy) -> Self {
        let tuning = Tuning { relay_policy, ..Tuning::default() };
        Self::start_local(&[("REALTIME", "relay")], Clock::system(), None, None, tuning, |_| ()).await
    }

    /// Starts an app in which nobody may sign up by email and password.
    pub async fn start_without_sign_up() -> Self {
        let tuning = Tuning { offers_sign_up: false, ..Tuning::default() };
        Self::start_local(&[], Clock::system(), None, None, tuning, |_| ()).await
    }

    /// Starts an app with these pages.
    pub async fn start_with_paths(paths: Paths) -> Self {
        Self::start_with_paths_and(paths, |_| ()).await
    }

    /// Starts an app with these pages, whose backend has changed settings.
    pub async fn start_with_paths_and(paths: Paths, change: impl FnOnce(&mut Settings)) -> Self {
        let tuning = Tuning { paths, ..Tuning::default() };
        Self::start_local(&[], Clock::system(), None, None, tuning, change).await
    }

    /// Starts an app with these pages and strict limits, whose Appwrite is another server at `endpoint`.
    pub async fn start_with_paths_in_front_of(endpoint: &str, paths: Paths) -> Self {
        Self::start_elsewhere(endpoint, &STRICT_LIMITS, Tuning { paths, ..Tuning::default() }).await
    }

    /// Starts an app with an API key that its backend does not know.
    pub async fn start_with_key(key: &str) -> Self {
        Self::start_local(&[], Clock::system(), None, Some(key), Tuning::default(), |_| ()).await
    }

    async fn start_local(
        environment: &[(&str, &str)],
        clock: Clock,
        network: Option<&Network>,
        key: Option<&str>,
        tuning: Tuning,
        change: impl FnOnce(&mut Settings),
    ) -> Self {
        let data = tempfile::tempdir().expect("a folder for the data");
        let mut settings = Settings::new(data.path());
        settings.listen = SocketAddr::from(([127, 0, 0, 1], 0));
        change(&mut settings);
        let own_keys = settings.api_keys.len();
        if own_keys > 0 {
            settings.api_keys.push("a-key-that-creates-tables".parse().expect("a key"));
        }
        let backend = local_appwrite::start_with_clock(settings, clock).await.expect("the local backend starts");
        let creator = AppwriteSettings {
            endpoint: backend.endpoint().clone(),
            project_id: backend.project_id().to_owned(),
            api_key: if own_keys > 0 { "a-key-that-creates-tables".into() } else { backend.api_key().clone() },
        };
        create_all(creator, DATABASE, tuning.tables).await.expect("the tables");
        if let Some(network) = network {
            network.lead_to(backend.endpoint());
        }
        let appwrite = AppwriteSettings {
            endpoint: network.map_or_else(|| backend.endpoint().clone(), Network::endpoint),
            project_id: backend.project_id().to_owned(),
            api_key: key.map_or_else(|| backend.api_key().clone(), SecretString::from),
        };
        let (origin, relay) = serve(appwrite, environment, tuning).await;
        Self { origin, relay, backend: Some(backend), _data: data }
    }

    /// Starts an app that reaches Appwrite through a proxy. All expiries of the backend follow the clock.
    pub async fn start_over(network: &Network, profile: Profile, clock: Clock, environment: &[(&str, &str)]) -> Self {
        let change = |settings: &mut Settings| settings.profile = profile;
        Self::start_local(environment, clock, Some(network), None, Tuning::default(), change).await
    }

    /// Starts an app whose relay checks each connection's session at this interval.
    pub async fn start_checking_sessions(network: &Network, profile: Profile, interval: Duration) -> Self {
        let environment = [("REALTIME", "relay")];
        let change = |settings: &mut Settings| settings.profile = profile;
        let tuning = Tuning { session_checks: Some(interval), ..Tuning::default() };
        Self::start_local(&environment, Clock::system(), Some(network), None, tuning, change).await
    }

    /// Starts an app whose Appwrite is another server at `endpoint`, or none.
    pub async fn start_in_front_of(endpoint: &str) -> Self {
        Self::start_tuned(endpoint, Tuning::default()).await
    }

    /// Starts an app with this timeout for request bodies, and without a backend.
    pub async fn start_with_body_deadline(body_deadline: Duration) -> Self {
        Self::start_tuned("http://127.0.0.1:9/v1", Tuning { body_deadline, ..Tuning::default() }).await
    }

    /// Starts an app with lower limits on connections and requests.
    pub async fn start_with_room(endpoint: &str, capacity: Capacity, max_requests: usize) -> Self {
        Self::start_tuned(endpoint, Tuning { capacity, max_requests, ..Tuning::default() }).await
    }

    /// Starts an app behind a proxy on this machine, with a limit on each client's concurrent requests.
    pub async fn start_behind_proxy(endpoint: &str, max_requests_per_client: usize) -> Self {
        let tuning = Tuning { max_requests_per_client: Some(max_requests_per_client), ..Tuning::default() };
        Self::start_elsewhere(endpoint, &[("TRUSTED_PROXIES", "127.0.0.1")], tuning).await
    }

    async fn start_tuned(endpoint: &str, tuning: Tuning) -> Self {
        Self::start_elsewhere(endpoint, &[], tuning).await
    }

    async fn start_elsewhere(endpoint: &str, environment: &[(&str, &str)], tuning: Tuning) -> Self {
        let appwrite = AppwriteSettings {
            endpoint: Url::parse(endpoint).expect("an endpoint"),
            project_id: "demo".into(),
            api_key: "a key that nobody asks for".into(),
        };
        let (origin, relay) = serve(appwrite, environment, tuning).await;
        Self { origin, relay, backend: None, _data: tempfile::tempdir().expect("a folder") }
    }

    /// Starts another instance of the app, in front of the same backend.
    pub async fn another_instance(&self, environment: &[(&str, &str)]) -> Self {
        let (origin, relay) = serve(self.settings(), environment, Tuning::default()).await;
        Self { origin, relay, backend: None, _data: tempfile::tempdir().expect("a folder") }
    }

    /// Starts another instance like [`another_instance`](Self::another_instance), which stops like the program does.
    pub async fn stopping_instance(
        &self,
        environment: &[(&str, &str)],
        stop: impl Future<Output = ()> + Send + 'static,
    ) -> (Self, JoinHandle<()>) {
        let (listener, state, own) = parts(self.settings(), environment, Tuning::default()).await;
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let relay = Arc::clone(&state.relay);
        let stopped = tokio::spawn(start::serve(listener, state, own, stop));
        (Self { origin, relay, backend: None, _data: tempfile::tempdir().expect("a folder") }, stopped)
    }

    fn settings(&self) -> AppwriteSettings {
        let backend = self.backend.as_ref().expect("a running backend");
        AppwriteSettings {
            endpoint: backend.endpoint().clone(),
            project_id: backend.project_id().to_owned(),
            api_key: backend.api_key().clone(),
        }
    }

    /// Starts an app with these variables, whose Appwrite is another server at `endpoint`.
    pub async fn start_in_front_of_with(endpoint: &str, environment: &[(&str, &str)]) -> Self {
        Self::start_elsewhere(endpoint, environment, Tuning::default()).await
    }

    /// A new browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    /// A browser whose user has just signed up with this name and the address `NAME@example.com`.
    pub async fn browser_of(&self, name: &str) -> Browser {
        self.browser().signed_up(name).await
    }

    /// Confirms the email address of the browser's user.
    pub async fn confirm_email_of(&self, browser: &Browser) {
        let user = browser.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let confirmed = serde_json::json!({ "emailVerification": true });
        self.ask_backend(Method::PATCH, &format!("/users/{user}/verification"), None, confirmed).await;
    }

    /// Calls the backend directly, with a session or the API key.
    pub async fn ask_backend(
        &self,
        method: Method,
        path: &str,
        session: Option<&str>,
        body: serde_json::Value,
    ) -> serde_json::Value {
        let backend = self.backend.as_ref().expect("a running backend");
        let request = Client::new().request(method, format!("{}{path}", backend.endpoint()));
        let request = request.header("x-appwrite-project", backend.project_id());
        let request = match session {
            Some(secret) => request.header("x-appwrite-session", secret),
            None => request.header("x-appwrite-key", backend.api_key().expose_secret()),
        };
        let answer = request.header("content-type", "application/json").body(body.to_string()).send().await;
        let answer = answer.expect("an answer");
        assert!(answer.status().is_success(), "{path}: {}", answer.status());
        serde_json::from_str(&answer.text().await.expect("a body")).unwrap_or_default()
    }

    /// The backend's endpoint.
    pub fn backend_endpoint(&self) -> String {
        self.backend.as_ref().expect("a running backend").endpoint().to_string()
    }

    /// The id of the backend's project.
    pub fn project_id(&self) -> String {
        self.backend.as_ref().expect("a running backend").project_id().to_owned()
    }

    /// The newest email or text message to this address, from the backend's outbox.
    pub async fn message_to(&self, address: &str) -> Message {
        self.messages_to(address).await.pop().unwrap_or_else(|| panic!("no message to {address}"))
    }

    /// All emails and text messages to this address, the newest last.
    pub async fn messages_to(&self, address: &str) -> Vec<Message> {
        let backend = self.backend.as_ref().expect("a running backend");
        let outbox = backend.endpoint().join("/outbox/messages").expect("an address");
        let kept = Client::new().get(outbox).send().await.expect("an answer").text().await.expect("a body");
        let kept: Vec<serde_json::Value> = serde_json::from_str(&kept).expect("a list");
        let to_them = kept.iter().filter(|message| message["to"] == address);
        to_them.map(|message| Message { text: message["text"].as_str().unwrap_or_default().to_owned() }).collect()
    }

    /// Stops the backend, as if Appwrite were down.
    pub async fn stop_backend(&mut self) {
        self.backend.take().expect("a running backend").shutdown().await;
    }
}

/// An email or text message.
pub struct Message {
    pub text: String,
}

impl Message {
    /// The path of its link.
    pub fn path(&self) -> String {
        let mut words = self.text.split_whitespace();
        let link = words.find(|word| word.starts_with("http")).unwrap_or_else(|| panic!("no link in {}", self.text));
        let url = Url::parse(link).expect("an address");
        format!("{}?{}", url.path(), url.query().unwrap_or_default())
    }

    /// Its code.
    pub fn code(&self) -> String {
        let mut words = self.text.split(|character: char| !character.is_ascii_digit());
        words.find(|word| word.len() == 6).unwrap_or_else(|| panic!("no code in {}", self.text)).to_owned()
    }
}

/// Limits and timeouts that tests shorten.
struct Tuning {
    capacity: Capacity,
    max_requests: usize,
    max_requests_per_client: Option<usize>,
    body_deadline: Duration,
    session_checks: Option<Duration>,
    tables: &'static [Table],
    offers_sign_up: bool,
    paths: Paths,
    relay_policy: RelayPolicy,
}

impl Default for Tuning {
    fn default() -> Self {
        Self {
            capacity: one_machine(),
            max_requests: MAX_REQUESTS,
            max_requests_per_client: None,
            body_deadline: BODY_DEADLINE,
            session_checks: None,
            tables: TABLES,
            offers_sign_up: true,
            paths: SITE.paths,
            relay_policy: RelayPolicy::default(),
        }
    }
}

/// The limits of a developer's machine, where all clients share one address.
fn one_machine() -> Capacity {
    Capacity { per_address: usize::MAX, ..Capacity::default() }
}

async fn serve(appwrite: AppwriteSettings, environment: &[(&str, &str)], tuning: Tuning) -> (String, Arc<Relay>) {
    let capacity = tuning.capacity.clone();
    let (listener, state, own) = parts(appwrite, environment, tuning).await;
    let origin = format!("http://{}", listener.local_addr().expect("an address"));
    let relay = Arc::clone(&state.relay);
    tokio::spawn(connections::serve(listener, router(state, own), capacity, &SITE, std::future::pending()));
    (origin, relay)
}

async fn parts(
    appwrite: AppwriteSettings,
    environment: &[(&str, &str)],
    tuning: Tuning,
) -> (TcpListener, AppState, OwnRoutes) {
    logs::keep();
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let mut variables: HashMap<String, String> =
        environment.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    variables.entry("LEPTOS_SITE_ADDR".into()).or_insert(address.to_string());
    if !variables.contains_key("APPWRITE_ENDPOINT") {
        variables.insert("LOCAL_APPWRITE".into(), "yes".into());
    }
    let config = Config::from_env(|name| variables.get(name).cloned()).expect("a good environment");
    let Tuning { tables, offers_sign_up, paths, .. } = tuning;
    let site = Box::leak(Box::new(Site { tables, offers_sign_up, paths, ..SITE }));
    let leptos = LeptosOptions::builder().output_name("leptos-birthdays").site_root("tests/site").build();
    let public_endpoint = appwrite.endpoint.clone();
    let relay = Relay::new(&appwrite, &config);
    let mut parts = StateParts::new(site, leptos, config, appwrite, public_endpoint).expect("the parts of a state");
    parts.max_requests = tuning.max_requests;
    parts.body_deadline = tuning.body_deadline;
    if let Some(most) = tuning.max_requests_per_client {
        parts.max_requests_per_client = most;
    }
    if let Some(interval) = tuning.session_checks {
        parts.relay = Arc::new(relay.checking_sessions_every(interval));
    }
    let own = own_routes(|name| variables.get(name).cloned()).expect("good variables of the app");
    (listener, AppState::from(parts), OwnRoutes { relay: tuning.relay_policy, ..own })
}
