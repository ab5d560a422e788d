//! The ticket that our server issues to a browser, and the WebSocket URL created from it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::protocol::{RowNaming, is_of_account};

/// A short-lived permission for one connection attempt. It never contains the session's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The user's id.
    pub user_id: String,
    /// The session's id, if known. It is not secret.
    pub session_id: Option<String>,
    /// The seconds until the session expires. Appwrite sends no event when it does.
    pub session_expires_in: Option<u64>,
    /// The ticket's lifetime in seconds.
    pub lifetime: u64,
    /// The transport to the server.
    pub transport: Transport,
    /// The server's naming of row channels.
    pub row_naming: RowNaming,
    /// True if the server accepts messages that add channels or send presence (1.9.5 and later).
    pub takes_messages: bool,
    /// True if the server accepts queries in the address that filter events (1.9.0 and later).
    pub takes_queries: bool,
}

impl Ticket {
    /// True if the address names the channel. A direct connection subscribes to the account only as `account`, and only
    /// if queries exclude secrets.
    pub fn carries(&self, channel: &str) -> bool {
        match &self.transport {
            Transport::Direct { .. } if is_of_account(channel) => self.takes_queries && channel == "account",
            Transport::Direct { .. } | Transport::Relay { .. } => true,
        }
    }
}

/// The transport from a browser to Realtime.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// Directly to Appwrite, with a JWT in the address (Appwrite Cloud, 2.x).
    Direct {
        /// Appwrite's endpoint for browsers, for instance `https://cloud.example/v1`.
        endpoint: String,
        /// The project's id.
        project: String,
        /// The JWT.
        jwt: String,
    },
    /// Through our own server, which identifies the user by the cookie (servers that ignore a JWT in the address).
    Relay {
        /// The path on our own origin, for instance `/realtime`.
        path: String,
    },
}

/// The endpoint is not a valid base for the WebSocket URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint must start with http:// or https:// and have neither a query nor a fragment")]
pub struct UnusableEndpoint;

/// Returns the WebSocket URL with the channels. `http` becomes `ws`, and `https` becomes `wss`.
///
/// `own_origin` is the page's origin, for instance `https://app.example`, where the relay is.
///
/// A direct connection subscribes to the account only with [`ACCOUNT_QUERIES`], and not at all if the server does not
/// support queries. The relay removes secrets itself.
///
/// # Errors
/// If the endpoint (for the relay: the origin) is not an HTTP URL.
pub fn address<'a>(
    ticket: &Ticket,
    own_origin: &str,
    channels: impl IntoIterator<Item = &'a str>,
) -> Result<String, UnusableEndpoint> {
    let (mut address, mut separator) = match &ticket.transport {
        Transport::Direct { endpoint, project, .. } => {
            (format!("{}/realtime?project={}", websocket(endpoint)?, encode(project)), '&')
        }
        Transport::Relay { path } => (format!("{}{path}", websocket(own_origin)?), '?'),
    };
    let is_direct = matches!(ticket.transport, Transport::Direct { .. });
    let mut hears_account = false;
    for channel in channels.into_iter().filter(|channel| ticket.carries(channel)) {
        if is_direct && is_of_account(channel) {
            hears_account = true;
            continue;
        }
        push_channel(&mut address, separator, channel);
        separator = '&';
    }
    if hears_account {
        push_account(&mut address, &ticket.user_id);
    }
    if let Transport::Direct { jwt, .. } = &ticket.transport {
        address.push_str("&jwt=");
        address.push_str(&encode(jwt));
    }
    Ok(address)
}

