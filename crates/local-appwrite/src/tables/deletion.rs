//! Deletes rows, and follows their relations: refuses, deletes or disconnects related rows.

use std::{collections::HashSet, rc::Rc};

use serde_json::Value;

use super::{
    cells::Column,
    links::Link,
    permission::Action,
    related::{point, unlist},
    relations,
    relationship::{OnDelete, Relation, Relationship},
    row::{self, StoredRow},
    schema::{self, Table},
    writer::{Writer, require},
};
use crate::{ApiError, store::Changes};

/// A step of a deletion. Steps are kept in a list, because recursion over long chains of rows would overflow the call
/// stack.
enum Step {
    /// Checks a row, and plans its deletion. The column is the relationship through which the row was found.
    Begin(Rc<Table>, Rc<StoredRow>, Option<Column>),
    /// Follows one of the row's relationships.
    Follow(Rc<Table>, Rc<StoredRow>, Column),
    /// Removes the row.
    Remove(Rc<Table>, Rc<StoredRow>),
}

/// Deletes a row and the related rows that are deleted with it.
pub fn erase(changes: &Changes<'_>, writer: &Writer<'_>, table: &Table, row: &StoredRow) -> Result<(), ApiError> {
    let mut begun = HashSet::new();
    let mut steps = vec![Step::Begin(Rc::new(table.clone()), Rc::new(row.clone()), None)];
    while let Some(step) = steps.pop() {
        match step {
            Step::Begin(table, row, came_by) => {
                // In a circle of relations, a row is found again.
                if !begun.insert((table.id.clone(), row.id.clone())) {
                    continue;
                }
                require(&table, &row, Action::Delete, writer)?;
                steps.push(Step::Remove(Rc::clone(&table), Rc::clone(&row)));
                let columns = relations::of(&table).filter(|(column, own)| {
                    own.on_delete != OnDelete::Cascade || !is_way_back(&table, column, own, came_by.as_ref())
                });
                let columns: Vec<Column> = columns.map(|(column, _)| column.clone()).collect();
                let follow = |column| Step::Follow(Rc::clone(&table), Rc::clone(&row), column);
                steps.extend(columns.into_iter().rev().map(follow));
            }
            Step::Follow(table, row, column) => {
                let related = follow(changes, writer, &table, &row, &column)?;
                steps.extend(related.into_iter().rev());
            }
            Step::Remove(table, row) => row::remove(changes, &table, &row.id)?,
        }
    }
    Ok(())
}

/// Returns true for the other side of the relationship through which the row was found.
fn is_way_back(table: &Table, column: &Column, relationship: &Relationship, came_by: Option<&Column>) -> bool {
    came_by.is_some_and(|by| {
        by.key == relationship.two_way_key
            && by.relationship().is_some_and(|own| own.two_way_key == column.key && own.related == table.id)
    })
}

/// Follows a relationship; returns the deletions that it causes.
fn follow(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    row: &StoredRow,
    column: &Column,
) -> Result<Vec<Step>, ApiError> {
    let Some(relationship) = column.relationship() else {
        return Ok(Vec::new());
    };
    let Some(other) = schema::find_table(changes, &table.database_id, &relationship.related)? else {
        return Ok(Vec::new());
    };
    let link = Link { row, column, relationship, other: &other };
    match relationship.on_delete {
        OnDelete::Restrict => restrict(changes, writer, &link)?,
        OnDelete::SetNull => disconnect(changes, writer, &link)?,
        OnDelete::Cascade => {
            let rows = cascade(changes, writer, &link)?;
            let other = Rc::new(other);
            let begin = |row| Step::Begin(Rc::clone(&other), Rc::new(row), Some(column.clone()));
            return Ok(rows.into_iter().map(begin).collect());
        }
    }
    Ok(Vec::new())
}

fn restrict(changes: &Changes<'_>, writer: &Writer<'_>, link: &Link<'_>) -> Result<(), ApiError> {
    let relationship = link.relationship;
    let is_many_to_one = relationship.relation == Relation::ManyToOne;
    if is_many_to_one == relationship.is_child {
        return match link.related(changes)?.is_empty() {
            true => Ok(()),
            false => Err(writer.names.restricted()),
        };
    }
    if relationship.relation == Relation::OneToOne && relationship.is_hidden() {
        forget(changes, writer, link)?;
    }
    Ok(())
}

/// Removes the row's id from the rows that store it.
fn forget(changes: &Changes<'_>, writer: &Writer<'_>, link: &Link<'_>) -> Result<(), ApiError> {
    for mut referring_row in link.referring_rows(changes)? {
        point(changes, writer, link.other, &mut referring_row, &link.relationship.two_way_key, Value::Null)?;
    }
    Ok(())
}

fn disconnect(changes: &Changes<'_>, writer: &Writer<'_>, link: &Link<'_>) -> Result<(), ApiError> {
    match (link.relationship.relation, link.relationship.is_child) {
        (Relation::ManyToMany, false) => Ok(()),
        (Relation::ManyToMany, true) => {
            for mut parent in link.listed(changes)? {
                unlist(&mut parent, &link.relationship.two_way_key, &link.row.id);
                row::keep(changes, link.other, &parent)?;
            }
            Ok(())
        }
        _ => forget(changes, writer, link),
    }
}

/// The related rows that are deleted too.
fn cascade(changes: &Changes<'_>, writer: &Writer<'_>, link: &Link<'_>) -> Result<Vec<StoredRow>, ApiError> {
    let relationship = link.relationship;
    let goes_along = match relationship.relation {
        Relation::OneToOne => true,
        Relation::OneToMany | Relation::ManyToMany => !relationship.is_child,
        Relation::ManyToOne => relationship.is_child,
    };
    if goes_along {
        return link.related(changes);
    }
    if relationship.relation == Relation::ManyToMany {
        disconnect(changes, writer, link)?;
    }
    Ok(Vec::new())
}
