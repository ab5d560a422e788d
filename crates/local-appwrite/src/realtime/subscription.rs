//! The subscriptions of a connection, and their matching with events.

use serde_json::{Value, json};

use super::channel;
use super::query::{self, Query, QueryError};
use super::url_query::{Parameter, Parameters};

/// The subscriptions of one connection, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Subscriptions {
    subscriptions: Vec<Subscription>,
}

/// Channels under a name that the client or the server chose. Each channel has its own queries: subscribing to it
/// again under the same name replaces them.
#[derive(Clone, Debug)]
struct Subscription {
    id: String,
    channels: Vec<(String, Vec<Query>)>,
}

impl Subscriptions {
    /// Adds `channels` with `queries` to the subscription `id`, or creates it. Keeps its other
    /// channels, like the real server.
    pub(super) fn add(&mut self, id: &str, channels: &[String], queries: &[Query]) {
        if channels.is_empty() {
            return;
        }
        let at = match self.position(id) {
            Some(at) => at,
            None => {
                self.subscriptions.push(Subscription { id: id.to_owned(), channels: Vec::new() });
                self.subscriptions.len() - 1
            }
        };
        let known = &mut self.subscriptions[at].channels;
        for channel in channels {
            match known.iter_mut().find(|(name, _)| name == channel) {
                Some((_, former)) => *former = queries.to_vec(),
                None => known.push((channel.clone(), queries.to_vec())),
            }
        }
    }

    /// Drops the subscription `id`; returns true if it existed.
    pub(super) fn remove(&mut self, id: &str) -> bool {
        let found = self.position(id);
        if let Some(at) = found {
            self.subscriptions.remove(at);
        }
        found.is_some()
    }

    /// Changes the account channels from the user `former` to `user_id`.
    pub(super) fn rebind(&mut self, former: Option<&str>, user_id: &str) {
        for subscription in &mut self.subscriptions {
            for (name, _) in &mut subscription.channels {
                *name = channel::rebound(name, former, user_id);
            }
        }
    }

    /// The names of the subscriptions that match an event on `channels` with `payload`.
    pub(super) fn wanting(&self, channels: &[String], payload: &Value) -> Vec<String> {
        let mut wanting: Vec<String> = Vec::new();
        for channel in channels {
            for subscription in &self.subscriptions {
                let wants = subscription
                    .channels
                    .iter()
                    .any(|(name, queries)| name == channel && query::wanted(queries, payload));
                if wants && !wanting.contains(&subscription.id) {
                    wanting.push(subscription.id.clone());
                }
            }
        }
        wanting
    }

    fn position(&self, id: &str) -> Option<usize> {
        self.subscriptions.iter().position(|subscription| subscription.id == id)
    }
}

/// Subscriptions from a URL, each under its index in the URL.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slots(Vec<Slot>);

#[derive(Clone, Debug, PartialEq)]
struct Slot {
    index: String,
    channels: Vec<String>,
    queries: Option<Vec<Query>>,
}

impl Slots {
    /// All `channels` in one subscription without queries, as servers before 1.9 read the URL.
    pub(super) fn without_queries(channels: &[String]) -> Self {
        let mut slots = Self::default();
        for channel in channels {
            slots.put("0", channel);
        }
        slots
    }

    /// Reads the queries for each of `channels` from the URL. A parameter is named like its channel, with underscores
    /// for dots: `rows[<index>][]=<query>`. Channels without any share the subscription 0.
    ///
    /// # Errors
    /// If Realtime does not allow a query.
    pub(super) fn read(channels: &[String], parameters: &Parameters) -> Result<Self, QueryError> {
        let mut slots = Self::default();
        for channel in channels {
            let name = channel.replace('.', "_");
            match parameters.get(&name) {
                None => {
                    slots.put("0", channel).queries.get_or_insert_default();
                }
                // `project` is the project's id, even if a channel has the same name.
                Some(Parameter::Text(_)) if name == "project" => {
                    slots.put("0", channel).queries.get_or_insert_default();
                }
                Some(text @ Parameter::Text(_)) => slots.put_queries("0", channel, text)?,
                Some(Parameter::List(entries)) => {
                    for (index, queries) in entries {
                        slots.put_queries(index, channel, queries)?;
                    }
                }
            }
        }
        Ok(slots)
    }

    /// Gives each subscription a unique name. The second value is for the `connected` frame: a list
    /// where the indexes are 0, 1, 2, …, else an object by index.
    pub(super) fn named(self, mut new_id: impl FnMut() -> String) -> (Subscriptions, Value) {
        let mut subscriptions = Subscriptions::default();
        let mut names = Vec::with_capacity(self.0.len());
        for slot in self.0 {
            let id = new_id();
            subscriptions.add(&id, &slot.channels, &slot.queries.unwrap_or_default());
            names.push((slot.index, id));
        }
        let is_list = names.iter().enumerate().all(|(position, (index, _))| *index == position.to_string());
        let names = if is_list {
            names.into_iter().map(|(_, id)| json!(id)).collect()
        } else {
            Value::Object(names.into_iter().map(|(index, id)| (index, json!(id))).collect())
        };
        (subscriptions, names)
    }

