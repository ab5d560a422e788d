//! Queries: parsed from their JSON, checked against a table.

use serde_json::Value;

use super::cells::{Column, Kind};
use crate::{ApiError, ErrorKind, http::params::Params};

/// How a filter compares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal to one of the values.
    Equal,
    /// Equal to none of the values.
    NotEqual,
    /// Less.
    LessThan,
    /// Less or equal.
    LessThanEqual,
    /// Greater.
    GreaterThan,
    /// Greater or equal.
    GreaterThanEqual,
    /// From the first value to the second.
    Between,
    /// Outside of these.
    NotBetween,
    /// Null.
    IsNull,
    /// Not null.
    IsNotNull,
    /// Begins with.
    StartsWith,
    /// Does not begin with.
    NotStartsWith,
    /// Ends with.
    EndsWith,
    /// Does not end with.
    NotEndsWith,
    /// A text or list that contains one of the values.
    Contains,
    /// One that contains none of them.
    NotContains,
    /// A text that has one of the words.
    Search,
    /// One that has none of them.
    NotSearch,
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// A comparison of one attribute.
    Compare {
        /// How.
        comparison: Comparison,
        /// Of which attribute.
        attribute: String,
        /// With what.
        values: Vec<Value>,
    },
    /// All of these.
    And(Vec<Filter>),
    /// One of these.
    Or(Vec<Filter>),
}

/// One query of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// A condition.
    Filter(Filter),
    /// Only these attributes.
    Select(Vec<String>),
    /// By this attribute, descending when true.
    Order(String, bool),
    /// In any order.
    OrderRandom,
    /// At most so many.
    Limit(u32),
    /// Without the first so many.
    Offset(u32),
    /// Only what comes after the row with this id.
    CursorAfter(String),
    /// Only what comes before the row with this id.
    CursorBefore(String),
}

/// How deep conditions may stand in conditions.
const DEPTH: usize = 8;

/// The `queries` of a request.
///
/// # Errors
/// `general_query_invalid` when one is no query.
pub fn parse_all(params: &Params) -> Result<Vec<Query>, ApiError> {
    params.texts("queries", 100, 4096)?.iter().map(|text| parse(text)).collect()
}

fn parse(text: &str) -> Result<Query, ApiError> {
    let value: Value = serde_json::from_str(text).map_err(|_| invalid("Syntax error"))?;
    let method = method_of(&value)?;
    Ok(match method {
        "select" => Query::Select(texts(&value)?),
        "orderAsc" => Query::Order(order_of(&value), false),
        "orderDesc" => Query::Order(order_of(&value), true),
        "orderRandom" => Query::OrderRandom,
        "limit" => Query::Limit(count(&value, "limit")?),
        "offset" => Query::Offset(count(&value, "offset")?),
        "cursorAfter" => Query::CursorAfter(cursor(&value)?),
        "cursorBefore" => Query::CursorBefore(cursor(&value)?),
        _ => Query::Filter(filter(&value, DEPTH)?),
    })
}

fn filter(value: &Value, depth: usize) -> Result<Filter, ApiError> {
    let method = method_of(value)?;
    let inner = || {
        if depth == 0 {
            return Err(invalid("Queries are nested too deep"));
        }
        values(value).iter().map(|inner| filter(inner, depth - 1)).collect::<Result<Vec<_>, _>>()
    };
    match method {
        "and" => return Ok(Filter::And(inner()?)),
        "or" => return Ok(Filter::Or(inner()?)),
        _ => {}
    }
    if let Some((comparison, attribute)) = of_dates(method) {
        return Ok(Filter::Compare { comparison, attribute: attribute.to_owned(), values: values(value).to_vec() });
    }
    let comparison = comparison(method).ok_or_else(|| invalid(&format!("Invalid query method: {method}")))?;
    Ok(Filter::Compare { comparison, attribute: attribute_of(value)?, values: values(value).to_vec() })
}

fn comparison(method: &str) -> Option<Comparison> {
    use Comparison as C;
    Some(match method {
        "equal" => C::Equal,
        "notEqual" => C::NotEqual,
        "lessThan" => C::LessThan,
        "lessThanEqual" => C::LessThanEqual,
        "greaterThan" => C::GreaterThan,
        "greaterThanEqual" => C::GreaterThanEqual,
        "between" => C::Between,
        "notBetween" => C::NotBetween,
        "isNull" => C::IsNull,
        "isNotNull" => C::IsNotNull,
        "startsWith" => C::StartsWith,
        "notStartsWith" => C::NotStartsWith,
        "endsWith" => C::EndsWith,
        "notEndsWith" => C::NotEndsWith,
        "contains" | "containsAny" => C::Contains,
        "notContains" => C::NotContains,
        "search" => C::Search,
        "notSearch" => C::NotSearch,
        _ => return None,
    })
}

