//! Operators in an update: JSON texts that describe how to change a row's value.

use jiff::{Span, Timestamp, tz::TimeZone};
use serde_json::{Map, Value};

use super::{
    cells::{Column, Kind},
    dates,
    names::Names,
    numbers::php_number,
    related::php_type,
    row::StoredRow,
    schema::Table,
};
use crate::{ApiError, ErrorKind};

const METHODS: &[&str] = &[
    "increment",
    "decrement",
    "multiply",
    "divide",
    "modulo",
    "power",
    "stringConcat",
    "stringReplace",
    "arrayAppend",
    "arrayPrepend",
    "arrayInsert",
    "arrayRemove",
    "arrayUnique",
    "arrayIntersect",
    "arrayDiff",
    "arrayFilter",
    "toggle",
    "dateAddDays",
    "dateSubDays",
    "dateSetNow",
];

const CONDITIONS: &[&str] =
    &["equal", "notEqual", "greaterThan", "greaterThanEqual", "lessThan", "lessThanEqual", "isNull", "isNotNull"];

/// The maximum number of items that an operator adds to a list.
const MAX_ITEMS: usize = 10_000;

/// The data with each operator's result in its place. A new row counts as empty.
///
/// # Errors
/// `row_invalid_structure` for an operator that does not fit the column.
pub fn resolve(
    table: &Table,
    row: Option<&StoredRow>,
    data: &Map<String, Value>,
    names: Names,
    now: Timestamp,
) -> Result<Map<String, Value>, ApiError> {
    let mut resolved = data.clone();
    for column in table.columns.iter().filter(|column| column.relationship().is_none()) {
        let Some(operator) = data.get(&column.key).and_then(object) else {
            continue;
        };
        let (method, values) = parts(&operator).map_err(|why| {
            let key = &column.key;
            ApiError::new(ErrorKind::GeneralBadRequest, format!("Invalid operator for attribute \"{key}\": {why}"))
        })?;
        let old = row.and_then(|row| row.data.get(&column.key)).unwrap_or(&Value::Null);
        let operator = Operator { column, method, values, now };
        let result = operator.result(old).map_err(|why| names.invalid_structure(&why))?;
        resolved.insert(column.key.clone(), result);
    }
    Ok(resolved)
}

/// The object of an operator; `None` for other values.
fn object(value: &Value) -> Option<Map<String, Value>> {
    let fields = match value {
        Value::String(text) if text.starts_with('{') => serde_json::from_str(text).ok()?,
        Value::Object(fields) => fields.clone(),
        _ => return None,
    };
    let method = fields.get("method")?.as_str()?;
    METHODS.contains(&method).then_some(fields)
}

fn parts(fields: &Map<String, Value>) -> Result<(&str, &[Value]), String> {
    if let Some(other) = fields.get("attribute").filter(|attribute| !attribute.is_string() && !attribute.is_null()) {
        return Err(format!("Invalid operator attribute. Must be a string, got {}", php_type(other)));
    }
    let values = match fields.get("values") {
        None | Some(Value::Null) => &[],
        Some(Value::Array(values)) => values.as_slice(),
        Some(other) => return Err(format!("Invalid operator values. Must be an array, got {}", php_type(other))),
    };
    Ok((fields.get("method").and_then(Value::as_str).unwrap_or(""), values))
}

/// Returns a text as MariaDB compares it; `None` for null.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Bool(is_true) => Some(if *is_true { "1" } else { "0" }.to_owned()),
        other => Some(other.to_string()),
    }
}

fn numeric(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok())
}

struct Operator<'call> {
    column: &'call Column,
    method: &'call str,
    values: &'call [Value],
    now: Timestamp,
}

