//! Queries: parses their JSON, and checks them against a table or the fields of a list.

use serde_json::Value;

use super::{
    cells::{Column, Kind},
    spatial::{Geometry, Shape},
};
use crate::{
    ApiError, ErrorKind, Profile,
    http::{forms::is_id, params::Params},
};

/// The comparison of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Comparison {
    /// Equal to one of the values.
    Equal,
    /// Not equal.
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
    /// Outside the range from the first value to the second.
    NotBetween,
    /// Null.
    IsNull,
    /// Not null.
    IsNotNull,
    /// Starts with.
    StartsWith,
    /// Does not start with.
    NotStartsWith,
    /// Ends with.
    EndsWith,
    /// Does not end with.
    NotEndsWith,
    /// A text or list that contains one of the values.
    Contains,
    /// The same, under its newer name.
    ContainsAny,
    /// A list that contains all of the values.
    ContainsAll,
    /// A list that contains none of the values.
    NotContains,
    /// A text that contains one of the words.
    Search,
    /// A text that contains none of the words.
    NotSearch,
    /// The attribute exists.
    Exists,
    /// The attribute does not exist.
    NotExists,
    /// At this distance.
    DistanceEqual,
    /// At another distance.
    DistanceNotEqual,
    /// Farther away.
    DistanceGreaterThan,
    /// Nearer.
    DistanceLessThan,
    /// A geometry that shares a point with another.
    Intersects,
    /// A geometry that shares no point with another.
    NotIntersects,
    /// A geometry that contains a point; written as `contains`.
    Encloses,
    /// A geometry that does not contain a point; written as `notContains`.
    NotEncloses,
}

use Comparison as C;

const COMPARISONS: &[(&str, Comparison)] = &[
    ("equal", C::Equal),
    ("notEqual", C::NotEqual),
    ("lessThan", C::LessThan),
    ("lessThanEqual", C::LessThanEqual),
    ("greaterThan", C::GreaterThan),
    ("greaterThanEqual", C::GreaterThanEqual),
    ("between", C::Between),
    ("notBetween", C::NotBetween),
    ("isNull", C::IsNull),
    ("isNotNull", C::IsNotNull),
    ("startsWith", C::StartsWith),
    ("notStartsWith", C::NotStartsWith),
    ("endsWith", C::EndsWith),
    ("notEndsWith", C::NotEndsWith),
    ("contains", C::Contains),
    ("containsAny", C::ContainsAny),
    ("containsAll", C::ContainsAll),
    ("notContains", C::NotContains),
    ("search", C::Search),
    ("notSearch", C::NotSearch),
    ("exists", C::Exists),
    ("notExists", C::NotExists),
    ("distanceEqual", C::DistanceEqual),
    ("distanceNotEqual", C::DistanceNotEqual),
    ("distanceGreaterThan", C::DistanceGreaterThan),
    ("distanceLessThan", C::DistanceLessThan),
    ("intersects", C::Intersects),
    ("notIntersects", C::NotIntersects),
    ("contains", C::Encloses),
    ("notContains", C::NotEncloses),
];

/// Appwrite's queries on geometries that this backend does not support.
const NOT_HERE: &[&str] = &["crosses", "notCrosses", "overlaps", "notOverlaps", "touches", "notTouches"];

impl Comparison {
    fn method(self) -> &'static str {
        COMPARISONS.iter().find(|(_, comparison)| *comparison == self).map_or("", |(method, _)| method)
    }

    /// Checks the number of values and returns the error message.
    fn count_fault(self, values: &[Value]) -> Option<&'static str> {
        let is_empty = || match values.first() {
            None => true,
            Some(Value::Array(first)) => first.is_empty(),
            Some(_) => false,
        };
        match self {
            C::Equal | C::Contains | C::ContainsAny | C::ContainsAll | C::NotContains | C::Exists | C::NotExists => {
                is_empty().then_some("at least one value")
            }
            C::Between | C::NotBetween => (values.len() != 2).then_some("exactly two values"),
            C::IsNull | C::IsNotNull => None,
            C::Intersects | C::NotIntersects => is_empty().then_some("at least one value"),
            _ => (values.len() != 1).then_some("exactly one value"),
        }
    }

    fn is_distance(self) -> bool {
        matches!(self, C::DistanceEqual | C::DistanceNotEqual | C::DistanceGreaterThan | C::DistanceLessThan)
    }

    fn is_spatial(self) -> bool {
        self.is_distance() || matches!(self, C::Intersects | C::NotIntersects)
    }

    fn is_of_lists(self) -> bool {
        matches!(self, C::Contains | C::ContainsAny | C::ContainsAll | C::NotContains)
    }
}

