//! Related rows: reads and writes them together with a row.

use rusqlite::Connection;
use serde_json::{Map, Value, json};

use super::{
    cells::Column,
    filter,
    links::{Link, kept_ids},
    lookup,
    permission::Action,
    query::{Comparison, Fault, Filter, Query},
    relations,
    relationship::{Relation, Relationship},
    row::{self, StoredRow},
    schema::{self, Table},
    writer::{Writer, own_permissions, require},
};
use crate::{ApiError, ErrorKind, Profile, http::forms::is_id, identity::secret, store::Changes};

/// The maximum depth of related rows in reads and writes.
const DEPTH: usize = 3;

/// The selected columns: those of the row, and those of related rows by the relationship's key.
#[derive(Debug, Default)]
pub struct Selects {
    own: Vec<String>,
    nested: Vec<(String, Vec<String>)>,
}

impl Selects {
    /// The selects among these queries; `None` if there are none.
    #[must_use]
    pub fn of(table: &Table, queries: &[Query]) -> Option<Self> {
        let mut selects: Option<Self> = None;
        for query in queries {
            if let Query::Select(names) = query {
                selects.get_or_insert_default().add(table, names);
            }
        }
        selects
    }

    fn has_all(&self) -> bool {
        self.own.iter().any(|name| name == "*")
    }

    /// Adds a query. Selects all columns if the queries name none of the row itself.
    fn add(&mut self, table: &Table, names: &[String]) {
        let before = self.own.len();
        for name in names {
            let nested = name.split_once('.').and_then(|(key, rest)| {
                let found = relations::of(table).find(|(column, _)| column.key == key);
                found.map(|(column, relationship)| (column, relationship, rest))
            });
            let Some((column, relationship, rest)) = nested else {
                self.own.push(name.clone());
                continue;
            };
            if relationship.keeps_id() {
                self.own.push(column.key.clone());
            }
            let rest = if rest.is_empty() { "*" } else { rest }.to_owned();
            match self.nested.iter_mut().find(|(key, _)| *key == column.key) {
                Some((_, names)) => names.push(rest),
                None => self.nested.push((column.key.clone(), vec![rest])),
            }
        }
        if self.own.len() == before {
            self.own.push("*".to_owned());
        }
    }
}

/// Adds related rows to rows.
pub struct Reader<'call> {
    /// The database.
    pub db: &'call Connection,
    /// The caller, the names of the API, and the profile.
    pub writer: &'call Writer<'call>,
    /// True for a client that expects related rows even if it does not select them.
    pub is_for_old_client: bool,
}

