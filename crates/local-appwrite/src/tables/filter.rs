//! Filters, orders and paginates lists of rows.

use std::cmp::Ordering;

use rand::seq::SliceRandom;
use serde_json::Value;

use super::{
    fold,
    names::Names,
    query::{Comparison, Filter, Query},
    row::StoredRow,
    spatial::Geometry,
};
use crate::{ApiError, ErrorKind};

/// The default number of rows in a page.
const DEFAULT_LIMIT: usize = 25;

/// Appwrite counts at most this many rows.
const MOST_COUNTED: usize = 5000;

/// A page of a list.
#[derive(Debug)]
pub struct Page {
    /// The number of rows on all pages, at most 5000.
    pub total: usize,
    /// The rows of this page.
    pub rows: Vec<StoredRow>,
}

/// The queries that are not conditions. The first limit, offset and cursor are used.
struct Frame<'queries> {
    limit: usize,
    offset: usize,
    /// The row's id, and true for a page after it.
    cursor: Option<(&'queries str, bool)>,
    orders: Vec<(&'queries str, bool)>,
}

impl<'queries> Frame<'queries> {
    fn of(queries: &'queries [Query]) -> Self {
        let (mut limit, mut offset, mut cursor) = (None, None, None);
        let mut orders = Vec::new();
        for query in queries {
            match query {
                Query::Limit(count) => limit = limit.or(Some(*count)),
                Query::Offset(count) => offset = offset.or(Some(*count)),
                Query::CursorAfter(id) => cursor = cursor.or(Some((id.as_str(), true))),
                Query::CursorBefore(id) => cursor = cursor.or(Some((id.as_str(), false))),
                Query::Order(attribute, is_descending) => orders.push((attribute.as_str(), *is_descending)),
                Query::Select(_) | Query::OrderRandom | Query::Filter(_) => {}
            }
        }
        Self { limit: limit.unwrap_or(DEFAULT_LIMIT), offset: offset.unwrap_or(0), cursor, orders }
    }
}

/// Returns the requested page of the rows.
///
/// # Errors
/// As [`page_of`].
pub fn page(rows: Vec<StoredRow>, queries: &[Query], names: Names) -> Result<Page, ApiError> {
    page_of(rows, queries, names, |_| true)
}

/// Returns the requested page of the rows that the caller may read. The cursor may be a row that the caller may not
/// read.
///
/// # Errors
/// `general_cursor_not_found` when the cursor is none of the rows, `database_query_order_null` when it has no value in
/// a column that is ordered by.
pub fn page_of(
    mut rows: Vec<StoredRow>,
    queries: &[Query],
    names: Names,
    may_read: impl Fn(&StoredRow) -> bool,
) -> Result<Page, ApiError> {
    let frame = Frame::of(queries);
    sort(&mut rows, &frame.orders);
    let cursor = frame
        .cursor
        .map(|(id, is_after)| {
            let row =
                rows.iter().find(|row| row.id.eq_ignore_ascii_case(id)).ok_or_else(|| no_cursor(names.row(), id))?;
            match frame.orders.iter().find(|(name, _)| row.attribute(name).is_null()) {
                Some((name, _)) => Err(names.order_null(name)),
                None => Ok((row.clone(), is_after)),
            }
        })
        .transpose()?;
    let is_wanted = |row: &StoredRow| may_read(row) && queries.iter().all(|query| matches(query, row));
    let mut matching: Vec<StoredRow> = rows.into_iter().filter(is_wanted).collect();
    if queries.contains(&Query::OrderRandom) {
        matching.shuffle(&mut rand::rng());
    }
    let total = counted(matching.len());
    let (limit, offset) = (frame.limit, frame.offset);
    let is_on_side = |row: &StoredRow, cursor: &StoredRow, wanted| side(row, cursor, &frame.orders) == Some(wanted);
    let rows = match cursor {
        None => matching.into_iter().skip(offset).take(limit).collect(),
        Some((cursor, true)) => matching
            .into_iter()
            .filter(|row| is_on_side(row, &cursor, Ordering::Greater))
            .skip(offset)
            .take(limit)
            .collect(),
        Some((cursor, false)) => {
            let before: Vec<StoredRow> =
                matching.into_iter().filter(|row| is_on_side(row, &cursor, Ordering::Less)).collect();
            let end = before.len().saturating_sub(offset);
            before[end.saturating_sub(limit)..end].to_vec()
        }
    };
    Ok(Page { total, rows })
}

/// Compares a row with the cursor. As in SQL, a row without a value is neither before nor after it.
fn side(row: &StoredRow, cursor: &StoredRow, orders: &[(&str, bool)]) -> Option<Ordering> {
    for (name, is_descending) in orders {
        let own = row.attribute(name);
        if own.is_null() {
            return None;
        }
        let ordering = compare(&own, &cursor.attribute(name));
        if ordering.is_ne() {
            return Some(if *is_descending { ordering.reverse() } else { ordering });
        }
    }
    Some(row.sequence.cmp(&cursor.sequence))
}

/// Returns the total of matching objects and the requested page. The objects are in the API's format.
/// `title` names one object in error messages.
///
/// # Errors
/// `general_cursor_not_found` if no object has the cursor's id.
pub fn page_of_objects(
    mut objects: Vec<Value>,
    queries: &[Query],
    title: &str,
) -> Result<(usize, Vec<Value>), ApiError> {
    let frame = Frame::of(queries);
    // An empty string in the response means no value.
    let value_of = |object: &Value, name: &str| match &object[name] {
        Value::String(text) if text.is_empty() => Value::Null,
        value => value.clone(),
    };
    objects
        .sort_by(|left, right| by_orders(&frame.orders, &|name| value_of(left, name), &|name| value_of(right, name)));
    let has_id = |object: &Value, id: &str| object["$id"].as_str().is_some_and(|own| own.eq_ignore_ascii_case(id));
    let cursor = frame
        .cursor
        .map(|(id, is_after)| {
            let at = objects.iter().position(|object| has_id(object, id)).ok_or_else(|| no_cursor(title, id))?;
            Ok::<_, ApiError>((at, is_after))
        })
        .transpose()?;
    let is_wanted = |object: &Value| {
        queries.iter().all(|query| match query {
            Query::Filter(filter) => holds(filter, &|name| value_of(object, name)),
            _ => true,
        })
    };
    let matching: Vec<(usize, Value)> =
        objects.into_iter().enumerate().filter(|(_, object)| is_wanted(object)).collect();
    let total = matching.len();
    let (limit, offset) = (frame.limit, frame.offset);
    let page = match cursor {
        Some((at, false)) => {
            let before: Vec<Value> =
                matching.into_iter().filter(|(index, _)| *index < at).map(|(_, object)| object).collect();
            let end = before.len().saturating_sub(offset);
            before[end.saturating_sub(limit)..end].to_vec()
        }
        after => {
            let is_after = |index: usize| after.is_none_or(|(at, _)| index > at);
            matching
                .into_iter()
                .filter(|(index, _)| is_after(*index))
                .skip(offset)
                .take(limit)
                .map(|(_, object)| object)
                .collect()
        }
    };
    Ok((total, page))
}

fn no_cursor(title: &str, id: &str) -> ApiError {
    ApiError::new(ErrorKind::GeneralCursorNotFound, format!("{title} '{id}' for the 'cursor' value not found."))
}

fn sort(rows: &mut [StoredRow], orders: &[(&str, bool)]) {
    if orders.is_empty() {
        return rows.sort_by_key(|row| row.sequence);
    }
    rows.sort_by_cached_key(|row| {
        let keys =
            orders.iter().map(|(name, is_descending)| SortKey(row.sort_key(name), *is_descending)).collect::<Vec<_>>();
        (keys, row.sequence)
    });
}

/// A value for comparison; true for descending order.
struct SortKey(Value, bool);

impl PartialEq for SortKey {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for SortKey {}

impl Ord for SortKey {
    fn cmp(&self, other: &Self) -> Ordering {
        let ordering = match (&self.0, &other.0) {
            (Value::String(left), Value::String(right)) => left.cmp(right),
            (left, right) => compare(left, right),
        };
        if self.1 { ordering.reverse() } else { ordering }
    }
}

impl PartialOrd for SortKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Limits a count like Appwrite.
pub fn counted(rows: usize) -> usize {
    rows.min(MOST_COUNTED)
}

/// Returns limit and offset if the queries contain nothing else, for rows in the order of creation.
pub fn in_order_of_making(queries: &[Query]) -> Option<(usize, usize)> {
    let is_plain = queries.iter().all(|query| matches!(query, Query::Limit(_) | Query::Offset(_) | Query::Select(_)));
    let frame = Frame::of(queries);
    is_plain.then_some((frame.limit, frame.offset))
}

/// Returns the order, limit and offset if the queries contain one order and nothing else.
pub fn in_order_of_one(queries: &[Query]) -> Option<(&str, bool, usize, usize)> {
    let is_plain = queries
        .iter()
        .all(|query| matches!(query, Query::Limit(_) | Query::Offset(_) | Query::Select(_) | Query::Order(..)));
    let frame = Frame::of(queries);
    match frame.orders.as_slice() {
        [(attribute, is_descending)] if is_plain => Some((attribute, *is_descending, frame.limit, frame.offset)),
        _ => None,
    }
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

/// Returns true if these attributes match the condition.
fn holds(filter: &Filter, attribute_of: &dyn Fn(&str) -> Value) -> bool {
    match filter {
        Filter::And(inner) => inner.iter().all(|filter| holds(filter, attribute_of)),
        Filter::Or(inner) => inner.iter().any(|filter| holds(filter, attribute_of)),
        Filter::Compare { comparison, attribute, values } => compares(*comparison, &attribute_of(attribute), values),
    }
}

/// As in SQL, null is neither equal nor unequal to anything; only searches treat it as an empty string.
fn compares(comparison: Comparison, own: &Value, values: &[Value]) -> bool {
    use Comparison as C;
    if own.is_null() {
        return matches!(comparison, C::IsNull | C::NotSearch | C::Exists);
    }
    let first = values.first().unwrap_or(&Value::Null);
    let is_ordered = |wanted: &[Ordering]| wanted.contains(&compare(own, first));
    let is_between = || match values {
        [low, high, ..] => compare(own, low).is_ge() && compare(own, high).is_le(),
        _ => false,
    };
    let text_is = |test: fn(&str, &str) -> bool| {
        own.as_str().zip(first.as_str()).is_some_and(|(own, part)| test(&fold::folded(own), &fold::folded(part)))
    };
    let is_found = || own.as_str().zip(first.as_str()).is_some_and(|(own, searched)| fold::is_found(own, searched));
    match comparison {
        C::Equal => values.iter().any(|value| compare(own, value).is_eq()),
        C::NotEqual => !compare(own, first).is_eq(),
        C::LessThan => is_ordered(&[Ordering::Less]),
        C::LessThanEqual => is_ordered(&[Ordering::Less, Ordering::Equal]),
        C::GreaterThan => is_ordered(&[Ordering::Greater]),
        C::GreaterThanEqual => is_ordered(&[Ordering::Greater, Ordering::Equal]),
        C::Between => is_between(),
        C::NotBetween => !is_between(),
        C::IsNull | C::NotExists => false,
        C::IsNotNull | C::Exists => true,
        C::StartsWith => text_is(|own, part| own.starts_with(part)),
        C::NotStartsWith => !text_is(|own, part| own.starts_with(part)),
        C::EndsWith => text_is(|own, part| own.ends_with(part)),
        C::NotEndsWith => !text_is(|own, part| own.ends_with(part)),
        C::Contains | C::ContainsAny => values.iter().any(|value| contains(own, value)),
        C::ContainsAll => values.iter().all(|value| contains(own, value)),
        C::NotContains => !values.iter().any(|value| contains(own, value)),
        C::Search => is_found(),
        C::NotSearch => !is_found(),
        C::DistanceEqual => distance(own, first).is_some_and(|ordering| ordering.is_eq()),
        C::DistanceNotEqual => distance(own, first).is_some_and(|ordering| ordering.is_ne()),
        C::DistanceGreaterThan => distance(own, first).is_some_and(|ordering| ordering.is_gt()),
        C::DistanceLessThan => distance(own, first).is_some_and(|ordering| ordering.is_lt()),
        C::Intersects => geometries(own, first).is_some_and(|(own, other)| own.intersects(&other)),
        C::NotIntersects => geometries(own, first).is_some_and(|(own, other)| !own.intersects(&other)),
        C::Encloses => encloses(own, first) == Some(true),
        C::NotEncloses => encloses(own, first) == Some(false),
    }
}

fn geometries(own: &Value, other: &Value) -> Option<(Geometry, Geometry)> {
    Geometry::read(own).zip(Geometry::read(other))
}

/// Compares the distance with that of a query: `[geometry, distance, true if in meters]`.
fn distance(own: &Value, requested: &Value) -> Option<Ordering> {
    let (own, other) = geometries(own, &requested[0])?;
    let distance = if requested[2] == true { own.meters(&other)? } else { own.distance(&other) };
    distance.partial_cmp(&requested[1].as_f64()?)
}

fn encloses(own: &Value, point: &Value) -> Option<bool> {
    match geometries(own, point)? {
        (own, Geometry::Point(spot)) => Some(own.contains(spot)),
        _ => None,
    }
}

/// In a list, searches for an exact item. In a string, searches for a part, ignoring case and accents.
fn contains(own: &Value, part: &Value) -> bool {
    match own {
        Value::Array(items) => items.contains(part),
        Value::String(text) => part.as_str().is_some_and(|part| fold::folded(text).contains(&fold::folded(part))),
        _ => false,
    }
}

/// Compares numbers by size, and texts like MariaDB without case and accents. Null comes first.
fn compare(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::String(left), Value::String(right)) => fold::folded(left).cmp(&fold::folded(right)),
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
    fn order_and_limit_match_the_recordings() {
        let queries = [Query::Order("name".into(), true), Query::Limit(2)];
        assert_eq!(ids(&["Kevin", "Kim", "Uma", "Any", "x", "Dora"], &queries), ["r5", "r3"]);
    }

    #[test]
    fn cursor_starts_after_or_ends_before_its_row() {
        let names = ["a", "b", "c", "d", "e"];
        assert_eq!(ids(&names, &[Query::CursorAfter("r2".into()), Query::Limit(2)]), ["r3", "r4"]);
        assert_eq!(ids(&names, &[Query::CursorBefore("r4".into()), Query::Limit(2)]), ["r2", "r3"]);
        assert!(page(rows(&names), &[Query::CursorAfter("r9".into())], Names::Current).is_err());
    }

    #[test]
    fn total_counts_all_pages() {
        let page = page(rows(&["a", "b", "c"]), &[Query::Limit(1), Query::Offset(1)], Names::Current).expect("a page");
        assert_eq!((page.total, page.rows.len()), (3, 1));
        assert_eq!(page.rows[0].id, "r2");
    }

    #[test]
    fn default_limit_is_25_rows() {
        let names = vec!["n"; 30];
        assert_eq!(ids(&names, &[]).len(), 25);
    }

    #[test]
    fn null_matches_is_null_only() {
        assert_eq!(ids(&["a"], &[compare_query(Comparison::IsNull, "note", json!([]))]).len(), 1);
        assert!(ids(&["a"], &[compare_query(Comparison::NotEqual, "note", json!(["x"]))]).is_empty());
    }

    #[test]
    fn first_of_several_limits_applies() {
        let queries = [Query::Limit(1), Query::Limit(3)];
        let page = page(rows(&["a", "b", "c"]), &queries, Names::Current).expect("a page");
        assert_eq!(page.rows.len(), 1);
    }

    #[test]
    fn rows_with_null_are_excluded_by_every_cursor() {
        let mut all = rows(&["a", "b", "c"]);
        all[2].data.insert("age".into(), Value::Null);
        let queries = [Query::CursorAfter("r2".into()), Query::Order("age".into(), true)];
        let found = page(all.clone(), &queries, Names::Current).expect("a page");
        assert_eq!(found.rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), ["r1"]);
        let queries = [Query::CursorAfter("r3".into()), Query::Order("age".into(), true)];
        assert_eq!(page(all, &queries, Names::Current).expect_err("a fault").kind, ErrorKind::DatabaseQueryOrderNull);
    }

    #[test]
    fn comparisons_match_their_names() {
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
        assert_eq!(found(Comparison::Equal, "name", json!(["ánn"])), 1);
    }
}
