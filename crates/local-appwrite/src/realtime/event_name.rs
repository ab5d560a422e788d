//! Expands an event's name into all names that Appwrite sends for it.
//!
//! An event frame lists the precise name, its variants with wildcards, then the names of the parent resources.
//! A row's names come three times: for `tablesdb`, and for the two older APIs under `databases`. The order is that of
//! the recorded Appwrite 1.9.6.

/// The verbs at the end of a name, which the changed attribute may follow.
pub(super) const ACTIONS: [&str; 4] = ["create", "update", "upsert", "delete"];

/// All names of the event `name`, the most precise first, as in Appwrite since 1.9.
pub(super) fn announced(name: &str) -> Vec<String> {
    EventName::parse(name).announced(&[
        ["tablesdb", "tables", "rows"],
        ["databases", "collections", "documents"],
        ["databases", "tables", "rows"],
    ])
}

/// All names of the event `name` in Appwrite 1.8: each name for documents, followed by the same for rows.
pub(super) fn announced_before_tablesdb(name: &str) -> Vec<String> {
    EventName::parse(name).announced(&[["databases", "collections", "documents"], ["databases", "tables", "rows"]])
}

/// All names of the event `name` on servers before 1.8, which call rows documents.
pub(super) fn announced_before_tables(name: &str) -> Vec<String> {
    EventName::parse(name).announced(&[["databases", "collections", "documents"]])
}

/// The action in `name`: `update` in both `users.<uid>.update` and `users.<uid>.update.name`.
pub(super) fn action(name: &str) -> Option<&str> {
    EventName::parse(name).action
}

/// A parsed name: up to three levels of `type.id`, an action, and the changed attribute.
struct EventName<'a> {
    levels: Vec<(&'a str, &'a str)>,
    action: Option<&'a str>,
    attribute: Option<&'a str>,
}

/// A part of a name: a number of levels, with or without action and attribute.
#[derive(Clone, Copy, PartialEq)]
struct Pattern {
    levels: usize,
    action: bool,
    attribute: bool,
}

impl<'a> EventName<'a> {
    fn parse(name: &'a str) -> Self {
        let mut parts: Vec<&str> = name.split('.').collect();
        let mut action = None;
        let mut attribute = None;
        match parts.len() % 2 {
            1 => action = parts.pop(),
            _ if parts.len().checked_sub(2).is_some_and(|at| at > 0 && ACTIONS.contains(&parts[at])) => {
                attribute = parts.pop();
                action = parts.pop();
            }
            _ => {}
        }
        Self { levels: parts.chunks_exact(2).map(|pair| (pair[0], pair[1])).collect(), action, attribute }
    }

    /// Returns all names. A row's names come once per entry of `faces`: an API's names for the three levels.
    fn announced(&self, faces: &[[&str; 3]]) -> Vec<String> {
        let own: Vec<&str> = self.levels.iter().map(|(kind, _)| *kind).collect();
        let mut names = Vec::new();
        let mut push_new = |name| {
            if !names.contains(&name) {
                names.push(name);
            }
        };
        for pattern in self.patterns() {
            for wildcards in self.wildcard_orders() {
                if self.is_tabular() {
                    for face in faces {
                        push_new(self.name(pattern, wildcards, face));
                    }
                } else {
                    push_new(self.name(pattern, wildcards, &own));
                }
            }
        }
        names
    }

    fn is_tabular(&self) -> bool {
        self.levels.first().is_some_and(|(kind, _)| matches!(*kind, "tablesdb" | "databases"))
    }

