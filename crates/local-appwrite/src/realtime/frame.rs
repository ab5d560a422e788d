//! The protocol's frames, in both directions.

use std::sync::Arc;

use serde_json::{Value, json};

use super::query::{Query, QueryError};

/// The largest frame from a client, in bytes.
pub(super) const LARGEST_MESSAGE: usize = 64_000;

/// The message that replaces the reasons that production servers hide.
const KEPT_BACK: &str = "Error: Server Error";

/// The error of a refused handshake or message. Sent as an `error` frame.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{message} ({code})")]
pub(super) struct Refusal {
    /// One of the protocol's own codes (1003, 1008, 1013), an HTTP status, or 0.
    pub(super) code: u16,
    /// The reason. Some frames hide it: see [`Refusal::frame`].
    pub(super) message: String,
}

impl Refusal {
    /// An invalid message.
    pub(super) fn format(message: impl Into<String>) -> Self {
        Self::new(1003, message)
    }

    /// A policy violation. Ends the connection.
    pub(super) fn policy(message: impl Into<String>) -> Self {
        Self::new(1008, message)
    }

    /// Too many in too short a time.
    pub(super) fn too_many(message: impl Into<String>) -> Self {
        Self::new(1013, message)
    }

    /// An error with any other code.
    pub(super) fn new(code: u16, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }

    /// Returns true if this error ends an open connection.
    pub(super) fn is_final(&self) -> bool {
        self.code == 1008
    }

    /// The `error` frame with the full reason, as servers before 1.6 send it.
    pub(super) fn plain_frame(&self) -> String {
        error_frame(self.code, &self.message)
    }

    /// The `error` frame for a message. Hides the reasons of code 0 and of codes from 500.
    pub(super) fn frame(&self) -> String {
        match self.code {
            1..500 => self.plain_frame(),
            _ => error_frame(self.code, KEPT_BACK),
        }
    }

    /// The `error` frame for a message on the main branch of July 2026, which shows the reasons of 1003.
    pub(super) fn told_frame(&self) -> String {
        match self.code {
            1003 => self.plain_frame(),
            _ => self.frame(),
        }
    }

    /// The `error` frame that ends a handshake: like [`Refusal::frame`], but with the reason of 1008.
    pub(super) fn handshake_frame(&self) -> String {
        match self.code {
            1008 => self.plain_frame(),
            _ => self.frame(),
        }
    }
}

fn error_frame(code: u16, message: &str) -> String {
    json!({"type": "error", "data": {"code": code, "message": message}}).to_string()
}

/// The frame after a successful handshake; `user` is null for a guest. Servers before 1.9 send no
/// `subscriptions`.
pub(super) fn connected(channels: &[String], subscriptions: Option<&Value>, user: &Value) -> String {
    let mut data = json!({"channels": channels});
    if let Some(subscriptions) = subscriptions {
        data["subscriptions"] = subscriptions.clone();
    }
    data["user"] = user.clone();
    json!({"type": "connected", "data": data}).to_string()
}

/// The response to a message. In `data`, the type of that message comes first.
pub(super) fn response(to: &str, data: Value) -> String {
    let mut answer = json!({"to": to});
    if let (Value::Object(answer), Value::Object(data)) = (&mut answer, data) {
        answer.extend(data);
    }
    json!({"type": "response", "data": answer}).to_string()
}

/// The answer to a ping.
pub(super) fn pong() -> String {
    json!({"type": "pong"}).to_string()
}

/// An event frame without its end, shared by all connections that receive it.
#[derive(Clone, Debug)]
pub(super) struct EventFrame(Arc<str>);

impl EventFrame {
    /// `timestamp` in the API's form, `2026-11-21T06:55:01.364+00:00`.
    pub(super) fn new(names: &[String], channels: &[String], timestamp: &str, payload: &Value) -> Self {
        let data = json!({
            "events": names,
            "channels": channels,
            "timestamp": timestamp,
            "payload": payload,
        });
        let whole = json!({"type": "event", "data": data}).to_string();
        Self(whole.strip_suffix("}}").unwrap_or(&whole).into())
    }

