//! Accepts connections within the limits in total and per client, and closes connections that send no request or do not
//! read the response.

use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use axum::http::StatusCode;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use ipnet::IpNet;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, service_fn};

use self::capacity::{Capacity, HEAD_LIMIT};
use self::client_stream::{ClientStream, Progress};
use crate::security::permits::{Permit, Permits};
use crate::security::rate_limit::network_of;
use crate::site::Site;

pub mod capacity;
mod client_stream;

/// The delay after a failed accept, which usually means that the process has too many open files.
const PAUSE: Duration = Duration::from_millis(100);

/// When the server stops, the time for the rest of a request, or for the first request of a connection. Hyper's
/// graceful shutdown closes a connection between two requests at once, also if it has read the start of the second one.
/// It waits for the rest of a first request, up to the limit for all connections.
const REQUEST_ON_ITS_WAY: Duration = Duration::from_secs(1);

/// The minimum interval of warnings about addresses with too many connections.
const WARN_EVERY: Duration = Duration::from_secs(60);

/// Serves until `stop` completes, then answers the requests that have arrived.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    capacity: Capacity,
    site: &'static Site,
    stop: impl Future<Output = ()>,
) {
    let permits = Arc::new(Semaphore::new(capacity.connections));
    let mut clients = Clients::new(&capacity);
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    // HTTP/2 needs TLS, so a proxy in front handles it.
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(capacity.head);
    // The buffer limit bounds the memory for an incomplete request head.
    builder.max_header_size(HEAD_LIMIT).max_buf_size(HEAD_LIMIT);
    let mut open = |(stream, address): (TcpStream, SocketAddr), permit: Option<OwnedSemaphorePermit>| {
        let Ok(at_address) = clients.admit(address.ip().to_canonical()) else { return };
        // Without this, the last chunk of a page waits up to 40 ms for the client's acknowledgment of the previous
        // chunks.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY could not be set");
        }
        let progress = Arc::new(Progress::default());
        let stream = ClientStream::new(stream, &capacity, site, Arc::clone(&progress));
        let service = TowerToHyperService::new(service_of(&router, address, Arc::clone(&progress)));
        let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let closing = closing.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = closing.cancelled() => {
                    // Reads what has arrived.
                    let mut ended = timeout(Duration::ZERO, connection.as_mut()).await.ok();
                    if ended.is_none() && progress.expects_request() {
                        ended = timeout(REQUEST_ON_ITS_WAY, connection.as_mut()).await.ok();
                    }
                    match ended {
                        Some(ended) => ended,
                        None => {
                            connection.as_mut().graceful_shutdown();
                            connection.await
                        }
                    }
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
            drop((permit, at_address));
        });
    };
    let mut stop = pin!(stop);
    loop {
        let next = async {
            // Never fails, because the semaphore is never closed.
            let permit = Arc::clone(&permits).acquire_owned().await.ok();
            (permit, accept(&listener).await)
        };
        tokio::select! {
            (permit, accepted) = next => open(accepted, permit),
            () = &mut stop => break,
        }
    }
    // Serves the connections that still wait: closing the listener would reset them, with any forms that they carry.
    waiting(listener).for_each(|accepted| open(accepted, None));
    closing.cancel();
    connections.close();
    if timeout(capacity.drain, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
}

/// Closes the listener, and returns the connections that waited to be accepted.
fn waiting(listener: TcpListener) -> impl Iterator<Item = (TcpStream, SocketAddr)> {
    let listener = listener.into_std().ok();
    std::iter::from_fn(move || {
        let (stream, address) = listener.as_ref()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        Some((TcpStream::from_std(stream).ok()?, address))
    })
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(PAUSE).await;
            }
        }
    }
}

/// The open connections of each client address.
struct Clients {
    permits: Permits<IpNet>,
    trusted_proxies: Vec<IpNet>,
    warned: Option<Instant>,
}

/// The address has reached its limit of connections.
struct TooMany;

impl Clients {
    fn new(capacity: &Capacity) -> Self {
        let permits = Permits::new(capacity.per_address);
        Self { permits, trusted_proxies: capacity.trusted_proxies.clone(), warned: None }
    }

    /// Counts a connection until its permit is dropped. Trusted proxies are not counted.
    fn admit(&mut self, address: IpAddr) -> Result<Option<Permit<IpNet>>, TooMany> {
        if self.trusted_proxies.iter().any(|network| network.contains(&address)) {
            return Ok(None);
        }
        if let Some(permit) = self.permits.take(network_of(address)) {
            return Ok(Some(permit));
        }
        if self.warned.is_none_or(|at| at.elapsed() > WARN_EVERY) {
            self.warned = Some(Instant::now());
            tracing::warn!(
                %address,
                "connections are refused: this address has as many as it may. If it is a proxy of yours, name it in \
                 TRUSTED_PROXIES; else see CONNECTIONS_PER_ADDRESS"
            );
        }
        Err(TooMany)
    }
}

/// Returns the service for one connection; its requests carry the peer's address.
fn service_of(
    router: &Router,
    address: SocketAddr,
    progress: Arc<Progress>,
) -> impl Service<
    Request<Incoming>,
    Response = Response,
    Error = std::convert::Infallible,
    Future = impl Future<Output = Result<Response, std::convert::Infallible>> + Send,
> + Clone
+ Send
+ 'static {
    let router = router.clone();
    service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        let progress = Arc::clone(&progress);
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        async move {
            poll_fn(|context| Service::<Request<Body>>::poll_ready(&mut router, context)).await?;
            let response = router.call(request).await?;
            progress.responses.fetch_add(1, Ordering::Relaxed);
            progress.has_unanswered_bytes.store(false, Ordering::Relaxed);
            match response.status() {
                StatusCode::PAYLOAD_TOO_LARGE | StatusCode::REQUEST_TIMEOUT => {
                    progress.is_cut_off.store(true, Ordering::Relaxed);
                }
                StatusCode::SWITCHING_PROTOCOLS => progress.is_upgraded.store(true, Ordering::Relaxed),
                _ => {}
            }
            Ok(response)
        }
    })
}
