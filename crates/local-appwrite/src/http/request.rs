//! The request as handlers receive it.

use std::net::{IpAddr, SocketAddr};

use axum::{
    body::Bytes,
    http::{HeaderMap, Method, request::Parts},
};
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    multipart::{self, Upload},
    params::{Params, PathParams},
};
use crate::{AppState, Profile, identity::Caller, sessions::Device};

/// The header with the version whose responses a client understands.
pub(super) const RESPONSE_FORMAT: &str = "x-appwrite-response-format";

/// The parts of a version.
pub(super) fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map(|part| part.parse().unwrap_or(0)).collect()
}

/// The raw request, before any check.
pub struct Incoming {
    pub(super) headers: HeaderMap,
    pub(super) method: Method,
    pub(super) query: Vec<(String, String)>,
    pub(super) params: Params,
    pub(super) uploads: Vec<Upload>,
    pub(super) peer: IpAddr,
    pub(super) origin: Option<String>,
}

impl Incoming {
    /// Reads parameters like Appwrite's router: from the query of a GET, else from the body, and always from the path.
    pub fn new(parts: &Parts, body: Bytes, peer: SocketAddr, path_params: PathParams, origin: Option<String>) -> Self {
        let query: Vec<(String, String)> =
            url::form_urlencoded::parse(parts.uri.query().unwrap_or("").as_bytes()).into_owned().collect();
        let (values, uploads) = match parts.method {
            Method::GET | Method::HEAD => (from_pairs(&query), Vec::new()),
            _ => from_body(&parts.headers, &body),
        };
        Self {
            headers: parts.headers.clone(),
            method: parts.method.clone(),
            query,
            params: Params::new(values).with_path(path_params),
            uploads,
            peer: peer.ip(),
            origin,
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
    }

    /// The language that the request asks for.
    pub(super) fn locale(&self) -> &str {
        let named = self.params.raw("locale").and_then(Value::as_str);
        named.or_else(|| self.header("x-appwrite-locale")).unwrap_or("en")
    }

    /// The project id of the header, or of the query where a browser cannot set headers.
    pub(super) fn project(&self) -> Option<&str> {
        self.header("x-appwrite-project").or_else(|| {
            self.query
                .iter()
                .find(|(name, value)| name == "project" && !value.is_empty())
                .map(|(_, value)| value.as_str())
        })
    }

    /// The host name of the request, without the port.
    pub(super) fn host_name(&self) -> &str {
        let host = self.header("host").unwrap_or("localhost");
        host.rsplit_once(':')
            .map_or(host, |(name, port)| if port.bytes().all(|byte| byte.is_ascii_digit()) { name } else { host })
    }

    /// The first valid address of `X-Forwarded-For`, which Appwrite trusts by default, or the peer's.
    pub(super) fn ip(&self) -> IpAddr {
        self.header("x-forwarded-for")
            .and_then(|list| list.split(',').find_map(|part| part.trim().parse().ok()))
            .unwrap_or(self.peer)
    }
}

/// Parses `a=1&b[]=2&b[]=3&c[x]=4` into an object.
fn from_pairs(pairs: &[(String, String)]) -> Map<String, Value> {
    let mut values = Map::new();
    for (name, value) in pairs {
        let value = Value::from(value.clone());
        match name.split_once('[') {
            None => {
                values.insert(name.clone(), value);
            }
            Some((name, index)) => {
                let index = index.trim_end_matches(']');
                let is_list = index.is_empty() || index.parse::<usize>().is_ok();
                let entry = values
                    .entry(name.to_owned())
                    .or_insert_with(|| if is_list { Value::Array(Vec::new()) } else { Value::Object(Map::new()) });
                match entry {
                    Value::Array(list) => list.push(value),
                    Value::Object(map) => {
                        map.insert(index.to_owned(), value);
                    }
                    _ => {}
                }
            }
        }
    }
    values
}

/// A malformed body has no parameters, so the first required one is missing, like in Appwrite.
fn from_body(headers: &HeaderMap, body: &[u8]) -> (Map<String, Value>, Vec<Upload>) {
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok()).unwrap_or("");
    if content_type.starts_with("application/json") {
        let values = match serde_json::from_slice(body) {
            Ok(Value::Object(values)) => values,
            _ => Map::new(),
        };
        (values, Vec::new())
    } else if content_type.starts_with("application/x-www-form-urlencoded") {
        let pairs: Vec<_> = url::form_urlencoded::parse(body).into_owned().collect();
        (from_pairs(&pairs), Vec::new())
    } else if content_type.starts_with("multipart/form-data") {
        let (pairs, uploads) = multipart::parse(content_type, body);
        (from_pairs(&pairs), uploads)
    } else {
        (Map::new(), Vec::new())
    }
}

/// A checked request, as its handler receives it.
pub struct Call<'request> {
    /// The state shared by all requests.
    pub state: &'request AppState,
    /// The caller.
    pub caller: Caller,
    /// The parameters.
    pub params: &'request Params,
    /// The uploaded files.
    pub uploads: &'request [Upload],
    /// The request's headers.
    pub headers: &'request HeaderMap,
    /// The time of the request.
    pub now: Timestamp,
    /// The client's address.
    pub ip: IpAddr,
    /// The user agent.
    pub user_agent: String,
    /// The route's path with parameter names.
    pub path: &'static str,
    /// The requested language.
    pub locale: String,
    /// The request's `http://host:port`.
    pub base: String,
}

impl Call<'_> {
    /// The emulated Appwrite version.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.state.settings().profile
    }

    /// The project's name: its id, capitalized.
    #[must_use]
    pub fn project_name(&self) -> String {
        let id = &self.state.settings().project_id;
        let mut characters = id.chars();
        characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
    }

    /// A header's value; an empty one counts as missing.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
    }

    /// Returns true if the client asked for the responses of a version before this one.
    #[must_use]
    pub fn wants_format_before(&self, version: [u32; 3]) -> bool {
        self.header(RESPONSE_FORMAT).is_some_and(|wanted| numbers(wanted).as_slice() < version.as_slice())
    }

    /// The caller's device.
    #[must_use]
    pub fn device(&self) -> Device {
        Device::of(&self.user_agent)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pairs(text: &str) -> Value {
        let pairs: Vec<_> = url::form_urlencoded::parse(text.as_bytes()).into_owned().collect();
        Value::Object(from_pairs(&pairs))
    }

    fn body(content_type: &str, body: &str) -> Value {
        let mut headers = HeaderMap::new();
        headers.insert("content-type", content_type.parse().expect("a header value"));
        Value::Object(from_body(&headers, body.as_bytes()).0)
    }

    #[test]
    fn brackets_make_lists_and_maps() {
        assert_eq!(
            pairs("a=1&queries[]=x&queries[1]=y&prefs[theme]=dark"),
            json!({"a": "1", "queries": ["x", "y"], "prefs": {"theme": "dark"}})
        );
    }

    #[test]
    fn malformed_body_has_no_parameters() {
        assert_eq!(body("application/json", "{oops"), json!({}));
        assert_eq!(body("application/json", "[1]"), json!({}));
        assert_eq!(body("text/plain", r#"{"a":1}"#), json!({}));
    }

    #[test]
    fn form_is_parsed_like_a_query() {
        assert_eq!(body("application/x-www-form-urlencoded", "email=a%40b.c"), json!({"email": "a@b.c"}));
    }
}
