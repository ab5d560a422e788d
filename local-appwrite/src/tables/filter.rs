//! Lists of rows: filtered, ordered, cut to a page.

use std::cmp::Ordering;

use rand::seq::SliceRandom;
use serde_json::Value;

use super::{
    names::Names,
    query::{Comparison, Filter, Query, not_allowed},
    row::StoredRow,
};
use crate::{ApiError, ErrorKind};

/// How many rows come where nothing is said.
const DEFAULT_LIMIT: u32 = 25;

/// Appwrite counts no further.
const MOST_COUNTED: usize = 5000;

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// How many rows there are on all pages, counted up to 5000.
    pub total: usize,
    /// The rows of this page.
    pub rows: Vec<StoredRow>,
    /// Which attributes are wanted; `None` for all.
    pub select: Option<Vec<String>>,
}

/// The page that `queries` ask for, out of the rows that the caller may read.
///
/// # Errors
/// `general_cursor_not_found` when the cursor is none of the rows.
pub fn page(mut rows: Vec<StoredRow>, queries: &[Query], names: Names) -> Result<Page, ApiError> {
    let mut select = None;
    let (mut limit, mut offset, mut cursor) = (DEFAULT_LIMIT, 0, None);
    let mut orders = Vec::new();
    for query in queries {
        match query {
            Query::Select(wanted) => select = Some(wanted.clone()),
            Query::Limit(count) => limit = *count,
            Query::Offset(count) => offset = *count,
            Query::Order(attribute, is_descending) => orders.push((attribute.as_str(), *is_descending)),
            Query::CursorAfter(id) => cursor = Some((id, true)),
            Query::CursorBefore(id) => cursor = Some((id, false)),
            Query::OrderRandom | Query::Filter(_) => {}
        }
    }
    sort(&mut rows, &orders);
    let start = cursor.map(|(id, is_after)| position(&rows, id, names).map(|at| (at, is_after))).transpose()?;
    let mut matching: Vec<(usize, StoredRow)> =
        rows.into_iter().enumerate().filter(|(_, row)| queries.iter().all(|query| matches(query, row))).collect();
    if queries.contains(&Query::OrderRandom) {
        matching.shuffle(&mut rand::rng());
    }
    let total = matching.len().min(MOST_COUNTED);
    let (limit, offset) = (as_size(limit), as_size(offset));
    let rows = match start {
        None => matching.into_iter().skip(offset).take(limit).map(|(_, row)| row).collect(),
        Some((at, true)) => {
            matching.into_iter().filter(|(index, _)| *index > at).skip(offset).take(limit).map(|(_, row)| row).collect()
        }
        Some((at, false)) => {
            let before: Vec<StoredRow> =
                matching.into_iter().filter(|(index, _)| *index < at).map(|(_, row)| row).collect();
            let end = before.len().saturating_sub(offset);
            before[end.saturating_sub(limit)..end].to_vec()
        }
    };
    Ok(Page { total, rows, select })
}

/// The page that `queries` ask for, out of objects as the API answers them, and how many there are on all pages. It
/// takes conditions, orders, a limit and an offset.
///
/// # Errors
/// `general_query_invalid` when there are other queries.
pub fn page_of_objects(mut objects: Vec<Value>, queries: &[Query]) -> Result<(usize, Vec<Value>), ApiError> {
    let (mut limit, mut offset, mut orders) = (DEFAULT_LIMIT, 0, Vec::new());
    for query in queries {
        match query {
            Query::Limit(count) => limit = *count,
            Query::Offset(count) => offset = *count,
            Query::Order(attribute, is_descending) => orders.push((attribute.as_str(), *is_descending)),
            Query::Filter(filter) => objects.retain(|object| holds(filter, &|name| object[name].clone())),
            other => return Err(not_allowed(other)),
        }
    }
    objects.sort_by(|left, right| by_orders(&orders, &|name| left[name].clone(), &|name| right[name].clone()));
    let total = objects.len();
    Ok((total, objects.into_iter().skip(as_size(offset)).take(as_size(limit)).collect()))
}

fn as_size(count: u32) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn position(rows: &[StoredRow], id: &str, names: Names) -> Result<usize, ApiError> {
    rows.iter().position(|row| row.id == id).ok_or_else(|| {
        let row = names.row();
        ApiError::new(ErrorKind::GeneralCursorNotFound, format!("{row} '{id}' for the 'cursor' value not found."))
    })
}