/// A condition on a row.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// A comparison of one attribute.
    Compare {
        /// The condition's operator.
        comparison: Comparison,
        /// The attribute.
        attribute: String,
        /// The values to compare with.
        values: Vec<Value>,
    },
    /// All of these conditions.
    And(Vec<Filter>),
    /// One of these conditions.
    Or(Vec<Filter>),
}

/// One query of a list.
#[derive(Debug, Clone, PartialEq)]
pub enum Query {
    /// A condition.
    Filter(Filter),
    /// Only these attributes.
    Select(Vec<String>),
    /// Sorts by this attribute, descending if true.
    Order(String, bool),
    /// Sorts randomly.
    OrderRandom,
    /// The maximum number of items.
    Limit(usize),
    /// The number of items to skip.
    Offset(usize),
    /// Only items after the row with this id.
    CursorAfter(String),
    /// Only items before the row with this id.
    CursorBefore(String),
}

impl Query {
    /// The name of the comparison in a query.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::Filter(Filter::Compare { comparison, .. }) => comparison.method(),
            Self::Filter(Filter::And(_)) => "and",
            Self::Filter(Filter::Or(_)) => "or",
            Self::Select(_) => "select",
            Self::Order(_, false) => "orderAsc",
            Self::Order(_, true) => "orderDesc",
            Self::OrderRandom => "orderRandom",
            Self::Limit(_) => "limit",
            Self::Offset(_) => "offset",
            Self::CursorAfter(_) => "cursorAfter",
            Self::CursorBefore(_) => "cursorBefore",
        }
    }
}

/// An error in a query. Lists of rows and other lists have different messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The query cannot be parsed.
    Unreadable(String),
    /// The query does not fit the table or list.
    Unfit(String),
    /// This list does not support this kind of query.
    Method(&'static str),
    /// The column has no full-text index.
    NotSearchable(String),
    /// Appwrite itself fails on this query.
    Breaks,
    /// Appwrite supports it, but this backend does not.
    NotHere(String),
}

/// The error for a query that Appwrite supports and this backend does not.
fn not_here(what: &str) -> ApiError {
    let message = format!("local-appwrite does not answer {what}. Appwrite does.");
    ApiError::new(ErrorKind::GeneralNotImplemented, message)
}

impl Fault {
    /// The error message for lists of rows.
    #[must_use]
    pub fn of_rows(self) -> ApiError {
        let message = match self {
            Self::Unreadable(why) | Self::NotSearchable(why) => why,
            // Appwrite parses the cursor before it checks the other queries.
            Self::Unfit(why) if why.starts_with("Invalid cursor") => why,
            Self::Unfit(why) => format!("Invalid query: {why}"),
            Self::Method(method) => format!("Invalid query method: {method}"),
            Self::Breaks => return ErrorKind::GeneralUnknown.into(),
            Self::NotHere(what) => return not_here(&what),
        };
        ApiError::new(ErrorKind::GeneralQueryInvalid, message)
    }

    /// The error message for other lists.
    #[must_use]
    pub fn of_list(self) -> ApiError {
        let why = match self {
            Self::Unreadable(why) | Self::Unfit(why) | Self::NotSearchable(why) => format!("Invalid query: {why}"),
            Self::Method(method) => format!("Invalid query method: {method}"),
            Self::Breaks => return ErrorKind::GeneralUnknown.into(),
            Self::NotHere(what) => return not_here(&what),
        };
        ApiError::invalid_param("queries", why)
    }
}

/// The deepest nesting of conditions.
const DEPTH: usize = 8;

/// The maximum number of values in a condition.
const MAX_VALUES: usize = 500;

