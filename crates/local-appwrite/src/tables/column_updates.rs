//! Changes columns. Appwrite does not compare the kind in the path with the column's kind, but only checks the
//! parameters against the column.

use jiff::Timestamp;
use serde_json::Value;

use super::{
    cells::{Column, Kind},
    columns::{COLUMN_KINDS, check_bounds, default_of, number, since},
    lookup,
    names::Names,
    relations,
    relationship::Relationship,
    row,
    schema::{self, Table},
};
use crate::{
    ApiError, ErrorKind,
    http::{Call, Reply, params::WHOLE_NUMBER},
    store::Changes,
};

/// `PATCH …/columns/:kind/:key` and its old name; under the old one also `relationship/:key`.
pub fn update(call: &Call<'_>) -> Result<Reply, ApiError> {
    let kind = call.params.text("kind", 1, 128)?;
    if kind == "relationship" && Names::of(call) == Names::Legacy {
        return change(call, &kind);
    }
    if !COLUMN_KINDS.contains(&kind.as_str()) || call.profile() < since(&kind) {
        return Err(ErrorKind::GeneralRouteNotFound.into());
    }
    change(call, &kind)
}

/// `PATCH …/columns/:key/relationship` and its old name.
pub fn update_relationship(call: &Call<'_>) -> Result<Reply, ApiError> {
    change(call, "relationship")
}

fn change(call: &Call<'_>, kind: &str) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let key = call.params.text("key", 1, 255)?;
    let change = Change::read(call, kind)?;
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        let at = table.columns.iter().position(|own| own.is_visible() && own.key.eq_ignore_ascii_case(&key));
        let at = at.ok_or_else(|| names.no_column(&key))?;
        let mut column = table.columns[at].clone();
        if column.relationship().is_some() {
            relate(changes, call, &mut table, &mut column)?;
        } else {
            change.apply(changes, call, &table, &mut column)?;
        }
        if let Some(new_key) = change.new_key.as_ref().filter(|new_key| **new_key != column.key) {
            rename(changes, &mut table, &mut column, new_key, names)?;
        }
        column.updated_at = call.now;
        table.columns[at].clone_from(&column);
        schema::keep_table(changes, &table)?;
        Ok(Reply::ok(column.wire(names, "available")))
    })
}

/// The parameters of a change.
struct Change {
    required: bool,
    default: Option<Value>,
    size: Option<i64>,
    min: Option<f64>,
    max: Option<f64>,
    whole: (Option<i64>, Option<i64>),
    elements: Option<Vec<String>>,
    new_key: Option<String>,
}

impl Change {
    fn read(call: &Call<'_>, kind: &str) -> Result<Self, ApiError> {
        let params = call.params;
        let mut change = Self {
            required: false,
            default: None,
            size: None,
            min: None,
            max: None,
            whole: (None, None),
            elements: None,
            new_key: None,
        };
        if kind == "relationship" {
            change.new_key = params.optional_sent_key("newKey")?;
            return Ok(change);
        }
        if kind == "enum" {
            change.elements = Some(params.required_texts("elements", 100, 255)?);
        }
        change.required = params.boolean("required")?;
        match kind {
            "integer" | "bigint" => {
                change.whole = (params.optional_integer("min")?, params.optional_integer("max")?);
            }
            "float" => {
                let bound = |name| params.raw(name).map(|_| number(params, name, 0.0)).transpose();
                (change.min, change.max) = (bound("min")?, bound("max")?);
            }
            _ => {}
        }
        let is_optional = matches!(kind, "point" | "line" | "polygon");
        match params.sent("default") {
            None if !is_optional => return Err(ApiError::missing_param("default")),
            None | Some(Value::Null) => {}
            Some(value) => {
                fits(kind, value, call.now)?;
                change.default = Some(value.clone());
            }
        }
        if let Some(most) = match kind {
            "string" => Some(1_073_741_824),
            "varchar" => Some(16_381),
            _ => None,
        } {
            change.size = params.raw("size").map(|_| params.range("size", 1, most)).transpose()?;
        }
        change.new_key = params.optional_sent_key("newKey")?;
        Ok(change)
    }