    /// The frame for one connection. Servers before 1.9 send no `subscriptions`.
    pub(super) fn text(&self, subscriptions: Option<&[String]>) -> String {
        match subscriptions {
            Some(subscriptions) => {
                format!("{},\"subscriptions\":{}}}}}", self.0, json!(subscriptions))
            }
            None => format!("{}}}}}", self.0),
        }
    }
}

/// A message from a client.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Message {
    /// Requests a pong.
    Ping,
    /// Authenticates with a session: base64 of `{id, secret}`.
    Authentication {
        /// The encoded session.
        session: String,
    },
    /// Adds subscriptions.
    Subscribe(Vec<SubscriptionRequest>),
    /// Removes subscriptions.
    Unsubscribe(Vec<String>),
    /// Sends the user's presence.
    Presence(PresenceMessage),
}

/// A requested subscription.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct SubscriptionRequest {
    /// The client's name for it, if any.
    pub(super) id: Option<String>,
    /// The channels as the client names them.
    pub(super) channels: Vec<String>,
    /// The queries that filter their events.
    pub(super) queries: Vec<Query>,
}

/// A presence sent by a client.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct PresenceMessage {
    /// The presence's id, or `unique()`.
    pub(super) id: String,
    /// Any text, at most 2,048 characters.
    pub(super) status: String,
    /// Other data of the app. `None` keeps the current data.
    pub(super) metadata: Option<Value>,
    /// The permissions. `None`: only the user may read it.
    pub(super) permissions: Option<Vec<String>>,
}

/// The messages that a server understands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Vocabulary {
    /// Up to 1.6.0: `authentication` only.
    AuthenticationOnly,
    /// Up to 1.8: also `ping`.
    PingAndAuthentication,
    /// Since 1.9.5: all.
    Full,
}

impl Message {
    /// Reads a frame.
    ///
    /// # Errors
    /// Code 1003 if the text is not a message; code 0 for a `select` that Realtime does not support.
    pub(super) fn parse(text: &str, vocabulary: Vocabulary) -> Result<Self, Refusal> {
        let message: Value = serde_json::from_str(text).map_err(|_| Refusal::format("Message format is not valid."))?;
        if message.get("type").is_none() && message.get("data").is_none() {
            return Err(Refusal::format("Message format is not valid."));
        }
        let kind = message["type"].as_str();
        let data = &message["data"];
        match (vocabulary, kind) {
            (_, Some("authentication")) => parse_authentication(data, vocabulary),
            (Vocabulary::Full | Vocabulary::PingAndAuthentication, Some("ping")) => Ok(Self::Ping),
            (Vocabulary::Full, Some("subscribe")) => {
                items(data)?.iter().map(parse_subscription_request).collect::<Result<_, _>>().map(Self::Subscribe)
            }
            (Vocabulary::Full, Some("unsubscribe")) => {
                items(data)?.iter().map(parse_unsubscription).collect::<Result<_, _>>().map(Self::Unsubscribe)
            }
            (Vocabulary::Full, Some("presence")) => parse_presence(data).map(Self::Presence),
            _ => Err(Refusal::format("Message type is not valid.")),
        }
    }
}

fn items(data: &Value) -> Result<&Vec<Value>, Refusal> {
    match data {
        Value::Null => Err(Refusal::format("Payload is not valid. Items is required")),
        Value::Array(items) => Ok(items),
        _ => Err(Refusal::format("items: Payload is not valid.")),
    }
}

fn parse_authentication(data: &Value, vocabulary: Vocabulary) -> Result<Message, Refusal> {
    match data.get("session") {
        Some(Value::String(session)) => Ok(Message::Authentication { session: session.clone() }),
        _ if vocabulary == Vocabulary::Full => Err(Refusal::format("Payload is not valid. Session is required")),
        _ => Err(Refusal::format("Payload is not valid.")),
    }
}