impl Reader<'_> {
    /// The row in the response to a write: with all related rows.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn whole(&self, table: &Table, row: &StoredRow) -> Result<Value, ApiError> {
        self.show(table, row, None, 0, None)
    }

    /// The row in the response to a read: with the selected related rows. Servers before 1.8 return all of them; newer
    /// servers do so for older clients that select all columns of a document.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub fn selected(&self, table: &Table, row: &StoredRow, selects: Option<&Selects>) -> Result<Value, ApiError> {
        match selects {
            None if self.writer.profile < Profile::OneEight => self.whole(table, row),
            _ if self.is_for_old_client && selects.is_none_or(Selects::has_all) => self.whole(table, row),
            None => Ok(row.wire(table, self.writer.names, self.writer.profile, None)),
            selects => self.show(table, row, selects, 0, None),
        }
    }

    fn show(
        &self,
        table: &Table,
        row: &StoredRow,
        selects: Option<&Selects>,
        depth: usize,
        came_by: Option<&str>,
    ) -> Result<Value, ApiError> {
        let own = selects.map(|selects| selects.own.as_slice());
        let mut wire = row.wire(table, self.writer.names, self.writer.profile, own);
        for (column, relationship) in relations::of(table).filter(|(column, _)| came_by != Some(&column.key)) {
            let key = column.key.as_str();
            let nested = match selects {
                None => None,
                Some(selects) => match selects.nested.iter().find(|(own, _)| own == key) {
                    Some((_, names)) => Some(names),
                    None => continue,
                },
            };
            let shown = match depth + 1 < DEPTH {
                true => match schema::find_table(self.db, &table.database_id, &relationship.related)? {
                    Some(other) => self.related(&Link { row, column, relationship, other: &other }, nested, depth)?,
                    None => Shown::AsIs,
                },
                false => Shown::Nothing,
            };
            let fields = wire.as_object_mut();
            match (fields, shown) {
                (Some(fields), Shown::Value(value)) => drop(fields.insert(key.to_owned(), value)),
                (Some(fields), Shown::Nothing) => drop(fields.remove(key)),
                _ => {}
            }
        }
        Ok(wire)
    }

    fn related(&self, link: &Link<'_>, nested: Option<&Vec<String>>, depth: usize) -> Result<Shown, ApiError> {
        let Link { row, column, relationship, other } = *link;
        if relationship.is_hidden() {
            return Ok(if relationship.relation == Relation::OneToOne { Shown::AsIs } else { Shown::Nothing });
        }
        let selects = nested.map(|names| {
            let mut selects = Selects::default();
            for name in names {
                selects.add(other, std::slice::from_ref(name));
            }
            selects
        });
        let may_read = other.access().reader(self.writer.caller);
        let one = |found: &StoredRow| {
            let came_by = relationship.two_way.then_some(relationship.two_way_key.as_str());
            let mut wire = self.show(other, found, selects.as_ref(), depth + 1, came_by)?;
            if let (Some(key), Some(fields)) = (came_by, wire.as_object_mut()) {
                fields.remove(key);
            }
            Ok::<_, ApiError>(wire)
        };
        if relationship.is_list() {
            let rows = link.listed(self.db)?;
            let wires = rows.iter().filter(|found| may_read(&found.permissions)).map(one);
            return Ok(Shown::Value(wires.collect::<Result<_, _>>()?));
        }
        let Some(id) = row.data.get(&column.key).and_then(Value::as_str) else {
            return Ok(Shown::AsIs);
        };
        match row::find(self.db, other, id)?.filter(|found| may_read(&found.permissions)) {
            Some(found) => Ok(Shown::Value(one(&found)?)),
            // An empty object in PHP's JSON.
            None => Ok(Shown::Value(json!([]))),
        }
    }

    /// Replaces filters on columns of related rows with the ids of this table's rows that match them. All filters on
    /// one relationship must match the same related row.
    ///
    /// # Errors
    /// When such a filter does not fit the related table.
    pub fn resolve(&self, table: &Table, queries: &mut Vec<Query>, now: jiff::Timestamp) -> Result<(), ApiError> {
        let mut resolved = Vec::new();
        let mut groups: Vec<(String, Vec<Filter>)> = Vec::new();
        for query in std::mem::take(queries) {
            let (comparison, attribute, values) = match query {
                Query::Filter(Filter::Compare { comparison, attribute, values }) => (comparison, attribute, values),
                Query::Filter(filter) if is_of_related(table, &filter) => {
                    let why =
                        "Filters on related rows inside `and` or `or` are not resolved, neither here nor by Appwrite.";
                    return Err(ApiError::new(ErrorKind::GeneralNotImplemented, why));
                }
                other => {
                    resolved.push(other);
                    continue;
                }
            };
            let Some((key, rest)) = attribute.split_once('.') else {
                resolved.push(Query::Filter(Filter::Compare { comparison, attribute, values }));
                continue;
            };
            let filter = |comparison, values| Filter::Compare { comparison, attribute: rest.to_owned(), values };
            if comparison == Comparison::ContainsAll {
                for value in values {
                    let each = vec![filter(Comparison::Equal, vec![value])];
                    resolved.push(self.matching(table, key, each, now)?);
                }
                continue;
            }
            let filter = filter(comparison, values);
            match groups.iter_mut().find(|(own, _)| own == key) {
                Some((_, filters)) => filters.push(filter),
                None => groups.push((key.to_owned(), vec![filter])),
            }
        }
        for (key, filters) in groups {
            check_equal(&key, &filters)?;
            resolved.push(self.matching(table, &key, filters, now)?);
        }
        *queries = resolved;
        Ok(())
    }

    /// A filter for the rows of this table that have a related row which matches all filters.
    fn matching(
        &self,
        table: &Table,
        key: &str,
        filters: Vec<Filter>,
        now: jiff::Timestamp,
    ) -> Result<Query, ApiError> {
        let found = relations::of(table).find(|(column, _)| column.key == key);
        let (column, relationship) = found.ok_or_else(|| Fault::Breaks.of_rows())?;
        let mut related = Vec::new();
        if let Some(other) = schema::find_table(self.db, &table.database_id, &relationship.related)? {
            let mut inner: Vec<Query> = filters.into_iter().map(Query::Filter).collect();
            inner.push(Query::Limit(usize::MAX));
            super::query::check(&mut inner, &other.columns, Some(&other.searchable()), now).map_err(Fault::of_rows)?;
            self.resolve(&other, &mut inner, now)?;
            let may_read = other.access().reader(self.writer.caller);
            let rows = lookup::rows(self.db, &other, &inner)?;
            let rows = rows.into_iter().filter(|row| may_read(&row.permissions)).collect();
            related = filter::page(rows, &inner, self.writer.names)?.rows;
        }
        let (attribute, ids) = if relationship.keeps_id() {
            (column.key.clone(), related.iter().map(|row| row.id.clone()).collect())
        } else {
            ("$id".to_owned(), ids_related_to(self.db, table, &related, column, relationship)?)
        };
        let values = ids.into_iter().map(Value::from).collect();
        Ok(Query::Filter(Filter::Compare { comparison: Comparison::Equal, attribute, values }))
    }
}