impl Operator<'_> {
    fn result(&self, old: &Value) -> Result<Value, String> {
        match self.method {
            "stringConcat" => self.concat(old),
            "stringReplace" => self.replace(old),
            "toggle" if matches!(self.column.kind, Kind::Boolean) => Ok((!old.as_bool().unwrap_or(false)).into()),
            "toggle" => Err(self.no("boolean")),
            "dateAddDays" | "dateSubDays" | "dateSetNow" => self.date(old),
            method if method.starts_with("array") => self.list(old.as_array().cloned().unwrap_or_default()),
            _ => self.number(old),
        }
    }

    fn fault(&self, why: &str) -> String {
        format!("Cannot apply {} operator: {why}", self.method)
    }

    fn no(&self, what: &str) -> String {
        format!("Cannot apply {} operator to non-{what} field '{}'", self.method, self.column.key)
    }

    fn number(&self, old: &Value) -> Result<Value, String> {
        let is_whole = matches!(self.column.kind, Kind::Integer { .. });
        if !is_whole && !matches!(self.column.kind, Kind::Double { .. }) {
            return Err(self.no("numeric"));
        }
        if self.column.array {
            return Err(self.no("numeric"));
        }
        let Some(by) = self.values.first().and_then(numeric) else {
            let given = php_type(self.values.first().unwrap_or(&Value::Null));
            return Err(self.fault(&format!("value must be numeric, got {given}")));
        };
        if matches!(self.method, "divide" | "modulo") && by == 0.0 {
            return Err(self.fault(if self.method == "divide" { "division by zero" } else { "modulo by zero" }));
        }
        let bound = match self.values.get(1) {
            None | Some(Value::Null) => None,
            Some(bound) => Some(
                numeric(bound)
                    .ok_or_else(|| self.fault(&format!("max/min limit must be numeric, got {}", php_type(bound))))?,
            ),
        };
        let from = old.as_f64().unwrap_or(0.0);
        let result = match self.method {
            "increment" => from + by,
            "decrement" => from - by,
            "multiply" => from * by,
            "divide" => from / by,
            "modulo" => from % by,
            _ => from.powf(by),
        };
        // Beyond its limit, the value does not change.
        let is_beyond = bound.is_some_and(|bound| match self.method {
            "decrement" | "divide" => result < bound,
            "modulo" => false,
            _ => result > bound,
        });
        if is_beyond || (bound.is_some() && self.method == "power" && !result.is_finite()) {
            return Ok(if old.is_null() { 0.into() } else { old.clone() });
        }
        let (least, most) = (f64::from(i32::MIN), f64::from(i32::MAX));
        if !result.is_finite() || (is_whole && bound.is_none() && result > most) {
            return Err(self.fault(&format!("would overflow maximum value of {most}")));
        }
        if is_whole && bound.is_none() && result < least {
            return Err(self.fault(&format!("would underflow minimum value of {least}")));
        }
        Ok(php_number(if is_whole { result.round() } else { result }))
    }

    fn concat(&self, old: &Value) -> Result<Value, String> {
        if !self.column.kind.is_text() || self.column.array {
            return Err(self.no("string"));
        }
        let more = self.values.first().and_then(Value::as_str).ok_or_else(|| self.fault("requires a string value"))?;
        let text = format!("{}{more}", old.as_str().unwrap_or(""));
        match self.column.kind.size().filter(|size| text.len() > *size) {
            Some(size) => Err(self.fault(&format!("result would exceed maximum length of {size} characters"))),
            None => Ok(text.into()),
        }
    }

    fn replace(&self, old: &Value) -> Result<Value, String> {
        if !self.column.kind.is_text() || self.column.array {
            return Err(self.no("string"));
        }
        let [Value::String(search), Value::String(with)] = self.values else {
            return Err(self.fault("requires exactly 2 string values (search and replace)"));
        };
        match old.as_str() {
            Some(text) if !search.is_empty() => self.accepted(text.replace(search.as_str(), with).into()),
            _ => Ok(old.clone()),
        }
    }

    fn date(&self, old: &Value) -> Result<Value, String> {
        if !matches!(self.column.kind, Kind::Datetime) || self.column.array {
            return Err(self.no("datetime"));
        }
        if self.method == "dateSetNow" {
            let now = self.now.to_zoned(TimeZone::UTC).datetime();
            let whole = now.with().subsec_nanosecond(0).build().unwrap_or(now);
            return Ok(dates::wire(whole).into());
        }
        let days = self.values.first().and_then(Value::as_i64);
        let days = days.ok_or_else(|| self.fault("requires an integer number of days"))?;
        let Some(date) = old.as_str().and_then(|text| dates::parse(text, self.now)) else {
            return Ok(Value::Null);
        };
        let span = Span::new().try_days(if self.method == "dateSubDays" { -days } else { days });
        let moved = span.and_then(|span| date.checked_add(span)).map_err(|_| self.fault("the date is out of range"))?;
        self.accepted(dates::wire(moved).into())
    }

    fn list(&self, old: Vec<Value>) -> Result<Value, String> {
        let (method, values) = (self.method, self.values);
        if !self.column.array {
            return Err(match method {
                "arrayIntersect" | "arrayDiff" => {
                    format!("Cannot use {method} operator on non-array attribute '{}'", self.column.key)
                }
                _ => self.no("array"),
            });
        }
        if values.len() > MAX_ITEMS {
            let count = values.len();
            return Err(format!("Array size {count} exceeds maximum allowed size of {MAX_ITEMS} for array operations"));
        }
        let texts: Vec<_> = values.iter().filter_map(text).collect();
        let is_among = |item: &Value| text(item).is_some_and(|item| texts.contains(&item));
        let items: Vec<Value> = match method {
            "arrayAppend" => [&old, values].concat(),
            "arrayPrepend" => [values, &old].concat(),
            "arrayInsert" => self.inserted(old)?,
            "arrayUnique" => {
                let mut seen = Vec::new();
                for item in old {
                    if !seen.contains(&item) {
                        seen.push(item);
                    }
                }
                seen
            }
            "arrayRemove" if values.is_empty() => return Err(self.fault("requires a value to remove")),
            "arrayRemove" => {
                let removed = text(&values[0]).unwrap_or_default();
                old.into_iter().filter(|item| text(item).is_some_and(|item| item != removed)).collect()
            }
            "arrayIntersect" if values.is_empty() => {
                return Err(format!("{method} operator requires a non-empty array value"));
            }
            "arrayIntersect" => old.into_iter().filter(is_among).collect(),
            "arrayDiff" => old.into_iter().filter(|item| !is_among(item)).collect(),
            _ => self.filtered(old)?,
        };
        self.accepted(items.into())
    }

    fn inserted(&self, mut old: Vec<Value>) -> Result<Vec<Value>, String> {
        let [index, value] = self.values else {
            return Err(self.fault("requires exactly 2 values (index and value)"));
        };
        let at = index.as_u64().and_then(|at| usize::try_from(at).ok());
        let at = at.ok_or_else(|| self.fault("index must be a non-negative integer"))?;
        if at > old.len() {
            let length = old.len();
            return Err(self.fault(&format!("index {at} is out of bounds for array of length {length}")));
        }
        old.insert(at, value.clone());
        Ok(old)
    }

    fn filtered(&self, old: Vec<Value>) -> Result<Vec<Value>, String> {
        let (condition, against) = match self.values {
            [condition] => (condition, &Value::Null),
            [condition, against] => (condition, against),
            _ => return Err(self.fault("requires 1 or 2 values (condition and optional comparison value)")),
        };
        let condition = condition.as_str().ok_or_else(|| self.fault("condition must be a string"))?;
        if !CONDITIONS.contains(&condition) {
            let known = CONDITIONS.join(", ");
            return Err(format!("Invalid array filter condition '{condition}'. Must be one of: {known}"));
        }
        let keeps = |item: &Value| match condition {
            "isNull" => item.is_null(),
            "isNotNull" => !item.is_null(),
            "equal" => text(item).zip(text(against)).is_some_and(|(item, other)| item == other),
            "notEqual" => text(item).zip(text(against)).is_some_and(|(item, other)| item != other),
            _ if item.is_null() || against.is_null() => false,
            _ => {
                // MariaDB treats non-numeric text as 0.
                let (item, other) = (numeric(item).unwrap_or(0.0), numeric(against).unwrap_or(0.0));
                match condition {
                    "greaterThan" => item > other,
                    "greaterThanEqual" => item >= other,
                    "lessThan" => item < other,
                    _ => item <= other,
                }
            }
        };
        Ok(old.into_iter().filter(keeps).collect())
    }

    fn accepted(&self, value: Value) -> Result<Value, String> {
        self.column.accept(&value, self.now)
    }
}
