//! List queries in Appwrite's JSON format.

use serde::Serialize;
use serde_json::Value;

/// A condition, an order or a limit of a list.
///
/// Appwrite accepts at most 100 queries, each with at most 4,096 characters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Query {
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    attribute: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    values: Vec<Value>,
}

impl Query {
    /// The column has this value.
    pub fn equal(column: &str, value: impl Into<Value>) -> Self {
        Self::on("equal", column, vec![value.into()])
    }

    /// The column has one of these values.
    pub fn one_of<V: Into<Value>>(column: &str, values: impl IntoIterator<Item = V>) -> Self {
        Self::on("equal", column, values.into_iter().map(Into::into).collect())
    }

    /// The column does not have this value.
    pub fn not_equal(column: &str, value: impl Into<Value>) -> Self {
        Self::on("notEqual", column, vec![value.into()])
    }

    /// The column is less than the value.
    pub fn less_than(column: &str, value: impl Into<Value>) -> Self {
        Self::on("lessThan", column, vec![value.into()])
    }

    /// The column is the value or less.
    pub fn less_than_equal(column: &str, value: impl Into<Value>) -> Self {
        Self::on("lessThanEqual", column, vec![value.into()])
    }

    /// The column is greater than the value.
    pub fn greater_than(column: &str, value: impl Into<Value>) -> Self {
        Self::on("greaterThan", column, vec![value.into()])
    }

    /// The column is the value or greater.
    pub fn greater_than_equal(column: &str, value: impl Into<Value>) -> Self {
        Self::on("greaterThanEqual", column, vec![value.into()])
    }

    /// The column is between the two values, inclusive.
    pub fn between(column: &str, from: impl Into<Value>, to: impl Into<Value>) -> Self {
        Self::on("between", column, vec![from.into(), to.into()])
    }

    /// The text column starts with this.
    pub fn starts_with(column: &str, text: &str) -> Self {
        Self::on("startsWith", column, vec![text.into()])
    }

    /// The text column ends with this.
    pub fn ends_with(column: &str, text: &str) -> Self {
        Self::on("endsWith", column, vec![text.into()])
    }

    /// The text column contains this text, or the array column this element.
    pub fn contains(column: &str, value: impl Into<Value>) -> Self {
        Self::on("contains", column, vec![value.into()])
    }

    /// The text column contains these words; requires a full-text index.
    pub fn search(column: &str, words: &str) -> Self {
        Self::on("search", column, vec![words.into()])
    }

    /// The column has no value.
    pub fn is_null(column: &str) -> Self {
        Self::on("isNull", column, Vec::new())
    }

    /// The column has a value.
    pub fn is_not_null(column: &str) -> Self {
        Self::on("isNotNull", column, Vec::new())
    }

    /// At least one of these queries matches.
    pub fn or(queries: impl IntoIterator<Item = Self>) -> Self {
        Self::over("or", queries)
    }

    /// All of these queries match.
    pub fn and(queries: impl IntoIterator<Item = Self>) -> Self {
        Self::over("and", queries)
    }

    /// Ascending order. Rows with equal values come in order of creation.
    pub fn order_asc(column: &str) -> Self {
        Self::on("orderAsc", column, Vec::new())
    }

    /// Descending order.
    pub fn order_desc(column: &str) -> Self {
        Self::on("orderDesc", column, Vec::new())
    }

    /// At most this many rows; 25 by default.
    pub fn limit(rows: u32) -> Self {
        Self::bound("limit", rows)
    }

    /// Skips this many rows, at most 5,000; prefer [`cursor_after`](Self::cursor_after).
    pub fn offset(rows: u32) -> Self {
        Self::bound("offset", rows)
    }

    /// Only rows after the one with this id.
    pub fn cursor_after(row_id: &str) -> Self {
        Self::bound("cursorAfter", row_id)
    }

    /// Only rows before the one with this id.
    pub fn cursor_before(row_id: &str) -> Self {
        Self::bound("cursorBefore", row_id)
    }