    /// From the full name to the first level alone. If the first level itself changed, the name without the attribute
    /// comes before the one with it. For deeper levels, the order is reversed.
    fn patterns(&self) -> Vec<Pattern> {
        let depth = self.levels.len();
        let mut patterns = Vec::new();
        let mut push = |levels, action, attribute| {
            let pattern = Pattern { levels, action, attribute };
            if !patterns.contains(&pattern) {
                patterns.push(pattern);
            }
        };
        if self.action.is_some() {
            if depth > 1 && self.attribute.is_some() {
                push(depth, true, true);
            }
            push(depth, true, false);
            if depth > 1 {
                push(depth, false, false);
            }
            if self.attribute.is_some() {
                push(1, true, true);
            }
        }
        for levels in (1..=depth).rev() {
            push(levels, false, false);
        }
        patterns
    }

    /// The wildcard levels of each name, in order. The creation of a row has another order than its other events.
    fn wildcard_orders(&self) -> &'static [&'static [usize]] {
        match self.levels.len() {
            0 | 1 => &[&[], &[0]],
            2 => &[&[], &[0, 1], &[1], &[0]],
            _ if self.action == Some("create") => &[&[], &[0, 1, 2], &[1], &[0, 1], &[0], &[2], &[0, 2], &[1, 2]],
            _ => &[&[], &[0, 1, 2], &[0], &[1], &[0, 1], &[2], &[0, 2], &[1, 2]],
        }
    }

    fn name(&self, pattern: Pattern, wildcards: &[usize], kinds: &[&str]) -> String {
        let mut parts = Vec::with_capacity(2 * pattern.levels + 2);
        for (level, ((_, id), kind)) in self.levels.iter().zip(kinds).take(pattern.levels).enumerate() {
            parts.push(*kind);
            parts.push(if wildcards.contains(&level) { "*" } else { id });
        }
        parts.extend(self.action.filter(|_| pattern.action));
        parts.extend(self.attribute.filter(|_| pattern.attribute));
        parts.join(".")
    }
}

#[cfg(test)]
mod tests {
    use super::super::recorded;
    use super::*;

    #[test]
    fn recorded_events_have_the_recorded_names_in_order() {
        let mut checked = 0;
        for event in recorded::events() {
            let names = recorded::strings(&event["events"]);
            let published = recorded::published_name(&event);
            assert_eq!(announced(&published), names, "{published}");
            checked += 1;
        }
        assert!(checked > 10, "the recording holds only {checked} events");
    }

    #[test]
    fn old_server_announces_rows_as_documents_only() {
        let names = announced_before_tables("tablesdb.main.tables.birthdays.rows.r1.update");
        assert_eq!(names[0], "databases.main.collections.birthdays.documents.r1.update");
        assert_eq!(names.last().map(String::as_str), Some("databases.*"));
        assert!(names.iter().all(|name| !name.contains("rows") && !name.contains("tables")));
        assert_eq!(names.len(), 8 + 8 + 4 + 2);
    }

    #[test]
    fn document_has_the_events_of_its_row() {
        let row = announced("tablesdb.main.tables.birthdays.rows.r1.create");
        let document = announced("databases.main.collections.birthdays.documents.r1.create");
        assert_eq!(row, document);
    }

    #[test]
    fn membership_change_has_events_for_each_level() {
        assert_eq!(
            announced("teams.t.memberships.m.update.status"),
            [
                "teams.t.memberships.m.update.status",
                "teams.*.memberships.*.update.status",
                "teams.t.memberships.*.update.status",
                "teams.*.memberships.m.update.status",
                "teams.t.memberships.m.update",
                "teams.*.memberships.*.update",
                "teams.t.memberships.*.update",
                "teams.*.memberships.m.update",
                "teams.t.memberships.m",
                "teams.*.memberships.*",
                "teams.t.memberships.*",
                "teams.*.memberships.m",
                "teams.t.update.status",
                "teams.*.update.status",
                "teams.t",
                "teams.*",
            ]
        );
    }

    #[test]
    fn action_is_parsed_with_and_without_an_attribute() {
        assert_eq!(action("users.u.update.name"), Some("update"));
        assert_eq!(action("users.u.sessions.s.delete"), Some("delete"));
        assert_eq!(action("users.u.create"), Some("create"));
        assert_eq!(action("users.u"), None);
    }
}