fn sort(rows: &mut [StoredRow], orders: &[(&str, bool)]) {
    rows.sort_by(|left, right| {
        by_orders(orders, &|name| left.attribute(name), &|name| right.attribute(name))
            .then(left.sequence.cmp(&right.sequence))
    });
}

fn by_orders(orders: &[(&str, bool)], left: &dyn Fn(&str) -> Value, right: &dyn Fn(&str) -> Value) -> Ordering {
    let orderings = orders.iter().map(|(attribute, is_descending)| {
        let ordering = compare(&left(attribute), &right(attribute));
        if *is_descending { ordering.reverse() } else { ordering }
    });
    orderings.fold(Ordering::Equal, Ordering::then)
}

fn matches(query: &Query, row: &StoredRow) -> bool {
    match query {
        Query::Filter(filter) => holds(filter, &|name| row.attribute(name)),
        _ => true,
    }
}

/// Whether the condition is true of something with these attributes.
fn holds(filter: &Filter, attribute_of: &dyn Fn(&str) -> Value) -> bool {
    match filter {
        Filter::And(inner) => inner.iter().all(|filter| holds(filter, attribute_of)),
        Filter::Or(inner) => inner.iter().any(|filter| holds(filter, attribute_of)),
        Filter::Compare { comparison, attribute, values } => compares(*comparison, &attribute_of(attribute), values),
    }
}

/// As in SQL, nothing but `isNull` is true of null.
fn compares(comparison: Comparison, own: &Value, values: &[Value]) -> bool {
    use Comparison as C;
    if own.is_null() {
        return comparison == C::IsNull;
    }
    let first = values.first().unwrap_or(&Value::Null);
    let is_ordered = |wanted: &[Ordering]| wanted.contains(&compare(own, first));
    let is_between = || match values {
        [low, high, ..] => compare(own, low).is_ge() && compare(own, high).is_le(),
        _ => false,
    };
    let is_equal = || values.iter().any(|value| compare(own, value).is_eq());
    let text_is = |test: fn(&str, &str) -> bool| {
        own.as_str().zip(first.as_str()).is_some_and(|(own, part)| test(&own.to_lowercase(), &part.to_lowercase()))
    };
    match comparison {
        C::Equal => is_equal(),
        C::NotEqual => !is_equal(),
        C::LessThan => is_ordered(&[Ordering::Less]),
        C::LessThanEqual => is_ordered(&[Ordering::Less, Ordering::Equal]),
        C::GreaterThan => is_ordered(&[Ordering::Greater]),
        C::GreaterThanEqual => is_ordered(&[Ordering::Greater, Ordering::Equal]),
        C::Between => is_between(),
        C::NotBetween => !is_between(),
        C::IsNull => false,
        C::IsNotNull => true,
        C::StartsWith => text_is(|own, part| own.starts_with(part)),
        C::NotStartsWith => !text_is(|own, part| own.starts_with(part)),
        C::EndsWith => text_is(|own, part| own.ends_with(part)),
        C::NotEndsWith => !text_is(|own, part| own.ends_with(part)),
        C::Contains => values.iter().any(|value| contains(own, value)),
        C::NotContains => !values.iter().any(|value| contains(own, value)),
        C::Search => has_word(own, first),
        C::NotSearch => !has_word(own, first),
    }
}

fn contains(own: &Value, part: &Value) -> bool {
    match own {
        Value::Array(items) => items.iter().any(|item| compare(item, part).is_eq()),
        Value::String(text) => part.as_str().is_some_and(|part| text.to_lowercase().contains(&part.to_lowercase())),
        _ => false,
    }
}

/// A word of the text begins with a word that is searched.
fn has_word(own: &Value, searched: &Value) -> bool {
    let (Some(own), Some(searched)) = (own.as_str(), searched.as_str()) else {
        return false;
    };
    let split = |text: &str| -> Vec<String> {
        text.to_lowercase().split(|letter: char| !letter.is_alphanumeric()).map(str::to_owned).collect()
    };
    let words = split(own);
    split(searched).iter().filter(|word| !word.is_empty()).any(|word| words.iter().any(|own| own.starts_with(word)))
}

/// Numbers by size, texts without regard to case as MariaDB does, null first.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.to_lowercase().cmp(&right.to_lowercase()),
        (Value::Number(left), Value::Number(right)) => match (left.as_i64(), right.as_i64()) {
            (Some(left), Some(right)) => left.cmp(&right),
            _ => left
                .as_f64()
                .zip(right.as_f64())
                .and_then(|(left, right)| left.partial_cmp(&right))
                .unwrap_or(Ordering::Equal),
        },
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        _ => rank(left).cmp(&rank(right)).then_with(|| left.to_string().cmp(&right.to_string())),
    }
}

