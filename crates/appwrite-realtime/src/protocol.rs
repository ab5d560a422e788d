//! Appwrite's Realtime protocol: frames in both directions, and channel names.
//!
//! Parsing is permissive, because the frames of 1.5 to 2.x differ: it ignores unknown fields, returns
//! [`ServerFrame::Unknown`] for unknown types, and accepts `subscriptions` as an array, as an object or missing (PHP
//! writes an array whose keys count from 0 as a JSON array, any other as an object).

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::json::Json;

/// A channel to subscribe to.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Channel {
    /// The user's own account: profile, sessions, status.
    Account,
    /// Every row of a table that the user may read.
    Rows {
        /// The database's id.
        database: String,
        /// The table's id (the collection's, where the server has no tables).
        table: String,
    },
    /// The presences of all users (1.9.5 and later).
    Presences,
    /// Any other channel, by its Appwrite name.
    Named(String),
}

/// A server's naming of row channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum RowNaming {
    /// `tablesdb.D.tables.T.rows`, since 1.8.0.
    #[default]
    Tables,
    /// `databases.D.collections.C.documents`, the only names before 1.8.0.
    Collections,
}

/// A frame from the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ServerFrame {
    /// The handshake is complete.
    Connected(Connected),
    /// An event.
    Event(Event),
    /// The response to a `subscribe`, `unsubscribe` or `presence` frame.
    Response(Response),
    /// The answer to a ping (1.6.1 and later).
    Pong,
    /// An error. Its code is reliable; the close code that follows is not.
    Error(ServerError),
    /// A frame of an unknown type.
    Unknown {
        /// The type.
        kind: String,
    },
}

/// The data of a `connected` frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Connected {
    /// The subscribed channels.
    pub channels: Vec<String>,
    /// The id of the socket's user. `None` is a guest: Appwrite silently connects a guest when it ignores a JWT or when
    /// the JWT's session is gone.
    pub user_id: Option<String>,
}

/// The data of an `event` frame, as [`ServerFrame::parse`] reads it. Its JSON is another, for messages between tabs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
// A tab of a former build may lead, and its message may lack a field.
#[serde(default)]
pub struct Event {
    /// The event's names, the most specific first.
    pub events: Vec<String>,
    /// The channels of the event.
    pub channels: Vec<String>,
    /// The object's field `userId`.
    user_id: String,
    /// The object's field `status`, if it is a text.
    status: String,
    /// The object's field `status` is false.
    is_blocked: bool,
    /// The object's field `metadata.name`.
    name: String,
    /// The frame's text.
    text: String,
}

/// The data of a `response` frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The type of the answered frame.
    pub to: String,
    /// False if the server did not carry out the request. True if the field is missing, as in the recorded response to
    /// `presence`.
    pub success: bool,
    /// The channels of the subscriptions in the response.
    pub channels: Vec<String>,
}

/// The start of a relay's error message about a channel that it does not forward; `: NAME` follows.
pub const CHANNEL_NOT_RELAYED: &str = "channel_not_relayed";

/// The data of an `error` frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerError {
    /// 1003 invalid message, 1008 policy violation, 1013 too many; otherwise like an HTTP status.
    pub code: i64,
    /// A sentence in English. In production it is "Error: Server Error" for most codes.
    pub message: String,
}

/// A frame to the server.
///
/// Deliberately omits `authentication`: that frame needs the session's secret, which no script may have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", content = "data", rename_all = "lowercase")]
pub enum ClientFrame {
    /// Requests a pong.
    Ping,
    /// Adds or changes subscriptions (1.9.5 and later).
    Subscribe(Vec<Subscription>),
    /// Sets the user's presence (1.9.5 and later).
    Presence(Presence),
}

/// One subscription of a `subscribe` frame.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Subscription {
    /// The client's own id, at most 36 characters. Sending the id again changes the subscription.
    pub subscription_id: String,
    /// The channel names.
    pub channels: Vec<String>,
}

/// A user's presence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Presence {
    /// The presence's id. Sending the id again changes the presence.
    pub presence_id: String,
    /// A text, at most 2048 characters.
    pub status: String,
    /// Other data.
    pub metadata: Metadata,
    /// The users who may see it, as Appwrite's permission strings.
    pub permissions: Vec<String>,
}

