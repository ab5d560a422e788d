//! Determines a client's address: the peer's own, or the one reported by a trusted proxy.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use axum::extract::ConnectInfo;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use ipnet::IpNet;

/// Returns the client's address.
///
/// `X-Forwarded-For` counts only if the peer is a trusted proxy. The client is then the right-most address that is not
/// a trusted proxy, because untrusted clients can write everything to the left of it.
pub fn client_address(parts: &Parts, trusted: &[IpNet]) -> IpAddr {
    let peer = parts
        .extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |ConnectInfo(address)| address.ip().to_canonical());
    behind_proxies(peer, &parts.headers, trusted)
}

fn behind_proxies(peer: IpAddr, headers: &HeaderMap, trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    if !is_trusted(&peer) {
        return peer;
    }
    let values = headers.get_all("x-forwarded-for").iter().rev();
    let mut nearest = peer;
    for text in values.flat_map(|value| value.as_bytes().rsplit(|byte| *byte == b',')) {
        let Some(address) = parsed(text) else { break };
        nearest = address.to_canonical();
        if !is_trusted(&nearest) {
            break;
        }
    }
    nearest
}

/// Some proxies add the client's port.
fn parsed(text: &[u8]) -> Option<IpAddr> {
    let text = str::from_utf8(text).ok()?.trim();
    text.parse().ok().or_else(|| Some(text.parse::<SocketAddr>().ok()?.ip()))
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn address(peer: &str, forwarded: &[&str]) -> String {
        let trusted = ["10.0.0.0/8".parse().expect("a net")];
        let headers = forwarded
            .iter()
            .map(|value| {
                (
                    HeaderName::from_static("x-forwarded-for"),
                    HeaderValue::from_bytes(value.as_bytes()).expect("a value"),
                )
            })
            .collect();
        behind_proxies(peer.parse().expect("an address"), &headers, &trusted).to_string()
    }

    #[test]
    fn untrusted_client_cannot_choose_its_address() {
        assert_eq!(address("203.0.113.5", &["198.51.100.7"]), "203.0.113.5");
    }

    #[test]
    fn trusted_proxy_names_the_client() {
        assert_eq!(address("10.0.0.1", &["198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["198.51.100.7, 10.0.0.2"]), "198.51.100.7");
    }

    #[test]
    fn port_of_the_client_is_ignored() {
        assert_eq!(address("10.0.0.1", &["1.2.3.4, 198.51.100.7:50123"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["[2001:db8::7]:50123"]), "2001:db8::7");
    }

    #[test]
    fn forwarded_header_of_the_client_is_ignored() {
        assert_eq!(address("10.0.0.1", &["1.2.3.4, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["1.2.3.4", "198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["nonsense, 198.51.100.7"]), "198.51.100.7");
        assert_eq!(address("10.0.0.1", &["198.51.100.7, nonsense"]), "10.0.0.1");
        assert_eq!(address("10.0.0.1", &["\u{e9}, 198.51.100.7"]), "198.51.100.7");
    }
}