/// Filters the account events that a browser may receive: an event must match all queries of one subscription.
///
/// Scripts must never see secrets. Two kinds of events contain some: a new session created with an API key (its secret,
/// recorded from 1.9.6), and every event of a session that another client started at an OAuth2 provider (the provider's
/// tokens). So the queries allow: sessions that are updated or deleted, without any of these; objects with a status
/// (the account itself); and used tokens (a verified address), without secret or phrase. A query never matches an
/// object that lacks its attribute.
///
/// Sessions that this server starts at a provider have no such tokens, because Appwrite stores those elsewhere
/// (account.php, `$createSession`). So browsers receive the end of these sessions.
pub const ACCOUNT_QUERIES: [&[&str]; 3] = [
    &[
        NO_SECRET,
        r#"{"method":"equal","attribute":"providerAccessToken","values":[""]}"#,
        r#"{"method":"equal","attribute":"providerRefreshToken","values":[""]}"#,
    ],
    &[r#"{"method":"equal","attribute":"status","values":[true,false]}"#],
    &[NO_SECRET, r#"{"method":"equal","attribute":"phrase","values":[""]}"#],
];

const NO_SECRET: &str = r#"{"method":"equal","attribute":"secret","values":[""]}"#;

fn push_channel(address: &mut String, separator: char, channel: &str) {
    address.push(separator);
    address.push_str("channels[]=");
    address.push_str(&encode(channel));
}

/// Sets the queries for both `account` and `account.<user id>`: Appwrite adds the latter, and a channel without queries
/// gets every event. Parameters use underscores for dots; subscription 0 is for channels without queries.
fn push_account(address: &mut String, user_id: &str) {
    push_channel(address, '&', "account");
    for name in ["account".to_owned(), format!("account_{}", user_id.replace('.', "_"))] {
        for (index, queries) in (1..).zip(ACCOUNT_QUERIES) {
            for query in queries {
                address.push_str(&format!("&{}[{index}][]={}", encode(&name), encode(query)));
            }
        }
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Direct { endpoint, project, jwt: _ } => formatter
                .debug_struct("Direct")
                .field("endpoint", endpoint)
                .field("project", project)
                .finish_non_exhaustive(),
            Self::Relay { path } => formatter.debug_struct("Relay").field("path", path).finish(),
        }
    }
}

/// All characters that are not "unreserved" in RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

fn websocket(endpoint: &str) -> Result<String, UnusableEndpoint> {
    let (scheme, rest) = endpoint.split_once("://").ok_or(UnusableEndpoint)?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "http" => "ws",
        "https" => "wss",
        _ => return Err(UnusableEndpoint),
    };
    let rest = rest.trim_end_matches('/');
    if rest.is_empty() || rest.contains(['?', '#', ' ']) {
        return Err(UnusableEndpoint);
    }
    Ok(format!("{scheme}://{rest}"))
}

