//! Filters the frames that users receive through the relay: removes secrets and applies the app's filter.

use serde_json::Value;

use crate::realtime::relay_policy::{Delivery, EventFilter};

/// Fields that no script may read: secrets of sessions and tokens, and tokens of OAuth2 providers.
const SECRET_FIELDS: [&str; 3] = ["secret", "providerAccessToken", "providerRefreshToken"];

/// Filters a frame from Appwrite for a user's browser.
pub(super) fn for_user(frame: &mut Value, user_id: &str, filter: EventFilter) -> Delivery {
    let is_event = frame.get("type").and_then(Value::as_str) == Some("event");
    let Some(data) = frame.get_mut("data") else { return Delivery::Pass };
    empty_secrets(data);
    if is_event { filter(user_id, data) } else { Delivery::Pass }
}

/// Empties the fields but keeps them, as Appwrite does for callers who may not read them.
fn empty_secrets(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if SECRET_FIELDS.iter().any(|secret| secret.eq_ignore_ascii_case(name)) {
                    *value = Value::String(String::new());
                } else {
                    empty_secrets(value);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(empty_secrets),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::realtime::relay_policy::{pass, remove_field};

    const RECORDED: &str =
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../local-appwrite/conformance/recordings/realtime.json"));

    fn without_year(user_id: &str, event: &mut Value) -> Delivery {
        if user_id == "ben" {
            return Delivery::Withhold;
        }
        remove_field(event, "year");
        Delivery::Pass
    }

    #[test]
    fn recorded_frames_contain_no_secret() {
        let scenes: Vec<Value> = serde_json::from_str(RECORDED).expect("the recording");
        let frames = scenes.iter().filter_map(|scene| scene["frames"].as_array()).flatten();
        let mut secrets = 0;
        for frame in frames.filter_map(|entry| entry.get("frame")) {
            let before = frame["data"]["payload"]["secret"].as_str().unwrap_or_default();
            secrets += usize::from(!before.is_empty());
            let mut frame = frame.clone();
            assert_eq!(for_user(&mut frame, "kim", pass), Delivery::Pass);
            assert!(before.is_empty() || !frame.to_string().contains(before));
        }
        assert!(secrets > 0, "the recording has a session's secret in it");
    }

    #[test]
    fn secrets_are_emptied_at_any_depth_in_every_frame() {
        let mut frame = json!({"type": "response", "data": {"sessions": [{
            "$id": "s", "secret": "a", "providerAccessToken": "b", "providerRefreshToken": {"c": 1}, "Secret": 4,
        }]}});
        for_user(&mut frame, "kim", pass);
        let emptied = json!({"type": "response", "data": {"sessions": [{
            "$id": "s", "secret": "", "providerAccessToken": "", "providerRefreshToken": "", "Secret": "",
        }]}});
        assert_eq!(frame, emptied);
    }

    #[test]
    fn filter_strips_a_field_and_withholds_from_one_user() {
        let row = json!({"type": "event", "data": {"payload": {"name": "Ann", "year": 2001}}});
        let mut frame = row.clone();
        assert_eq!(for_user(&mut frame, "kim", without_year), Delivery::Pass);
        assert_eq!(frame["data"], json!({"payload": {"name": "Ann"}}));
        assert_eq!(for_user(&mut row.clone(), "ben", without_year), Delivery::Withhold);
    }

    #[test]
    fn filter_gets_events_only() {
        let mut frame = json!({"type": "connected", "data": {"channels": ["account"], "user": {"$id": "ben"}}});
        assert_eq!(for_user(&mut frame, "ben", without_year), Delivery::Pass);
    }
}
