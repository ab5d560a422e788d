//! Who else has a page open: what a person shows of being there, and whom the page shows.
//!
//! Appwrite keeps one presence a person, whatever they have open and wherever (`presenceLogs` in its source: the user
//! is its unique key), deletes it when the connection that told it closes, and forgets it after 30 days if it never
//! notices that. So the status names the page, presence is told again every now and then, and whoever is not heard of
//! for a while is not shown any more.
//!
//! What is shown is the name that the person chose, to people who are signed in, while the page is open. Like the name
//! itself, it is the person's own word; Appwrite vouches for the id alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::protocol::{Action, Presence, PresenceChange};

/// How often presence is told again while it lasts. Each time, everyone who is present hears of it.
pub const RENEWAL: Duration = Duration::from_secs(120);
/// How long a presence counts after it was told: two renewals may be lost, or held back in a hidden tab.
pub const STALE_AFTER: Duration = Duration::from_secs(300);
/// How long somebody is still shown who has gone: a connection that is replaced is gone for a moment.
const GRACE: Duration = Duration::from_secs(6);
/// The least time between two changes of what is shown, so that a screen reader is not kept busy.
const CALM: Duration = Duration::from_secs(3);
/// How many people are named; the rest are counted.
const MOST_NAMED: usize = 5;
/// How much of a name is shown, in characters.
const LONGEST_NAME: usize = 40;
/// The status of somebody who has left the page while the connection stays.
const AWAY: &str = "away";
/// The role of everyone who is signed in.
const SIGNED_IN: &str = r#"read("users")"#;

