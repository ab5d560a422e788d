//! Presence: the users who have a page open.
//!
//! Appwrite stores one presence per user, across all pages and devices (`presenceLogs` in its source: the user is its
//! unique key). It deletes the presence when the connection that sent it closes, or after 30 days if it misses that. So
//! the status names the page, clients renew their presence, and users without a recent renewal are hidden.
//!
//! Signed-in users see each other's names while the page is open. Users choose their own names; Appwrite only vouches
//! for the ids.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::protocol::{Action, Metadata, Presence, PresenceChange};

/// The interval of presence renewals. Each one sends an event to everyone present.
pub const RENEWAL: Duration = Duration::from_secs(120);
/// Hide a user after this long without a renewal: two renewals may be lost, or delayed in a hidden tab.
pub const STALE_AFTER: Duration = Duration::from_secs(300);
/// Keep showing a user for this long after they leave, because reconnecting removes them for a moment.
const GRACE: Duration = Duration::from_secs(6);
/// The minimum time between two changes of the names, so that a screen reader is not overwhelmed.
const MIN_CHANGE_INTERVAL: Duration = Duration::from_secs(3);
/// The maximum number of names; other users are only counted.
const MAX_NAMED: usize = 5;
/// The maximum length of a name, in characters.
const MAX_NAME_LENGTH: usize = 40;
/// The status of a user who has left the page while the connection stays.
const AWAY: &str = "away";
/// The permission for all signed-in users.
const SIGNED_IN: &str = r#"read("users")"#;

impl Presence {
    /// Returns the presence of a user on this page: the page and their name, visible to signed-in users.
    pub fn at(page: &str, user_id: &str, name: &str) -> Self {
        let own = ["read", "update", "delete"].map(|action| format!(r#"{action}("user:{user_id}")"#));
        Self {
            // A user who already has a presence keeps its id.
            presence_id: "unique()".to_owned(),
            status: page.to_owned(),
            metadata: Metadata { name: Some(name.to_owned()) },
            permissions: [SIGNED_IN.to_owned()].into_iter().chain(own).collect(),
        }
    }

    /// Returns the next update after the user has left the page: first the `away` status for those who saw the
    /// presence, then the same without permissions for others. No message deletes a presence.
    pub(super) fn next_away_presence(&self) -> Option<Self> {
        if self.status != AWAY {
            return Some(Self { status: AWAY.to_owned(), metadata: Metadata::default(), ..self.clone() });
        }
        let is_shared = self.permissions.iter().any(|permission| permission == SIGNED_IN);
        is_shared.then(|| {
            let mut hidden = self.clone();
            hidden.permissions.retain(|permission| permission != SIGNED_IN);
            hidden
        })
    }
}

impl PresenceChange<'_> {
    /// True if this ends the user's presence on every page.
    pub(super) fn is_end(&self) -> bool {
        self.action == Action::Delete || self.status == AWAY
    }
}

/// A user with a page open, as our server lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPresent {
    /// The account's id.
    pub user_id: String,
    /// The displayed name; may be empty.
    pub name: String,
    /// The seconds since their last renewal.
    pub seconds_ago: u64,
}