/// Other data of a presence.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Metadata {
    /// The user's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A change of a user's presence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceChange<'event> {
    /// The kind of change.
    pub action: Action,
    /// The user's id, as verified by the server.
    pub user_id: &'event str,
    /// The status that the user set.
    pub status: &'event str,
    /// The name that the user set; may be empty.
    pub name: &'event str,
}

/// The kind of change of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Created.
    Create,
    /// Updated.
    Update,
    /// Created or updated.
    Upsert,
    /// Deleted.
    Delete,
}

/// An event's effect on the user's session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SessionEffect {
    /// This session was deleted.
    SessionDeleted,
    /// The account was blocked.
    Blocked,
    /// The account was deleted.
    AccountDeleted,
    /// The session may be gone: a server that ends several sessions at once names one of them or none (a changed
    /// password), and sends no event when a session limit removes the oldest one.
    InDoubt,
}

/// The text is not a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server sent a text that is not a Realtime frame")]
pub struct InvalidFrame;

impl Channel {
    /// Returns the channel for the rows of a table.
    pub fn rows(database: impl Into<String>, table: impl Into<String>) -> Self {
        Self::Rows { database: database.into(), table: table.into() }
    }

    /// Returns the channel's name with this naming.
    pub fn name(&self, naming: RowNaming) -> String {
        match (self, naming) {
            (Self::Account, _) => "account".to_owned(),
            (Self::Presences, _) => "presences".to_owned(),
            (Self::Named(name), _) => name.clone(),
            (Self::Rows { database, table }, RowNaming::Tables) => {
                format!("tablesdb.{database}.tables.{table}.rows")
            }
            (Self::Rows { database, table }, RowNaming::Collections) => {
                format!("databases.{database}.collections.{table}.documents")
            }
        }
    }

    /// True if the event was sent on this channel, under either of its names.
    pub fn carries(&self, event: &Event) -> bool {
        let is_published_on = |naming| event.channels.contains(&self.name(naming));
        is_published_on(RowNaming::Tables)
            || (matches!(self, Self::Rows { .. }) && is_published_on(RowNaming::Collections))
    }
}

/// True if this is an account channel. Its events may contain secrets.
pub fn is_of_account(name: &str) -> bool {
    name == "account" || name.starts_with("account.")
}

impl From<&str> for Channel {
    fn from(name: &str) -> Self {
        match name {
            "account" => Self::Account,
            "presences" => Self::Presences,
            name => Self::Named(name.to_owned()),
        }
    }
}

impl From<String> for Channel {
    fn from(name: String) -> Self {
        Self::from(name.as_str())
    }
}

impl ServerFrame {
    /// Parses a frame.
    ///
    /// # Errors
    /// If the text is not a JSON object, or the data of a known type has the wrong shape.
    pub fn parse(text: &str) -> Result<Self, InvalidFrame> {
        Self::of(serde_json::from_str(text).map_err(|_| InvalidFrame)?, text)
    }

    /// Returns the frame of this text, which any parser has parsed: a browser has its own.
    ///
    /// # Errors
    /// Like [`parse`](Self::parse).
    pub fn of(mut frame: Json, text: &str) -> Result<Self, InvalidFrame> {
        if !matches!(frame, Json::Object(_)) {
            return Err(InvalidFrame);
        }
        let kind = frame.take("type").into_text();
        let is_known = matches!(kind.as_str(), "connected" | "event" | "response" | "error");
        let mut data = match frame.take("data") {
            // PHP writes an empty map as an empty array.
            Json::List(entries) if !entries.is_empty() && is_known => return Err(InvalidFrame),
            Json::Bool(_) | Json::Number(_) | Json::Text(_) if is_known => return Err(InvalidFrame),
            data => data,
        };
        Ok(match kind.as_str() {
            "connected" => Self::Connected(Connected {
                channels: data.take("channels").into_texts(),
                user_id: match data.take("user").take("$id") {
                    Json::Text(id) if !id.is_empty() => Some(id),
                    _ => None,
                },
            }),
            "event" => Self::Event(Event::of(data, text)),
            "response" => Self::Response(Response {
                to: data.take("to").into_text(),
                success: matches!(data.take("success"), Json::Bool(true) | Json::Null),
                channels: data
                    .take("subscriptions")
                    .into_values()
                    .into_iter()
                    .flat_map(|mut one| one.take("channels").into_texts())
                    .collect(),
            }),
            "error" => Self::Error(ServerError {
                code: match data.take("code") {
                    Json::Number(code) => code,
                    code => code.into_text().parse().unwrap_or_default(),
                },
                message: data.take("message").into_text(),
            }),
            "pong" => Self::Pong,
            _ => Self::Unknown { kind },
        })
    }
}

