//! Connects directly, or through the proxy that `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` name, like the
//! calls to Appwrite.

use std::error::Error;

use appwrite_client::is_loopback;
use axum::http::Uri;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::proxy::matcher::Matcher;
use tokio::net::TcpStream;
use tower::{Service, ServiceExt};

/// Opens a connection to the host of `destination`, a `ws` or `wss` address. The proxy sees only the host, and not the
/// content of the TLS connection.
pub(super) async fn connect(proxies: &Matcher, destination: &Uri) -> Result<TcpStream, Box<dyn Error + Send + Sync>> {
    let host = destination.host().unwrap_or_default();
    let scheme = if destination.scheme_str() == Some("wss") { "https" } else { "http" };
    let port = destination.port_u16().unwrap_or(if scheme == "https" { 443 } else { 80 });
    let address: Uri = format!("{scheme}://{host}:{port}/").parse()?;
    let is_here = destination.to_string().parse().is_ok_and(|url| is_loopback(&url));
    let mut direct = HttpConnector::new();
    direct.set_nodelay(true);
    let stream = match proxies.intercept(&address).filter(|_| !is_here) {
        Some(proxy) => {
            let mut tunnel = Tunnel::new(proxy.uri().clone(), direct);
            if let Some(authorization) = proxy.basic_auth() {
                tunnel = tunnel.with_auth(authorization.clone());
            }
            tunnel.ready().await?.call(address).await?
        }
        None => {
            direct.enforce_http(false);
            direct.ready().await?.call(address).await?
        }
    };
    Ok(stream.into_inner())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    async fn head(stream: &mut TcpStream) -> String {
        let mut read = Vec::new();
        while !read.ends_with(b"\r\n\r\n") {
            read.push(stream.read_u8().await.expect("a request"));
        }
        String::from_utf8(read).expect("text")
    }

    #[tokio::test]
    async fn proxy_opens_a_tunnel_to_the_host() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let proxies = Matcher::builder().all(format!("http://ann:secret@{address}")).no("near.example").build();
        let serve = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let head = head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("an answer");
            (head, stream)
        };
        let destination = Uri::from_static("wss://appwrite.example/v1/realtime?project=demo&jwt=secret");
        let (opened, (head, _stream)) = tokio::join!(connect(&proxies, &destination), serve);
        opened.expect("a tunnel");
        assert!(head.starts_with("CONNECT appwrite.example:443 HTTP/1.1\r\n"), "{head}");
        assert!(head.to_lowercase().contains("proxy-authorization: basic ") && !head.contains("jwt"), "{head}");
        assert!(proxies.intercept(&Uri::from_static("https://near.example/")).is_none());
    }

    #[tokio::test]
    async fn name_that_starts_like_loopback_uses_the_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxies = Matcher::builder().all(format!("http://{}", listener.local_addr().expect("an address"))).build();
        let serve = async {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let head = head(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.expect("an answer");
            head
        };
        let destination = Uri::from_static("ws://127.example.com/v1/realtime");
        let (opened, head) = tokio::join!(connect(&proxies, &destination), serve);
        opened.expect("a tunnel");
        assert!(head.starts_with("CONNECT 127.example.com:80 HTTP/1.1\r\n"), "{head}");
    }

    #[tokio::test]
    async fn loopback_bypasses_the_proxy() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let destination = format!("ws://{}/v1/realtime", listener.local_addr().expect("an address"));
        let proxies = Matcher::builder().all("http://127.0.0.1:9").build();
        connect(&proxies, &destination.parse().expect("an address")).await.expect("a connection");
    }
}
