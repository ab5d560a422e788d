//! The channels of an event, and the conversion of the channel names that a client requests.

use serde_json::Value;

use super::event_name::{self, ACTIONS};

/// Kinds of resource whose channels also exist with an action after them: `rows.create`.
const KINDS_WITH_ACTIONS: [&str; 9] =
    ["documents", "rows", "files", "executions", "functions", "account", "teams", "memberships", "presences"];

/// The channels of the event `name` in the recorded order. Empty for events that Appwrite does not send.
pub(super) fn channels_of(name: &str, payload: &Value) -> Vec<String> {
    let mut channels = plain_channels(name, payload);
    if let Some(action) = event_name::action(name).filter(|action| is_of_the_leaf(name, action)) {
        let with_action: Vec<String> = channels
            .iter()
            .filter(|channel| takes_an_action(channel))
            .map(|channel| format!("{channel}.{action}"))
            .collect();
        channels.extend(with_action);
    }
    channels
}

/// The channels of the event `name` on Appwrite 1.8: rows, then documents, no actions.
pub(super) fn channels_before_tablesdb(name: &str, payload: &Value) -> Vec<String> {
    let mut channels = plain_channels(name, payload);
    channels.retain(|channel| !channel.starts_with("tablesdb."));
    let is_of_documents = |channel: &str| channel == "documents" || channel.contains(".collections.");
    channels.sort_by_key(|channel| is_of_documents(channel));
    channels
}

/// The channels of the event `name` on servers before 1.8: documents only, no actions.
pub(super) fn channels_before_tables(name: &str, payload: &Value) -> Vec<String> {
    let mut channels = plain_channels(name, payload);
    channels.retain(|channel| {
        !channel.starts_with("tablesdb.")
            && channel != "rows"
            && !(channel.starts_with("databases.") && channel.contains(".tables."))
    });
    channels
}

fn plain_channels(name: &str, payload: &Value) -> Vec<String> {
    let parts: Vec<&str> = name.split('.').collect();
    let payload_text = |key: &str| payload.get(key).and_then(Value::as_str);
    match parts.as_slice() {
        ["users", user, ..] => vec!["account".into(), format!("account.{user}")],
        ["teams", _, "memberships", membership, ..] => {
            vec!["memberships".into(), format!("memberships.{membership}")]
        }
        ["teams", team, ..] => vec!["teams".into(), format!("teams.{team}")],
        ["presences", presence, ..] => vec!["presences".into(), format!("presences.{presence}")],
        ["tablesdb" | "databases", database, _, table, "rows" | "documents", row, ..] => {
            let row = payload_text("$id").unwrap_or(row);
            let mut channels = Vec::with_capacity(16);
            let faces = [
                ("documents", format!("databases.{database}.collections.{table}.documents")),
                ("rows", format!("databases.{database}.tables.{table}.rows")),
                ("rows", format!("tablesdb.{database}.tables.{table}.rows")),
            ];
            for (all, of_table) in faces {
                if !channels.iter().any(|channel| channel == all) {
                    channels.push(all.to_owned());
                }
                channels.push(of_table.clone());
                channels.push(format!("{of_table}.{row}"));
            }
            channels
        }
        ["buckets", bucket, "files", file, ..] => {
            vec!["files".into(), format!("buckets.{bucket}.files"), format!("buckets.{bucket}.files.{file}")]
        }
        _ => Vec::new(),
    }
}

/// Returns true if `action` concerns the resource of the channel itself: a new session is not `account.create`.
fn is_of_the_leaf(name: &str, action: &str) -> bool {
    ACTIONS.contains(&action)
        && match name.split('.').collect::<Vec<_>>().as_slice() {
            ["users", _, third, ..] => *third == action,
            _ => true,
        }
}

fn takes_an_action(channel: &str) -> bool {
    channel.rsplit('.').take(2).any(|segment| KINDS_WITH_ACTIONS.contains(&segment))
}