fn parse_subscription_request(item: &Value) -> Result<SubscriptionRequest, Refusal> {
    if !item.is_object() {
        return Err(Refusal::format("items: Each subscribe payload must be an object."));
    }
    let id = match item.get("subscriptionId") {
        None => None,
        Some(Value::String(id)) if is_custom_id(id) => Some(id.clone()),
        Some(_) => return Err(Refusal::format("items: subscriptionId is not a valid id.")),
    };
    let channels = item.get("channels").ok_or_else(|| Refusal::format("items: channels is not present in payload."))?;
    let channels = strings(channels).ok_or_else(|| Refusal::format("items: channels is not a valid array."))?;
    let queries = match item.get("queries") {
        None => Vec::new(),
        Some(queries) => strings(queries)
            .ok_or_else(|| Refusal::format("items: queries is not a valid array."))?
            .iter()
            .map(|text| Query::parse(text))
            .collect::<Result<_, _>>()
            .map_err(|error| match error {
                QueryError::Invalid(reason) => Refusal::format(format!("Invalid query: {reason}")),
                QueryError::Select => Refusal::new(0, error.to_string()),
            })?,
    };
    Ok(SubscriptionRequest { id, channels, queries })
}

fn parse_unsubscription(item: &Value) -> Result<String, Refusal> {
    item.get("subscriptionId")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
        .map(str::to_owned)
        .ok_or_else(|| Refusal::format("items: Each unsubscribe payload must include a non-empty subscriptionId."))
}

fn parse_presence(data: &Value) -> Result<PresenceMessage, Refusal> {
    let text_up_to = |key: &str, most: usize| match data.get(key) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=most).contains(&text.chars().count()) => Ok(Some(text.clone())),
        Some(_) => Err(Refusal::format(format!(
            "{key}: Value must be a valid string and at least 1 chars and no longer than {most} chars"
        ))),
    };
    let status =
        text_up_to("status", 2048)?.ok_or_else(|| Refusal::format("Payload is not valid. Status is required"))?;
    let id = text_up_to("presenceId", 36)?.unwrap_or_else(|| "unique()".to_owned());
    let permissions = match data.get("permissions") {
        None | Some(Value::Null) => None,
        Some(permissions) => Some(
            strings(permissions)
                .ok_or_else(|| Refusal::format("permissions: Permissions must be an array of strings."))?,
        ),
    };
    let metadata = match data.get("metadata") {
        None | Some(Value::Null) => None,
        Some(metadata @ (Value::Object(_) | Value::Array(_))) => Some(metadata.clone()),
        Some(_) => {
            return Err(Refusal::format("metadata: Value must be a valid JSON string"));
        }
    };
    Ok(PresenceMessage { id, status, metadata, permissions })
}

/// An id that a client may choose: at most 36 of `[A-Za-z0-9._-]`, starting with a letter or digit.
fn is_custom_id(id: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    id == "unique()"
        || (id.len() <= 36
            && id.bytes().all(is_allowed)
            && id.bytes().next().is_some_and(|byte| byte.is_ascii_alphanumeric()))
}

