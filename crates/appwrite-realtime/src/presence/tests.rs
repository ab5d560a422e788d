//! Scenarios: users come and go, and the names change rarely.

use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::protocol::{Event, ServerFrame};

const PAGE: &str = "/birthdays";
const SECOND: Duration = Duration::from_secs(1);

fn event(user_id: &str, name: &str, status: &str, action: &str) -> Event {
    event_of(user_id, status, action, &json!({"name": name}))
}

fn event_of(user_id: &str, status: &str, action: &str, metadata: &Value) -> Event {
    let frame = json!({"type": "event", "data": {
        "events": [format!("presences.p-{user_id}.{action}")],
        "channels": ["presences"],
        "payload": {"userId": user_id, "status": status, "metadata": metadata},
    }});
    match ServerFrame::parse(&frame.to_string()) {
        Ok(ServerFrame::Event(event)) => event,
        other => panic!("no event: {other:?}"),
    }
}

/// Kim's page, and the time.
struct Page {
    roster: Roster,
    now: Duration,
}

impl Page {
    fn new() -> Self {
        Self { roster: Roster::new("kim", PAGE), now: 100 * SECOND }
    }

    fn hear(&mut self, event: &Event) {
        let change = event.presence_change().expect("a change of a presence");
        self.roster.hear(&change, self.now);
    }

    fn comes(&mut self, user_id: &str, name: &str) {
        self.hear(&event(user_id, name, PAGE, "upsert"));
    }

    fn goes(&mut self, user_id: &str) {
        self.hear(&event(user_id, "", PAGE, "delete"));
    }

    fn listed(&mut self, asked: u64, list: &[(&str, &str, u64)]) {
        let person = |(user_id, name, seconds_ago): &(&str, &str, u64)| PersonPresent {
            user_id: (*user_id).to_owned(),
            name: (*name).to_owned(),
            seconds_ago: *seconds_ago,
        };
        self.roster.answered(asked, list.iter().map(person).collect(), self.now);
    }

    fn shows(&mut self) -> String {
        line(self.roster.names(self.now))
    }

    /// Advances the time, and reads the names whenever the roster asks for it.
    fn pass(&mut self, time: Duration) {
        let until = self.now + time;
        self.shows();
        while let Some(at) = self.roster.next_wake().filter(|at| *at <= until) {
            self.now = at;
            self.shows();
        }
        self.now = until;
    }
}

#[test]
fn user_is_shown_after_joining_and_hidden_after_leaving() {
    let mut page = Page::new();
    assert_eq!(page.shows(), "");
    page.comes("ann", "Ann");
    assert_eq!(page.shows(), "Also here: Ann");
    page.pass(10 * SECOND);
    page.goes("ann");
    page.pass(10 * SECOND);
    assert_eq!(page.shows(), "");
}

#[test]
fn user_is_shown_once_and_never_to_themselves() {
    let mut page = Page::new();
    let asked = page.roster.ask();
    page.listed(asked, &[("kim", "Kim", 0), ("ann", "Ann", 3)]);
    page.comes("ann", "Ann");
    page.comes("kim", "Kim");
    assert_eq!(page.shows(), "Also here: Ann");
}

#[test]
fn users_with_equal_names_are_both_shown() {
    let mut page = Page::new();
    page.comes("ann", "Ann");
    page.comes("other", "Ann");
    assert_eq!(page.shows(), "Also here: Ann, Ann");
}

#[test]
fn only_users_on_this_page_are_shown() {
    let mut page = Page::new();
    page.hear(&event("ben", "Ben", "/elsewhere", "upsert"));
    assert_eq!(page.shows(), "");
    page.comes("ben", "Ben");
    assert_eq!(page.shows(), "Also here: Ben");
    page.hear(&event("ben", "", AWAY, "upsert"));
    page.pass(10 * SECOND);
    assert_eq!(page.shows(), "");
}

#[test]
fn user_who_reconnects_does_not_flicker() {
    let mut page = Page::new();
    page.comes("ann", "Ann");
    page.pass(10 * SECOND);
    page.goes("ann");
    for _ in 0..50 {
        page.pass(SECOND / 10);
        assert_eq!(page.shows(), "Also here: Ann");
    }
    page.comes("ann", "Ann");
    page.pass(20 * SECOND);
    assert_eq!(page.shows(), "Also here: Ann");
}

#[test]
fn lost_connection_hides_users_unless_it_returns_soon() {
    let mut page = Page::new();
    page.comes("ann", "Ann");
    page.roster.lose(page.now);
    page.pass(2 * SECOND);
    let asked = page.roster.ask();
    page.listed(asked, &[("ann", "Ann", 1)]);
    page.pass(20 * SECOND);
    assert_eq!(page.shows(), "Also here: Ann", "back in time");
    page.roster.lose(page.now);
    page.pass(20 * SECOND);
    assert_eq!(page.shows(), "");
}

#[test]
fn user_without_renewal_is_hidden() {
    let mut page = Page::new();
    let asked = page.roster.ask();
    page.listed(asked, &[("ann", "Ann", 0), ("ben", "Ben", 200), ("old", "Old", 301)]);
    assert_eq!(page.shows(), "Also here: Ann, Ben");
    page.pass(110 * SECOND);
    assert_eq!(page.shows(), "Also here: Ann");
    page.comes("ann", "Ann");
    page.pass(STALE_AFTER - SECOND);
    assert_eq!(page.shows(), "Also here: Ann");
    page.pass(SECOND);
    assert_eq!(page.shows(), "");
    assert!(STALE_AFTER > 2 * RENEWAL, "two renewals may be lost");
}

