//! The channels that the relay forwards.

use std::sync::Arc;

use appwrite_realtime::protocol::{Channel, RowNaming};

/// The names of these channels.
#[derive(Clone, Debug)]
pub(super) struct Channels(Arc<[String]>);

impl Channels {
    /// Takes the user's account and these channels, each under its names on all versions of Appwrite.
    pub(super) fn new(channels: Vec<Channel>) -> Self {
        let mut names: Vec<String> = Vec::new();
        for channel in [Channel::Account].into_iter().chain(channels) {
            for name in [RowNaming::Tables, RowNaming::Collections].map(|naming| channel.name(naming)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
        }
        Self(names.into())
    }

    pub(super) fn names(&self) -> &[String] {
        &self.0
    }

    /// Returns the requested channels. Always includes the account, which announces the end of the session.
    ///
    /// Fails with the first channel that is not forwarded.
    pub(super) fn requested(&self, query: Option<&str>) -> Result<Vec<String>, String> {
        let asked = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let asked: Vec<_> = asked.filter(|(name, _)| name.starts_with("channels[")).map(|(_, value)| value).collect();
        if let Some(unknown) = asked.iter().find(|asked| !self.0.iter().any(|known| known == *asked)) {
            return Err(unknown.to_string());
        }
        let is_wanted = |channel: &&String| *channel == "account" || asked.iter().any(|asked| asked == *channel);
        Ok(self.0.iter().filter(is_wanted).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::realtime::relay_policy::channels_of_tables;
    use crate::tables::Table;
    use crate::test_site::BIRTHDAYS;

    fn of_tables(tables: &[Table]) -> Channels {
        Channels::new(channels_of_tables("main", tables))
    }

    fn query(channels: &[&str]) -> String {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(channels.iter().map(|channel| ("channels[]", channel))).finish()
    }

    #[test]
    fn only_account_and_rows_of_the_tables_are_forwarded() {
        let channels = of_tables(&[BIRTHDAYS]);
        let tables = "tablesdb.main.tables.birthdays.rows";
        let collections = "databases.main.collections.birthdays.documents";
        assert_eq!(
            channels.requested(Some(&query(&["account", tables, collections]))).expect("channels"),
            ["account", tables, collections]
        );
        for foreign in
            ["rows", "documents", "files", "account.kim", "tablesdb.main.tables.other.rows", "teams", "presences.p"]
        {
            assert_eq!(channels.requested(Some(&query(&[tables, foreign]))), Err(foreign.to_owned()));
        }
        assert_eq!(channels.requested(None).expect("channels"), ["account"]);
    }

    #[test]
    fn presences_are_forwarded_only_with_the_presence_feature() {
        let requested = of_tables(&[BIRTHDAYS]).requested(Some(&query(&["presences"])));
        if cfg!(feature = "presence") {
            assert_eq!(requested.expect("channels"), ["account", "presences"]);
        } else {
            assert_eq!(requested, Err("presences".to_owned()));
        }
    }

    #[test]
    fn every_table_of_the_app_is_forwarded() {
        let notes = Table { id: "notes", ..BIRTHDAYS };
        let channels = of_tables(&[BIRTHDAYS, notes]);
        let [first, second] = ["databases.main.collections.birthdays.documents", "tablesdb.main.tables.notes.rows"];
        assert_eq!(channels.requested(Some(&query(&[second, first]))).expect("channels"), ["account", first, second]);
        let misspelled = "tablesdb.main.tables.note.rows";
        assert_eq!(channels.requested(Some(&query(&[misspelled]))), Err(misspelled.to_owned()));
    }
}
