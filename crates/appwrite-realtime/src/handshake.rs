//! What a browser needs to open the connection: the ticket that our server gives it, and the address made from it.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::protocol::{RowNaming, is_of_account};

/// The right to listen for a moment, for one attempt to connect. It never holds the session's secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ticket {
    /// The person for whom it was made.
    pub user_id: String,
    /// The id of the session behind it, where it is known. An id opens nothing.
    pub session_id: Option<String>,
    /// In how many seconds that session ends by itself. Appwrite sends no event when it does.
    pub session_expires_in: Option<u64>,
    /// For how many seconds the ticket opens a connection.
    pub lifetime: u64,
    /// The way to the server.
    pub transport: Transport,
    /// How the server names the channels of rows.
    pub row_naming: RowNaming,
    /// Whether channels may be added to an open connection, and presence told (servers from 1.9.5 on).
    pub takes_messages: bool,
    /// Whether the address may carry queries that choose among the events of a channel (servers from 1.9.0 on).
    pub takes_queries: bool,
}

impl Ticket {
    /// Whether the address names the channel. Straight to Appwrite, a person's account is listened to as `account` only, and
    /// only where queries keep secrets out.
    pub fn carries(&self, channel: &str) -> bool {
        match &self.transport {
            Transport::Direct { .. } if is_of_account(channel) => self.takes_queries && channel == "account",
            Transport::Direct { .. } | Transport::Relay { .. } => true,
        }
    }
}

/// The way from a browser to Realtime.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Transport {
    /// Straight to Appwrite, with a JWT in the address (Appwrite Cloud, 2.x).
    Direct {
        /// Appwrite's endpoint as a browser reaches it, such as `https://cloud.example/v1`.
        endpoint: String,
        /// The project's id.
        project: String,
        /// The JWT.
        jwt: String,
    },
    /// Through our own server, which knows the person by the cookie (servers that ignore a JWT in the address).
    Relay {
        /// The path on our own origin, such as `/realtime`.
        path: String,
    },
}

/// An endpoint from which no address can be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the endpoint must start with http:// or https:// and have neither a query nor a fragment")]
pub struct UnusableEndpoint;

/// The address with which to open the socket: `http` becomes `ws` and `https` becomes `wss`, the channels are in it.
///
/// `own_origin` is the origin of the page, such as `https://app.example`: the relay lives there.
///
/// Straight to Appwrite, the person's account is listened to by [`ACCOUNT_QUERIES`] only, and not at all where the server
/// knows no queries. The relay takes secrets out by itself.
///
/// # Errors
/// When the endpoint (for the relay: the origin) is not one of HTTP.
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

/// Which events of an account a browser may hear of: what meets all queries of one of these subscriptions.
///
/// The event of a new session that was made with an API key carries that session's secret (recorded from 1.9.6), and
/// every event of a session that another client began at a sign-in provider carries that provider's tokens; no script may
/// ever see either. So: sessions that are changed or deleted, with none of these; what has a status (the account itself);
/// and tokens that are used (an address is confirmed), with neither secret nor phrase. A query never matches an object that
/// lacks its attribute.
///
/// The sessions that this server begins at a provider have no such tokens: Appwrite keeps those elsewhere (account.php,
/// `$createSession`). So their end is heard.
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

/// Appwrite adds `account.<user id>` to `account`, and a channel without queries of its own hears everything, so both get
/// them. The parameters are named like the channels with underscores for dots; subscription 0 is that of the channels
/// without queries.
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

/// All that is not "unreserved" in RFC 3986.
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

/// The channels that an address names, as a server reads them.
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

    /// The parameters of the address of a ticket for these channels.
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
    fn the_relay_lives_on_the_own_origin_and_needs_no_token() {
        let relay = ticket(Transport::Relay { path: "/realtime".to_owned() });
        assert_eq!(
            address(&relay, "https://app.example", ["account", "rows"]).as_deref(),
            Ok("wss://app.example/realtime?channels[]=account&channels[]=rows")
        );
        assert_eq!(address(&relay, "http://localhost:3000", []).as_deref(), Ok("ws://localhost:3000/realtime"));
    }

    #[test]
    fn the_account_is_heard_by_queries_only_under_both_of_its_names() {
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
    fn the_account_is_not_heard_where_the_server_knows_no_queries_or_under_other_names() {
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
    fn an_endpoint_that_is_not_of_http_is_refused() {
        for endpoint in ["", "cloud.example/v1", "ftp://cloud.example", "https://", "https://a/v1?x=1", "https://a/#b"]
        {
            assert_eq!(address(&direct(endpoint), "", []), Err(UnusableEndpoint), "{endpoint}");
        }
    }

    #[test]
    fn the_token_is_not_in_the_debug_text() {
        assert!(!format!("{:?}", direct("https://cloud.example/v1")).contains("a.b-c_d"));
    }

    proptest! {
        #[test]
        fn whatever_a_channel_is_called_it_adds_one_parameter(channel in "[^a].{0,40}") {
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
