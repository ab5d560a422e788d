//! Realtime connections that record when each row arrives.

use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt, stream};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderName;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use url::Url;

use crate::Failure;
use crate::people::{Backend, Person};

/// Concurrent connection attempts.
const AT_ONCE: usize = 16;
/// A frame that takes longer counts as lost.
const MAX_WAIT: Duration = Duration::from_secs(30);
/// The prefix of the name of each written row.
const MARK: &str = "load-";

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The transport to Appwrite's Realtime.
pub enum Transport<'a> {
    /// Directly to Appwrite, with a JWT.
    Direct { backend: &'a Backend },
    /// Through the app, with its cookie.
    Relay { origin: &'a Url },
}

/// Connections that record when each row arrived.
pub struct Listeners(Vec<JoinHandle<Vec<Option<Instant>>>>);

/// The name of this row.
pub fn row_name(number: usize) -> String {
    format!("{MARK}{number}")
}

impl Listeners {
    /// Opens connections, shared evenly among the users, and waits until all are live. Each expects this many rows.
    pub async fn open(
        transport: &Transport<'_>,
        people: &[Person],
        count: usize,
        rows: usize,
    ) -> Result<Self, Failure> {
        let sockets: Vec<_> = stream::iter(people.iter().cycle().take(count))
            .map(|person| open(transport, person))
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        Ok(Self(sockets.into_iter().map(|socket| tokio::spawn(listen(socket, rows))).collect()))
    }

    /// Closes the connections and returns when each row reached each of them. Fails if a row is missing.
    pub async fn arrivals(self) -> Result<Vec<Vec<Instant>>, Failure> {
        let mut all = Vec::with_capacity(self.0.len());
        for listener in self.0 {
            let arrivals: Option<Vec<_>> = listener.await?.into_iter().collect();
            all.push(arrivals.ok_or("a connection has missed a row")?);
        }
        Ok(all)
    }
}

async fn open(transport: &Transport<'_>, person: &Person) -> Result<Socket, Failure> {
    let (mut address, headers) = match transport {
        Transport::Direct { backend } => (backend.realtime()?, vec![("x-appwrite-jwt", backend.jwt(person).await?)]),
        Transport::Relay { origin } => {
            let own_page = origin.origin().ascii_serialization();
            (origin.join("/realtime")?, vec![("origin", own_page), ("cookie", person.cookie.clone())])
        }
    };
    let scheme = if address.scheme() == "https" { "wss" } else { "ws" };
    address.set_scheme(scheme).map_err(|()| "no address of a socket")?;
    for channel in ["account", "tablesdb.main.tables.birthdays.rows"] {
        address.query_pairs_mut().append_pair("channels[]", channel);
    }
    let mut request = address.as_str().into_client_request()?;
    for (name, value) in headers.into_iter().chain([("x-forwarded-for", person.address.to_string())]) {
        request.headers_mut().insert(HeaderName::from_static(name), value.parse()?);
    }
    let (mut socket, _) = connect_async(request).await?;
    match timeout(MAX_WAIT, socket.next()).await?.ok_or("a connection was closed at once")?? {
        Message::Text(text) if text.contains(r#""type":"connected""#) && text.contains(r#""user":{"#) => Ok(socket),
        other => Err(format!("a connection is not live: {other:?}").into()),
    }
}

/// Receives this many rows, or fewer at the timeout.
async fn listen(mut socket: Socket, rows: usize) -> Vec<Option<Instant>> {
    let mut arrivals = vec![None; rows];
    let mut missing = rows;
    while missing > 0 {
        let Ok(Some(Ok(message))) = timeout(MAX_WAIT, socket.next()).await else { break };
        let now = Instant::now();
        let Message::Text(text) = message else { continue };
        let number = row_number(&text);
        if let Some(arrival @ None) = number.and_then(|number| arrivals.get_mut(number)) {
            *arrival = Some(now);
            missing -= 1;
        }
    }
    // The receiver may be gone at the end of the test.
    let _ = socket.close(None).await;
    arrivals
}

/// Returns the number of the frame's row. Does not parse the frame, because the time would count for the server.
fn row_number(frame: &str) -> Option<usize> {
    let (_, rest) = frame.split_once(MARK)?;
    let digits = rest.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(rest.len());
    rest[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_names_its_row() {
        let frame = format!(r#"{{"type":"event","data":{{"payload":{{"name":"{}"}}}}}}"#, row_name(42));
        assert_eq!(row_number(&frame), Some(42));
        assert_eq!(row_number(r#"{"type":"pong"}"#), None);
        assert_eq!(row_number(r#"{"name":"load-x"}"#), None);
    }
}
