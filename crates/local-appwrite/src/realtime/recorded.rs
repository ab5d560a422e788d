//! The Realtime scenes recorded from a real Appwrite 1.9.6, for the tests of this module.

use serde_json::Value;

/// All scenes: connections, sent messages, received frames.
pub(super) fn scenes() -> Vec<Value> {
    serde_json::from_str(include_str!("../../conformance/recordings/realtime.json")).expect("the recording is JSON")
}

/// The data of every recorded event frame.
pub(super) fn events() -> Vec<Value> {
    scenes()
        .iter()
        .filter_map(|scene| scene["frames"].as_array())
        .flatten()
        .map(|frame| &frame["frame"])
        .filter(|frame| frame["type"] == "event")
        .map(|frame| frame["data"].clone())
        .collect()
}

/// The published name of this event frame: its most precise one.
pub(super) fn published_name(event: &Value) -> String {
    let names = strings(&event["events"]);
    names.get(2).filter(|name| name.starts_with(&format!("{}.", names[0]))).unwrap_or(&names[0]).clone()
}

/// A JSON list of strings.
pub(super) fn strings(list: &Value) -> Vec<String> {
    serde_json::from_value(list.clone()).expect("a list of strings")
}