/// Returns the name in a presence's metadata.
pub fn name_in(metadata: &Value) -> &str {
    metadata.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// The other users on a page, each once, even with several tabs. Like the connection's state machine, it does not
/// access a browser or a clock.
#[derive(Debug)]
pub struct Roster {
    own_id: String,
    page: String,
    people: Vec<Known>,
    /// The number of list requests.
    asked: u64,
    /// The events since the pending request, because its list may be older.
    heard: Option<Vec<(String, Option<String>)>>,
    shown: Vec<String>,
    shown_since: Option<Duration>,
    is_held_back: bool,
}

#[derive(Debug)]
struct Known {
    id: String,
    name: String,
    until: Duration,
}

impl Roster {
    /// Creates an empty roster for this page; excludes the user `own_id`.
    pub fn new(own_id: impl Into<String>, page: impl Into<String>) -> Self {
        Self {
            own_id: own_id.into(),
            page: page.into(),
            people: Vec::new(),
            asked: 0,
            heard: None,
            shown: Vec::new(),
            shown_since: None,
            is_held_back: false,
        }
    }

    /// Starts a list request. Pass its number in with the answer.
    pub fn ask(&mut self) -> u64 {
        self.asked += 1;
        self.heard = Some(Vec::new());
        self.asked
    }

    /// True while a list request is pending.
    pub fn is_asking(&self) -> bool {
        self.heard.is_some()
    }

    /// The list request failed.
    pub fn unanswered(&mut self, asked: u64) {
        if asked == self.asked {
            self.heard = None;
        }
    }

    /// Handles the list. Removes users who are not in it.
    pub fn answered(&mut self, asked: u64, list: Vec<PersonPresent>, now: Duration) {
        // Ignores an outdated answer.
        let Some(heard) = (asked == self.asked).then(|| self.heard.take()).flatten() else { return };
        for known in &mut self.people {
            if !list.iter().any(|person| person.user_id == known.id) {
                known.until = known.until.min(now + GRACE);
            }
        }
        for person in list {
            let left = STALE_AFTER.saturating_sub(Duration::from_secs(person.seconds_ago));
            self.meet(&person.user_id, &person.name, now + left);
        }
        for (id, name) in heard {
            self.apply(&id, name.as_deref(), now);
        }
    }

    /// Handles an event: a user came, is still there, or left.
    pub fn hear(&mut self, change: &PresenceChange<'_>, now: Duration) {
        let is_here = change.action != Action::Delete && change.status == self.page;
        let name = is_here.then_some(change.name);
        if let Some(heard) = &mut self.heard {
            heard.push((change.user_id.to_owned(), name.map(str::to_owned)));
        }
        self.apply(change.user_id, name, now);
    }

    /// The connection is lost, so the list of users is outdated.
    pub fn lose(&mut self, now: Duration) {
        for known in &mut self.people {
            known.until = known.until.min(now + GRACE);
        }
    }

    /// Returns the names to show, in order. Limits changes, see [`next_wake`](Self::next_wake). A user without a name
    /// has an empty one.
    pub fn names(&mut self, now: Duration) -> &[String] {
        self.people.retain(|known| known.until > now);
        // Sorting would be 4 kB of code in the browser, and lower case of all alphabets 6 kB.
        let mut sorted: Vec<((bool, String), String)> = Vec::new();
        for Known { name, .. } in &self.people {
            let key = (name.is_empty(), name.to_ascii_lowercase());
            let at = sorted.iter().position(|(other, _)| *other > key).unwrap_or(sorted.len());
            sorted.insert(at, (key, name.clone()));
        }
        let names: Vec<String> = sorted.into_iter().map(|(_, name)| name).collect();
        let is_calm = self.shown_since.is_none_or(|since| now >= since + MIN_CHANGE_INTERVAL);
        self.is_held_back = names != self.shown && !is_calm;
        if names != self.shown && is_calm {
            self.shown = names;
            self.shown_since = Some(now);
        }
        &self.shown
    }

    /// Returns the time to call [`names`](Self::names) again without new events.
    pub fn next_wake(&self) -> Option<Duration> {
        let calm = self.shown_since.filter(|_| self.is_held_back).map(|since| since + MIN_CHANGE_INTERVAL);
        self.people.iter().map(|known| known.until).chain(calm).min()
    }

    fn apply(&mut self, id: &str, name: Option<&str>, now: Duration) {
        match name {
            Some(name) => self.meet(id, name, now + STALE_AFTER),
            None => {
                if let Some(known) = self.people.iter_mut().find(|known| known.id == id) {
                    known.until = known.until.min(now + GRACE);
                }
            }
        }
    }

    fn meet(&mut self, id: &str, name: &str, until: Duration) {
        if id == self.own_id {
            return;
        }
        let known = Known { id: id.to_owned(), name: fit(name), until };
        match self.people.iter_mut().find(|known| known.id == id) {
            Some(place) => *place = known,
            None => self.people.push(known),
        }
    }
}

/// Returns the names to show, and the number of other users.
pub fn named(names: &[String]) -> (Vec<&str>, usize) {
    let named: Vec<_> = names.iter().filter(|name| !name.is_empty()).take(MAX_NAMED).map(String::as_str).collect();
    let rest = names.len() - named.len();
    (named, rest)
}

/// Sanitizes a name for one line: removes text direction marks and limits the length.
fn fit(name: &str) -> String {
    let is_mark = |character: char| {
        character.is_control()
            || matches!(character, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let plain: String = name.chars().map(|character| if is_mark(character) { ' ' } else { character }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= MAX_NAME_LENGTH {
        return plain;
    }
    plain.chars().take(MAX_NAME_LENGTH - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