/// The channels for a client of `user_id` (`None`: a guest) that requests `asked`.
///
/// Appends `account.<user_id>` for `account`; turns `account.<action>` into the user's own; drops other accounts'
/// channels and duplicates silently.
pub(super) fn converted(requested: &[String], user_id: Option<&str>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::with_capacity(requested.len() + 1);
    let mut own: Vec<String> = Vec::new();
    for channel in requested {
        match channel.strip_prefix("account.") {
            None => {
                if channel == "account"
                    && let Some(user_id) = user_id
                {
                    own.push(format!("account.{user_id}"));
                }
                kept.push(channel.clone());
            }
            Some(action) if ACTIONS.contains(&action) => match user_id {
                Some(user_id) => own.push(format!("account.{user_id}.{action}")),
                None => kept.push(channel.clone()),
            },
            Some(_) => {}
        }
    }
    kept.append(&mut own);
    without_doubles(kept)
}

/// The name of `channel` after the connection's user changes from `former` (`None`: a guest) to `user_id`.
pub(super) fn rebound(channel: &str, former: Option<&str>, user_id: &str) -> String {
    let Some(rest) = channel.strip_prefix("account.") else {
        return channel.to_owned();
    };
    let action = match former {
        None => ACTIONS.contains(&rest).then_some(rest),
        Some(former) if rest == former => return format!("account.{user_id}"),
        Some(former) => {
            rest.strip_prefix(former).and_then(|rest| rest.strip_prefix('.')).filter(|rest| ACTIONS.contains(rest))
        }
    };
    match action {
        Some(action) => format!("account.{user_id}.{action}"),
        None => channel.to_owned(),
    }
}

fn without_doubles(channels: Vec<String>) -> Vec<String> {
    let mut kept = Vec::with_capacity(channels.len());
    for channel in channels {
        if !kept.contains(&channel) {
            kept.push(channel);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    fn owned(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn recorded_events_have_the_recorded_channels_in_order() {
        for event in recorded::events() {
            let published = recorded::published_name(&event);
            assert_eq!(
                channels_of(&published, &event["payload"]),
                recorded::strings(&event["channels"]),
                "{published}"
            );
        }
    }

    #[test]
    fn new_session_is_not_a_new_account() {
        let channels = channels_of("users.u.sessions.s.create", &Value::Null);
        assert_eq!(channels, ["account", "account.u"]);
        let channels = channels_of("users.u.create", &Value::Null);
        assert!(channels.contains(&"account.create".to_owned()));
    }

    #[test]
    fn server_before_tables_has_three_channels_for_a_document() {
        assert_eq!(
            channels_before_tables("tablesdb.d.tables.t.rows.r.create", &Value::Null),
            ["documents", "databases.d.collections.t.documents", "databases.d.collections.t.documents.r"]
        );
    }

    #[test]
    fn account_channel_adds_the_users_own_last() {
        assert_eq!(converted(&owned(&["account", "rows", "rows"]), Some("u")), ["account", "rows", "account.u"]);
        assert_eq!(converted(&owned(&["account"]), None), ["account"]);
    }

    #[test]
    fn account_channel_of_another_user_is_dropped_silently() {
        assert_eq!(converted(&owned(&["account.other", "rows"]), Some("u")), ["rows"]);
        assert_eq!(converted(&owned(&["account.other"]), None), owned(&[]));
    }

    #[test]
    fn account_action_becomes_the_users_own() {
        assert_eq!(converted(&owned(&["account.update"]), Some("u")), ["account.u.update"]);
        assert_eq!(converted(&owned(&["account.update"]), None), ["account.update"]);
    }

    #[test]
    fn account_channels_follow_later_authentication() {
        assert_eq!(rebound("account.update", None, "u"), "account.u.update");
        assert_eq!(rebound("account", None, "u"), "account");
        assert_eq!(rebound("account.old", Some("old"), "u"), "account.u");
        assert_eq!(rebound("account.old.update", Some("old"), "u"), "account.u.update");
        assert_eq!(rebound("rows", Some("old"), "u"), "rows");
    }
}
