//! Asks for a page over many kept connections, and prints the answers a second and their delays as one line of JSON.

use std::time::{Duration, Instant};

use clap::Parser;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Any failure; it ends the measurement.
type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Asks for a page over many connections.
#[derive(Parser, Clone)]
struct Arguments {
    /// The server's port on 127.0.0.1.
    #[arg(long)]
    port: u16,
    /// The page.
    #[arg(long)]
    path: String,
    /// The value of the header `Cookie`.
    #[arg(long)]
    cookie: Option<String>,
    /// The value of the header `Accept-Encoding`.
    #[arg(long)]
    encoding: Option<String>,
    /// A text that each answer contains, unless it is compressed.
    #[arg(long)]
    contains: Option<String>,
    /// The number of connections.
    #[arg(long, default_value_t = 32)]
    connections: usize,
    /// The time to measure, in seconds.
    #[arg(long, default_value_t = 2.0)]
    seconds: f64,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Failure> {
    let arguments = Arguments::parse();
    let start = Instant::now();
    let end = start + Duration::from_secs_f64(arguments.seconds);
    let mut visitors = JoinSet::new();
    for number in 0..arguments.connections {
        visitors.spawn(visit(arguments.clone(), number, end));
    }
    let (mut delays, mut bytes) = (Vec::new(), 0);
    while let Some(visitor) = visitors.join_next().await {
        let (mut own, size) = visitor??;
        delays.append(&mut own);
        bytes = size;
    }
    let seconds = start.elapsed().as_secs_f64();
    delays.sort_unstable();
    let percentile =
        |percent: usize| delays.get(delays.len() * percent / 100).map_or(0.0, |delay| delay.as_secs_f64() * 1e3);
    let per_second = delays.len() as f64 / seconds;
    println!("{}", json!({ "perSecond": per_second, "p50": percentile(50), "p99": percentile(99), "bytes": bytes }));
    Ok(())
}

/// Asks again and again until `end`. Returns the delays and the size of the last answer.
async fn visit(arguments: Arguments, number: usize, end: Instant) -> Result<(Vec<Duration>, usize), Failure> {
    let mut connection = TcpStream::connect(("127.0.0.1", arguments.port)).await?;
    connection.set_nodelay(true)?;
    let optional = [("cookie", &arguments.cookie), ("accept-encoding", &arguments.encoding)];
    let optional: String =
        optional.iter().filter_map(|(name, value)| Some(format!("{name}: {}\r\n", value.as_ref()?))).collect();
    // Each connection is a client of its own to the app's limits.
    let request = format!(
        "GET {} HTTP/1.1\r\nhost: localhost:{}\r\nx-forwarded-for: 198.51.100.{}\r\naccept: text/html\r\n{optional}\r\n",
        arguments.path,
        arguments.port,
        number % 250,
    );
    let (mut delays, mut answer) = (Vec::new(), Vec::new());
    while Instant::now() < end {
        let sent = Instant::now();
        connection.write_all(request.as_bytes()).await?;
        answer.clear();
        while !is_whole(&answer)? {
            if connection.read_buf(&mut answer).await? == 0 {
                return Err("the server closed the connection".into());
            }
        }
        delays.push(sent.elapsed());
    }
    if let Some(text) = &arguments.contains
        && !String::from_utf8_lossy(&answer).contains(text)
    {
        return Err(format!("the page lacks {text:?}").into());
    }
    Ok((delays, answer.len()))
}

/// True if the whole response has arrived: as many bytes as its length says, or its last chunk.
fn is_whole(answer: &[u8]) -> Result<bool, Failure> {
    let Some(head_end) = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return Ok(false) };
    let head = std::str::from_utf8(&answer[..head_end])?;
    if !head.starts_with("HTTP/1.1 200") {
        return Err(head.into());
    }
    let length = head.lines().find_map(|line| {
        let (name, value) = line.split_once(": ")?;
        name.eq_ignore_ascii_case("content-length").then(|| value.parse::<usize>().ok())?
    });
    Ok(match length {
        Some(length) => answer.len() >= head_end + 4 + length,
        None => answer.ends_with(b"\r\n0\r\n\r\n"),
    })
}