impl Presence {
    /// What a person shows while they have this page open: that, and their name, to people who are signed in.
    pub fn at(page: &str, user_id: &str, name: &str) -> Self {
        let own = ["read", "update", "delete"].map(|action| format!(r#"{action}("user:{user_id}")"#));
        Self {
            // Whoever has a presence already keeps its id.
            presence_id: "unique()".to_owned(),
            status: page.to_owned(),
            metadata: json!({ "name": name }),
            permissions: [SIGNED_IN.to_owned()].into_iter().chain(own).collect(),
        }
    }

    /// What to tell next after this, once the person has left the page: first to those who know of the presence that
    /// it is over, then to the server that nobody else may read it any more. There is no message that deletes it.
    pub(super) fn farewell(&self) -> Option<Self> {
        if self.status != AWAY {
            return Some(Self { status: AWAY.to_owned(), metadata: json!({}), ..self.clone() });
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
    /// Whether the person's presence is over with this, for every page.
    pub(super) fn is_end(&self) -> bool {
        self.action == Action::Delete || self.status == AWAY
    }
}

/// Somebody who has a page open, as our server lists them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonPresent {
    /// The account's id.
    pub user_id: String,
    /// The name that they show; may be empty.
    pub name: String,
    /// How many seconds ago they were last heard of.
    pub seconds_ago: u64,
}

/// The name in what a person shows beside the status.
pub fn name_in(metadata: &Value) -> &str {
    metadata.get("name").and_then(Value::as_str).unwrap_or_default()
}

/// The other people who have a page open: each once, however often they have it open. Like the state machine of the
/// connection, it knows no browser and no clock.
#[derive(Debug)]
pub struct Roster {
    own_id: String,
    page: String,
    people: BTreeMap<String, Known>,
    /// How often the list was asked for.
    asked: u64,
    /// What was heard since then, as long as there is no answer: the list may be older than that.
    heard: Option<Vec<(String, Option<String>)>>,
    shown: Vec<String>,
    shown_since: Option<Duration>,
    is_held_back: bool,
}

#[derive(Debug)]
struct Known {
    name: String,
    until: Duration,
}

impl Roster {
    /// Nobody but the person `own_id`, on this page.
    pub fn new(own_id: impl Into<String>, page: impl Into<String>) -> Self {
        Self {
            own_id: own_id.into(),
            page: page.into(),
            people: BTreeMap::new(),
            asked: 0,
            heard: None,
            shown: Vec::new(),
            shown_since: None,
            is_held_back: false,
        }
    }

    /// The list is asked for now. Hand the number in with the answer.
    pub fn ask(&mut self) -> u64 {
        self.asked += 1;
        self.heard = Some(Vec::new());
        self.asked
    }

    /// Whether the list was asked for and has not come.
    pub fn is_asking(&self) -> bool {
        self.heard.is_some()
    }

    /// There will be no answer.
    pub fn unanswered(&mut self, asked: u64) {
        if asked == self.asked {
            self.heard = None;
        }
    }

    /// The list has come. Whoever is not in it has gone.
    pub fn answered(&mut self, asked: u64, list: Vec<PersonPresent>, now: Duration) {
        // An older answer than the one that is awaited tells nothing.
        let Some(heard) = (asked == self.asked).then(|| self.heard.take()).flatten() else { return };
        let listed: BTreeSet<_> = list.iter().map(|person| person.user_id.clone()).collect();
        for (id, known) in &mut self.people {
            if !listed.contains(id) {
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

    /// Somebody came, is still there, or is gone.
    pub fn hear(&mut self, change: &PresenceChange<'_>, now: Duration) {
        let is_here = change.action != Action::Delete && change.status == self.page;
        let name = is_here.then(|| name_in(change.metadata));
        if let Some(heard) = &mut self.heard {
            heard.push((change.user_id.to_owned(), name.map(str::to_owned)));
        }
        self.apply(change.user_id, name, now);
    }

    /// The connection is lost, and with it the knowledge of who is there.
    pub fn lose(&mut self, now: Duration) {
        for known in self.people.values_mut() {
            known.until = known.until.min(now + GRACE);
        }
    }

    /// The names to show now, in order. They change once in a while only, see [`next_wake`](Self::next_wake). Who shows
    /// no name has an empty one.
    pub fn names(&mut self, now: Duration) -> &[String] {
        self.people.retain(|_, known| known.until > now);
        let mut names: Vec<_> = self.people.values().map(|known| known.name.clone()).collect();
        names.sort_by_cached_key(|name| (name.is_empty(), name.to_lowercase()));
        let is_calm = self.shown_since.is_none_or(|since| now >= since + CALM);
        self.is_held_back = names != self.shown && !is_calm;
        if names != self.shown && is_calm {
            self.shown = names;
            self.shown_since = Some(now);
        }
        &self.shown
    }

    /// When to ask for the names again, if nothing happens before.
    pub fn next_wake(&self) -> Option<Duration> {
        let calm = self.shown_since.filter(|_| self.is_held_back).map(|since| since + CALM);
        self.people.values().map(|known| known.until).chain(calm).min()
    }

    fn apply(&mut self, id: &str, name: Option<&str>, now: Duration) {
        match name {
            Some(name) => self.meet(id, name, now + STALE_AFTER),
            None => {
                if let Some(known) = self.people.get_mut(id) {
                    known.until = known.until.min(now + GRACE);
                }
            }
        }
    }

    fn meet(&mut self, id: &str, name: &str, until: Duration) {
        if id != self.own_id {
            self.people.insert(id.to_owned(), Known { name: fit(name), until });
        }
    }
}

/// Whom to name of these people, and how many others there are.
pub fn named(names: &[String]) -> (Vec<&str>, usize) {
    let named: Vec<_> = names.iter().filter(|name| !name.is_empty()).take(MOST_NAMED).map(String::as_str).collect();
    let rest = names.len() - named.len();
    (named, rest)
}

/// A name that fits into a line: no marks that turn the direction of what follows, and not too long.
fn fit(name: &str) -> String {
    let is_mark = |character: char| {
        character.is_control()
            || matches!(character, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{feff}')
            || matches!(character, '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
    };
    let plain: String = name.chars().map(|character| if is_mark(character) { ' ' } else { character }).collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if plain.chars().count() <= LONGEST_NAME {
        return plain;
    }
    plain.chars().take(LONGEST_NAME - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests;
