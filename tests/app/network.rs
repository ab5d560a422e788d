//! A stretch of network between an app and its Appwrite, on which a test changes what passes.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// What is done to each request that passes. Its task ends with the test's runtime.
#[derive(Clone, Default)]
pub struct Network {
    address: Option<SocketAddr>,
    changes: Arc<Changes>,
}

#[derive(Default)]
struct Changes {
    destination: OnceLock<SocketAddr>,
    hides_version: bool,
    jwt: Mutex<Option<String>>,
}

impl Network {
    /// One on which nothing is changed yet.
    pub async fn start() -> Self {
        Self::with(Changes::default()).await
    }

    /// One on which a server seems to keep its version to itself.
    pub async fn hiding_version() -> Self {
        Self::with(Changes { hides_version: true, ..Changes::default() }).await
    }

    async fn with(changes: Changes) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let network = Self { address: listener.local_addr().ok(), changes: Arc::new(changes) };
        let changes = Arc::clone(&network.changes);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let changes = Arc::clone(&changes);
                // Whoever hangs up in between is seen by the other side.
                tokio::spawn(async move { changes.carry(connection).await });
            }
        });
        network
    }

    /// Where the other end of this network is.
    pub fn lead_to(&self, endpoint: &Url) {
        let address = endpoint.socket_addrs(|| None).expect("an address")[0];
        self.changes.destination.set(address).expect("one destination");
    }

    /// The endpoint at this end.
    pub fn endpoint(&self) -> Url {
        let address = self.address.expect("an address");
        Url::parse(&format!("http://{address}/v1")).expect("an endpoint")
    }

    /// From now on, each handshake of Realtime has this JWT in the place of its own.
    pub fn exchange_jwt(&self, jwt: &str) {
        *self.changes.jwt.lock().expect("the JWT") = Some(jwt.to_owned());
    }
}

impl Changes {
    /// Carries one request, and whatever follows it on a connection that was upgraded.
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
        if self.hides_version && head.starts_with("GET /v1/health/version ") {
            let body = r#"{"message":"Route not found.","code":404,"type":"general_route_not_found","version":""}"#;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: {length}\r\n\
                 connection: close\r\n\r\n{body}"
            );
            return here.write_all(answer.as_bytes()).await.ok();
        }
        let mut there = TcpStream::connect(self.destination.get()?).await.ok()?;
        there.write_all(self.changed(&head).as_bytes()).await.ok()?;
        there.write_all(&read[end..]).await.ok()?;
        copy_bidirectional(&mut here, &mut there).await.ok().map(|_| ())
    }

    fn changed(&self, head: &str) -> String {
        let name_of = |line: &str| line.split(':').next().unwrap_or_default().to_ascii_lowercase();
        let is_upgrade = head.lines().any(|line| name_of(line) == "upgrade");
        let jwt = self.jwt.lock().expect("the JWT").clone().filter(|_| is_upgrade);
        let mut lines: Vec<String> = head.trim_end().split("\r\n").map(str::to_owned).collect();
        if !is_upgrade {
            // The next request comes on a connection of its own, and passes here too.
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