/// Shorthands for comparisons of the rows' own dates.
fn of_dates(method: &str) -> Option<(Comparison, &'static str)> {
    use Comparison as C;
    Some(match method {
        "createdBefore" => (C::LessThan, "$createdAt"),
        "createdAfter" => (C::GreaterThan, "$createdAt"),
        "createdBetween" => (C::Between, "$createdAt"),
        "updatedBefore" => (C::LessThan, "$updatedAt"),
        "updatedAfter" => (C::GreaterThan, "$updatedAt"),
        "updatedBetween" => (C::Between, "$updatedAt"),
        _ => return None,
    })
}

fn method_of(value: &Value) -> Result<&str, ApiError> {
    value
        .get("method")
        .and_then(Value::as_str)
        .ok_or_else(|| invalid("Invalid query method. Must be a string, got NULL"))
}

fn attribute_of(value: &Value) -> Result<String, ApiError> {
    value
        .get("attribute")
        .and_then(Value::as_str)
        .map(str::to_owned)
        .ok_or_else(|| invalid("Invalid query attribute. Must be a string"))
}

fn order_of(value: &Value) -> String {
    // Without an attribute it is the order in which rows were made.
    value.get("attribute").and_then(Value::as_str).filter(|name| !name.is_empty()).unwrap_or("$sequence").to_owned()
}

