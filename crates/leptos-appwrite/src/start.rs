//! Starts an app: configuration, Appwrite (real or local), routes, and a clean shutdown.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use crate::config::{Backend, Config};
use crate::connections::{self, capacity::Capacity};
use crate::doctor;
use crate::local_backend::LocalBackend;
use crate::log;
use crate::metrics;
use crate::realtime::relay;
use crate::security::rate_limit::RateLimits;
use crate::server::{OwnRoutes, router};
use crate::site::Site;
use crate::state::{AppState, StateParts};
use crate::tables::command;
use crate::tables::create::create_all;
use crate::traces;
use appwrite_client::AppwriteSettings;
use tokio::net::TcpListener;
use url::Url;

/// The interval at which idle counters of the rate limits are dropped.
const FORGET_EVERY: Duration = Duration::from_secs(600);

/// Leptos's settings file, in the working directory.
const LEPTOS_SETTINGS: &str = "Leptos.toml";

/// The argument that creates the tables instead of starting the app.
const CREATE_TABLES: &str = "create-tables";

/// The argument that checks the setup instead of starting the app.
const DOCTOR: &str = "doctor";

type Failure = Box<dyn std::error::Error>;

/// Runs the app until the process is told to stop. Prints messages for the operator to standard output, and the log to
/// standard error.
///
/// With the argument `create-tables`, runs [`command::run`] instead; with `doctor`, [`doctor::run`].
pub async fn run(site: &'static Site, own: OwnRoutes) -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.split_first() {
        None => serve_until_stopped(site, own).await,
        Some((first, rest)) if first == CREATE_TABLES => command::run(site, rest).await,
        Some((first, rest)) if first == DOCTOR => doctor::run(site, rest).await,
        Some((unknown, _)) => {
            eprintln!("Unknown argument {unknown}: start the app without one, or use {CREATE_TABLES} or {DOCTOR}.");
            ExitCode::FAILURE
        }
    }
}

async fn serve_until_stopped(site: &'static Site, own: OwnRoutes) -> ExitCode {
    match try_run(site, own).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

async fn try_run(site: &'static Site, own: OwnRoutes) -> Result<(), Failure> {
    // Without the file, cargo-leptos or the operator has set environment variables.
    let settings_file = Path::new(LEPTOS_SETTINGS).exists().then_some(LEPTOS_SETTINGS);
    let leptos = leptos::config::get_configuration(settings_file);
    let site_addr = leptos.as_ref().ok().map(|file| file.leptos_options.site_addr.to_string());
    let config = Config::from_env(|name| {
        let variable = std::env::var(name).ok();
        // The file may contain the address too.
        variable.or_else(|| site_addr.clone().filter(|_| name == "LEPTOS_SITE_ADDR"))
    })?;
    log::start(config.log_format);
    let mut leptos = leptos
        .map_err(|error| format!("Leptos's own settings cannot be used: {error}. See {LEPTOS_SETTINGS}."))?
        .leptos_options;
    // With a settings file, Leptos ignores this variable of cargo-leptos.
    if let Ok(hash_file) = std::env::var("LEPTOS_HASH_FILE_NAME") {
        leptos.hash_file = hash_file.into();
    }
    relay::require(&config)?;
    let address = leptos.site_addr;
    let listener = TcpListener::bind(address).await.map_err(|error| {
        format!("The app cannot listen on {address}: {error}. Set LEPTOS_SITE_ADDR to a free address.")
    })?;
    if let Some(address) = config.metrics {
        println!("metrics on http://{}/metrics", metrics::serve(address).await?);
    }
    let traces = config.traces.as_ref().map(traces::start).transpose()?;
    let backend = start_backend(site, &config).await?;
    let (settings, public_endpoint) = (backend.settings.clone(), backend.public_endpoint.clone());
    let state = AppState::from(StateParts::new(site, leptos, config, settings, public_endpoint)?);
    forget_idle_senders(state.limits.clone());
    // Must come before the lines below, because a program that reads them may stop the app at once.
    let stop = stop_signal()?;
    println!("listening on http://{}", listener.local_addr()?);
    // Links in emails use this origin, and the cookies belong to its host.
    println!("open {}", state.config.origin);
    serve(listener, state, own, stop).await;
    if let Some(traces) = traces {
        traces.stop().await;
    }
    backend.stop().await;
    Ok(())
}

/// Serves until `stop`. Then `/readyz` answers 503, and after `STOP_DELAY` the app accepts no more connections, closes
/// relayed ones with 1001, and waits for open requests.
pub async fn serve(listener: TcpListener, state: AppState, own: OwnRoutes, stop: impl Future<Output = ()>) {
    let (relayed, stopping) = (Arc::clone(&state.relay), state.stopping.clone());
    let capacity = Capacity {
        per_address: state.config.connections_per_address,
        trusted_proxies: state.config.trusted_proxies.clone(),
        ..Capacity::default()
    };
    let (drain, delay) = (capacity.drain, state.config.stop_delay);
    let site = state.site;
    connections::serve(listener, router(state, own), capacity, site, async {
        stop.await;
        stopping.cancel();
        tokio::time::sleep(delay).await;
        relayed.close();
    })
    .await;
    // Each connection closes within a second, even if the other side does not answer.
    if tokio::time::timeout(drain, relayed.closed()).await.is_err() {
        tracing::warn!("some relayed connections did not end in time and were cut off");
    }
}

/// The Appwrite server that this process uses.
struct RunningBackend {
    settings: AppwriteSettings,
    public_endpoint: Url,
    /// The local backend, which stops with the app.
    local: Option<LocalBackend>,
}

impl RunningBackend {
    async fn stop(self) {
        if let Some(local) = self.local {
            local.stop().await;
        }
    }
}

async fn start_backend(site: &Site, config: &Config) -> Result<RunningBackend, Failure> {
    match &config.backend {
        Backend::Remote { appwrite, public_endpoint } => {
            println!("using Appwrite at {} (project {})", appwrite.endpoint, appwrite.project_id);
            let (settings, public_endpoint) = (appwrite.clone(), public_endpoint.clone());
            Ok(RunningBackend { settings, public_endpoint, local: None })
        }
        Backend::Local { listen, data, profile } => {
            let local = LocalBackend::start(*listen, data, *profile).await.map_err(|error| {
                format!(
                    "The local Appwrite cannot start: {error}. Choose another address with LOCAL_APPWRITE_LISTEN, or set \
                     APPWRITE_ENDPOINT, APPWRITE_PROJECT_ID and APPWRITE_API_KEY to use a real one."
                )
            })?;
            let settings = local.settings();
            create_all(settings.clone(), &config.database_id, site.tables).await?;
            let public_endpoint = settings.endpoint.clone();
            println!(
                "using the local Appwrite at {public_endpoint} (for development and tests only), data in {}",
                data.display()
            );
            Ok(RunningBackend { settings, public_endpoint, local: Some(local) })
        }
    }
}

fn forget_idle_senders(limits: Arc<RateLimits>) {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(FORGET_EVERY);
        loop {
            interval.tick().await;
            limits.forget_idle();
        }
    });
}

/// Listens for the signals to stop from now on, and returns a future that completes at the first one.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Without a handler, the signal ends the process.
        let _ = tokio::signal::ctrl_c().await;
    })
}
