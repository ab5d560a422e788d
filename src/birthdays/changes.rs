//! Announces what others change in the list, for screen readers.

use std::sync::Arc;
use std::time::Duration;

use leptos::prelude::*;
use leptos_appwrite::effect::effect;
use leptos_appwrite::error::AppError;
use leptos_appwrite::json::Json;

use super::model::BirthdayList;
use crate::components::words;

/// Changes are collected for this long before they are announced.
const COLLECT: Duration = Duration::from_secs(10);

/// Announces how many birthdays others have added, changed or deleted. Groups them, to announce rarely.
#[component]
pub(super) fn ChangesByOthers(birthdays: Resource<Result<Arc<BirthdayList>, AppError>, Json>) -> impl IntoView {
    let announced = RwSignal::new(None::<usize>);
    let collected = StoredValue::new(0);
    let announce = move || {
        let count = collected.try_get_value().unwrap_or_default();
        // Fails if the user has left the page.
        let _ = announced.try_set(Some(count));
        let _ = collected.try_set_value(0);
    };
    let mut former = None::<Arc<BirthdayList>>;
    effect(move || {
        let Some(Ok(list)) = birthdays.get() else { return };
        let count = former.as_ref().filter(|former| former.query == list.query);
        let count = count.map_or(0, |former| changes(former, &list));
        if count > 0 {
            if collected.get_value() == 0 {
                announced.set(None);
                set_timeout(announce, COLLECT);
            }
            collected.update_value(|collected| *collected += count);
        }
        former = Some(list);
    });
    let text = |count: usize| {
        let changes = if count == 1 { "1 change".to_owned() } else { format!("{count} changes") };
        format!("Others made {changes} to this list.")
    };
    view! {
        <p class="visually-hidden" role="status">
            {move || announced.get().map(|count| words(text(count)))}
        </p>
    }
}

/// Counts what others changed, added or deleted. If the list has several pages, rows move between them, so only changed
/// rows count.
fn changes(former: &BirthdayList, list: &BirthdayList) -> usize {
    if former.is_first_instead || list.is_first_instead {
        return 0;
    }
    let [before, now] = [former, list].map(versions_of_others);
    let stayed = before.iter().filter_map(|(id, before)| {
        let (_, now) = now.iter().find(|(other, _)| other == id)?;
        Some(before != now)
    });
    let (mut kept, mut changed) = (0, 0);
    for is_changed in stayed {
        kept += 1;
        changed += usize::from(is_changed);
    }
    if [former, list].iter().any(|list| list.has_previous || list.has_next) {
        return changed;
    }
    changed + (before.len() - kept) + (now.len() - kept)
}

fn versions_of_others(list: &BirthdayList) -> Vec<(&str, &str)> {
    let of_others = list.birthdays.iter().filter(|birthday| !birthday.is_mine);
    of_others.map(|birthday| (birthday.id.as_str(), birthday.version.as_str())).collect()
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
            age: String::new(),
            next_in_words: String::new(),
            language: String::new(),
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
            start: Some(0),
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
            (list([("c", "1", false), ("b", "1", true)]), 2),
        ] {
            assert_eq!(changes(&former, &next), count, "{next:?}");
        }
    }

    #[test]
    fn only_visible_rows_count_on_a_paged_list() {
        let former = list([("a", "1", false), ("b", "1", false)]);
        let next = list([("a", "2", false), ("c", "1", false)]);
        for (has_previous, has_next) in [(true, false), (false, true)] {
            let paged = |list: &BirthdayList| BirthdayList { has_previous, has_next, ..list.clone() };
            assert_eq!(changes(&paged(&former), &next), 1);
            assert_eq!(changes(&former, &paged(&next)), 1);
        }
        let other_page = |list: &BirthdayList| BirthdayList { is_first_instead: true, ..list.clone() };
        assert_eq!(changes(&other_page(&former), &next), 0);
        assert_eq!(changes(&former, &other_page(&next)), 0);
    }
}