/// The `queries` of a request about rows.
///
/// # Errors
/// `general_query_invalid` when one is no query.
pub fn of_rows(params: &Params, profile: Profile) -> Result<Vec<Query>, ApiError> {
    params.texts("queries", 100, 4096)?.iter().map(|text| parse(text, profile).map_err(Fault::of_rows)).collect()
}

/// The `queries` of a list of users, teams or buckets, checked against its fields.
///
/// # Errors
/// `general_argument_invalid` when one is no query or does not fit.
pub fn of_list(
    params: &Params,
    profile: Profile,
    fields: &[Column],
    now: jiff::Timestamp,
) -> Result<Vec<Query>, ApiError> {
    if params.raw("queries").is_some_and(|queries| !queries.is_array() && !queries.is_object()) {
        return Err(ApiError::invalid_param("queries", "Queries must be an array"));
    }
    let texts = params.texts("queries", 100, 4096)?;
    let mut queries: Vec<Query> =
        texts.iter().map(|text| parse(text, profile)).collect::<Result<_, _>>().map_err(Fault::of_list)?;
    if let Some(query) = queries.iter().find(|query| matches!(query, Query::Select(_))) {
        return Err(Fault::Method(query.method()).of_list());
    }
    check(&mut queries, fields, None, now).map_err(Fault::of_list)?;
    Ok(queries)
}

/// Refuses all queries but `select`.
///
/// # Errors
/// `general_query_invalid` when there are others.
pub fn only_select(queries: &[Query]) -> Result<(), ApiError> {
    match queries.iter().find(|query| !matches!(query, Query::Select(_))) {
        Some(other) => Err(Fault::Method(other.method()).of_rows()),
        None => Ok(()),
    }
}

fn parse(text: &str, profile: Profile) -> Result<Query, Fault> {
    let value: Value =
        serde_json::from_str(text).map_err(|_| Fault::Unreadable("Invalid query: Syntax error".to_owned()))?;
    if !value.is_object() && !value.is_array() {
        return Err(Fault::Unreadable(format!("Invalid query. Must be an array, got {}", type_name(&value))));
    }
    read(&value, profile, DEPTH)
}

