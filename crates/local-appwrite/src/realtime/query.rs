//! Realtime queries, which select the events of a channel that a subscription receives.

use std::cmp::Ordering;

use serde_json::{Value, json};

/// The error for a refused query, with Appwrite's message.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(super) enum QueryError {
    /// The text is not a query, or Realtime does not support the query.
    #[error("{0}")]
    Invalid(String),
    /// A `select` of anything but `*`, which Appwrite refuses with an error without a code.
    #[error("Only select(\"*\") is allowed in Realtime queries. select(\"*\") means \"listen to all events\".")]
    Select,
}

/// One query: a comparison of an attribute, a combination of comparisons, or `select("*")`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Query {
    method: Method,
    attribute: String,
    values: Vec<Value>,
    nested: Vec<Query>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Method {
    Equal,
    NotEqual,
    LessThan,
    LessThanEqual,
    GreaterThan,
    GreaterThanEqual,
    IsNull,
    IsNotNull,
    And,
    Or,
    Select,
}

const METHODS: [(Method, &str); 11] = [
    (Method::Equal, "equal"),
    (Method::NotEqual, "notEqual"),
    (Method::LessThan, "lessThan"),
    (Method::LessThanEqual, "lessThanEqual"),
    (Method::GreaterThan, "greaterThan"),
    (Method::GreaterThanEqual, "greaterThanEqual"),
    (Method::IsNull, "isNull"),
    (Method::IsNotNull, "isNotNull"),
    (Method::And, "and"),
    (Method::Or, "or"),
    (Method::Select, "select"),
];

impl Query {
    /// Reads a query as clients send it: JSON text.
    ///
    /// # Errors
    /// If the text is no query, or not one that Realtime allows (comparisons, `isNull`, `isNotNull`, `and`,
    /// `or`, `select("*")`).
    pub(super) fn parse(text: &str) -> Result<Self, QueryError> {
        let value: Value =
            serde_json::from_str(text).map_err(|_| QueryError::Invalid("Invalid query: Syntax error".into()))?;
        Self::from_value(&value)
    }

    fn from_value(value: &Value) -> Result<Self, QueryError> {
        let Value::Object(fields) = value else {
            return Err(QueryError::Invalid(format!("Invalid query. Must be an array, got {}", php_type(value))));
        };
        let name = match fields.get("method") {
            Some(Value::String(name)) => name.as_str(),
            None => "",
            Some(other) => return Err(wrong_type("method", "a string", other)),
        };
        let attribute = match fields.get("attribute") {
            Some(Value::String(attribute)) => attribute.clone(),
            None => String::new(),
            Some(other) => return Err(wrong_type("attribute", "a string", other)),
        };
        let values = match fields.get("values") {
            Some(Value::Array(values)) => values.clone(),
            None => Vec::new(),
            Some(other) => return Err(wrong_type("values", "an array", other)),
        };
        let Some((method, _)) = METHODS.iter().find(|(_, known)| *known == name) else {
            let allowed = METHODS.map(|(_, name)| name).join(", ");
            return Err(QueryError::Invalid(format!(
                "Query method '{name}' is not supported in Realtime queries. Allowed: {allowed}"
            )));
        };
        let nested = match method {
            Method::And | Method::Or => values.iter().map(Self::from_value).collect::<Result<_, _>>()?,
            _ => Vec::new(),
        };
        if *method == Method::Select && values != [json!("*")] {
            return Err(QueryError::Select);
        }
        Ok(Self { method: *method, attribute, values, nested })
    }

    /// The query as the server returns it.
    pub(super) fn to_text(&self) -> String {
        self.to_value().to_string()
    }

    fn to_value(&self) -> Value {
        let method = METHODS.iter().find(|(method, _)| *method == self.method).map_or("", |(_, name)| name);
        let mut fields = serde_json::Map::new();
        fields.insert("method".into(), method.into());
        if !self.attribute.is_empty() {
            fields.insert("attribute".into(), self.attribute.as_str().into());
        }
        let values = match self.method {
            Method::And | Method::Or => self.nested.iter().map(Self::to_value).collect(),
            _ => self.values.clone(),
        };
        fields.insert("values".into(), values.into());
        Value::Object(fields)
    }