fn strings(list: &Value) -> Option<Vec<String>> {
    list.as_array()?.iter().map(|item| item.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(message: Value) -> Result<Message, Refusal> {
        Message::parse(&message.to_string(), Vocabulary::Full)
    }

    fn reason(message: Value) -> (u16, String) {
        let refusal = parse(message).expect_err("a refusal");
        (refusal.code, refusal.message)
    }

    #[test]
    fn invalid_message_is_refused_with_1003() {
        for text in ["oops", "", "null", "[]", "{}", "1", "\"x\""] {
            let refusal = Message::parse(text, Vocabulary::Full).expect_err(text);
            assert_eq!(refusal.code, 1003, "{text}");
        }
        assert_eq!(reason(json!({"type": "nope", "data": {}})).1, "Message type is not valid.");
        assert_eq!(reason(json!({"data": {}})).1, "Message type is not valid.");
        assert_eq!(reason(json!({"type": 1})).1, "Message type is not valid.");
    }

    #[test]
    fn old_server_knows_only_authentication_messages() {
        for kind in ["ping", "subscribe", "unsubscribe", "presence"] {
            let text = json!({"type": kind, "data": []}).to_string();
            let refusal = Message::parse(&text, Vocabulary::AuthenticationOnly).expect_err(kind);
            assert_eq!(refusal.plain_frame(), Refusal::format("Message type is not valid.").plain_frame());
        }
        let text = json!({"type": "authentication", "data": {"session": "s"}}).to_string();
        assert!(Message::parse(&text, Vocabulary::AuthenticationOnly).is_ok());
    }

    #[test]
    fn subscription_requires_channels_and_accepts_name_and_queries() {
        let wish = json!({
            "subscriptionId": "mine",
            "channels": ["rows"],
            "queries": ["{\"method\":\"isNull\",\"attribute\":\"note\",\"values\":[]}"],
        });
        let Ok(Message::Subscribe(wishes)) = parse(json!({"type": "subscribe", "data": [wish]})) else {
            panic!("not a subscription");
        };
        assert_eq!(wishes[0].id.as_deref(), Some("mine"));
        assert_eq!(wishes[0].channels, ["rows"]);
        assert_eq!(wishes[0].queries.len(), 1);

        for (item, code) in [
            (json!("rows"), 1003),
            (json!({}), 1003),
            (json!({"channels": "rows"}), 1003),
            (json!({"channels": [1]}), 1003),
            (json!({"channels": [], "queries": "x"}), 1003),
            (json!({"channels": [], "queries": ["x"]}), 1003),
            (json!({"channels": [], "queries": ["{\"method\":\"select\",\"values\":[\"a\"]}"]}), 0),
            (json!({"channels": [], "subscriptionId": ""}), 1003),
            (json!({"channels": [], "subscriptionId": "-x"}), 1003),
            (json!({"channels": [], "subscriptionId": "x".repeat(37)}), 1003),
        ] {
            let (got, reason) = reason(json!({"type": "subscribe", "data": [item]}));
            assert_eq!(got, code, "{item}: {reason}");
        }
        assert_eq!(reason(json!({"type": "subscribe", "data": {}})).0, 1003);
        assert_eq!(reason(json!({"type": "subscribe"})).0, 1003);
    }

    #[test]
    fn unsubscription_needs_names() {
        assert_eq!(
            parse(json!({"type": "unsubscribe", "data": [{"subscriptionId": "mine"}]})),
            Ok(Message::Unsubscribe(vec!["mine".into()]))
        );
        for item in [json!({}), json!({"subscriptionId": ""}), json!({"subscriptionId": 1})] {
            assert_eq!(reason(json!({"type": "unsubscribe", "data": [item]})).0, 1003);
        }
    }

    #[test]
    fn presence_needs_a_status_of_at_most_2048_characters() {
        assert!(parse(json!({"type": "presence", "data": {"status": "é".repeat(2048)}})).is_ok());
        for data in [
            json!({}),
            json!({"status": ""}),
            json!({"status": "x".repeat(2049)}),
            json!({"status": 1}),
            json!({"status": "x", "presenceId": "x".repeat(37)}),
            json!({"status": "x", "metadata": 1}),
            json!({"status": "x", "permissions": "read(\"any\")"}),
        ] {
            assert_eq!(reason(json!({"type": "presence", "data": data})).0, 1003, "{data}");
        }
    }

    #[test]
    fn only_handshake_policy_and_http_errors_have_reasons() {
        let kept_back = r#"{"type":"error","data":{"code":1003,"message":"Error: Server Error"}}"#;
        assert_eq!(Refusal::format("x").frame(), kept_back);
        assert_eq!(Refusal::new(401, "Failed").frame(), r#"{"type":"error","data":{"code":401,"message":"Failed"}}"#);
        let missing = "Missing or unknown project ID";
        assert!(Refusal::policy(missing).handshake_frame().contains(missing));
        assert!(!Refusal::policy(missing).frame().contains(missing));
        assert!(!Refusal::too_many("Too many").handshake_frame().contains("Too many"));
        assert!(!Refusal::new(0, "x").frame().contains('x'));
    }

    #[test]
    fn event_frame_ends_with_the_subscriptions_of_its_receiver() {
        let frame = EventFrame::new(&["a.b".into()], &["c".into()], "t", &json!({"n": {}}));
        let read = |text: String| serde_json::from_str::<Value>(&text).expect("JSON");
        let with = read(frame.text(Some(&["s".into()])));
        assert_eq!(with["data"]["subscriptions"], json!(["s"]));
        let without = read(frame.text(None));
        assert_eq!(
            without,
            json!({"type": "event", "data": {
                "events": ["a.b"], "channels": ["c"], "timestamp": "t", "payload": {"n": {}}
            }})
        );
    }
}