impl ClientFrame {
    /// Returns the frame as JSON text.
    pub fn to_text(&self) -> String {
        // serde_json never fails for strings and JSON values; the server would reject an empty text.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl Event {
    fn of(mut data: Json, text: &str) -> Self {
        let (events, channels) = (data.take("events").into_texts(), data.take("channels").into_texts());
        let mut object = data.take("payload");
        let status = object.take("status");
        Self {
            events,
            channels,
            user_id: text_of(object.take("userId")),
            is_blocked: matches!(status, Json::Bool(false)),
            status: text_of(status),
            name: text_of(object.take("metadata").take("name")),
            text: text.to_owned(),
        }
    }

    /// Returns the changed object; after a deletion, the object as it was. Null if there is none.
    pub fn payload(&self) -> Value {
        let frame: Option<Value> = serde_json::from_str(&self.text).ok();
        frame.and_then(|mut frame| frame.pointer_mut("/data/payload").map(Value::take)).unwrap_or_default()
    }

    /// Returns the event's most specific name, or an empty text.
    pub fn name(&self) -> &str {
        self.events.first().map_or("", String::as_str)
    }

    /// Returns the change of a presence, if this event is one.
    pub fn presence_change(&self) -> Option<PresenceChange<'_>> {
        let mut segments = self.name().split('.');
        let (("presences", _), (action, None)) =
            ((segments.next()?, segments.next()?), (segments.next()?, segments.next()))
        else {
            return None;
        };
        Some(PresenceChange {
            action: Action::from_name(action)?,
            user_id: Some(self.user_id.as_str()).filter(|id| !id.is_empty())?,
            status: &self.status,
            name: &self.name,
        })
    }

    /// Returns the event's effect on the user's session, if any.
    ///
    /// `session_id` is the id of this page's session, if known. The relevant names are
    /// `users.<uid>.sessions.<sid>.delete` and `users.<uid>.update.status`.
    pub fn session_effect(&self, user_id: &str, session_id: Option<&str>) -> Option<SessionEffect> {
        let user = format!("users.{user_id}.");
        let mut doubt = None;
        for name in self.events.iter().filter_map(|name| name.strip_prefix(&user)) {
            match name.split('.').collect::<Vec<_>>().as_slice() {
                ["delete"] => return Some(SessionEffect::AccountDeleted),
                ["update", "status"] if self.is_blocked => return Some(SessionEffect::Blocked),
                ["sessions", id, "delete"] if Some(*id) == session_id => {
                    return Some(SessionEffect::SessionDeleted);
                }
                ["sessions", "delete"] | ["sessions", _, "delete" | "create"] | ["update", "password"] => {
                    doubt = Some(SessionEffect::InDoubt);
                }
                _ => {}
            }
        }
        doubt
    }
}

impl Action {
    /// Parses the action at the end of an event's name.
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "create" => Self::Create,
            "update" => Self::Update,
            "upsert" => Self::Upsert,
            "delete" => Self::Delete,
            _ => return None,
        })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.name(RowNaming::default()))
    }
}

/// Returns the text, or an empty one for any other value.
fn text_of(value: Json) -> String {
    match value {
        Json::Text(text) => text,
        _ => String::new(),
    }
}

