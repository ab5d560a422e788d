//! Filters the frames that a browser sends: allows pings, presence, and subscriptions to relayed channels.
//!
//! Drops `authentication` frames, which would switch the connection to another user's session, and unknown frames.

use appwrite_realtime::protocol::{CHANNEL_NOT_RELAYED, Channel, RowNaming};
use serde_json::{Value, json};

/// The maximum length of a browser's frame, in bytes: Appwrite's own limit.
pub(super) const MAX_LENGTH: usize = 64_000;

/// The maximum length of a channel name in an error, in characters.
const SHOWN: usize = 100;

/// Returns the frame to forward, or none. `own` are the ids of the relay's own subscriptions, once Appwrite has sent
/// them: a browser must not change or end those.
pub(super) fn allowed(text: &str, channels: &[String], own: Option<&[String]>) -> Option<String> {
    let mut frame: Value = serde_json::from_str(text).ok()?;
    match (frame.get("type")?.as_str()?, own) {
        ("ping", _) => {}
        ("presence", Some(_)) if channels.contains(&Channel::Presences.name(RowNaming::Tables)) => {}
        ("unsubscribe", Some(own)) => keep(&mut frame, |subscription| {
            let id = subscription.get("subscriptionId")?.as_str()?;
            (!own.iter().any(|own| own == id)).then_some(())
        })?,
        ("subscribe", Some(own)) => keep(&mut frame, |subscription| {
            let is_own = |id: &Value| id.as_str().is_none_or(|id| own.iter().any(|own| own == id));
            if subscription.get("subscriptionId").is_some_and(is_own) {
                return None;
            }
            keep_channels(subscription, channels)
        })?,
        _ => return None,
    }
    Some(frame.to_string())
}

/// Returns the first channel of a `subscribe` frame that is not relayed.
pub(super) fn unknown_channel(text: &str, channels: &[String]) -> Option<String> {
    let frame: Value = serde_json::from_str(text).ok()?;
    let subscriptions = frame.get("data").filter(|_| frame["type"] == "subscribe")?.as_array()?;
    let asked = subscriptions.iter().filter_map(|subscription| subscription.get("channels")?.as_array()).flatten();
    let unknown = asked.filter_map(Value::as_str).find(|asked| !channels.iter().any(|known| known == asked));
    unknown.map(str::to_owned)
}

/// Returns the error frame for a channel, in Appwrite's format.
pub(super) fn refusal(code: u16, channel: &str) -> String {
    let channel: String = channel.chars().take(SHOWN).collect();
    tracing::debug!(channel, "the relay refuses a channel: is its table in the app's tables?");
    json!({"type": "error", "data": {"code": code, "message": format!("{CHANNEL_NOT_RELAYED}: {channel}")}}).to_string()
}

/// Removes the subscriptions that may not pass; returns none if none is left.
fn keep(frame: &mut Value, may_pass: impl Fn(&mut Value) -> Option<()>) -> Option<()> {
    let subscriptions = frame.get_mut("data")?.as_array_mut()?;
    subscriptions.retain_mut(|subscription| may_pass(subscription).is_some());
    (!subscriptions.is_empty()).then_some(())
}