    fn put(&mut self, index: &str, channel: &str) -> &mut Slot {
        let at = match self.0.iter().position(|slot| slot.index == index) {
            Some(at) => at,
            None => {
                self.0.push(Slot { index: index.to_owned(), channels: Vec::new(), queries: None });
                self.0.len() - 1
            }
        };
        let slot = &mut self.0[at];
        if !slot.channels.iter().any(|known| known == channel) {
            slot.channels.push(channel.to_owned());
        }
        slot
    }

    /// The queries of a subscription are those of its first channel that has some.
    fn put_queries(&mut self, index: &str, channel: &str, queries: &Parameter) -> Result<(), QueryError> {
        let slot = self.put(index, channel);
        if slot.queries.is_none() {
            slot.queries = Some(parse_all(queries)?);
        }
        Ok(())
    }
}

fn parse_all(queries: &Parameter) -> Result<Vec<Query>, QueryError> {
    match queries {
        Parameter::Text(text) => Ok(vec![Query::parse(text)?]),
        Parameter::List(entries) => entries
            .iter()
            .map(|(_, entry)| match entry {
                Parameter::Text(text) => Query::parse(text),
                Parameter::List(_) => Err(QueryError::Invalid("Invalid query: Syntax error".into())),
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn numbered() -> impl FnMut() -> String {
        let mut last = 0;
        move || {
            last += 1;
            format!("s{last}")
        }
    }

    fn equal(attribute: &str, value: &str) -> String {
        json!({"method": "equal", "attribute": attribute, "values": [value]}).to_string()
    }

    fn from_url(channels: &[&str], query: &str) -> (Subscriptions, Value) {
        Slots::read(&owned(channels), &Parameters::parse(query))
            .expect("queries that Realtime allows")
            .named(numbered())
    }

    fn url(name: &str, value: &str) -> String {
        url::form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish()
    }

    #[test]
    fn channels_without_queries_share_one_subscription() {
        let (subscriptions, names) = from_url(&["rows", "account"], "project=demo");
        assert_eq!(names, json!(["s1"]));
        assert_eq!(subscriptions.wanting(&owned(&["account", "rows"]), &json!({})), ["s1"]);
    }

    #[test]
    fn url_without_channels_has_no_subscriptions() {
        let (_, names) = from_url(&[], "project=demo");
        assert_eq!(names, json!([]));
    }

    #[test]
    fn url_queries_belong_to_the_channel_with_underscores() {
        let query = [
            url("tablesdb_d_tables_t_rows[0][]", &equal("name", "Kevin")),
            url("tablesdb.d.tables.t.rows[1][]", &equal("name", "Laura")),
        ]
        .join("&");
        let channel = "tablesdb.d.tables.t.rows";
        let (subscriptions, names) = from_url(&[channel], &query);
        assert_eq!(names, json!(["s1", "s2"]));
        let wanting = |name: &str| subscriptions.wanting(&owned(&[channel]), &json!({"name": name}));
        assert_eq!(wanting("Kevin"), ["s1"]);
        assert_eq!(wanting("Laura"), ["s2"]);
        assert!(wanting("Zoe").is_empty());
    }

    #[test]
    fn indexes_with_gaps_make_an_object_of_the_names() {
        let query = url("rows[5][]", &equal("name", "Kevin"));
        let (_, names) = from_url(&["rows", "account"], &query);
        assert_eq!(names, json!({"5": "s1", "0": "s2"}));
    }

    #[test]
    fn invalid_query_in_the_url_is_refused() {
        let refused =
            |query: &str| Slots::read(&owned(&["rows"]), &Parameters::parse(query)).expect_err(query).to_string();
        assert_eq!(refused("rows[0][]=oops"), "Invalid query: Syntax error");
        assert_eq!(refused("rows[0][x][y]=1"), "Invalid query: Syntax error");
        assert_eq!(refused("rows=oops"), "Invalid query: Syntax error");
    }

    #[test]
    fn channel_named_project_gets_no_query_from_project_id() {
        let (_, names) = from_url(&["project"], "project=demo");
        assert_eq!(names, json!(["s1"]));
    }

    #[test]
    fn subscribing_again_under_a_name_adds_channels_and_changes_queries() {
        let kevin = Query::parse(&equal("name", "Kevin")).expect("a query");
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("mine", &owned(&["rows"]), &[]);
        subscriptions.add("mine", &owned(&["files"]), &[]);
        subscriptions.add("mine", &owned(&["rows"]), &[kevin]);
        let other = json!({"name": "Laura"});
        assert!(subscriptions.wanting(&owned(&["rows"]), &other).is_empty());
        assert_eq!(subscriptions.wanting(&owned(&["files"]), &other), ["mine"]);
    }

    #[test]
    fn removed_subscription_matches_no_events() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("mine", &owned(&["rows"]), &[]);
        subscriptions.add("empty", &[], &[]);
        assert!(subscriptions.remove("mine"));
        assert!(!subscriptions.remove("mine"));
        assert!(!subscriptions.remove("empty"), "no channels: there is nothing to remove");
        assert!(subscriptions.wanting(&owned(&["rows"]), &json!({})).is_empty());
    }

    #[test]
    fn event_names_each_subscription_once_in_channel_order() {
        let mut subscriptions = Subscriptions::default();
        subscriptions.add("late", &owned(&["rows"]), &[]);
        subscriptions.add("early", &owned(&["documents", "rows"]), &[]);
        assert_eq!(subscriptions.wanting(&owned(&["documents", "rows"]), &json!({})), ["early", "late"]);
    }
}