/// PHP's name of a value's type.
fn type_name(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

fn read(value: &Value, profile: Profile, depth: usize) -> Result<Query, Fault> {
    let method = text_of(value, "method")?;
    if !is_method(&method, profile) {
        return Err(Fault::Unreadable(format!("Invalid query method: {method}")));
    }
    let attribute = text_of(value, "attribute")?;
    let values: Vec<Value> = match value.get("values").unwrap_or(&Value::Null) {
        Value::Null => Vec::new(),
        Value::Array(values) => values.clone(),
        Value::Object(values) => values.values().cloned().collect(),
        other => {
            let kind = type_name(other);
            return Err(Fault::Unreadable(format!("Invalid query values. Must be an array, got {kind}")));
        }
    };
    let order = if attribute.is_empty() { "$sequence".to_owned() } else { attribute.clone() };
    Ok(match method.as_str() {
        "elemMatch" => return Err(Fault::Breaks),
        method if NOT_HERE.contains(&method) => return Err(Fault::NotHere(format!("the query \"{method}\""))),
        "select" => Query::Select(names(&values)?),
        "orderAsc" => Query::Order(order, false),
        "orderDesc" => Query::Order(order, true),
        "orderRandom" => Query::OrderRandom,
        "limit" => Query::Limit(count(&values, "limit", 1)?),
        "offset" => Query::Offset(count(&values, "offset", 0)?),
        "cursorAfter" => Query::CursorAfter(cursor(&values)?),
        "cursorBefore" => Query::CursorBefore(cursor(&values)?),
        "and" | "or" => Query::Filter(joined(&method, &values, profile, depth)?),
        _ => Query::Filter(condition(&method, attribute, values)),
    })
}

fn is_method(method: &str, profile: Profile) -> bool {
    const OTHERS: &[&str] = &[
        "select",
        "orderAsc",
        "orderDesc",
        "orderRandom",
        "limit",
        "offset",
        "cursorAfter",
        "cursorBefore",
        "and",
        "or",
        "elemMatch",
    ];
    let has_spatial = profile >= Profile::OneEight;
    OTHERS.contains(&method)
        || (has_spatial && NOT_HERE.contains(&method))
        || COMPARISONS.iter().any(|(known, comparison)| *known == method && (has_spatial || !comparison.is_spatial()))
        || (profile < Profile::OneNineNext && of_dates(method).is_some())
}

fn joined(method: &str, values: &[Value], profile: Profile, depth: usize) -> Result<Filter, Fault> {
    let title = if method == "and" { "And" } else { "Or" };
    if depth == 0 {
        return Err(Fault::Unfit("Queries are nested too deep".to_owned()));
    }
    let mut inner = Vec::new();
    for value in values {
        if !value.is_object() && !value.is_array() {
            return Err(Fault::Breaks);
        }
        match read(value, profile, depth - 1)? {
            Query::Filter(filter) => inner.push(filter),
            _ => return Err(Fault::Unfit(format!("{title} queries can only contain filter queries"))),
        }
    }
    if inner.len() < 2 {
        return Err(Fault::Unfit(format!("{title} queries require at least two queries")));
    }
    Ok(if method == "and" { Filter::And(inner) } else { Filter::Or(inner) })
}

fn condition(method: &str, attribute: String, values: Vec<Value>) -> Filter {
    if let Some((comparison, attribute)) = of_dates(method) {
        return Filter::Compare { comparison, attribute: attribute.to_owned(), values };
    }
    let found = COMPARISONS.iter().find(|(known, _)| *known == method);
    Filter::Compare { comparison: found.map_or(C::Equal, |(_, comparison)| *comparison), attribute, values }
}

/// Shorthands for comparing the rows' dates, which newer servers no longer have.
fn of_dates(method: &str) -> Option<(Comparison, &'static str)> {
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

/// A string; empty if missing or null.
fn text_of(value: &Value, name: &str) -> Result<String, Fault> {
    match value.get(name).unwrap_or(&Value::Null) {
        Value::Null => Ok(String::new()),
        Value::String(text) => Ok(text.clone()),
        other => Err(Fault::Unreadable(format!("Invalid query {name}. Must be a string, got {}", type_name(other)))),
    }
}

fn names(values: &[Value]) -> Result<Vec<String>, Fault> {
    if values.is_empty() {
        return Err(Fault::Unfit("No attributes selected".to_owned()));
    }
    let names: Vec<String> =
        values.iter().map(|item| item.as_str().map(str::to_owned)).collect::<Option<_>>().ok_or(Fault::Breaks)?;
    let is_repeated = |(index, name): (usize, &String)| names[..index].contains(name);
    if names.iter().enumerate().any(is_repeated) {
        return Err(Fault::Unfit("Duplicate attributes selected".to_owned()));
    }
    Ok(names)
}

fn count(values: &[Value], name: &str, least: u64) -> Result<usize, Fault> {
    let why = |why: String| Fault::Unfit(format!("Invalid {name}: {why}"));
    let value = values.first().unwrap_or(&Value::Null);
    if !value.is_number() && value.as_str().is_none_or(|text| text.parse::<f64>().is_err()) {
        return Err(why("Value must be a valid number".to_owned()));
    }
    let number = value.as_u64().or_else(|| value.as_str()?.parse().ok()).filter(|number| *number >= least);
    let number = number
        .ok_or_else(|| why(format!("Value must be a valid range between {least} and 9,223,372,036,854,775,807")))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

fn cursor(values: &[Value]) -> Result<String, Fault> {
    values.first().and_then(Value::as_str).filter(|id| is_id(id)).map(str::to_owned).ok_or_else(|| {
        Fault::Unfit(
            "Invalid cursor: UID must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, and underscore. Can't start with a leading underscore"
                .to_owned(),
        )
    })
}

/// Checks that the attributes exist and the values have their types, and converts dates to the format of rows.
///
/// `fulltext` names the columns that have a fulltext index; `None` where there are no such indexes.
///
/// # Errors
/// The first error.
pub fn check(
    queries: &mut [Query],
    columns: &[Column],
    fulltext: Option<&[String]>,
    now: jiff::Timestamp,
) -> Result<(), Fault> {
    for query in queries {
        match query {
            Query::Filter(filter) => check_filter(filter, columns, fulltext, now)?,
            Query::Order(attribute, _) => {
                if let Some(column) = nested(attribute, columns) {
                    return Err(Fault::Unfit(format!("Cannot order by nested attribute: {}", column.key)));
                }
                check_attribute(attribute, columns)?;
            }
            Query::Select(names) => {
                for name in names.iter().filter(|name| *name != "*" && !name.starts_with('$')) {
                    if nested(name, columns).is_none() {
                        check_attribute(name, columns)?;
                    }
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

/// The relationship column in `column.attribute`.
fn nested<'columns>(name: &str, columns: &'columns [Column]) -> Option<&'columns Column> {
    let (key, _) = name.split_once('.')?;
    columns.iter().find(|column| column.key == key && column.relationship().is_some())
}

fn check_attribute(name: &str, columns: &[Column]) -> Result<(), Fault> {
    let is_known = |name: &str| {
        matches!(name, "$id" | "$sequence" | "$createdAt" | "$updatedAt")
            || columns.iter().any(|column| column.key == name)
    };
    if is_known(name) {
        return Ok(());
    }
    match name.split_once('.') {
        // Appwrite checks only the part before the dot, and its database then fails on the rest.
        Some((top, _)) if is_known(top) => Err(Fault::Breaks),
        Some((top, _)) => Err(Fault::Unfit(format!("Attribute not found in schema: {top}"))),
        None => Err(Fault::Unfit(format!("Attribute not found in schema: {name}"))),
    }
}

fn check_filter(
    filter: &mut Filter,
    columns: &[Column],
    fulltext: Option<&[String]>,
    now: jiff::Timestamp,
) -> Result<(), Fault> {
    let (comparison, attribute, values) = match filter {
        Filter::And(inner) | Filter::Or(inner) => {
            return inner.iter_mut().try_for_each(|filter| check_filter(filter, columns, fulltext, now));
        }
        Filter::Compare { comparison, attribute, values } => {
            if let Some(shape) = columns.iter().find(|column| column.key == *attribute).and_then(|own| own.kind.shape())
            {
                return check_spatial(comparison, attribute, values, shape);
            }
            (*comparison, attribute, values)
        }
    };
    check_count(comparison, values)?;
    // The related table checks the part after the dot.
    if nested(attribute, columns).is_some() {
        return Ok(());
    }
    if columns.iter().any(|column| column.key == *attribute && column.encrypt) {
        return Err(Fault::Unfit(format!("Cannot query encrypted attribute: {attribute}")));
    }
    check_attribute(attribute, columns)?;
    if values.len() > MAX_VALUES {
        return Err(Fault::Unfit(format!("Query on attribute has greater than {MAX_VALUES} values: {attribute}")));
    }
    if comparison.is_spatial() {
        let method = comparison.method();
        return Err(Fault::Unfit(format!(
            "Spatial query \"{method}\" cannot be applied on non-spatial attribute: {attribute}"
        )));
    }
    let column = columns.iter().find(|column| column.key == *attribute);
    for value in values.iter_mut() {
        *value = fitting(value, attribute, column, now)
            .ok_or_else(|| Fault::Unfit(format!("Query value is invalid for attribute \"{attribute}\"")))?;
    }
    if column.and_then(Column::relationship).is_some_and(|relationship| !relationship.keeps_id()) {
        return Err(Fault::Unfit("Cannot query on virtual relationship attribute".to_owned()));
    }
    check_list(comparison, attribute, column)?;
    let is_search = matches!(comparison, C::Search | C::NotSearch);
    if is_search && fulltext.is_some_and(|columns| !columns.contains(attribute)) {
        return Err(Fault::NotSearchable(format!("Searching by attribute \"{attribute}\" requires a fulltext index.")));
    }
    Ok(())
}

/// Checks the number and the format of a filter's values.
fn check_count(comparison: Comparison, values: &[Value]) -> Result<(), Fault> {
    if !comparison.is_distance() {
        let Some(count) = comparison.count_fault(values) else {
            return Ok(());
        };
        let method = comparison.method();
        let title = method[..1].to_uppercase() + &method[1..];
        return Err(Fault::Unfit(format!("{title} queries require {count}.")));
    }
    match values {
        [Value::Array(parts)] if parts.len() == 3 => Ok(()),
        _ => Err(Fault::Unfit("Distance query requires [[geometry, distance]] parameters".to_owned())),
    }
}

/// Checks a filter on a point, line or polygon, and stores its geometry in the format of rows.
fn check_spatial(
    comparison: &mut Comparison,
    attribute: &str,
    values: &mut [Value],
    shape: Shape,
) -> Result<(), Fault> {
    check_count(*comparison, values)?;
    if values.len() > MAX_VALUES {
        return Err(Fault::Unfit(format!("Query on attribute has greater than {MAX_VALUES} values: {attribute}")));
    }
    if values.iter().any(|value| !value.is_array()) {
        return Err(Fault::Unfit("Spatial data must be an array".to_owned()));
    }
    let given = match (values.first(), comparison.is_distance()) {
        (Some(value), true) => Geometry::read(&value[0]),
        (Some(value), false) => Geometry::read(value),
        (None, _) => return Ok(()),
    };
    let geometry = given.ok_or(Fault::Breaks)?;
    match comparison {
        C::Equal | C::NotEqual => {
            for value in values.iter_mut() {
                *value = shape.accept(value).unwrap_or(Value::Null);
            }
        }
        C::Contains | C::NotContains => {
            if geometry.shape() != Shape::Point || shape == Shape::Line {
                let (what, of) = (geometry.shape().name(), shape.name());
                return Err(Fault::NotHere(format!("whether a {of} contains a {what}")));
            }
            *comparison = if *comparison == C::Contains { C::Encloses } else { C::NotEncloses };
        }
        _ if comparison.is_distance() => {
            let is_point = geometry.shape() == Shape::Point && shape == Shape::Point;
            if values[0][2] == true && !is_point {
                let (own, other) = (shape.name(), geometry.shape().name());
                let why = format!("Distance in meters is not supported between {own} and {other}");
                return Err(Fault::NotSearchable(why));
            }
            if !values[0][1].is_number() {
                return Err(Fault::Breaks);
            }
        }
        C::Intersects | C::NotIntersects | C::IsNull | C::IsNotNull | C::Exists | C::NotExists => {}
        _ => return Err(Fault::Breaks),
    }
    Ok(())
}

/// Refuses `contains` on attributes that are not lists or strings, and other comparisons on lists.
fn check_list(comparison: Comparison, attribute: &str, column: Option<&Column>) -> Result<(), Fault> {
    let is_array = column.is_some_and(|column| column.array);
    let is_text = column.map_or(attribute == "$id", |column| column.kind.is_text());
    if comparison.is_of_lists() && !is_array && !is_text {
        let method = if comparison == C::NotContains { "notContains" } else { "contains" };
        return Err(Fault::Unfit(format!(
            "Cannot query {method} on attribute \"{attribute}\" because it is not an array, string, or object."
        )));
    }
    let is_for_any = matches!(comparison, C::IsNull | C::IsNotNull | C::Exists | C::NotExists);
    if is_array && !comparison.is_of_lists() && !is_for_any {
        return Err(Fault::Unfit(format!(
            "Cannot query {} on attribute \"{attribute}\" because it is an array.",
            comparison.method()
        )));
    }
    Ok(())
}

/// Returns the value in the format of rows, if it has the attribute's type.
fn fitting(value: &Value, attribute: &str, column: Option<&Column>, now: jiff::Timestamp) -> Option<Value> {
    let date = || super::dates::parse(value.as_str()?, now).map(|date| super::dates::wire(date).into());
    let Some(column) = column else {
        return match attribute {
            "$createdAt" | "$updatedAt" => date(),
            "$sequence" => value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(Value::from),
            _ => value.is_string().then(|| value.clone()),
        };
    };
    let is_good = match column.kind {
        Kind::Integer { .. } => value.is_i64(),
        Kind::Bigint { .. } => {
            return value.as_i64().or_else(|| value.as_str()?.parse().ok()).map(Value::from);
        }
        Kind::Double { .. } => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Datetime => return date(),
        _ => value.is_string(),
    };
    is_good.then(|| value.clone())
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;

    fn columns() -> Vec<Column> {
        let column = |key: &str, kind, array| Column {
            key: key.into(),
            kind,
            required: false,
            array,
            default: None,
            encrypt: false,
            created_at: Timestamp::UNIX_EPOCH,
            updated_at: Timestamp::UNIX_EPOCH,
        };
        vec![
            column("name", Kind::String { size: 128 }, false),
            column("tags", Kind::String { size: 16 }, true),
            column("age", Kind::Integer { min: 0, max: 200 }, false),
        ]
    }

    fn checked(text: &str, fulltext: &[String]) -> Result<Query, String> {
        let mut queries = vec![parse(text, Profile::OneNineNext).map_err(|fault| fault.of_rows().message)?];
        check(&mut queries, &columns(), Some(fulltext), Timestamp::UNIX_EPOCH)
            .map_err(|fault| fault.of_rows().message)?;
        Ok(queries.remove(0))
    }

    fn refused(text: &str) -> String {
        checked(text, &[]).expect_err(text)
    }

    #[test]
    fn errors_match_the_recordings() {
        assert_eq!(refused("oops"), "Invalid query: Syntax error");
        assert_eq!(
            refused(r#"{"method":"equal","attribute":"zzz","values":[1]}"#),
            "Invalid query: Attribute not found in schema: zzz"
        );
        assert_eq!(
            refused(r#"{"method":"search","attribute":"name","values":["Kev"]}"#),
            "Searching by attribute \"name\" requires a fulltext index."
        );
        assert_eq!(refused("null"), "Invalid query. Must be an array, got NULL");
        assert_eq!(refused(r#"{"method":"nope"}"#), "Invalid query method: nope");
        assert_eq!(
            refused(r#"{"method":"equal","attribute":"tags","values":["a"]}"#),
            "Invalid query: Cannot query equal on attribute \"tags\" because it is an array."
        );
        assert_eq!(
            refused(r#"{"method":"contains","attribute":"age","values":[1]}"#),
            "Invalid query: Cannot query contains on attribute \"age\" because it is not an array, string, or object."
        );
        assert_eq!(
            refused(r#"{"method":"notEqual","attribute":"name","values":["a","b"]}"#),
            "Invalid query: NotEqual queries require exactly one value."
        );
    }

    #[test]
    fn project_lists_have_their_own_error_text() {
        let fault = parse("oops", Profile::OneNineNext).expect_err("a fault");
        assert_eq!(fault.of_list().message, "Invalid `queries` param: Invalid query: Invalid query: Syntax error");
        assert_eq!(Fault::Method("select").of_list().message, "Invalid `queries` param: Invalid query method: select");
    }

    #[test]
    fn search_requires_an_index() {
        assert!(checked(r#"{"method":"search","attribute":"name","values":["Kev"]}"#, &["name".to_owned()]).is_ok());
    }

    #[test]
    fn conditions_can_be_nested() {
        let query = checked(
            r#"{"method":"or","values":[{"method":"equal","attribute":"name","values":["a"]},{"method":"isNull","attribute":"name"}]}"#,
            &[],
        );
        assert!(matches!(query, Ok(Query::Filter(Filter::Or(inner))) if inner.len() == 2));
        assert_eq!(refused(r#"{"method":"or","values":[]}"#), "Invalid query: Or queries require at least two queries");
    }

    #[test]
    fn deeply_nested_conditions_are_refused() {
        let leaf = r#"{"method":"isNull","attribute":"name"}"#;
        let mut text = leaf.to_owned();
        for _ in 0..20 {
            text = format!(r#"{{"method":"and","values":[{text},{leaf}]}}"#);
        }
        assert!(checked(&text, &[]).is_err());
    }

    #[test]
    fn value_of_another_kind_is_refused() {
        assert!(checked(r#"{"method":"equal","attribute":"name","values":[1]}"#, &[]).is_err());
        assert!(checked(r#"{"method":"equal","attribute":"$createdAt","values":["oops"]}"#, &[]).is_err());
        assert!(checked(r#"{"method":"limit","values":["x"]}"#, &[]).is_err());
        assert!(checked(r#"{"method":"limit","values":[0]}"#, &[]).is_err());
    }

    #[test]
    fn date_shorthands_work_on_older_servers_only() {
        let text = r#"{"method":"createdAfter","values":["2020-01-01"]}"#;
        assert!(parse(text, Profile::OneNine).is_ok());
        assert!(parse(text, Profile::OneNineNext).is_err());
    }
}
