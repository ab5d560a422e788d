//! Announces what others change in the list, for screen readers.

use std::collections::HashSet;
use std::time::Duration;

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use super::model::BirthdayList;
use crate::components::words;

/// Changes are collected for this long before they are announced.
const COLLECT: Duration = Duration::from_secs(10);

/// Announces how many birthdays others have added, changed or deleted. Collects them, so that it rarely speaks.
#[component]
pub(super) fn OthersChanges(birthdays: Resource<Result<BirthdayList, AppError>>) -> impl IntoView {
    let announced = RwSignal::new(None::<usize>);
    let collected = StoredValue::new(0);
    let announce = move || {
        let count = collected.try_get_value().unwrap_or_default();
        // Fails if the page was left.
        let _ = announced.try_set(Some(count));
        let _ = collected.try_set_value(0);
    };
    Effect::new(move |former: Option<Option<BirthdayList>>| {
        let former = former.flatten();
        let Some(Ok(list)) = birthdays.get() else { return former };
        let count = former.as_ref().filter(|former| former.query == list.query);
        let count = count.map_or(0, |former| changes(former, &list));
        if count > 0 {
            if collected.get_value() == 0 {
                announced.set(None);
                set_timeout(announce, COLLECT);
            }
            collected.update_value(|collected| *collected += count);
        }
        Some(list)
    });
    let text = |count: usize| if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
    view! {
        <p class="visually-hidden" role="status">
            {move || announced.get().map(|count| words(text(count) + " to the list by others"))}
        </p>
    }
}

/// Counts the birthdays of others that are new or different. A row less on the page is one change too.
fn changes(former: &BirthdayList, list: &BirthdayList) -> usize {
    let known: HashSet<_> = former.birthdays.iter().map(|birthday| (&birthday.id, &birthday.version)).collect();
    let of_others = |list: &BirthdayList| list.birthdays.iter().filter(|birthday| !birthday.is_mine).count();
    let new = list.birthdays.iter().filter(|birthday| !birthday.is_mine);
    let new = new.filter(|birthday| !known.contains(&(&birthday.id, &birthday.version))).count();
    new + of_others(former).saturating_sub(of_others(list))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::birthdays::model::{Birthday, ListQuery, Visibility};

    fn list<const N: usize>(rows: [(&str, &str, bool); N]) -> BirthdayList {
        let birthday = |(id, version, is_mine): (&str, &str, bool)| Birthday {
            id: id.into(),
            name: "Kevin".into(),
            date: "2012-02-03".into(),
            date_in_words: String::new(),
            age_in_words: String::new(),
            visibility: Visibility::Everyone,
            is_mine,
            added_by: String::new(),
            version: version.into(),
        };
        BirthdayList {
            query: ListQuery::default(),
            birthdays: rows.into_iter().map(birthday).collect(),
            is_complete: true,
            total: N,
            has_previous: false,
            has_next: false,
            is_first_instead: false,
            reader: None,
        }
    }

    #[test]
    fn only_changes_by_others_count() {
        let former = list([("a", "1", false), ("b", "1", true)]);
        for (next, count) in [
            (list([("a", "1", false), ("b", "1", true)]), 0),
            (list([("a", "1", false), ("b", "2", true), ("c", "1", true)]), 0),
            (list([("a", "2", false), ("b", "1", true)]), 1),
            (list([("a", "1", false), ("b", "1", true), ("c", "1", false)]), 1),
            (list([("b", "1", true)]), 1),
            (list([("c", "1", false), ("b", "1", true)]), 1),
        ] {
            assert_eq!(changes(&former, &next), count, "{next:?}");
        }
    }
}