fn values(value: &Value) -> &[Value] {
    value.get("values").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn texts(value: &Value) -> Result<Vec<String>, ApiError> {
    values(value)
        .iter()
        .map(|item| item.as_str().map(str::to_owned).ok_or_else(|| invalid("Select takes names of attributes")))
        .collect()
}

fn count(value: &Value, name: &str) -> Result<u32, ApiError> {
    values(value)
        .first()
        .and_then(Value::as_u64)
        .and_then(|count| u32::try_from(count).ok())
        .ok_or_else(|| invalid(&format!("Invalid {name}: Value must be a valid number")))
}

fn cursor(value: &Value) -> Result<String, ApiError> {
    values(value)
        .first()
        .and_then(Value::as_str)
        .filter(|id| crate::http::forms::is_id(id))
        .map(str::to_owned)
        .ok_or_else(|| invalid("Invalid cursor: Value must be a valid ID"))
}

/// `general_query_invalid` with a reason.
#[must_use]
pub fn invalid(why: &str) -> ApiError {
    ApiError::new(ErrorKind::GeneralQueryInvalid, format!("Invalid query: {why}"))
}

/// What is said where a list does not take a query of this kind.
#[must_use]
pub fn not_allowed(query: &Query) -> ApiError {
    let name = match query {
        Query::Filter(_) => "filter",
        Query::Select(_) => "select",
        Query::Order(..) | Query::OrderRandom => "order",
        Query::Limit(_) => "limit",
        Query::Offset(_) => "offset",
        Query::CursorAfter(_) | Query::CursorBefore(_) => "cursor",
    };
    invalid(&format!("Query method not valid: {name}"))
}

/// Checks that the attributes exist and the values are of their kind, and puts dates into the form of rows.
///
/// `fulltext` names the columns that have a fulltext index.
///
/// # Errors
/// `general_query_invalid`.
pub fn check(
    queries: &mut [Query],
    columns: &[Column],
    fulltext: &[String],
    now: jiff::Timestamp,
) -> Result<(), ApiError> {
    for query in queries {
        match query {
            Query::Filter(filter) => check_filter(filter, columns, fulltext, now)?,
            Query::Order(attribute, _) => check_attribute(attribute, columns)?,
            Query::Select(names) => {
                for name in names.iter().filter(|name| *name != "*") {
                    check_attribute(name, columns)?;
                }
            }
            Query::Limit(_)
            | Query::Offset(_)
            | Query::OrderRandom
            | Query::CursorAfter(_)
            | Query::CursorBefore(_) => {}
        }
    }
    Ok(())
}

fn check_attribute(name: &str, columns: &[Column]) -> Result<(), ApiError> {
    let is_own = matches!(
        name,
        "$id"
            | "$sequence"
            | "$createdAt"
            | "$updatedAt"
            | "$permissions"
            | "$databaseId"
            | "$tableId"
            | "$collectionId"
    );
    if is_own || columns.iter().any(|column| column.key == name) {
        return Ok(());
    }
    Err(invalid(&format!("Attribute not found in schema: {name}")))
}

fn check_filter(
    filter: &mut Filter,
    columns: &[Column],
    fulltext: &[String],
    now: jiff::Timestamp,
) -> Result<(), ApiError> {
    let (comparison, attribute, values) = match filter {
        Filter::And(inner) | Filter::Or(inner) => {
            return inner.iter_mut().try_for_each(|filter| check_filter(filter, columns, fulltext, now));
        }
        Filter::Compare { comparison, attribute, values } => (*comparison, attribute, values),
    };
    check_attribute(attribute, columns)?;
    let needed = match comparison {
        Comparison::IsNull | Comparison::IsNotNull => 0,
        Comparison::Between | Comparison::NotBetween => 2,
        _ => 1,
    };
    if values.len() < needed {
        return Err(invalid(&format!("{comparison:?} queries require at least {needed} value(s).")));
    }
    let is_search = matches!(comparison, Comparison::Search | Comparison::NotSearch);
    if is_search && !fulltext.contains(attribute) {
        return Err(ApiError::new(
            ErrorKind::GeneralQueryInvalid,
            format!("Searching by attribute \"{attribute}\" requires a fulltext index."),
        ));
    }
    let is_date = attribute.ends_with("edAt")
        || columns.iter().any(|column| column.key == *attribute && column.kind == Kind::Datetime);
    for value in values {
        if is_date {
            *value = as_date(value, attribute, now)?;
        } else if let Some(column) = columns.iter().find(|column| column.key == *attribute) {
            check_value(value, column)?;
        }
    }
    Ok(())
}

fn as_date(value: &Value, attribute: &str, now: jiff::Timestamp) -> Result<Value, ApiError> {
    value
        .as_str()
        .and_then(|text| super::dates::parse(text, now))
        .map(|time| crate::clock::wire(time).into())
        .ok_or_else(|| wrong_value(attribute))
}

fn check_value(value: &Value, column: &Column) -> Result<(), ApiError> {
    let is_good = match column.kind {
        Kind::Integer { .. } => value.is_i64(),
        Kind::Double { .. } => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        _ => value.is_string(),
    };
    if is_good || value.is_null() { Ok(()) } else { Err(wrong_value(&column.key)) }
}

fn wrong_value(attribute: &str) -> ApiError {
    invalid(&format!("Query value is invalid for attribute \"{attribute}\""))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn name_column() -> Vec<Column> {
        vec![Column {
            key: "name".into(),
            kind: Kind::String { size: 128 },
            required: true,
            array: false,
            default: None,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        }]
    }

    fn checked(text: &str, fulltext: &[String]) -> Result<Query, String> {
        let mut queries = vec![parse(text).map_err(|error| error.message)?];
        check(&mut queries, &name_column(), fulltext, Timestamp::UNIX_EPOCH).map_err(|error| error.message)?;
        Ok(queries.remove(0))
    }

    #[test]
    fn what_is_wrong_is_told_as_recorded() {
        assert_eq!(checked("oops", &[]), Err("Invalid query: Syntax error".to_owned()));
        assert_eq!(
            checked(r#"{"method":"equal","attribute":"zzz","values":[1]}"#, &[]),
            Err("Invalid query: Attribute not found in schema: zzz".to_owned())
        );
        assert_eq!(
            checked(r#"{"method":"search","attribute":"name","values":["Kev"]}"#, &[]),
            Err("Searching by attribute \"name\" requires a fulltext index.".to_owned())
        );
    }

    #[test]
    fn a_search_is_taken_where_there_is_an_index() {
        assert!(checked(r#"{"method":"search","attribute":"name","values":["Kev"]}"#, &["name".to_owned()]).is_ok());
    }

    #[test]
    fn conditions_stand_in_conditions() {
        let query = checked(
            r#"{"method":"or","values":[{"method":"equal","attribute":"name","values":["a"]},{"method":"isNull","attribute":"name"}]}"#,
            &[],
        );
        assert!(matches!(query, Ok(Query::Filter(Filter::Or(inner))) if inner.len() == 2));
    }

    #[test]
    fn conditions_do_not_stand_too_deep() {
        let mut text = r#"{"method":"isNull","attribute":"name"}"#.to_owned();
        for _ in 0..20 {
            text = format!(r#"{{"method":"and","values":[{text}]}}"#);
        }
        assert!(checked(&text, &[]).is_err());
    }

    #[test]
    fn a_value_of_another_kind_is_refused() {
        assert!(checked(r#"{"method":"equal","attribute":"name","values":[1]}"#, &[]).is_err());
        assert!(checked(r#"{"method":"equal","attribute":"$createdAt","values":["oops"]}"#, &[]).is_err());
        assert!(checked(r#"{"method":"limit","values":["x"]}"#, &[]).is_err());
    }
}
