//! The Realtime handshake: identifies the user and reads the subscriptions.

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, header};
use serde_json::Value;

use super::channel;
use super::frame::Refusal;
use super::listener::Person;
use super::query::QueryError;
use super::subscription::{Slots, Subscriptions};
use super::url_query::{Parameter, Parameters};
use crate::http::platform;
use crate::identity::{Caller, Credentials, resolve, secret};
use crate::{ApiError, AppState, Profile};

/// The number of connections that an address may open in a window, and the window in seconds.
const CONNECTIONS: (u32, u32) = (128, 60);

/// The project of a handshake that names none. It has no data and no events here.
const CONSOLE: &str = "console";

/// The request that opens a socket.
#[derive(Clone)]
pub(super) struct Request {
    headers: HeaderMap,
    parameters: Parameters,
    address: IpAddr,
}

/// The initial state of a connection.
pub(super) struct Opening {
    /// True if the connection belongs to the project.
    pub(super) is_in_project: bool,
    /// The connection's user.
    pub(super) person: Person,
    /// The account as the user sees it; null for a guest.
    pub(super) account: Value,
    /// The channels as the server understood them.
    pub(super) channels: Vec<String>,
    /// The subscriptions.
    pub(super) subscriptions: Subscriptions,
    /// The subscriptions' names in the `connected` frame; `None` on servers that send none.
    pub(super) names: Option<Value>,
}

impl Request {
    /// A request with `headers` and the URL's `query`, from `peer`.
    pub(super) fn new(headers: HeaderMap, query: &str, peer: SocketAddr) -> Self {
        let address = client_address(&headers).unwrap_or_else(|| peer.ip());
        Self { headers, parameters: Parameters::parse(query), address }
    }

    /// Checks the request in Appwrite's order, then reads the user and the subscriptions.
    ///
    /// # Errors
    /// 1008 for an unknown project, a foreign origin, a wrong query, or (before 1.9) no channels; 401 for a bad or
    /// ended JWT; 403 for a JWT beside a live session; 1013 when the address connects too often.
    pub(super) fn open(&self, state: &AppState) -> Result<Opening, Refusal> {
        let settings = state.settings();
        let is_in_project = match self.project() {
            None | Some(CONSOLE) => false,
            Some(id) if id == settings.project_id => true,
            Some(_) => return Err(Refusal::policy("Missing or unknown project ID")),
        };
        let caller = if is_in_project { self.caller(state)? } else { Caller::default() };
        self.count(state)?;
        if is_in_project && let Some(origin) = self.header(header::ORIGIN.as_str()) {
            platform::check_origin(state, origin).map_err(|error| Refusal::policy(error.message))?;
        }
        let channels = self.channels(settings.profile, caller.user_id())?;
        let (subscriptions, names) = self.subscriptions(state, &channels)?;
        Ok(Opening {
            is_in_project,
            person: person(&caller),
            account: account(&caller, settings.profile),
            channels,
            subscriptions,
            names,
        })
    }

    /// The header takes precedence over the URL.
    fn project(&self) -> Option<&str> {
        self.header("x-appwrite-project").or_else(|| self.parameters.text("project").filter(|id| !id.is_empty()))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok()).filter(|value| !value.is_empty())
    }

    /// Ignores API keys: Appwrite's Realtime knows only users and guests.
    fn caller(&self, state: &AppState) -> Result<Caller, Refusal> {
        let settings = state.settings();
        let mut credentials = Credentials::from_headers(&self.headers, &settings.project_id);
        credentials.key = None;
        if settings.profile >= Profile::OneNineNext {
            credentials = credentials.or_jwt(self.parameters.text("jwt").map(str::to_owned));
        }
        resolve(state, &credentials).map_err(|error| refusal(&error))
    }

    fn count(&self, state: &AppState) -> Result<(), Refusal> {
        let key = format!("url:/v1/realtime,ip:{}", self.address);
        let (limit, window) = CONNECTIONS;
        let allowance = state.limiter().count(&key, limit, window, state.clock().now());
        if allowance.is_exceeded {
            return Err(Refusal::too_many("Too many requests"));
        }
        Ok(())
    }

    fn channels(&self, profile: Profile, user_id: Option<&str>) -> Result<Vec<String>, Refusal> {
        let mut requested: Vec<String> = match self.parameters.get("channels") {
            None => Vec::new(),
            Some(Parameter::List(entries)) => entries
                .iter()
                .filter_map(|(_, entry)| match entry {
                    Parameter::Text(channel) => Some(channel.clone()),
                    Parameter::List(_) => None,
                })
                .collect(),
            Some(Parameter::Text(_)) => {
                return Err(Refusal::new(0, "channels must be a list"));
            }
        };
        if profile < Profile::OneNine {
            requested.retain(|channel| !channel.starts_with("account."));
        }
        let channels = channel::converted(&requested, user_id);
        if profile < Profile::OneNine && channels.is_empty() {
            return Err(Refusal::policy("Missing channels"));
        }
        Ok(channels)
    }

    fn subscriptions(&self, state: &AppState, channels: &[String]) -> Result<(Subscriptions, Option<Value>), Refusal> {
        let new_id = || secret::id(state.clock().now());
        if state.settings().profile < Profile::OneNine {
            let (subscriptions, _) = Slots::without_queries(channels).named(new_id);
            return Ok((subscriptions, None));
        }
        let slots = Slots::read(channels, &self.parameters).map_err(|error| match error {
            QueryError::Invalid(reason) => Refusal::policy(reason),
            QueryError::Select => Refusal::new(0, error.to_string()),
        })?;
        let (subscriptions, names) = slots.named(new_id);
        Ok((subscriptions, Some(names)))
    }
}

/// The connection's user, for this `caller`.
pub(super) fn person(caller: &Caller) -> Person {
    Person { id: caller.user_id().map(str::to_owned), roles: caller.roles() }
}

/// The account of `caller` as the user sees it; null for a guest.
pub(super) fn account(caller: &Caller, profile: Profile) -> Value {
    caller.user.as_ref().map_or(Value::Null, |user| user.wire(profile))
}

/// Converts an HTTP error to a Realtime error.
pub(super) fn refusal(error: &ApiError) -> Refusal {
    Refusal::new(error.kind.status(), error.message.clone())
}

/// The left-most valid address in `X-Forwarded-For`, which Appwrite trusts by default.
fn client_address(headers: &HeaderMap) -> Option<IpAddr> {
    headers.get("x-forwarded-for")?.to_str().ok()?.split(',').find_map(|part| part.trim().parse().ok())
}
