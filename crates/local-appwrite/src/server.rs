//! Starts, runs and stops the backend.

use std::{io, net::SocketAddr, time::Duration};

use axum::serve::ListenerExt;
use secrecy::SecretString;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    AppState, Clock, Settings, base, http,
    realtime::Hub,
    start_error::StartError,
    store::{Store, lock::FolderLock, private, secrets},
};

/// The time for running requests to finish at a shutdown.
const DRAIN: Duration = Duration::from_secs(3);

/// A running backend. Dropping it without [`LocalAppwrite::shutdown`] stops it without draining.
pub struct LocalAppwrite {
    endpoint: Url,
    project_id: String,
    api_key: SecretString,
    hub: Hub,
    stop: Option<oneshot::Sender<()>>,
    cut_off: CancellationToken,
    task: JoinHandle<()>,
}

impl LocalAppwrite {
    /// `http://127.0.0.1:PORT/v1`.
    #[must_use]
    pub fn endpoint(&self) -> &Url {
        &self.endpoint
    }

    /// The project's id.
    #[must_use]
    pub fn project_id(&self) -> &str {
        &self.project_id
    }

    /// The first configured API key, or the generated one.
    #[must_use]
    pub fn api_key(&self) -> &SecretString {
        &self.api_key
    }

    /// Stops accepting requests, closes the Realtime sockets, and returns once running requests have finished.
    pub async fn shutdown(mut self) {
        self.hub.close();
        if let Some(stop) = self.stop.take() {
            // Fails only if the server has already stopped.
            let _ = stop.send(());
        }
        let ended = match tokio::time::timeout(DRAIN, &mut self.task).await {
            Ok(ended) => ended,
            Err(_) => {
                tracing::warn!("a request did not end in time and is cut off");
                self.cut_off.cancel();
                (&mut self.task).await
            }
        };
        if let Err(error) = ended {
            tracing::error!(%error, "the server's task failed");
        }
        self.hub.closed().await;
    }
}

impl Drop for LocalAppwrite {
    fn drop(&mut self) {
        self.hub.close();
        self.cut_off.cancel();
        self.task.abort();
    }
}

/// Starts a backend with the system's clock.
///
/// # Errors
/// When the address is not loopback or is in use, or the data folder cannot be used.
pub async fn start(settings: Settings) -> Result<LocalAppwrite, StartError> {
    start_with_clock(settings, Clock::system()).await
}

/// Starts a backend whose every expiry follows `clock`.
///
/// # Errors
/// As [`start`].
pub async fn start_with_clock(settings: Settings, clock: Clock) -> Result<LocalAppwrite, StartError> {
    let listener = listen(settings.listen).await?;
    let address = listener.local_addr().map_err(|source| StartError::Listen { address: settings.listen, source })?;
    let state = if settings.ephemeral {
        in_memory(settings, clock)?
    } else {
        private::folder(&settings.data)?;
        let folder = FolderLock::take(&settings.data).await?;
        open(settings, clock, folder)?
    };
    base::begin(&state)?;
    let endpoint = endpoint(address);
    let project_id = state.settings().project_id.clone();
    let api_key = state.keys().first().map(|key| key.secret.clone()).unwrap_or_default();
    let hub = state.hub().clone();
    let (stop, stopped) = oneshot::channel();
    let cut_off = CancellationToken::new();
    let service = http::service(state, cut_off.clone()).into_make_service_with_connect_info::<SocketAddr>();
    // Disables Nagle's algorithm, so that small frames do not wait for the acknowledgment of the previous one.
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
    });
    let task = tokio::spawn(async move {
        let served = axum::serve(listener, service).with_graceful_shutdown(async {
            // An error means that the handle was dropped, which also stops the server.
            let _ = stopped.await;
        });
        if let Err(error) = served.await {
            tracing::error!(%error, "the server ended");
        }
    });
    Ok(LocalAppwrite { endpoint, project_id, api_key, hub, stop: Some(stop), cut_off, task })
}

async fn listen(address: SocketAddr) -> Result<TcpListener, StartError> {
    if !address.ip().is_loopback() {
        return Err(StartError::NotLoopback(address));
    }
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => StartError::AddressInUse(address),
        _ => StartError::Listen { address, source },
    })
}

fn open(settings: Settings, clock: Clock, folder: FolderLock) -> Result<AppState, StartError> {
    let keys = secrets::api_keys(&settings)?;
    let jwt_key = secrets::jwt_key(&settings.data)?;
    let store = Store::open(&settings.data)?.keeping(folder);
    Ok(AppState::new(settings, keys, jwt_key, store, clock))
}

fn in_memory(settings: Settings, clock: Clock) -> Result<AppState, StartError> {
    let keys = secrets::unkept_api_keys(&settings);
    let jwt_key = secrets::unkept_jwt_key();
    let state = AppState::new(settings, keys, jwt_key, Store::in_memory()?, clock);
    Ok(state.keeping_base(Store::in_memory()?))
}

fn endpoint(address: SocketAddr) -> Url {
    Url::parse(&format!("http://{address}/v1"))
        .unwrap_or_else(|error| unreachable!("a socket address always makes an URL: {error}"))
}
