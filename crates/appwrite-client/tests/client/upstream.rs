//! A scripted server on a real socket that records its requests.

use std::{
    collections::HashMap,
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

/// A received request.
#[derive(Debug, Clone)]
pub struct Received {
    pub method: String,
    /// The path as sent, percent-encoded, without the query.
    pub path: String,
    pub query: String,
    /// Header names are in lower case. The values of a repeated header are joined with a comma.
    pub headers: HashMap<String, String>,
    pub body: Vec<u8>,
    /// The number of its connection, from 0.
    pub connection: usize,
}

impl Received {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("a request with a JSON body")
    }

    /// The values of the credentials that the request carries.
    pub fn credentials(&self) -> Vec<&str> {
        ["x-appwrite-key", "x-appwrite-session", "x-appwrite-jwt", "cookie", "authorization"]
            .into_iter()
            .filter_map(|name| self.header(name))
            .collect()
    }

    /// The queries of a list, decoded.
    pub fn queries(&self) -> Vec<Value> {
        url::form_urlencoded::parse(self.query.as_bytes())
            .filter(|(name, _)| name == "queries[]")
            .map(|(_, value)| serde_json::from_str(&value).expect("a query in JSON"))
            .collect()
    }
}

/// The server's reaction to a request.
#[derive(Debug, Clone)]
pub enum Answer {
    /// A whole response; the connection stays open.
    Whole { status: u16, headers: Vec<(&'static str, String)>, body: Vec<u8> },
    /// These bytes, then the end of the connection.
    Raw(Vec<u8>),
    /// Valid headers, then one byte of the body at intervals, forever.
    Drip(Duration),
    /// Valid headers, then an endless body, as fast as the client reads.
    Endless,
    /// Nothing, on an open connection.
    Silence,
    /// The end of the connection.
    HangUp,
}

impl Answer {
    pub fn json(status: u16, body: Value) -> Self {
        let headers = vec![("content-type", "application/json; charset=UTF-8".to_owned())];
        Self::Whole { status, headers, body: body.to_string().into_bytes() }
    }

    /// An error in the format of Appwrite 1.9.6.
    pub fn error(status: u16, kind: &str, message: &str) -> Self {
        Self::json(status, json!({ "message": message, "code": status, "type": kind, "version": "1.9.6" }))
    }

    pub fn html(status: u16) -> Self {
        let headers = vec![("content-type", "text/html; charset=UTF-8".to_owned())];
        Self::Whole { status, headers, body: b"<!DOCTYPE html><html lang=\"en\"><p>Page</p></html>".to_vec() }
    }

    /// The response of 1.9.6 to an unknown route.
    pub fn unknown_route() -> Self {
        Self::html(404)
    }

    pub fn empty(status: u16) -> Self {
        Self::Whole { status, headers: Vec::new(), body: Vec::new() }
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        if let Self::Whole { headers, .. } = &mut self {
            headers.push((name, value.to_owned()));
        }
        self
    }
}

/// The server. It stops when dropped.
pub struct Upstream {
    address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    task: JoinHandle<()>,
}

impl Upstream {
    /// Starts a server that responds to each request according to `script`.
    pub async fn start(script: impl Fn(&Received) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("its address");
        let received = Arc::new(Mutex::new(Vec::new()));
        let script = Arc::new(script);
        let task = tokio::spawn({
            let received = Arc::clone(&received);
            async move {
                let mut connections = tokio::task::JoinSet::new();
                for connection in 0.. {
                    let Ok((stream, _)) = listener.accept().await else { return };
                    connections.spawn(serve(stream, connection, Arc::clone(&received), Arc::clone(&script)));
                }
            }
        });
        Self { address, received, task }
    }

    /// Starts a server that always sends the same response.
    pub async fn always(answer: Answer) -> Self {
        Self::start(move |_| answer.clone()).await
    }

    pub fn endpoint(&self) -> url::Url {
        format!("http://{}/v1", self.address).parse().expect("an address")
    }

    /// The requests so far.
    pub fn received(&self) -> Vec<Received> {
        lock(&self.received).clone()
    }

    /// The method and path of each request so far, without the leading `/v1`.
    pub fn asked(&self) -> Vec<String> {
        let asked = |request: &Received| format!("{} {}", request.method, request.path.trim_start_matches("/v1"));
        lock(&self.received).iter().map(asked).collect()
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Answers the requests of one connection until it ends.
async fn serve<S: Fn(&Received) -> Answer>(
    mut stream: TcpStream,
    connection: usize,
    received: Arc<Mutex<Vec<Received>>>,
    script: Arc<S>,
) -> Option<()> {
    let mut buffer = Vec::new();
    loop {
        let request = read(&mut stream, &mut buffer, connection).await?;
        let answer = script(&request);
        lock(&received).push(request);
        match answer {
            Answer::Whole { status, headers, body } => {
                let mut head = format!("HTTP/1.1 {status} Scripted\r\ncontent-length: {}\r\n", body.len());
                for (name, value) in headers {
                    head.push_str(&format!("{name}: {value}\r\n"));
                }
                head.push_str("\r\n");
                stream.write_all(&[head.as_bytes(), &body].concat()).await.ok()?;
            }
            Answer::Raw(bytes) => {
                stream.write_all(&bytes).await.ok()?;
                return None;
            }
            Answer::Drip(pause) => {
                stream.write_all(b"HTTP/1.1 200 Scripted\r\ncontent-length: 100000\r\n\r\n").await.ok()?;
                loop {
                    stream.write_all(b" ").await.ok()?;
                    tokio::time::sleep(pause).await;
                }
            }
            Answer::Endless => {
                stream.write_all(b"HTTP/1.1 200 Scripted\r\ntransfer-encoding: chunked\r\n\r\n").await.ok()?;
                let chunk = [b"1000\r\n".as_slice(), &[b' '; 0x1000], b"\r\n"].concat();
                loop {
                    stream.write_all(&chunk).await.ok()?;
                }
            }
            Answer::Silence => std::future::pending().await,
            Answer::HangUp => return None,
        }
    }
}

/// Reads one request; none if the connection ends first.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>, connection: usize) -> Option<Received> {
    let head_end = loop {
        match buffer.windows(4).position(|window| window == b"\r\n\r\n") {
            Some(at) => break at + 4,
            None => more(stream, buffer).await?,
        }
    };
    let head = String::from_utf8(buffer[..head_end].to_vec()).expect("a head in ASCII");
    let mut lines = head.lines();
    let mut start = lines.next().expect("a request line").split(' ');
    let method = start.next().expect("a method").to_owned();
    let target = start.next().expect("a target");
    let (path, query) = target.split_once('?').unwrap_or((target, ""));

    let mut headers: HashMap<String, String> = HashMap::new();
    for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
        headers
            .entry(name.to_ascii_lowercase())
            .and_modify(|earlier| *earlier = format!("{earlier}, {value}"))
            .or_insert_with(|| value.to_owned());
    }
    let length: usize = headers.get("content-length").map_or(0, |length| length.parse().expect("a length"));
    while buffer.len() < head_end + length {
        more(stream, buffer).await?;
    }
    let body = buffer[head_end..head_end + length].to_vec();
    buffer.drain(..head_end + length);
    Some(Received { method, path: path.to_owned(), query: query.to_owned(), headers, body, connection })
}

async fn more(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut chunk = [0; 8192];
    match stream.read(&mut chunk).await {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.extend_from_slice(&chunk[..count]);
            Some(())
        }
    }
}