/// Parses the channels of a URL like a server.
#[cfg(test)]
pub(crate) fn channels_in(address: &str) -> Vec<String> {
    let parameters = address.split(['?', '&']).filter_map(|parameter| parameter.strip_prefix("channels[]="));
    let decoded = parameters.map(|name| percent_encoding::percent_decode_str(name).decode_utf8_lossy().into_owned());
    decoded.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ticket(transport: Transport) -> Ticket {
        Ticket {
            user_id: "kim".to_owned(),
            session_id: None,
            session_expires_in: None,
            lifetime: 60,
            transport,
            row_naming: RowNaming::Tables,
            takes_messages: true,
            takes_queries: true,
        }
    }

    fn direct(endpoint: &str) -> Ticket {
        ticket(Transport::Direct {
            endpoint: endpoint.to_owned(),
            project: "demo".to_owned(),
            jwt: "a.b-c_d".to_owned(),
        })
    }

    /// Returns the URL's parameters for this ticket and these channels.
    fn parameters(ticket: &Ticket, channels: &[&str]) -> Vec<(String, String)> {
        let address = address(ticket, "https://app.example", channels.iter().copied()).expect("an address");
        let (_, query) = address.split_once('?').expect("a query");
        let decode = |text: &str| percent_encoding::percent_decode_str(text).decode_utf8().expect("UTF-8").into_owned();
        query
            .split('&')
            .map(|parameter| parameter.split_once('=').expect("a value"))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    #[test]
    fn https_becomes_wss_and_http_becomes_ws() {
        assert_eq!(
            address(&direct("https://cloud.example/v1"), "https://app.example", ["files"]).as_deref(),
            Ok("wss://cloud.example/v1/realtime?project=demo&channels[]=files&jwt=a.b-c_d")
        );
        assert_eq!(
            address(&direct("HTTP://127.0.0.1:9501/v1/"), "", []).as_deref(),
            Ok("ws://127.0.0.1:9501/v1/realtime?project=demo&jwt=a.b-c_d")
        );
    }

    #[test]
    fn relay_url_is_on_the_page_origin_without_a_token() {
        let relay = ticket(Transport::Relay { path: "/realtime".to_owned() });
        assert_eq!(
            address(&relay, "https://app.example", ["account", "rows"]).as_deref(),
            Ok("wss://app.example/realtime?channels[]=account&channels[]=rows")
        );
        assert_eq!(address(&relay, "http://localhost:3000", []).as_deref(), Ok("ws://localhost:3000/realtime"));
    }

    #[test]
    fn account_channels_are_subscribed_with_queries_only() {
        let mut ticket = direct("https://cloud.example/v1");
        ticket.user_id = "k.im-1".to_owned();
        let [secretless, [status], [_, phrase]] = ACCOUNT_QUERIES else { panic!("other subscriptions") };
        let [secret, access, refresh] = secretless else { panic!("other queries") };
        let expected = [
            ("project", "demo"),
            ("channels[]", "rows"),
            ("channels[]", "account"),
            ("account[1][]", secret),
            ("account[1][]", access),
            ("account[1][]", refresh),
            ("account[2][]", status),
            ("account[3][]", secret),
            ("account[3][]", phrase),
            ("account_k_im-1[1][]", secret),
            ("account_k_im-1[1][]", access),
            ("account_k_im-1[1][]", refresh),
            ("account_k_im-1[2][]", status),
            ("account_k_im-1[3][]", secret),
            ("account_k_im-1[3][]", phrase),
            ("jwt", "a.b-c_d"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parameters(&ticket, &["account", "rows"]), expected);
    }

    #[test]
    fn account_is_never_subscribed_without_queries() {
        let mut ticket = direct("https://cloud.example/v1");
        let named = |ticket: &Ticket, channels: &[&str]| {
            let parameters = parameters(ticket, channels).into_iter();
            parameters.filter(|(_, value)| value.starts_with("account")).count()
        };
        assert_eq!(named(&ticket, &["account.kim", "account.create", "account.kim.update"]), 0);
        ticket.takes_queries = false;
        assert_eq!(named(&ticket, &["account"]), 0);
    }

    #[test]
    fn endpoint_without_http_scheme_is_refused() {
        for endpoint in ["", "cloud.example/v1", "ftp://cloud.example", "https://", "https://a/v1?x=1", "https://a/#b"]
        {
            assert_eq!(address(&direct(endpoint), "", []), Err(UnusableEndpoint), "{endpoint}");
        }
    }

    #[test]
    fn token_is_not_in_the_debug_text() {
        assert!(!format!("{:?}", direct("https://cloud.example/v1")).contains("a.b-c_d"));
    }

    proptest! {
        #[test]
        fn any_channel_name_adds_one_parameter(channel in "[^a].{0,40}") {
            let address = address(&direct("https://cloud.example/v1"), "", [channel.as_str()]).expect("an address");
            let (_, query) = address.split_once('?').expect("a query");
            let parameters: Vec<_> = query.split('&').collect();
            prop_assert_eq!(parameters.len(), 3);
            let value = parameters[1].strip_prefix("channels[]=").expect("the channel");
            prop_assert_eq!(percent_encoding::percent_decode_str(value).decode_utf8().expect("UTF-8"), channel);
            prop_assert!(address.bytes().all(|byte| byte.is_ascii_graphic()));
        }
    }
}