/// Returns true if a filter compares a column of related rows.
fn is_of_related(table: &Table, filter: &Filter) -> bool {
    match filter {
        Filter::Compare { attribute, .. } => {
            attribute.split_once('.').is_some_and(|(key, _)| relations::of(table).any(|(column, _)| column.key == key))
        }
        Filter::And(filters) | Filter::Or(filters) => filters.iter().any(|filter| is_of_related(table, filter)),
    }
}

/// Appwrite refuses two conditions that no related row can fulfill together.
fn check_equal(key: &str, filters: &[Filter]) -> Result<(), ApiError> {
    let mut seen = Vec::new();
    for filter in filters {
        let Filter::Compare { comparison: Comparison::Equal, attribute, .. } = filter else {
            continue;
        };
        if seen.contains(&attribute) {
            let why = format!(
                "Multiple equal queries on '{key}.{attribute}' will never match a single document. Use Query::containsAll() to match across different related documents."
            );
            return Err(ApiError::new(ErrorKind::GeneralQueryInvalid, why));
        }
        seen.push(attribute);
    }
    Ok(())
}

/// The value of a relationship in the response.
enum Shown {
    /// The row's own value.
    AsIs,
    /// Omitted.
    Nothing,
    /// The related rows.
    Value(Value),
}

/// The ids of the rows of this table whose list contains one of `matching`.
fn ids_related_to(
    db: &Connection,
    table: &Table,
    matching: &[StoredRow],
    column: &Column,
    relationship: &Relationship,
) -> Result<Vec<String>, ApiError> {
    let mut ids = Vec::new();
    for other in matching {
        match (relationship.relation, relationship.is_child) {
            (Relation::ManyToMany, false) => {
                ids.extend(row::referring_rows(db, table, &column.key, &other.id)?.into_iter().map(|row| row.id));
            }
            (Relation::ManyToMany, true) => ids.extend(kept_ids(other, &relationship.two_way_key)),
            _ => ids.extend(other.data.get(&relationship.two_way_key).and_then(Value::as_str).map(str::to_owned)),
        }
    }
    Ok(ids)
}

/// A related row in a request.
enum Item {
    /// The id of an existing row.
    Id(String),
    /// A row to write, with its id.
    Row(String, Map<String, Value>),
}

impl Item {
    fn id(&self) -> &str {
        match self {
            Self::Id(id) | Self::Row(id, _) => id,
        }
    }
}

fn invalid(why: impl Into<String>) -> ApiError {
    ApiError::new(ErrorKind::RelationshipValueInvalid, why)
}

const CUSTOM_ID: &str = "Parameter must contain at most 36 chars. Valid chars are a-z, A-Z, 0-9, period, hyphen, and underscore. Can't start with a special char";
const NO_ITEM: &str =
    "Invalid relationship value. Must be either a document, document ID, or an array of documents or document IDs.";
const ONE_WAY: &str = "Invalid relationship value. Cannot set a value from the child side of a oneToOne relationship when twoWay is false.";

