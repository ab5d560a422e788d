//! One side of a relationship between the rows of two tables.

use serde::{Deserialize, Serialize};

/// The number of rows on each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Relation {
    /// One row on each side.
    OneToOne,
    /// One parent has many children.
    OneToMany,
    /// Many parents have one child.
    ManyToOne,
    /// Many rows on each side.
    ManyToMany,
}

/// The relations by their names.
pub const RELATIONS: [(&str, Relation); 4] = [
    ("oneToOne", Relation::OneToOne),
    ("manyToOne", Relation::ManyToOne),
    ("manyToMany", Relation::ManyToMany),
    ("oneToMany", Relation::OneToMany),
];

/// The effect of deleting a row on its related rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OnDelete {
    /// Deletes the related rows too.
    Cascade,
    /// Refuses the deletion while there are related rows.
    Restrict,
    /// Keeps the related rows, but removes the relation.
    SetNull,
}

/// The effects by their names.
pub const EFFECTS: [(&str, OnDelete); 3] =
    [("cascade", OnDelete::Cascade), ("restrict", OnDelete::Restrict), ("setNull", OnDelete::SetNull)];

/// One side of a relationship.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    /// The other table's id.
    pub related: String,
    /// The kind of relation, as seen from the parent.
    pub relation: Relation,
    /// True if both tables have a visible column.
    pub two_way: bool,
    /// The key of the other table's column.
    pub two_way_key: String,
    /// The effect of a deletion.
    pub on_delete: OnDelete,
    /// True for the side that the request did not name.
    pub is_child: bool,
}

impl Relationship {
    /// Returns true if the rows on this side store the ids; otherwise the other side's rows do.
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