    /// Returns true if `payload` matches. A comparison with a missing attribute never matches.
    fn holds(&self, payload: &Value) -> bool {
        match self.method {
            Method::And => self.nested.iter().all(|query| query.holds(payload)),
            Method::Or => self.nested.iter().any(|query| query.holds(payload)),
            Method::Select => false,
            _ => payload.get(&self.attribute).is_some_and(|value| self.compares(value)),
        }
    }

    fn compares(&self, value: &Value) -> bool {
        let any = |wanted: fn(Ordering) -> bool| {
            self.values.iter().any(|target| php_order(value, target).is_some_and(wanted))
        };
        match self.method {
            Method::Equal => self.values.contains(value),
            Method::NotEqual => !self.values.contains(value),
            Method::LessThan => any(Ordering::is_lt),
            Method::LessThanEqual => any(Ordering::is_le),
            Method::GreaterThan => any(Ordering::is_gt),
            Method::GreaterThanEqual => any(Ordering::is_ge),
            Method::IsNull => value.is_null(),
            Method::IsNotNull => !value.is_null(),
            Method::And | Method::Or | Method::Select => false,
        }
    }
}

/// Returns true if `payload` matches all `queries`. No queries, or a `select("*")` among them, match everything.
pub(super) fn wanted(queries: &[Query], payload: &Value) -> bool {
    queries.iter().any(|query| query.method == Method::Select) || queries.iter().all(|query| query.holds(payload))
}

fn wrong_type(field: &str, wanted: &str, got: &Value) -> QueryError {
    QueryError::Invalid(format!("Invalid query {field}. Must be {wanted}, got {}", php_type(got)))
}

fn php_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) | Value::Object(_) => "array",
    }
}