fn item(value: &Value, writer: &Writer<'_>) -> Result<Item, ApiError> {
    match value {
        Value::String(id) if is_id(id) => Ok(Item::Id(id.clone())),
        Value::String(_) => Err(invalid(CUSTOM_ID)),
        Value::Object(fields) if !fields.is_empty() => {
            let id = match fields.get("$id") {
                None | Some(Value::Null) => secret::id(writer.now),
                Some(Value::String(id)) if id == "unique()" => secret::id(writer.now),
                Some(Value::String(id)) if is_id(id) => id.clone(),
                Some(Value::String(_)) => return Err(invalid(CUSTOM_ID)),
                Some(_) => return Err(invalid("Relationship $id must be a string")),
            };
            Ok(Item::Row(id, fields.clone()))
        }
        _ => Err(invalid("Relationship value must be an object, document ID string, or associative array")),
    }
}

/// The related rows in the request for one relationship.
enum Sent {
    Nothing,
    One(Item),
    Many(Vec<Item>),
}

fn sent(value: &Value, writer: &Writer<'_>) -> Result<Sent, ApiError> {
    match value {
        Value::Null => Ok(Sent::Nothing),
        Value::Array(items) => items.iter().map(|value| item(value, writer)).collect::<Result<_, _>>().map(Sent::Many),
        Value::Bool(false) => Err(invalid(NO_ITEM)),
        value => item(value, writer).map(Sent::One),
    }
}

/// Writes the relations of a new row that is not stored yet.
pub fn relate(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    row: &mut StoredRow,
    data: &Map<String, Value>,
    depth: usize,
) -> Result<(), ApiError> {
    for (column, relationship) in relations::of(table).filter(|_| depth + 1 < DEPTH) {
        let Some(value) = data.get(&column.key) else {
            continue;
        };
        let link = NewLink { table, column, relationship, depth, is_new: true };
        match (sent(value, writer)?, relationship.is_list()) {
            (Sent::Nothing, _) => {}
            (Sent::Many(items), true) => {
                for item in items {
                    link.add(changes, writer, row, item)?;
                }
            }
            (Sent::Many(_), false) => {
                let why = "Invalid relationship value. Must be either a document ID or a document, array given.";
                return Err(invalid(why));
            }
            (Sent::One(_), false) if relationship.is_hidden() && !relationship.keeps_id() => {
                return Err(invalid(ONE_WAY));
            }
            (Sent::One(Item::Row(..)), true) => {
                let why =
                    "Invalid relationship value. Must be either an array of documents or document IDs, document given.";
                return Err(invalid(why));
            }
            (Sent::One(Item::Id(_)), true) => {
                let why = "Invalid relationship value. Must be either an array of documents or document IDs, document ID given.";
                return Err(invalid(why));
            }
            (Sent::One(item), false) => {
                // Like Appwrite, stores the id even if the row does not exist.
                row.data.insert(column.key.clone(), item.id().into());
                link.add(changes, writer, row, item)?;
            }
        }
    }
    Ok(())
}

/// Changes the relations of a stored row to those in the request.
pub fn relate_anew(
    changes: &mut Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    row: &mut StoredRow,
    data: &Map<String, Value>,
    depth: usize,
) -> Result<(), ApiError> {
    for (column, relationship) in relations::of(table).filter(|_| depth + 1 < DEPTH) {
        let Some(value) = data.get(&column.key) else {
            continue;
        };
        let link = NewLink { table, column, relationship, depth, is_new: false };
        let sent = sent(value, writer)?;
        if relationship.is_list() {
            link.set_list(changes, writer, row, sent, value)?;
        } else {
            link.set_one(changes, writer, row, sent)?;
        }
    }
    Ok(())
}

/// A relationship of the row to write.
struct NewLink<'write> {
    table: &'write Table,
    column: &'write Column,
    relationship: &'write Relationship,
    depth: usize,
    /// True if the row is new.
    is_new: bool,
}

