//! Compares the backend's frames with scenes recorded from a real Appwrite 1.9.6.

use std::collections::BTreeSet;

use serde_json::Value;

/// Objects with keys that users choose.
const CHOSEN: [&str; 2] = ["prefs", "metadata"];

/// The data of the first frame of this kind in the scene.
pub fn frame(scene: &str, kind: &str) -> Value {
    frames(scene, kind).into_iter().next().unwrap_or_else(|| panic!("no {kind} in {scene:?}"))
}

/// The data of all frames of this kind in the scene.
pub fn frames(scene: &str, kind: &str) -> Vec<Value> {
    let scenes: Vec<Value> = serde_json::from_str(include_str!("../../conformance/recordings/realtime.json"))
        .expect("the recording is JSON");
    let scene = scenes.iter().find(|one| one["name"] == scene).unwrap_or_else(|| panic!("no scene {scene:?}"));
    let frames = scene["frames"].as_array().expect("frames");
    frames
        .iter()
        .map(|frame| &frame["frame"])
        .filter(|frame| frame["type"] == kind)
        .map(|frame| frame["data"].clone())
        .collect()
}

/// Panics unless `got` has the keys of `recorded`, each with a value of the same type. Ignores keys that users choose.
pub fn assert_same_form(recorded: &Value, got: &Value) {
    compare(recorded, got, "frame");
}

fn compare(recorded: &Value, got: &Value, at: &str) {
    match (recorded, got) {
        (Value::Object(recorded), Value::Object(got)) => {
            let recorded_keys: BTreeSet<&String> = recorded.keys().collect();
            let got_keys: BTreeSet<&String> = got.keys().collect();
            assert_eq!(recorded_keys, got_keys, "keys of {at}");
            for (key, value) in recorded.iter().filter(|(key, _)| !CHOSEN.contains(&key.as_str())) {
                compare(value, &got[key], &format!("{at}.{key}"));
            }
        }
        (Value::Array(recorded), Value::Array(got)) => {
            if let (Some(recorded), Some(got)) = (recorded.first(), got.first()) {
                compare(recorded, got, &format!("{at}[0]"));
            }
        }
        _ => assert_eq!(kind(recorded), kind(got), "kind of {at}: {recorded} and {got}"),
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "text",
        Value::Array(_) => "list",
        Value::Object(_) => "object",
    }
}