/// Compares two values like PHP, as Appwrite's `lessThan` and similar do: numbers and texts that
/// look like numbers by value, other texts by bytes, null and booleans by truth. `None` if there is
/// no order.
fn php_order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(_), _) | (_, Value::Bool(_)) => Some(truth(left).cmp(&truth(right))),
        (Value::Null, Value::String(text)) => Some("".cmp(text.as_str())),
        (Value::String(text), Value::Null) => Some(text.as_str().cmp("")),
        (Value::Null, _) | (_, Value::Null) => Some(truth(left).cmp(&truth(right))),
        (Value::Array(_) | Value::Object(_), _) | (_, Value::Array(_) | Value::Object(_)) => None,
        _ => match (number(left), number(right)) {
            (Some(left), Some(right)) => left.partial_cmp(&right),
            _ => Some(text(left).cmp(&text(right))),
        },
    }
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(truth) => *truth,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty() && text != "0",
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => {
            let digits = text.trim_matches([' ', '\t', '\n', '\r', '\u{b}', '\u{c}']);
            let looks_like_a_number = digits.bytes().any(|byte| byte.is_ascii_digit())
                && digits.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
            looks_like_a_number.then(|| digits.parse().ok()).flatten()
        }
        _ => None,
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(value: Value) -> Query {
        Query::parse(&value.to_string()).expect("a query that Realtime allows")
    }

    fn wants(queries: &[Value], payload: Value) -> bool {
        let queries: Vec<Query> = queries.iter().cloned().map(query).collect();
        wanted(&queries, &payload)
    }

    #[test]
    fn subscription_without_queries_matches_all_events() {
        assert!(wants(&[], json!({})));
        assert!(wants(&[json!({"method": "select", "values": ["*"]})], json!({})));
    }

    #[test]
    fn all_queries_of_a_subscription_must_hold() {
        let open = json!({"method": "equal", "attribute": "status", "values": ["open", "new"]});
        let cheap = json!({"method": "lessThan", "attribute": "price", "values": [10]});
        assert!(wants(&[open.clone(), cheap.clone()], json!({"status": "new", "price": 9})));
        assert!(!wants(&[open.clone(), cheap.clone()], json!({"status": "new", "price": 10})));
        assert!(!wants(&[open, cheap], json!({"status": "closed", "price": 9})));
    }

    #[test]
    fn equality_compares_types() {
        let one = json!({"method": "equal", "attribute": "n", "values": [1]});
        assert!(wants(std::slice::from_ref(&one), json!({"n": 1})));
        assert!(!wants(std::slice::from_ref(&one), json!({"n": "1"})));
        assert!(!wants(std::slice::from_ref(&one), json!({"n": 1.0})));
        assert!(!wants(&[one], json!({"n": true})));
    }

    #[test]
    fn attribute_that_the_row_lacks_never_matches() {
        for method in ["equal", "notEqual", "lessThan", "isNull", "isNotNull"] {
            let query = json!({"method": method, "attribute": "missing", "values": ["x"]});
            assert!(!wants(&[query], json!({"there": 1})), "{method}");
        }
    }

    #[test]
    fn null_differs_from_a_value() {
        let is_null = json!({"method": "isNull", "attribute": "note", "values": []});
        let is_not_null = json!({"method": "isNotNull", "attribute": "note"});
        assert!(wants(std::slice::from_ref(&is_null), json!({"note": null})));
        assert!(!wants(&[is_null], json!({"note": ""})));
        assert!(wants(&[is_not_null], json!({"note": ""})));
    }

    #[test]
    fn or_needs_one_and_needs_all() {
        let kevin = json!({"method": "equal", "attribute": "name", "values": ["Kevin"]});
        let old = json!({"method": "greaterThanEqual", "attribute": "age", "values": [60]});
        let or = json!({"method": "or", "values": [kevin, old]});
        let and = json!({"method": "and", "values": [kevin, old]});
        assert!(wants(std::slice::from_ref(&or), json!({"name": "Kevin"})));
        assert!(!wants(&[or], json!({"name": "Laura", "age": 59})));
        assert!(wants(std::slice::from_ref(&and), json!({"name": "Kevin", "age": 60})));
        assert!(!wants(&[and], json!({"name": "Kevin", "age": 59})));
    }

    #[test]
    fn text_order_matches_php() {
        let after = |bound: &str| json!({"method": "greaterThan", "attribute": "v", "values": [bound]});
        assert!(wants(&[after("2012-01-01")], json!({"v": "2012-02-03"})));
        assert!(wants(&[after("9")], json!({"v": "10"})));
        assert!(!wants(&[after("b")], json!({"v": "a"})));
    }

    #[test]
    fn unsupported_query_is_refused_with_a_reason() {
        for method in ["limit", "orderAsc", "search", "contains", ""] {
            let text = json!({"method": method, "attribute": "a", "values": [1]}).to_string();
            let error = Query::parse(&text).expect_err(method);
            assert!(
                error.to_string().starts_with(&format!(
                    "Query method '{method}' is not supported in Realtime queries. Allowed: equal, "
                )),
                "{error}"
            );
        }
        let nested = json!({"method": "or", "values": [{"method": "limit", "values": [1]}]});
        assert!(Query::parse(&nested.to_string()).is_err());
    }

    #[test]
    fn malformed_query_is_refused() {
        let message = |text: &str| Query::parse(text).expect_err(text).to_string();
        assert_eq!(message("oops"), "Invalid query: Syntax error");
        assert_eq!(message("1"), "Invalid query. Must be an array, got integer");
        assert_eq!(
            message(r#"{"method":"equal","attribute":1}"#),
            "Invalid query attribute. Must be a string, got integer"
        );
        assert_eq!(Query::parse(r#"{"method":"select","values":["name"]}"#), Err(QueryError::Select));
    }

    #[test]
    fn query_is_returned_as_sent() {
        for text in [
            r#"{"method":"equal","attribute":"name","values":["Kevin"]}"#,
            r#"{"method":"select","values":["*"]}"#,
            r#"{"method":"or","values":[{"method":"isNull","attribute":"note","values":[]}]}"#,
        ] {
            assert_eq!(Query::parse(text).expect(text).to_text(), text);
        }
    }
}