#[test]
fn events_during_a_list_request_override_the_list() {
    let mut page = Page::new();
    let asked = page.roster.ask();
    page.goes("ann");
    page.comes("ben", "Ben");
    page.listed(asked, &[("ann", "Ann", 0)]);
    page.pass(10 * SECOND);
    assert_eq!(page.shows(), "Also here: Ben");
}

#[test]
fn failed_list_request_keeps_users_known_from_events() {
    let mut page = Page::new();
    let first = page.roster.ask();
    assert!(page.roster.is_asking());
    let second = page.roster.ask();
    page.roster.unanswered(first);
    assert!(page.roster.is_asking(), "the second is on its way");
    page.comes("ann", "Ann");
    page.roster.unanswered(second);
    assert!(!page.roster.is_asking());
    assert_eq!(page.shows(), "Also here: Ann");
}

#[test]
fn late_older_list_is_ignored() {
    let mut page = Page::new();
    let (first, second) = (page.roster.ask(), page.roster.ask());
    page.listed(second, &[("ann", "Ann", 0)]);
    page.listed(first, &[("ben", "Ben", 0)]);
    page.pass(20 * SECOND);
    assert_eq!(page.shows(), "Also here: Ann");
}

#[test]
fn presence_line_announces_many_new_users_once() {
    let mut page = Page::new();
    let mut changes = 0;
    let mut before = page.shows();
    for number in 0..100 {
        page.comes(&format!("u{number}"), "Somebody");
        page.pass(SECOND / 10);
        let now = page.shows();
        changes += usize::from(now != before);
        before = now;
    }
    assert!(changes <= 4, "{changes} changes in ten seconds");
    page.pass(MIN_CHANGE_INTERVAL);
    assert_eq!(page.shows(), "Also here: Somebody, Somebody, Somebody, Somebody, Somebody and 95 more");
}

#[test]
fn presence_text_is_plain_english() {
    let line_of = |names: &[&str]| line(&names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>());
    for (names, words) in [
        (&[][..], ""),
        (&["Ann"], "Also here: Ann"),
        (&["Ann", "Bob"], "Also here: Ann, Bob"),
        (&["Ann", ""], "Also here: Ann and 1 more"),
        (&[""], "Also here: 1 person"),
        (&["", ""], "Also here: 2 people"),
        (&["A", "B", "C", "D", "E", "F", ""], "Also here: A, B, C, D, E and 2 more"),
    ] {
        assert_eq!(line_of(names), words);
    }
}

#[test]
fn name_cannot_break_the_presence_line() {
    assert_eq!(fit("  Ann\n\tof\u{202e} the\u{200f}re "), "Ann of the re");
    assert_eq!(fit("\u{2066}\u{7}"), "");
    assert_eq!(fit(&"x".repeat(1000)), format!("{}…", "x".repeat(39)));
    assert_eq!(fit("Zoë 👩‍💻"), "Zoë 👩‍💻");
}

#[test]
fn malformed_presence_payload_is_ignored() {
    for metadata in [json!(null), json!([]), json!("Ann"), json!({"name": 7}), json!({"name": ["Ann"]})] {
        assert_eq!(name_in(&metadata), "", "{metadata}");
        let event = event_of("ann", PAGE, "upsert", &metadata);
        assert_eq!(event.presence_change().expect("a change of a presence").name, "", "{metadata}");
    }
    assert_eq!(name_in(&json!({"name": "Ann"})), "Ann");
}

#[test]
fn presence_is_readable_by_signed_in_users_until_they_leave() {
    let here = Presence::at(PAGE, "kim", "Kim");
    assert_eq!(here.metadata, Metadata { name: Some("Kim".to_owned()) });
    assert_eq!(
        here.permissions,
        [r#"read("users")"#, r#"read("user:kim")"#, r#"update("user:kim")"#, r#"delete("user:kim")"#]
    );
    let over = here.next_away_presence().expect("an away presence");
    assert_eq!((over.status.as_str(), &over.metadata), (AWAY, &Metadata::default()));
    assert_eq!(over.permissions, here.permissions, "the same users receive the change");
    let hidden = over.next_away_presence().expect("a hidden presence");
    assert_eq!(hidden.permissions, here.permissions[1..]);
    assert_eq!(hidden.next_away_presence(), None);
}

proptest! {
    /// For any events, the roster drops users in time, and its names change rarely.
    #[test]
    fn silent_user_is_removed(steps in prop::collection::vec((0u8..6, 0u8..4, 0u64..400_000), 1..60)) {
        let mut page = Page::new();
        let mut asked = 0;
        for (what, who, pause) in steps {
            let (id, name) = (format!("u{who}"), format!("U{who}"));
            match what {
                0 | 1 => page.comes(&id, &name),
                2 => page.goes(&id),
                3 => asked = page.roster.ask(),
                4 => page.listed(asked, &[(&id, &name, u64::from(who) * 90)]),
                _ => page.roster.lose(page.now),
            }
            let (before, since) = (page.roster.shown.clone(), page.roster.shown_since);
            if page.roster.names(page.now) != before {
                prop_assert!(since.is_none_or(|since| page.now >= since + MIN_CHANGE_INTERVAL));
            }
            page.pass(Duration::from_millis(pause));
        }
        page.pass(STALE_AFTER + MIN_CHANGE_INTERVAL);
        prop_assert_eq!(page.shows(), "");
        prop_assert_eq!(page.roster.next_wake(), None);
    }
}

/// Formats names and counts like a page.
fn line(names: &[String]) -> String {
    match named(names) {
        (named, 0) if named.is_empty() => String::new(),
        (named, 1) if named.is_empty() => "Also here: 1 person".to_owned(),
        (named, rest) if named.is_empty() => format!("Also here: {rest} people"),
        (named, 0) => format!("Also here: {}", named.join(", ")),
        (named, rest) => format!("Also here: {} and {rest} more", named.join(", ")),
    }
}
