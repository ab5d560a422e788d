//! The connection to Appwrite, on behalf of a user.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::http::{HeaderName, HeaderValue};
use hyper_util::client::proxy::matcher::Matcher;
use rustls::ClientConfig;
use rustls_platform_verifier::BuilderVerifierExt;
use secrecy::{ExposeSecret, SecretString};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{Connector, MaybeTlsStream, WebSocketStream, client_async_tls_with_config};
use url::Url;

use super::proxy;

/// A socket to Appwrite.
pub(super) type Upstream = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// The time limit for the handshake.
const DEADLINE: Duration = Duration::from_secs(8);
/// The maximum frame length, in bytes. An event contains one row, which has at most about a megabyte.
const MAX_FRAME_LENGTH: usize = 4 * 1024 * 1024;
/// The initial read buffer of each socket, in bytes: enough for the event of a short row. It grows for longer frames.
const READ_BUFFER: usize = 2 * 1024;

/// TLS with the same certificates as the calls to Appwrite. Reading them takes milliseconds, so it happens once.
static TLS: LazyLock<Result<Arc<ClientConfig>, rustls::Error>> = LazyLock::new(|| {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions()?;
    Ok(Arc::new(config.with_platform_verifier()?.with_no_client_auth()))
});

const JWT: HeaderName = HeaderName::from_static("x-appwrite-jwt");
const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The reason for a failed connection to Appwrite.
#[derive(Debug, thiserror::Error)]
pub(super) enum UpstreamError {
    /// The handshake took too long.
    #[error("Appwrite's Realtime does not answer")]
    TimedOut,
    /// The network, TLS or the server failed.
    #[error("Appwrite's Realtime cannot be reached: {0}")]
    Unreachable(Box<tokio_tungstenite::tungstenite::Error>),
    /// The address or a header is invalid.
    #[error("the handshake with Appwrite's Realtime cannot be written")]
    Unwritable,
}

/// Opens a socket for these channels as the JWT's user.
///
/// Sends no `Origin`: Appwrite then does not check for a platform. Sends the user's address, because Appwrite counts
/// connections by address.
pub(super) async fn connect(
    endpoint: &Url,
    project_id: &str,
    channels: &[String],
    jwt: &SecretString,
    client: IpAddr,
) -> Result<Upstream, UpstreamError> {
    let address = address(endpoint, project_id, channels).ok_or(UpstreamError::Unwritable)?;
    let mut request = address.as_str().into_client_request().map_err(|_| UpstreamError::Unwritable)?;
    let header = |text: &str| HeaderValue::from_str(text).map_err(|_| UpstreamError::Unwritable);
    let mut token = header(jwt.expose_secret())?;
    token.set_sensitive(true);
    request.headers_mut().insert(JWT, token);
    request.headers_mut().insert(FORWARDED_FOR, header(&client.to_string())?);
    open(request).await
}

/// Opens a socket like a browser does, with the JWT in the address.
pub(super) async fn connect_as_browser(
    endpoint: &Url,
    project_id: &str,
    channels: &[String],
    jwt: &SecretString,
) -> Result<Upstream, UpstreamError> {
    let mut address = address(endpoint, project_id, channels).ok_or(UpstreamError::Unwritable)?;
    address.query_pairs_mut().append_pair("jwt", jwt.expose_secret());
    open(address.as_str().into_client_request().map_err(|_| UpstreamError::Unwritable)?).await
}

async fn open(request: Request) -> Result<Upstream, UpstreamError> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .max_message_size(Some(MAX_FRAME_LENGTH))
        .max_frame_size(Some(MAX_FRAME_LENGTH));
    let opened = async {
        let stream = proxy::connect(&Matcher::from_env(), request.uri()).await;
        let stream = stream.map_err(|error| Error::Io(std::io::Error::other(error)))?;
        let tls = TLS.clone().map_err(|error| Error::Io(std::io::Error::other(error)))?;
        client_async_tls_with_config(request, stream, Some(config), Some(Connector::Rustls(tls))).await
    };
    match timeout(DEADLINE, opened).await {
        Ok(Ok((socket, _))) => Ok(socket),
        Ok(Err(error)) => Err(UpstreamError::Unreachable(Box::new(error))),
        Err(_) => Err(UpstreamError::TimedOut),
    }
}

fn address(endpoint: &Url, project_id: &str, channels: &[String]) -> Option<Url> {
    let mut address = endpoint.clone();
    let scheme = if endpoint.scheme() == "https" { "wss" } else { "ws" };
    address.set_scheme(scheme).ok()?;
    address.path_segments_mut().ok()?.pop_if_empty().push("realtime");
    address.query_pairs_mut().clear().append_pair("project", project_id);
    for channel in channels {
        address.query_pairs_mut().append_pair("channels[]", channel);
    }
    Some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn realtime_url_has_all_channels_and_no_token() {
        let endpoint = Url::parse("https://cloud.example/v1/").expect("an address");
        let address = address(&endpoint, "demo", &["account".into(), "rows".into()]).expect("an address");
        assert_eq!(
            address.as_str(),
            "wss://cloud.example/v1/realtime?project=demo&channels%5B%5D=account&channels%5B%5D=rows"
        );
    }

    #[test]
    fn http_becomes_ws() {
        let endpoint = Url::parse("http://127.0.0.1:9380/v1").expect("an address");
        let address = address(&endpoint, "demo", &[]).expect("an address");
        assert_eq!(address.as_str(), "ws://127.0.0.1:9380/v1/realtime?project=demo");
    }
}