/// Removes the channels that are not relayed; returns none if none is left.
fn keep_channels(subscription: &mut Value, channels: &[String]) -> Option<()> {
    let asked = subscription.get_mut("channels")?.as_array_mut()?;
    asked.retain(|channel| channel.as_str().is_some_and(|channel| channels.iter().any(|known| known == channel)));
    (!asked.is_empty()).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn forwarded(frame: &Value) -> Option<Value> {
        let channels = ["account".into(), "rows.a".into(), "presences".into()];
        let text = allowed(&frame.to_string(), &channels, Some(&["own".into()]))?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    #[test]
    fn pings_presence_and_unsubscriptions_are_forwarded() {
        for frame in [
            json!({"type": "ping"}),
            json!({"type": "presence", "data": {"presenceId": "p", "status": "here"}}),
            json!({"type": "unsubscribe", "data": [{"subscriptionId": "added"}]}),
        ] {
            assert_eq!(forwarded(&frame), Some(frame));
        }
    }

    #[test]
    fn presence_needs_the_presences_channel() {
        let frame = json!({"type": "presence", "data": {"presenceId": "p", "status": "here"}}).to_string();
        assert_eq!(allowed(&frame, &["account".into()], Some(&[])), None);
    }

    #[test]
    fn unknown_channel_is_named() {
        let known = ["account".to_owned(), "rows.a".to_owned()];
        let frame = |channels: Value| json!({"type": "subscribe", "data": [{"channels": channels}]}).to_string();
        assert_eq!(unknown_channel(&frame(json!(["rows.a", "rows.b"])), &known).as_deref(), Some("rows.b"));
        assert_eq!(unknown_channel(&frame(json!(["rows.a", "account"])), &known), None);
        for other in ["", "{", r#"{"type":"ping"}"#, r#"{"type":"subscribe","data":{"channels":["rows.b"]}}"#] {
            assert_eq!(unknown_channel(other, &known), None, "{other}");
        }
        assert!(refusal(1008, &"x".repeat(5000)).len() < 300);
    }

    #[test]
    fn nobody_authenticates_through_the_relay() {
        for kind in ["authentication", "Authentication", "weather", ""] {
            assert_eq!(forwarded(&json!({"type": kind, "data": {"session": "secret"}})), None, "{kind}");
        }
        let allowed = |text| allowed(text, &[], Some(&[]));
        assert_eq!(allowed(r#"{"type":"ping","type":"authentication"}"#), None);
        assert_eq!(allowed(r#"{"type":"authentication","type":"ping"}"#).as_deref(), Some(r#"{"type":"ping"}"#));
    }

    #[test]
    fn browser_cannot_change_subscriptions_of_the_relay() {
        let unsubscribe = |ids: &[&str]| {
            let data: Vec<_> = ids.iter().map(|id| json!({"subscriptionId": id})).collect();
            json!({"type": "unsubscribe", "data": data})
        };
        assert_eq!(forwarded(&unsubscribe(&["own"])), None);
        assert_eq!(forwarded(&unsubscribe(&["own", "added"])), Some(unsubscribe(&["added"])));
        for id in [json!("own"), json!(0), json!(null), json!(["own"])] {
            let entry = json!([{"subscriptionId": id, "channels": ["rows.a"]}]);
            assert_eq!(forwarded(&json!({"type": "subscribe", "data": entry})), None, "{id}");
        }
        assert_eq!(forwarded(&json!({"type": "unsubscribe", "data": [{"subscriptionId": 0}, {}, "own"]})), None);
    }

    #[test]
    fn messages_are_blocked_until_appwrite_names_its_subscriptions() {
        for (frame, passes) in [
            (json!({"type": "ping"}), true),
            (json!({"type": "unsubscribe", "data": [{"subscriptionId": "x"}]}), false),
            (json!({"type": "subscribe", "data": [{"subscriptionId": "x", "channels": ["account"]}]}), false),
            (json!({"type": "presence", "data": {}}), false),
        ] {
            assert_eq!(allowed(&frame.to_string(), &["account".into()], None).is_some(), passes, "{frame}");
        }
    }

    #[test]
    fn only_relayed_channels_can_be_subscribed() {
        let subscribe =
            |channels: Value| json!({"type": "subscribe", "data": [{"subscriptionId": "s", "channels": channels}]});
        assert_eq!(forwarded(&subscribe(json!(["rows.a", "files"]))), Some(subscribe(json!(["rows.a"]))));
        for foreign in [json!(["files"]), json!([]), json!([7]), json!("rows.a"), json!(null)] {
            assert_eq!(forwarded(&subscribe(foreign.clone())), None, "{foreign}");
        }
        assert_eq!(forwarded(&json!({"type": "subscribe", "data": {"channels": ["rows.a"]}})), None);
    }

    proptest! {
        #[test]
        fn parser_never_panics_or_forwards_authentication(text in ".{0,80}", data in ".{0,40}") {
            let _ = allowed(&text, &[], Some(&[]));
            let frame = format!(r#"{{"data":{data},"type":"authentication"}}"#);
            prop_assert_eq!(allowed(&frame, &[], Some(&[])), None);
        }
    }
}
