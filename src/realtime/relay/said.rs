//! What a browser may say through the relay: pings, presence, and subscriptions to the channels that are relayed.
//!
//! An `authentication` frame would give the connection to whomever's session it shows, and everything else is unknown.

use serde_json::Value;

/// The longest frame that a browser may send, in bytes: as long as Appwrite takes it.
pub(super) const LONGEST: usize = 64_000;

/// The frame as Appwrite may have it, or nothing.
pub(super) fn allowed(text: &str, channels: &[String]) -> Option<String> {
    let mut frame: Value = serde_json::from_str(text).ok()?;
    match frame.get("type")?.as_str()? {
        "ping" | "unsubscribe" | "presence" => {}
        "subscribe" => {
            let subscriptions = frame.get_mut("data")?.as_array_mut()?;
            subscriptions.retain_mut(|subscription| keep_channels(subscription, channels).is_some());
            if subscriptions.is_empty() {
                return None;
            }
        }
        _ => return None,
    }
    Some(frame.to_string())
}

/// Takes out the channels that are not relayed; nothing if none is left.
fn keep_channels(subscription: &mut Value, channels: &[String]) -> Option<()> {
    let asked = subscription.get_mut("channels")?.as_array_mut()?;
    asked.retain(|channel| channel.as_str().is_some_and(|channel| channels.iter().any(|known| known == channel)));
    (!asked.is_empty()).then_some(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn said(frame: &Value) -> Option<Value> {
        let text = allowed(&frame.to_string(), &["account".to_owned(), "rows.a".to_owned()])?;
        Some(serde_json::from_str(&text).expect("JSON"))
    }

    #[test]
    fn pings_presence_and_the_end_of_a_subscription_pass() {
        for frame in [
            json!({"type": "ping"}),
            json!({"type": "presence", "data": {"presenceId": "p", "status": "here"}}),
            json!({"type": "unsubscribe", "data": [{"subscriptionId": "added"}]}),
        ] {
            assert_eq!(said(&frame), Some(frame));
        }
    }

    #[test]
    fn nobody_authenticates_through_the_relay() {
        for kind in ["authentication", "Authentication", "weather", ""] {
            assert_eq!(said(&json!({"type": kind, "data": {"session": "secret"}})), None, "{kind}");
        }
        assert_eq!(allowed(r#"{"type":"ping","type":"authentication"}"#, &[]), None);
        assert_eq!(allowed(r#"{"type":"authentication","type":"ping"}"#, &[]).as_deref(), Some(r#"{"type":"ping"}"#));
    }

    #[test]
    fn only_relayed_channels_are_subscribed_to() {
        let subscribe =
            |channels: Value| json!({"type": "subscribe", "data": [{"subscriptionId": "s", "channels": channels}]});
        assert_eq!(said(&subscribe(json!(["rows.a", "files"]))), Some(subscribe(json!(["rows.a"]))));
        for foreign in [json!(["files"]), json!([]), json!([7]), json!("rows.a"), json!(null)] {
            assert_eq!(said(&subscribe(foreign.clone())), None, "{foreign}");
        }
        assert_eq!(said(&json!({"type": "subscribe", "data": {"channels": ["rows.a"]}})), None);
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_no_authentication_passes(text in ".{0,80}", data in ".{0,40}") {
            let _ = allowed(&text, &[]);
            let frame = format!(r#"{{"data":{data},"type":"authentication"}}"#);
            prop_assert_eq!(allowed(&frame, &[]), None);
        }
    }
}