impl NewLink<'_> {
    fn of<'row>(&'row self, row: &'row StoredRow, other: &'row Table) -> Link<'row> {
        Link { row, column: self.column, relationship: self.relationship, other }
    }

    fn other(&self, db: &Connection, writer: &Writer<'_>) -> Result<Table, ApiError> {
        let id = &self.relationship.related;
        schema::find_table(db, &self.table.database_id, id)?.ok_or_else(|| writer.names.no_table(id))
    }

    /// Returns true if the related row stores the id of this one.
    fn is_kept_there(&self) -> bool {
        match self.relationship.relation {
            Relation::OneToOne => self.relationship.two_way,
            Relation::OneToMany => !self.relationship.is_child,
            Relation::ManyToOne => self.relationship.is_child,
            Relation::ManyToMany => false,
        }
    }

    /// Writes the related row if the request contains its data, and connects both rows. Skips ids of rows that the
    /// caller may not read.
    fn add(
        &self,
        changes: &mut Changes<'_>,
        writer: &Writer<'_>,
        row: &mut StoredRow,
        item: Item,
    ) -> Result<bool, ApiError> {
        let other = self.other(changes, writer)?;
        let may_read = other.access().reader(writer.caller);
        let (mut found, is_written) = match item {
            Item::Id(id) => match row::find(changes, &other, &id)?.filter(|row| may_read(&row.permissions)) {
                Some(found) => (found, false),
                None => return Ok(false),
            },
            Item::Row(id, fields) => (self.write(changes, writer, &other, row, &id, &fields)?, true),
        };
        if self.relationship.relation == Relation::ManyToMany {
            self.connect(changes, &other, row, &mut found)?;
        } else if self.is_kept_there() {
            if !is_written {
                require(&other, &found, Action::Update, writer)?;
            }
            point(changes, writer, &other, &mut found, &self.relationship.two_way_key, row.id.clone().into())?;
            if self.relationship.relation == Relation::OneToOne {
                // The row that was related to the same row before loses the relation.
                for mut former in self.of(row, &other).referring_rows(changes)? {
                    if former.id != found.id {
                        require(&other, &former, Action::Update, writer)?;
                        point(changes, writer, &other, &mut former, &self.relationship.two_way_key, Value::Null)?;
                    }
                }
            }
        }
        Ok(true)
    }

    fn write(
        &self,
        changes: &mut Changes<'_>,
        writer: &Writer<'_>,
        other: &Table,
        row: &StoredRow,
        id: &str,
        fields: &Map<String, Value>,
    ) -> Result<StoredRow, ApiError> {
        let mut fields = fields.clone();
        fields.remove(&self.relationship.two_way_key);
        let permissions = own_permissions(&fields, writer)?;
        let depth = self.depth + 1;
        match row::find(changes, other, id)? {
            None => {
                let permissions = permissions.unwrap_or_else(|| row.permissions.clone());
                (writer.functions.insert)(changes, writer, other, id, &fields, Some(permissions), depth)
            }
            Some(found) => {
                // Appwrite requires row security here, even for keys.
                if self.is_new && !other.row_security {
                    return Err(ErrorKind::UserUnauthorized.into());
                }
                (writer.functions.update)(changes, writer, other, found, &fields, permissions, depth)
            }
        }
    }

    /// Connects two rows of a many-to-many relationship. The parent stores the ids.
    fn connect(
        &self,
        changes: &Changes<'_>,
        other: &Table,
        row: &mut StoredRow,
        found: &mut StoredRow,
    ) -> Result<(), ApiError> {
        if self.relationship.is_child {
            list(found, &self.relationship.two_way_key, &row.id);
            return row::keep(changes, other, found);
        }
        list(row, &self.column.key, &found.id);
        Ok(())
    }

    fn set_list(
        &self,
        changes: &mut Changes<'_>,
        writer: &Writer<'_>,
        row: &mut StoredRow,
        sent: Sent,
        value: &Value,
    ) -> Result<(), ApiError> {
        let is_many_to_many = self.relationship.relation == Relation::ManyToMany;
        let items = match sent {
            Sent::Many(items) => items,
            Sent::Nothing if is_many_to_many => return Ok(()),
            _ if is_many_to_many => {
                return Err(invalid("Invalid relationship value. Must be an array of documents or document IDs."));
            }
            _ => {
                let given = php_type(value);
                return Err(invalid(format!(
                    "Invalid relationship value. Must be either an array of documents or document IDs, {given} given."
                )));
            }
        };
        let other = self.other(changes, writer)?;
        for mut former in self.of(row, &other).listed(changes)? {
            if items.iter().any(|item| item.id().eq_ignore_ascii_case(&former.id)) {
                continue;
            }
            match (is_many_to_many, self.relationship.is_child) {
                (true, false) => unlist(row, &self.column.key, &former.id),
                (true, true) => {
                    unlist(&mut former, &self.relationship.two_way_key, &row.id);
                    row::keep(changes, &other, &former)?;
                }
                (false, _) => {
                    point(changes, writer, &other, &mut former, &self.relationship.two_way_key, Value::Null)?;
                }
            }
        }
        for item in items {
            self.add(changes, writer, row, item)?;
        }
        Ok(())
    }

    fn set_one(
        &self,
        changes: &mut Changes<'_>,
        writer: &Writer<'_>,
        row: &mut StoredRow,
        sent: Sent,
    ) -> Result<(), ApiError> {
        let is_one_to_one = self.relationship.relation == Relation::OneToOne;
        if is_one_to_one && self.relationship.is_hidden() {
            return Err(invalid(ONE_WAY));
        }
        let key = self.column.key.clone();
        match sent {
            Sent::Many(_) => Err(invalid(match (is_one_to_one, self.relationship.two_way) {
                (true, true) => "Invalid relationship value. Must be either a document, document ID or null.",
                (true, false) => {
                    "Invalid relationship value. Must be either a document, document ID or null. Array given."
                }
                _ => "Invalid relationship value. Must be either a document ID or a document, array given.",
            })),
            Sent::Nothing => {
                if is_one_to_one && self.relationship.two_way {
                    let other = self.other(changes, writer)?;
                    let two_way_key = &self.relationship.two_way_key;
                    let may_read = other.access().reader(writer.caller);
                    let former = self.of(row, &other).referring_rows(changes)?;
                    for mut former in former.into_iter().filter(|former| may_read(&former.permissions)) {
                        require(&other, &former, Action::Update, writer)?;
                        point(changes, writer, &other, &mut former, two_way_key, Value::Null)?;
                    }
                }
                row.data.insert(key, Value::Null);
                Ok(())
            }
            Sent::One(item) => {
                let id = item.id().to_owned();
                let is_there = self.add(changes, writer, row, item)?;
                row.data.insert(key, if is_there { id.into() } else { Value::Null });
                Ok(())
            }
        }
    }
}

