//! Frames recorded from Appwrite 1.9.6: all parse, with the expected meaning.

use serde_json::Value;

use super::*;

const RECORDED: &str =
    include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../local-appwrite/conformance/recordings/realtime.json"));

/// Returns the recordings by name, each with the server's frames.
fn scenes() -> Vec<(String, Vec<ServerFrame>)> {
    let scenes: Vec<Value> = serde_json::from_str(RECORDED).expect("the recording");
    scenes
        .iter()
        .map(|scene| {
            let name = scene["name"].as_str().expect("a name").to_owned();
            let frames = scene["frames"].as_array().expect("frames");
            let frames = frames.iter().filter_map(|entry| entry.get("frame"));
            (name, frames.map(|frame| ServerFrame::parse(&frame.to_string()).expect("a frame")).collect())
        })
        .collect()
}

fn scene(start: &str) -> Vec<ServerFrame> {
    let scene = scenes().into_iter().find(|(name, _)| name.starts_with(start));
    scene.unwrap_or_else(|| panic!("no scene {start}")).1
}

fn user_id(frames: &[ServerFrame]) -> Option<String> {
    match frames.first() {
        Some(ServerFrame::Connected(connected)) => connected.user_id.clone(),
        other => panic!("no connected: {other:?}"),
    }
}

fn events(frames: Vec<ServerFrame>) -> Vec<Event> {
    let events = frames.into_iter().filter_map(|frame| match frame {
        ServerFrame::Event(event) => Some(event),
        _ => None,
    });
    events.collect()
}

#[test]
fn no_recorded_frame_is_unknown() {
    let frames: Vec<_> = scenes().into_iter().flat_map(|(_, frames)| frames).collect();
    assert!(frames.len() > 40, "{} frames", frames.len());
    for frame in frames {
        assert!(!matches!(frame, ServerFrame::Unknown { .. }), "{frame:?}");
    }
}

#[test]
fn user_differs_from_a_guest() {
    for start in ["session header", "jwt header", "cookie", "message mode"] {
        assert!(user_id(&scene(start)).is_some(), "{start}");
    }
    for start in ["guest connected", "jwt in query", "jwt whose session is deleted", "garbage session header"] {
        assert_eq!(user_id(&scene(start)), None, "{start}");
    }
}

#[test]
fn refusals_carry_their_codes() {
    for (start, code) in [("bad jwt", 401), ("expired jwt", 401), ("unknown project", 1008), ("foreign origin", 1008)] {
        let frames = scene(start);
        assert!(matches!(&frames[0], ServerFrame::Error(error) if error.code == code), "{start}: {:?}", frames[0]);
    }
}

#[test]
fn recorded_row_changes_are_parsed_in_order() {
    let events = events(scene("jwt header"));
    let actions: Vec<_> = events.iter().filter_map(|event| event.name().rsplit('.').next()).collect();
    assert_eq!(actions, ["create", "update", "delete"]);
    for event in &events {
        assert!(Channel::rows("main", "birthdays").carries(event));
        assert!(!Channel::rows("main", "other").carries(event));
    }
}

#[test]
fn deletion_of_own_session_is_recognized() {
    let frames = scene("own session deleted");
    let user_id = user_id(&frames).expect("a person");
    let events = events(frames);
    let payload = events[0].payload();
    let session_id = payload["$id"].as_str().expect("an id");
    assert_eq!(events[0].session_effect(&user_id, Some(session_id)), Some(SessionEffect::SessionDeleted));
    assert_eq!(events[0].session_effect(&user_id, Some("another")), Some(SessionEffect::InDoubt));
    assert!(Channel::Account.carries(&events[0]));
}

#[test]
fn only_new_sessions_trigger_a_session_check() {
    for start in ["account events", "email change"] {
        let frames = scene(start);
        let user_id = user_id(&frames).expect("a person");
        for event in events(frames) {
            let is_session = event.name().contains(".sessions.") && event.name().ends_with(".create");
            let expected = is_session.then_some(SessionEffect::InDoubt);
            assert_eq!(event.session_effect(&user_id, Some("s")), expected, "{:?}", event.name());
        }
    }
}