#[cfg(test)]
mod recorded;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn parse(frame: &Value) -> ServerFrame {
        ServerFrame::parse(&frame.to_string()).expect("a frame")
    }

    fn event(frame: &Value) -> Event {
        match parse(frame) {
            ServerFrame::Event(event) => event,
            other => panic!("no event: {other:?}"),
        }
    }

    #[test]
    fn event_of_a_former_build_keeps_its_channels() {
        let text = r#"{"events": ["rows.1.create"], "channels": ["rows"], "timestamp": "", "payload": {"$id": "1"}}"#;
        let event: Event = serde_json::from_str(text).expect("an event");
        assert!(Channel::from("rows").carries(&event));
        assert_eq!(event.presence_change(), None);
    }

    #[test]
    fn only_true_or_nothing_is_success() {
        let is_success = |data: Value| match parse(&json!({"type": "response", "data": data})) {
            ServerFrame::Response(response) => response.success,
            other => panic!("no response: {other:?}"),
        };
        assert!(is_success(json!({"success": true})) && is_success(json!({})));
        for value in [json!(false), json!(0), json!("true"), json!([])] {
            assert!(!is_success(json!({"success": value})), "{value}");
        }
    }

    #[test]
    fn code_may_be_written_with_a_point() {
        for (code, expected) in
            [("1008.0", 1008), ("1008", 1008), ("\"1008\"", 1008), ("1e300", 0), ("18446744073709551615", 0)]
        {
            let frame = ServerFrame::parse(&format!(r#"{{"type": "error", "data": {{"code": {code}}}}}"#));
            let Ok(ServerFrame::Error(error)) = frame else { panic!("{code}: {frame:?}") };
            assert_eq!(error.code, expected, "{code}");
        }
    }

    /// A parser without a limit, as the browser's.
    struct Nested(u32);

    impl serde::de::IntoDeserializer<'_> for Nested {
        type Deserializer = Self;

        fn into_deserializer(self) -> Self {
            self
        }
    }

    impl<'de> serde::Deserializer<'de> for Nested {
        type Error = serde::de::value::Error;

        fn deserialize_any<V: serde::de::Visitor<'de>>(self, visitor: V) -> Result<V::Value, Self::Error> {
            if self.0 == 0 {
                return visitor.visit_unit();
            }
            visitor.visit_seq(serde::de::value::SeqDeserializer::new(std::iter::once(Self(self.0 - 1))))
        }

        serde::forward_to_deserialize_any! {
            bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
            newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
        }
    }

    #[test]
    fn nesting_has_a_limit() {
        assert!(Json::deserialize(Nested(128)).is_ok());
        assert!(Json::deserialize(Nested(1_000_000)).is_err());
    }

    #[test]
    fn subscriptions_may_be_an_array_an_object_or_absent() {
        for data in [
            json!({"channels": ["rows"], "subscriptions": [], "user": {"$id": "kim", "name": "Kim"}}),
            json!({"channels": ["rows"], "subscriptions": ["6b01"], "user": {"$id": "kim"}}),
            json!({"channels": ["rows"], "subscriptions": {"1": "6b01"}, "user": {"$id": "kim"}}),
            json!({"channels": ["rows"], "user": {"$id": "kim"}}),
        ] {
            let expected = Connected { channels: vec!["rows".to_owned()], user_id: Some("kim".to_owned()) };
            assert_eq!(parse(&json!({"type": "connected", "data": data})), ServerFrame::Connected(expected));
        }
    }

    #[test]
    fn channels_may_be_an_object() {
        let frame = parse(&json!({"type": "connected", "data": {"channels": {"0": "rows", "2": "account"}}}));
        let ServerFrame::Connected(connected) = frame else { panic!("no connected: {frame:?}") };
        assert_eq!(connected.channels, ["rows", "account"]);
    }

    #[test]
    fn user_without_a_valid_id_is_a_guest() {
        for user in [json!(null), json!([]), json!({}), json!({"$id": ""}), json!({"$id": 7}), json!("kim")] {
            let frame = parse(&json!({"type": "connected", "data": {"channels": [], "user": user}}));
            let ServerFrame::Connected(connected) = frame else { panic!("no connected: {frame:?}") };
            assert_eq!(connected.user_id, None, "{user}");
        }
    }

    #[test]
    fn pong_has_no_data() {
        assert_eq!(parse(&json!({"type": "pong"})), ServerFrame::Pong);
        assert_eq!(parse(&json!({"type": "pong", "data": {"late": true}})), ServerFrame::Pong);
    }

    #[test]
    fn error_code_may_be_text() {
        let expected = ServerError { code: 1008, message: "Missing channels".to_owned() };
        for code in [json!(1008), json!("1008")] {
            let frame = json!({"type": "error", "data": {"code": code, "message": "Missing channels"}});
            assert_eq!(parse(&frame), ServerFrame::Error(expected.clone()));
        }
    }

    #[test]
    fn unknown_type_is_tolerated() {
        assert_eq!(parse(&json!({"type": "weather", "data": 3})), ServerFrame::Unknown { kind: "weather".to_owned() });
        assert_eq!(parse(&json!({"data": {}})), ServerFrame::Unknown { kind: String::new() });
    }

    #[test]
    fn text_that_is_not_a_frame_is_an_error() {
        for text in ["", "oops", "[1,2", "3"] {
            assert!(ServerFrame::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn response_without_success_is_a_success() {
        let frame = json!({"type": "response", "data": {"to": "presence", "presence": {"$id": "x"}}});
        assert_eq!(
            parse(&frame),
            ServerFrame::Response(Response { to: "presence".to_owned(), success: true, channels: Vec::new() })
        );
    }

    #[test]
    fn client_frames_are_serialized_as_appwrite_expects() {
        assert_eq!(ClientFrame::Ping.to_text(), r#"{"type":"ping"}"#);
        let subscribe = ClientFrame::Subscribe(vec![Subscription {
            subscription_id: "page".to_owned(),
            channels: vec!["rows".to_owned()],
        }]);
        let read: Value = serde_json::from_str(&subscribe.to_text()).expect("JSON");
        assert_eq!(read, json!({"type": "subscribe", "data": [{"subscriptionId": "page", "channels": ["rows"]}]}));
    }

    #[test]
    fn table_channel_has_the_name_that_the_server_uses() {
        let rows = Channel::rows("main", "birthdays");
        assert_eq!(rows.name(RowNaming::Tables), "tablesdb.main.tables.birthdays.rows");
        assert_eq!(rows.name(RowNaming::Collections), "databases.main.collections.birthdays.documents");
    }

    #[test]
    fn event_matches_its_channel_under_either_name() {
        let on = |channel: &str| event(&json!({"type": "event", "data": {"channels": [channel]}}));
        let rows = Channel::rows("main", "birthdays");
        assert!(rows.carries(&on("tablesdb.main.tables.birthdays.rows")));
        assert!(rows.carries(&on("databases.main.collections.birthdays.documents")));
        assert!(!rows.carries(&on("tablesdb.main.tables.birthdays2.rows")));
        assert!(Channel::Account.carries(&on("account")));
        assert!(!Channel::Account.carries(&on("account.kim")));
        assert!(Channel::from("teams.red").carries(&on("teams.red")));
    }

    #[test]
    fn deletion_of_own_session_differs_from_that_of_another() {
        let deleted = |session: &str| {
            event(&json!({"type": "event", "data": {"events": [
                format!("users.kim.sessions.{session}.delete"), "users.*.sessions.*.delete", "users.kim", "users.*",
            ], "channels": ["account"], "payload": {"$id": session}}}))
        };
        assert_eq!(deleted("s1").session_effect("kim", Some("s1")), Some(SessionEffect::SessionDeleted));
        assert_eq!(deleted("s2").session_effect("kim", Some("s1")), Some(SessionEffect::InDoubt));
        assert_eq!(deleted("s1").session_effect("kim", None), Some(SessionEffect::InDoubt));
        assert_eq!(deleted("s1").session_effect("laura", Some("s1")), None);
        assert_eq!(deleted("s1").session_effect("ki", Some("s1")), None);
    }

    #[test]
    fn blocked_account_differs_from_an_unblocked_one() {
        let status = |status: bool| {
            event(&json!({"type": "event", "data": {"events": ["users.kim.update", "users.kim.update.status"],
                "payload": {"$id": "kim", "status": status}}}))
        };
        assert_eq!(status(false).session_effect("kim", None), Some(SessionEffect::Blocked));
        assert_eq!(status(true).session_effect("kim", None), None);
    }

    #[test]
    fn deleted_account_and_a_changed_password_are_noticed() {
        let named = |name: &str| event(&json!({"type": "event", "data": {"events": [name]}}));
        assert_eq!(named("users.kim.delete").session_effect("kim", None), Some(SessionEffect::AccountDeleted));
        assert_eq!(named("users.kim.update.password").session_effect("kim", None), Some(SessionEffect::InDoubt));
        assert_eq!(named("users.kim.sessions.delete").session_effect("kim", Some("s1")), Some(SessionEffect::InDoubt));
        assert_eq!(named("users.kim.update.name").session_effect("kim", None), None);
        assert_eq!(
            named("users.kim.sessions.s2.create").session_effect("kim", Some("s1")),
            Some(SessionEffect::InDoubt)
        );
    }

    proptest! {
        #[test]
        fn frame_parser_never_panics(text in ".{0,200}", kind in "connected|event|response|error|pong|x", data in ".{0,80}") {
            let _ = ServerFrame::parse(&text);
            let _ = ServerFrame::parse(&format!(r#"{{"type":"{kind}","data":{data}}}"#));
            if let Ok(ServerFrame::Event(event)) = ServerFrame::parse(&json!({"type": "event", "data": {"events": [text]}}).to_string()) {
                let _ = event.presence_change();
                let _ = event.session_effect("kim", Some("s"));
            }
        }
    }
}
