//! Relationship columns: created in pairs, one in each table. The other side of a one-way relationship is hidden.

use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::{
    cells::{Column, Kind},
    names::Names,
    row,
    schema::{self, Table},
};
use crate::{
    ApiError,
    http::{Call, Reply},
};

/// How many rows stand on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Relation {
    /// One and one.
    OneToOne,
    /// One parent has many children.
    OneToMany,
    /// Many parents have one child.
    ManyToOne,
    /// Many and many.
    ManyToMany,
}

/// The relations by their names.
const RELATIONS: [(&str, Relation); 4] = [
    ("oneToOne", Relation::OneToOne),
    ("manyToOne", Relation::ManyToOne),
    ("manyToMany", Relation::ManyToMany),
    ("oneToMany", Relation::OneToMany),
];

/// The effect of deleting a row on its related rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// Deletes them too.
    Cascade,
    /// Refuses while there are any.
    Restrict,
    /// Leaves them without the relation.
    SetNull,
}

/// The effects by their names.
const EFFECTS: [(&str, OnDelete); 3] =
    [("cascade", OnDelete::Cascade), ("restrict", OnDelete::Restrict), ("setNull", OnDelete::SetNull)];

/// One side of a relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    /// The other table's id.
    pub related: String,
    /// The relation, as the parent has it.
    pub relation: Relation,
    /// True if both tables show their column.
    pub two_way: bool,
    /// The key of the other table's column.
    pub two_way_key: String,
    /// The effect of a deletion.
    pub on_delete: OnDelete,
    /// True for the side that the request did not name.
    pub is_child: bool,
}

impl Relationship {
    /// Returns true if rows of this side keep the other's id; otherwise the ids are kept there.
    #[must_use]
    pub fn keeps_id(&self) -> bool {
        match self.relation {
            Relation::OneToOne => !self.is_child || self.two_way,
            Relation::OneToMany => self.is_child,
            Relation::ManyToOne => !self.is_child,
            Relation::ManyToMany => false,
        }
    }

    /// Returns true if this side has several related rows.
    #[must_use]
    pub fn is_list(&self) -> bool {
        match self.relation {
            Relation::OneToOne => false,
            Relation::OneToMany => !self.is_child,
            Relation::ManyToOne => self.is_child,
            Relation::ManyToMany => true,
        }
    }

    /// Returns true for the hidden side of a one-way relationship.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        self.is_child && !self.two_way
    }

    /// The name of the relation.
    #[must_use]
    pub fn relation_name(&self) -> &'static str {
        RELATIONS.iter().find(|(_, relation)| *relation == self.relation).map_or("", |(name, _)| name)
    }

    /// The name of the effect of a deletion.
    #[must_use]
    pub fn effect_name(&self) -> &'static str {
        EFFECTS.iter().find(|(_, effect)| *effect == self.on_delete).map_or("", |(name, _)| name)
    }
}

/// A table's relationship columns, hidden ones included.
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

/// One of these names, in their case.
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
        let mut table = schema::asked_table(changes, call)?;
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

/// Removes the other side of a column that goes, with the rows' values.
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

/// Changes the other side of a column.
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