/// PHP's name for the type of a value, where objects are documents.
pub(super) fn php_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "NULL",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "double",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Sets the id that a related row stores.
pub(super) fn point(
    changes: &Changes<'_>,
    writer: &Writer<'_>,
    table: &Table,
    row: &mut StoredRow,
    key: &str,
    value: Value,
) -> Result<(), ApiError> {
    if row.data.get(key) != Some(&value) {
        row.data.insert(key.to_owned(), value);
        row.updated_at = writer.now;
        row::keep(changes, table, row)?;
    }
    Ok(())
}

fn list(row: &mut StoredRow, key: &str, id: &str) {
    let mut ids = kept_ids(row, key);
    if !ids.iter().any(|own| own == id) {
        ids.push(id.to_owned());
    }
    row.data.insert(key.to_owned(), ids.into());
}

/// Removes an id from the list that a row stores.
pub(super) fn unlist(row: &mut StoredRow, key: &str, id: &str) {
    let mut ids = kept_ids(row, key);
    ids.retain(|own| own != id);
    row.data.insert(key.to_owned(), ids.into());
}

/// Checks that no other row is related to the same row in a one-to-one relationship.
pub fn check_unique(db: &Connection, writer: &Writer<'_>, table: &Table, row: &StoredRow) -> Result<(), ApiError> {
    for (column, _) in relations::of(table).filter(|(_, own)| own.relation == Relation::OneToOne && own.keeps_id()) {
        let Some(id) = row.data.get(&column.key).and_then(Value::as_str) else {
            continue;
        };
        if row::referring_rows(db, table, &column.key, id)?.iter().any(|other| other.id != row.id) {
            return Err(writer.names.not_unique(&row.id, writer.profile));
        }
    }
    Ok(())
}

/// The row in events, without its relations.
pub fn without_relations(table: &Table, mut wire: Value) -> Value {
    if let Some(fields) = wire.as_object_mut() {
        for (column, _) in relations::of(table) {
            fields.remove(&column.key);
        }
    }
    wire
}

/// Refuses bulk writes to tables with relationships, like Appwrite.
pub fn check_bulk(writer: &Writer<'_>, table: &Table, action: &str) -> Result<(), ApiError> {
    let bulk = action.strip_prefix("bulk").map(str::to_lowercase);
    match bulk.filter(|_| table.columns.iter().any(|column| column.relationship().is_some() && column.is_visible())) {
        Some(action) => Err(writer.names.no_bulk(&action)),
        None => Ok(()),
    }
}
