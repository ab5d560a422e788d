//! The settings that all relayed connections share: their target, allowed channels, and limits.

use std::sync::Arc;
use std::time::Duration;

use appwrite_client::AppwriteSettings;
use appwrite_realtime::protocol::{Channel, RowNaming};
use ipnet::IpNet;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use url::Url;

use super::pair::Timing;
use super::probe::JwtProbe;
use crate::config::Config;
use crate::security::places::Places;
use crate::tables::Table;

/// The maximum number of connections per user. A browser opens one for all tabs; an old browser opens one per tab.
const PER_PERSON: usize = 32;
/// The settings that all relayed connections share.
pub struct Relay {
    pub(super) endpoint: Url,
    pub(super) project_id: String,
    pub(super) channels: Vec<String>,
    pub(super) everyone: Places<()>,
    pub(super) addresses: Places<IpNet>,
    pub(super) persons: Places<String>,
    pub(super) timing: Timing,
    pub(super) closing: CancellationToken,
    pub(super) pairs: TaskTracker,
    /// Checks if Realtime accepts a JWT in its address, so that a page needs no relay.
    pub(super) jwt_probe: Arc<JwtProbe>,
}

impl Relay {
    /// Creates a relay to this Appwrite, for the account, the rows of the app's tables, and presences.
    pub fn new(appwrite: &AppwriteSettings, config: &Config, tables: &[Table]) -> Self {
        let rows = tables.iter().map(|table| Channel::rows(&config.database_id, table.id));
        let rows = rows.flat_map(|rows| [RowNaming::Tables, RowNaming::Collections].map(|naming| rows.name(naming)));
        Self {
            endpoint: appwrite.endpoint.clone(),
            project_id: appwrite.project_id.clone(),
            channels: [Channel::Account.name(RowNaming::Tables)]
                .into_iter()
                .chain(rows)
                .chain([Channel::Presences.name(RowNaming::Tables)])
                .collect(),
            everyone: Places::new(config.realtime_total),
            addresses: Places::new(config.realtime_per_address),
            persons: Places::new(PER_PERSON),
            timing: Timing::default(),
            closing: CancellationToken::new(),
            pairs: TaskTracker::new(),
            jwt_probe: Arc::default(),
        }
    }

    /// Sets the interval of session checks.
    #[must_use]
    pub fn checking_sessions_every(mut self, interval: Duration) -> Self {
        self.timing.check = interval;
        self
    }

    /// Refuses new connections, and closes the existing ones with 1001.
    pub fn close(&self) {
        self.closing.cancel();
        self.pairs.close();
    }

    /// Waits until all connections are closed, after [`close`](Self::close).
    pub async fn closed(&self) {
        self.pairs.wait().await;
    }

    /// Returns the requested channels. Always includes the account, which announces the end of the session.
    ///
    /// Fails with the first channel that is not relayed.
    pub(super) fn channels_of(&self, query: Option<&str>) -> Result<Vec<String>, String> {
        let asked = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        let asked: Vec<_> = asked.filter(|(name, _)| name.starts_with("channels[")).map(|(_, value)| value).collect();
        if let Some(unknown) = asked.iter().find(|asked| !self.channels.iter().any(|known| known == *asked)) {
            return Err(unknown.to_string());
        }
        let is_wanted = |channel: &&String| *channel == "account" || asked.iter().any(|asked| asked == *channel);
        Ok(self.channels.iter().filter(is_wanted).cloned().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::test_site::BIRTHDAYS;

    fn relay() -> Relay {
        relay_for(&[BIRTHDAYS])
    }

    fn relay_for(tables: &[Table]) -> Relay {
        let config = crate::test_site::config();
        let appwrite = AppwriteSettings {
            endpoint: Url::parse("https://appwrite.example/v1").expect("an address"),
            project_id: "demo".into(),
            api_key: "key".into(),
        };
        Relay::new(&appwrite, &config, tables)
    }

    #[test]
    fn only_account_presences_and_configured_table_are_relayed() {
        let relay = relay();
        let tables = "tablesdb.main.tables.birthdays.rows";
        let collections = "databases.main.collections.birthdays.documents";
        let query = |channels: &[&str]| {
            let mut query = url::form_urlencoded::Serializer::new(String::new());
            query.extend_pairs(channels.iter().map(|channel| ("channels[]", channel))).finish()
        };
        assert_eq!(
            relay.channels_of(Some(&query(&["account", "presences", tables, collections]))).expect("channels"),
            ["account", tables, collections, "presences"]
        );
        for foreign in
            ["rows", "documents", "files", "account.kim", "tablesdb.main.tables.other.rows", "teams", "presences.p"]
        {
            assert_eq!(relay.channels_of(Some(&query(&[tables, foreign]))), Err(foreign.to_owned()));
        }
        assert_eq!(relay.channels_of(None).expect("channels"), ["account"]);
    }
    #[test]
    fn every_table_of_the_app_is_relayed() {
        let notes = Table { id: "notes", ..BIRTHDAYS };
        let relay = relay_for(&[BIRTHDAYS, notes]);
        let query =
            "channels[]=tablesdb.main.tables.notes.rows&channels[]=databases.main.collections.birthdays.documents";
        assert_eq!(
            relay.channels_of(Some(query)).expect("channels"),
            ["account", "databases.main.collections.birthdays.documents", "tablesdb.main.tables.notes.rows"]
        );
        let misspelled = relay.channels_of(Some("channels[]=tablesdb.main.tables.note.rows"));
        assert_eq!(misspelled, Err("tablesdb.main.tables.note.rows".to_owned()));
    }
}
