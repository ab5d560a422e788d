//! Relationship columns: created in pairs, one in each table. The other side of a one-way relationship is hidden.

use rusqlite::Connection;

use super::{
    cells::{Column, Kind},
    names::Names,
    relationship::{EFFECTS, OnDelete, RELATIONS, Relation, Relationship},
    row,
    schema::{self, Table},
};
use crate::{
    ApiError,
    http::{Call, Reply},
};

/// A table's relationship columns, including hidden ones.
pub fn of(table: &Table) -> impl Iterator<Item = (&Column, &Relationship)> {
    table.columns.iter().filter_map(|column| Some((column, column.relationship()?)))
}

/// Reads `onDelete`.
pub fn effect(call: &Call<'_>) -> Result<Option<OnDelete>, ApiError> {
    if call.params.raw("onDelete").is_none() {
        return Ok(None);
    }
    let name = exact(call, "onDelete", &EFFECTS.map(|(name, _)| name))?;
    Ok(EFFECTS.iter().find(|(own, _)| *own == name).map(|(_, effect)| *effect))
}

/// Reads one of these names. The case must match.
fn exact(call: &Call<'_>, param: &str, names: &[&'static str]) -> Result<&'static str, ApiError> {
    let given = call.params.sent(param).ok_or_else(|| ApiError::missing_param(param))?;
    let known = names.iter().find(|name| given.as_str() == Some(**name)).copied();
    known.ok_or_else(|| ApiError::invalid_param(param, format!("Value must be one of ({})", names.join(", "))))
}

/// `POST …/columns/relationship` and its old name.
pub fn create(call: &Call<'_>) -> Result<Reply, ApiError> {
    let names = Names::of(call);
    let related_id = call.params.id(names.related_id())?;
    let relation = exact(call, "type", &RELATIONS.map(|(name, _)| name))?;
    let relation = RELATIONS.iter().find(|(name, _)| *name == relation).map_or(Relation::OneToOne, |(_, own)| *own);
    let two_way = call.params.boolean_or("twoWay", false)?;
    let own_key = call.params.optional_sent_key("key")?;
    let given_other = call.params.optional_sent_key("twoWayKey")?;
    let on_delete = effect(call)?.unwrap_or(OnDelete::Restrict);
    call.state.store().write(call.state.hub(), |changes| {
        let mut table = schema::requested_table(changes, call)?;
        let related = schema::find_table(changes, &table.database_id, &related_id)?;
        let mut related = related.ok_or_else(|| names.no_table(&related_id))?;
        let key = own_key.clone().unwrap_or_else(|| related.id.clone());
        let other_key = given_other.clone().unwrap_or_else(|| table.id.clone());
        for (column, own) in of(&table) {
            if column.key.eq_ignore_ascii_case(&key) {
                return Err(names.column_exists(&key));
            }
            if own.two_way_key.eq_ignore_ascii_case(&other_key) && own.related == related.id {
                return Err(names.column_exists(given_other.as_ref().unwrap_or(&key)));
            }
            let is_many = relation == Relation::ManyToMany && own.relation == Relation::ManyToMany;
            if is_many && own.related == related.id {
                return Err(names.many_to_many_exists());
            }
        }
        let is_taken = |table: &Table, key: &str| table.columns.iter().any(|own| own.key.eq_ignore_ascii_case(key));
        let is_own = table.id == related.id;
        if is_taken(&table, &key) {
            return Err(names.column_exists(&key));
        }
        if is_taken(&related, &other_key) || (is_own && key.eq_ignore_ascii_case(&other_key)) {
            return Err(names.column_exists(&other_key));
        }
        let side = |related: &Table, key: &str, two_way_key: &str, is_child| Column {
            kind: Kind::Relationship(Relationship {
                related: related.id.clone(),
                relation,
                two_way,
                two_way_key: two_way_key.to_owned(),
                on_delete,
                is_child,
            }),
            ..Column::listed(key, Kind::Boolean, call.now)
        };
        let column = side(&related, &key, &other_key, false);
        let other = side(&table, &other_key, &key, true);
        table.columns.push(column.clone());
        if is_own {
            table.columns.push(other);
        } else {
            related.columns.push(other);
            schema::keep_table(changes, &related)?;
        }
        schema::keep_table(changes, &table)?;
        Ok(Reply::accepted(column.wire(names, "processing")))
    })
}

/// Removes the other side of a deleted column, with its values.
pub fn remove_other_side(db: &Connection, table: &mut Table, relationship: &Relationship) -> Result<(), ApiError> {
    let key = &relationship.two_way_key;
    if relationship.related == table.id {
        table.columns.retain(|column| column.key != *key);
        return row::forget_values(db, table, key);
    }
    let Some(mut related) = schema::find_table(db, &table.database_id, &relationship.related)? else {
        return Ok(());
    };
    related.columns.retain(|column| column.key != *key);
    schema::keep_table(db, &related)?;
    row::forget_values(db, &related, key)
}

/// Updates the other side of a column.
pub fn change_other_side(
    db: &Connection,
    table: &mut Table,
    relationship: &Relationship,
    change: impl Fn(&mut Relationship),
) -> Result<(), ApiError> {
    let changed = |table: &mut Table| {
        let found = table.columns.iter_mut().find(|column| column.key == relationship.two_way_key);
        if let Some(Column { kind: Kind::Relationship(other), .. }) = found {
            change(other);
        }
    };
    if relationship.related == table.id {
        changed(table);
        return Ok(());
    }
    if let Some(mut related) = schema::find_table(db, &table.database_id, &relationship.related)? {
        changed(&mut related);
        schema::keep_table(db, &related)?;
    }
    Ok(())
}