    fn apply(
        &self,
        changes: &Changes<'_>,
        call: &Call<'_>,
        table: &Table,
        column: &mut Column,
    ) -> Result<(), ApiError> {
        let names = Names::of(call);
        if self.default.is_some() && (self.required || column.array) {
            return Err(names.default_unsupported());
        }
        match &mut column.kind {
            Kind::Integer { min, max } | Kind::Bigint { min, max } => {
                (*min, *max) = (self.whole.0.unwrap_or(*min), self.whole.1.unwrap_or(*max));
                check_bounds(*min <= *max, names)?;
            }
            Kind::Double { min, max } => {
                (*min, *max) = (self.min.unwrap_or(*min), self.max.unwrap_or(*max));
                check_bounds(*min <= *max, names)?;
            }
            Kind::Enum { elements } => {
                let given = self.elements.clone().unwrap_or_default();
                if given.is_empty() {
                    return Err(names.invalid_value("Enum elements must not be empty"));
                }
                *elements = given;
            }
            Kind::String { size } | Kind::Varchar { size } => {
                let new = self.size.and_then(|new| usize::try_from(new).ok()).unwrap_or(*size);
                if new < *size && longest(changes, table, &column.key)? > new {
                    return Err(names.invalid_resize());
                }
                *size = new;
            }
            _ => {}
        }
        column.required = self.required;
        column.default = self.default.as_ref().map(|value| default_of(column, value, names, call)).transpose()?;
        Ok(())
    }
}

/// Checks the type of a default like Appwrite's router, before the column is known.
fn fits(kind: &str, value: &Value, now: Timestamp) -> Result<(), ApiError> {
    let (is_good, why) = match kind {
        "integer" | "bigint" => (value.is_i64(), WHOLE_NUMBER),
        "float" => (value.is_number(), "Value must be a valid float"),
        "boolean" => (value.is_boolean(), "Value must be a valid boolean"),
        "email" => (is_of(Kind::Email, value, now), "Value must be a valid email address"),
        "ip" => (is_of(Kind::Ip, value, now), "Value must be a valid IP address"),
        "url" => (is_of(Kind::Url, value, now), "Value must be a valid URL"),
        "datetime" => (is_of(Kind::Datetime, value, now), "Value must be valid date"),
        "enum" => {
            (value.as_str().is_some_and(|text| !text.is_empty()), "Value must be a valid string and at least 1 chars")
        }
        "point" | "line" | "polygon" => return Ok(()),
        _ => (value.is_string(), "Value must be a valid string"),
    };
    if is_good { Ok(()) } else { Err(ApiError::invalid_param("default", format!("{why} or null"))) }
}

fn is_of(kind: Kind, value: &Value, now: Timestamp) -> bool {
    Column::listed("default", kind, now).accept(value, now).is_ok()
}

/// The length of the longest text in a column, in characters.
fn longest(changes: &Changes<'_>, table: &Table, key: &str) -> Result<usize, ApiError> {
    let length = |value: &Value| match value {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => {
            items.iter().filter_map(Value::as_str).map(|text| text.chars().count()).max().unwrap_or(0)
        }
        _ => 0,
    };
    let rows = row::all(changes, table)?;
    Ok(rows.iter().filter_map(|row| row.data.get(key)).map(length).max().unwrap_or(0))
}

fn relate(changes: &Changes<'_>, call: &Call<'_>, table: &mut Table, column: &mut Column) -> Result<(), ApiError> {
    let Some(effect) = relations::effect(call)? else {
        return Ok(());
    };
    if let Kind::Relationship(relationship) = &mut column.kind {
        relationship.on_delete = effect;
        let relationship = relationship.clone();
        relations::change_other_side(changes, table, &relationship, |other| other.on_delete = effect)?;
    }
    Ok(())
}

/// Renames a column in rows, indexes and the other side of a relationship.
fn rename(
    changes: &Changes<'_>,
    table: &mut Table,
    column: &mut Column,
    new_key: &str,
    names: Names,
) -> Result<(), ApiError> {
    let old_key = column.key.clone();
    let is_same = |own: &Column| own.key != old_key && own.key.eq_ignore_ascii_case(new_key);
    if table.columns.iter().any(is_same) {
        return Err(match column.relationship() {
            Some(_) => ApiError::new(ErrorKind::RelationshipValueInvalid, "Relationship already exists"),
            None => names.column_exists(&old_key),
        });
    }
    if let Some(relationship) = column.relationship().cloned() {
        let renamed = |other: &mut Relationship| new_key.clone_into(&mut other.two_way_key);
        relations::change_other_side(changes, table, &relationship, renamed)?;
    }
    for key in table.indexes.iter_mut().flat_map(|index| &mut index.columns).filter(|key| **key == old_key) {
        new_key.clone_into(key);
    }
    row::rename_values(changes, table, &old_key, new_key)?;
    for own in table.columns.iter_mut().filter(|own| own.key == old_key) {
        new_key.clone_into(&mut own.key);
    }
    lookup::fill(changes, table)?;
    new_key.clone_into(&mut column.key);
    Ok(())
}