fn rank(value: &Value) -> u8 {
    match value {
        Value::Null => 0,
        Value::Bool(_) => 1,
        Value::Number(_) => 2,
        Value::String(_) => 3,
        Value::Array(_) => 4,
        Value::Object(_) => 5,
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::*;

    fn rows(names: &[&str]) -> Vec<StoredRow> {
        names
            .iter()
            .zip(1..)
            .map(|(name, sequence)| StoredRow {
                id: format!("r{sequence}"),
                sequence,
                created_at: Timestamp::UNIX_EPOCH,
                updated_at: Timestamp::UNIX_EPOCH,
                permissions: Vec::new(),
                data: json!({"name": name, "note": null, "age": sequence}).as_object().cloned().unwrap_or_default(),
            })
            .collect()
    }

    fn ids(names: &[&str], queries: &[Query]) -> Vec<String> {
        let page = page(rows(names), queries, Names::Current).expect("a page");
        page.rows.into_iter().map(|row| row.id).collect()
    }

    fn compare_query(comparison: Comparison, attribute: &str, values: Value) -> Query {
        Query::Filter(Filter::Compare {
            comparison,
            attribute: attribute.into(),
            values: values.as_array().cloned().unwrap_or_default(),
        })
    }

    #[test]
    fn texts_are_compared_without_regard_to_case() {
        let equal = compare_query(Comparison::Equal, "name", json!(["KEVIN"]));
        assert_eq!(ids(&["Kevin", "Kim"], &[equal]), ["r1"]);
    }

    #[test]
    fn order_and_limit_do_as_recorded() {
        let queries = [Query::Order("name".into(), true), Query::Limit(2)];
        assert_eq!(ids(&["Kevin", "Kim", "Uma", "Any", "x", "Dora"], &queries), ["r5", "r3"]);
    }

    #[test]
    fn a_cursor_starts_after_or_ends_before_its_row() {
        let names = ["a", "b", "c", "d", "e"];
        assert_eq!(ids(&names, &[Query::CursorAfter("r2".into()), Query::Limit(2)]), ["r3", "r4"]);
        assert_eq!(ids(&names, &[Query::CursorBefore("r4".into()), Query::Limit(2)]), ["r2", "r3"]);
        assert!(page(rows(&names), &[Query::CursorAfter("r9".into())], Names::Current).is_err());
    }

    #[test]
    fn the_total_counts_all_pages() {
        let page = page(rows(&["a", "b", "c"]), &[Query::Limit(1), Query::Offset(1)], Names::Current).expect("a page");
        assert_eq!((page.total, page.rows.len()), (3, 1));
        assert_eq!(page.rows[0].id, "r2");
    }

    #[test]
    fn twenty_five_rows_come_where_nothing_is_said() {
        let names = vec!["n"; 30];
        assert_eq!(ids(&names, &[]).len(), 25);
    }

    #[test]
    fn null_matches_is_null_only() {
        assert_eq!(ids(&["a"], &[compare_query(Comparison::IsNull, "note", json!([]))]).len(), 1);
        assert!(ids(&["a"], &[compare_query(Comparison::NotEqual, "note", json!(["x"]))]).is_empty());
    }

    #[test]
    fn comparisons_do_what_they_are_called() {
        let names = ["Ann", "Bob", "Cora Ann"];
        let found =
            |comparison, attribute: &str, values| ids(&names, &[compare_query(comparison, attribute, values)]).len();
        assert_eq!(found(Comparison::StartsWith, "name", json!(["an"])), 1);
        assert_eq!(found(Comparison::EndsWith, "name", json!(["ANN"])), 2);
        assert_eq!(found(Comparison::Contains, "name", json!(["o"])), 2);
        assert_eq!(found(Comparison::NotContains, "name", json!(["o"])), 1);
        assert_eq!(found(Comparison::Search, "name", json!(["cor"])), 1);
        assert_eq!(found(Comparison::Between, "age", json!([2, 3])), 2);
        assert_eq!(found(Comparison::NotBetween, "age", json!([2, 3])), 1);
        assert_eq!(found(Comparison::LessThan, "age", json!([2])), 1);
        assert_eq!(found(Comparison::GreaterThanEqual, "age", json!([2])), 2);
        assert_eq!(found(Comparison::NotEqual, "name", json!(["Bob"])), 2);
    }
}