    /// Only these columns.
    pub fn select<'a>(columns: impl IntoIterator<Item = &'a str>) -> Self {
        Self { method: "select", attribute: None, values: columns.into_iter().map(Value::from).collect() }
    }

    /// Returns the query as JSON, as Appwrite expects it in the URL.
    pub(super) fn to_wire(&self) -> String {
        serde_json::to_value(self).unwrap_or_default().to_string()
    }

    fn on(method: &'static str, column: &str, values: Vec<Value>) -> Self {
        Self { method, attribute: Some(column.to_owned()), values }
    }

    fn bound(method: &'static str, value: impl Into<Value>) -> Self {
        Self { method, attribute: None, values: vec![value.into()] }
    }

    fn over(method: &'static str, queries: impl IntoIterator<Item = Self>) -> Self {
        let values = queries.into_iter().map(|query| serde_json::to_value(query).unwrap_or_default()).collect();
        Self { method, attribute: None, values }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn queries_are_serialized_as_appwrite_expects() {
        for (query, expected) in [
            (Query::equal("name", "Kevin"), json!({ "method": "equal", "attribute": "name", "values": ["Kevin"] })),
            (Query::one_of("age", [1, 2]), json!({ "method": "equal", "attribute": "age", "values": [1, 2] })),
            (Query::not_equal("ok", true), json!({ "method": "notEqual", "attribute": "ok", "values": [true] })),
            (Query::less_than("age", 3), json!({ "method": "lessThan", "attribute": "age", "values": [3] })),
            (Query::less_than_equal("age", 3), json!({ "method": "lessThanEqual", "attribute": "age", "values": [3] })),
            (Query::greater_than("age", 3), json!({ "method": "greaterThan", "attribute": "age", "values": [3] })),
            (
                Query::greater_than_equal("age", 3),
                json!({ "method": "greaterThanEqual", "attribute": "age", "values": [3] }),
            ),
            (Query::between("age", 1, 3), json!({ "method": "between", "attribute": "age", "values": [1, 3] })),
            (Query::starts_with("name", "K"), json!({ "method": "startsWith", "attribute": "name", "values": ["K"] })),
            (Query::ends_with("name", "n"), json!({ "method": "endsWith", "attribute": "name", "values": ["n"] })),
            (Query::contains("name", "ev"), json!({ "method": "contains", "attribute": "name", "values": ["ev"] })),
            (Query::search("name", "kev"), json!({ "method": "search", "attribute": "name", "values": ["kev"] })),
            (Query::is_null("note"), json!({ "method": "isNull", "attribute": "note" })),
            (Query::is_not_null("note"), json!({ "method": "isNotNull", "attribute": "note" })),
            (Query::order_asc("name"), json!({ "method": "orderAsc", "attribute": "name" })),
            (Query::order_desc("name"), json!({ "method": "orderDesc", "attribute": "name" })),
            (Query::limit(100), json!({ "method": "limit", "values": [100] })),
            (Query::offset(25), json!({ "method": "offset", "values": [25] })),
            (Query::cursor_after("kevin"), json!({ "method": "cursorAfter", "values": ["kevin"] })),
            (Query::cursor_before("kevin"), json!({ "method": "cursorBefore", "values": ["kevin"] })),
            (Query::select(["name", "note"]), json!({ "method": "select", "values": ["name", "note"] })),
        ] {
            assert_eq!(query.to_wire(), expected.to_string());
        }
    }

    #[test]
    fn queries_nest() {
        let either = Query::or([Query::equal("name", "Kevin"), Query::and([Query::is_null("note"), Query::limit(1)])]);
        let expected = json!({ "method": "or", "values": [
            { "method": "equal", "attribute": "name", "values": ["Kevin"] },
            { "method": "and", "values": [
                { "method": "isNull", "attribute": "note" },
                { "method": "limit", "values": [1] },
            ] },
        ] });
        assert_eq!(either.to_wire(), expected.to_string());
    }

    #[test]
    fn value_cannot_break_out_of_its_query() {
        let query = Query::equal("name", "\"]},{\"method\":\"or\"");
        let read: Value = serde_json::from_str(&query.to_wire()).expect("JSON");
        assert_eq!(read["values"], json!(["\"]},{\"method\":\"or\""]));
    }
}
