//! A TCP proxy between the app and Appwrite that lets a test change the traffic.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use url::Url;

/// The proxy. Its task ends with the test's runtime.
#[derive(Clone, Default)]
pub struct Network {
    address: Option<SocketAddr>,
    changes: Arc<Changes>,
}

#[derive(Default)]
struct Changes {
    destination: OnceLock<SocketAddr>,
    version: Version,
    /// The delay of each request.
    delay: Duration,
    jwt: Mutex<Option<String>>,
    /// The number of Realtime handshakes with a JWT in the URL.
    probes: AtomicUsize,
    is_mute: AtomicBool,
    refuses_requests: AtomicBool,
    refused: AtomicUsize,
    /// Cuts off the requests that start with this.
    cut: Mutex<Option<&'static str>>,
    /// Holds back Realtime handshakes: each one needs a permit.
    gate: OnceLock<Semaphore>,
}

/// The version that the server appears to have.
#[derive(Default)]
enum Version {
    #[default]
    True,
    Hidden,
    Claimed(&'static str),
}

impl Network {
    /// Starts a proxy that changes nothing yet.
    pub async fn start() -> Self {
        Self::with(Changes::default()).await
    }

    /// Starts a proxy that delays each request.
    pub async fn delaying(delay: Duration) -> Self {
        Self::with(Changes { delay, ..Changes::default() }).await
    }

    /// Starts a proxy that hides the server's version.
    pub async fn hiding_version() -> Self {
        Self::with(Changes { version: Version::Hidden, ..Changes::default() }).await
    }

    /// Starts a proxy that reports this version of the server.
    pub async fn claiming_version(version: &'static str) -> Self {
        Self::with(Changes { version: Version::Claimed(version), ..Changes::default() }).await
    }

    /// The number of Realtime handshakes with a JWT in the URL.
    pub fn handshakes_with_jwt(&self) -> usize {
        self.changes.probes.load(Ordering::SeqCst)
    }

    /// Drops everything that Appwrite sends on Realtime connections from now on.
    pub fn mute_realtime(&self) {
        self.changes.is_mute.store(true, Ordering::SeqCst);
    }

    /// Cuts off requests from now on; Realtime connections stay open.
    pub fn refuse_requests(&self) {
        self.changes.refuses_requests.store(true, Ordering::SeqCst);
    }

    /// Cuts off from now on the requests that start with `start` (`PATCH /v1/users/`). `None` cuts off none.
    pub fn cut(&self, start: Option<&'static str>) {
        *self.changes.cut.lock().expect("the start") = start;
    }

    /// The number of requests that were cut off.
    pub fn refused_requests(&self) -> usize {
        self.changes.refused.load(Ordering::SeqCst)
    }

    /// Holds back Realtime handshakes until [`let_handshakes_pass`](Self::let_handshakes_pass).
    pub fn hold_handshakes(&self) {
        assert!(self.changes.gate.set(Semaphore::new(0)).is_ok(), "held once");
    }

    /// Lets the waiting handshakes and all later ones pass.
    pub fn let_handshakes_pass(&self) {
        self.changes.gate.get().expect("held handshakes").add_permits(1000);
    }

    async fn with(changes: Changes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let network = Self { address: listener.local_addr().ok(), changes: Arc::new(changes) };
        let changes = Arc::clone(&network.changes);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let changes = Arc::clone(&changes);
                // Ignores the result: the other side notices a closed connection itself.
                tokio::spawn(async move { changes.carry(connection).await });
            }
        });
        network
    }

    /// Sets the server behind this proxy.
    pub fn lead_to(&self, endpoint: &Url) {
        let address = endpoint.socket_addrs(|| None).expect("an address")[0];
        self.changes.destination.set(address).expect("one destination");
    }

    /// The endpoint of this proxy.
    pub fn endpoint(&self) -> Url {
        let address = self.address.expect("an address");
        Url::parse(&format!("http://{address}/v1")).expect("an endpoint")
    }

    /// Replaces the JWT of each Realtime handshake from now on.
    pub fn exchange_jwt(&self, jwt: &str) {
        *self.changes.jwt.lock().expect("the JWT") = Some(jwt.to_owned());
    }
}

impl Changes {
    /// Forwards one request, and all data of an upgraded connection.
    async fn carry(&self, mut here: TcpStream) -> Option<()> {
        let mut read = Vec::new();
        let end = loop {
            if let Some(at) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break at + 4;
            }
            if here.read_buf(&mut read).await.ok()? == 0 {
                return None;
            }
        };
        let head = String::from_utf8(read[..end].to_vec()).ok()?;
        tokio::time::sleep(self.delay).await;
        if head.starts_with("GET /v1/health/version ")
            && let Some((status, body)) = self.version.answer()
        {
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
            return here.write_all(answer.as_bytes()).await.ok();
        }
        let is_realtime = head.starts_with("GET /v1/realtime?");
        if is_realtime && head.lines().next().is_some_and(|line| line.contains("jwt=")) {
            self.probes.fetch_add(1, Ordering::SeqCst);
        }
        if is_realtime && let Some(gate) = self.gate.get() {
            gate.acquire().await.ok()?.forget();
        }
        let is_cut = self.cut.lock().expect("the start").is_some_and(|start| head.starts_with(start));
        if is_cut || (!is_realtime && self.refuses_requests.load(Ordering::SeqCst)) {
            self.refused.fetch_add(1, Ordering::SeqCst);
            return None;
        }
        let mut there = TcpStream::connect(self.destination.get()?).await.ok()?;
        there.write_all(self.changed(&head).as_bytes()).await.ok()?;
        there.write_all(&read[end..]).await.ok()?;
        if !is_realtime {
            return copy_bidirectional(&mut here, &mut there).await.ok().map(|_| ());
        }
        let ((mut from_here, mut to_here), (mut from_there, mut to_there)) = (here.split(), there.split());
        let said = tokio::io::copy(&mut from_here, &mut to_there);
        let heard = async {
            let mut frames = Vec::new();
            while from_there.read_buf(&mut frames).await.is_ok_and(|read| read > 0) {
                if !self.is_mute.load(Ordering::SeqCst) {
                    to_here.write_all(&frames).await?;
                }
                frames.clear();
            }
            Ok::<_, std::io::Error>(())
        };
        tokio::select! {
            _ = said => {}
            _ = heard => {}
        }
        Some(())
    }

    fn changed(&self, head: &str) -> String {
        let name_of = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_upgrade = head.lines().any(|line| name_of(line) == "upgrade");
        let jwt = self.jwt.lock().expect("the JWT").clone().filter(|_| is_upgrade);
        let mut lines: Vec<String> = head.trim_end().split("\r\n").map(str::to_owned).collect();
        if !is_upgrade {
            // Makes the next request use a new connection, so that it passes through here too.
            lines.retain(|line| name_of(line) != "connection");
            lines.push("connection: close".to_owned());
        }
        for line in lines.iter_mut().filter(|line| name_of(line) == "x-appwrite-jwt") {
            if let Some(jwt) = &jwt {
                *line = format!("x-appwrite-jwt: {jwt}");
            }
        }
        lines.join("\r\n") + "\r\n\r\n"
    }
}

impl Version {
    fn answer(&self) -> Option<(&'static str, String)> {
        match self {
            Self::True => None,
            Self::Hidden => {
                let body = r#"{"message":"Route not found.","code":404,"type":"general_route_not_found","version":""}"#;
                Some(("404 Not Found", body.to_owned()))
            }
            Self::Claimed(version) => Some(("200 OK", format!(r#"{{"version":"{version}"}}"#))),
        }
    }
}
