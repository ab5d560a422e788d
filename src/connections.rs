//! Accepts connections: no more than the server can hold, and none that keeps its place without asking for anything.

use std::future::poll_fn;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::{ConnectInfo, Request};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::{Service, service_fn};

/// How much of the server strangers can take up.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Open connections at a time. Relayed WebSockets have limits of their own and do not count.
    pub connections: usize,
    /// How long a connection may wait with a request's head, before its first byte and between two requests too.
    pub head: Duration,
    /// How long open requests may take to end once the server was told to stop.
    pub drain: Duration,
}

impl Default for Capacity {
    fn default() -> Self {
        Self { connections: 4096, head: Duration::from_secs(30), drain: Duration::from_secs(10) }
    }
}

/// How long to wait after a connection could not be accepted, which mostly means that the process has too many files open.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `stop` is done, then lets open requests end.
pub async fn serve(listener: TcpListener, router: Router, capacity: Capacity, stop: impl Future<Output = ()>) {
    let places = Arc::new(Semaphore::new(capacity.connections));
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    // Who wants HTTP/2 has a proxy in front that speaks it, and TLS.
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(capacity.head);
    let mut stop = pin!(stop);
    loop {
        let next = async {
            // The semaphore is never closed.
            let place = Arc::clone(&places).acquire_owned().await.ok();
            (place, accept(&listener).await)
        };
        let (place, (stream, address)) = tokio::select! {
            next = next => next,
            () = &mut stop => break,
        };
        let service = TowerToHyperService::new(service_of(&router, address));
        let connection = builder.serve_connection(TokioIo::new(stream), service).with_upgrades();
        let closing = closing.clone();
        connections.spawn(async move {
            let mut connection = pin!(connection);
            let ended = tokio::select! {
                ended = connection.as_mut() => ended,
                () = closing.cancelled() => {
                    connection.as_mut().graceful_shutdown();
                    connection.await
                }
            };
            if let Err(error) = ended {
                tracing::debug!(%error, "a connection broke");
            }
            drop(place);
        });
    }
    // New connections are refused from here on.
    drop(listener);
    closing.cancel();
    connections.close();
    if tokio::time::timeout(capacity.drain, connections.wait()).await.is_err() {
        tracing::warn!("some requests did not end in time and were cut off");
    }
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

/// The router for the requests of one connection, which carry the address at its other end.
fn service_of(
    router: &Router,
    address: SocketAddr,
) -> impl Service<
    Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future = impl Future<Output = Result<axum::response::Response, std::convert::Infallible>> + Send,
> + Clone
+ Send
+ 'static {
    let router = router.clone();
    service_fn(move |request: Request<Incoming>| {
        let mut router = router.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(address));
        async move {
            poll_fn(|context| Service::<Request<Body>>::poll_ready(&mut router, context)).await?;
            router.call(request).await
        }
    })
}
