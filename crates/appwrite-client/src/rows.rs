//! The rows of one table, as visible to the calling user or guest.

use std::collections::HashSet;

use jiff::Timestamp;
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{
    call::{Call, Credential},
    capabilities::Names,
    error::AppwriteError,
    id::checked_id,
    model::{Row, RowList},
    permission::{Permission, to_wire},
    project::Appwrite,
    query::Query,
};

/// The page size of [`Rows::list_all`].
const PAGE: u32 = 100;

/// The maximum number of restarts of [`Rows::list_all`], needed if the row at its cursor is deleted meanwhile.
const RESTARTS: usize = 2;

/// The rows of one table. Only clients for a user or a guest create it; the API key reads no rows.
#[derive(Debug, Clone)]
pub struct Rows {
    appwrite: Appwrite,
    credential: Credential,
    database: String,
    table: String,
    unchanged_since: Option<Timestamp>,
}

/// The result of [`Rows::list_all`].
#[derive(Debug, Clone)]
pub struct AllRows<T> {
    /// The rows in the requested order, without duplicates.
    pub rows: Vec<Row<T>>,
    /// True if these are all rows; false if the cap truncated the list.
    pub complete: bool,
}

impl Rows {
    pub(super) fn new(appwrite: &Appwrite, credential: Credential, database: &str, table: &str) -> Self {
        let (database, table) = (database.to_owned(), table.to_owned());
        Self { appwrite: appwrite.clone(), credential, database, table, unchanged_since: None }
    }

    /// Returns these rows for an [`update`](Self::update) or [`delete`](Self::delete) that Appwrite refuses if the row's
    /// `updated_at` is later than `version` ([`AppwriteError::is_update_conflict`]). Without a version, nothing is checked.
    #[must_use]
    pub fn unchanged_since(&self, version: Option<Timestamp>) -> Self {
        Self { unchanged_since: version, ..self.clone() }
    }

    /// Returns one page of the rows visible to the caller (`GET …/rows`); 25 without [`Query::limit`].
    ///
    /// 400 `general_query_invalid`; 400 `general_cursor_not_found` if the cursor's row is gone.
    pub async fn list<T: DeserializeOwned>(&self, queries: &[Query]) -> Result<RowList<T>, AppwriteError> {
        self.negotiate(Method::GET, None, |call, _| {
            queries.iter().fold(call, |call, query| call.query("queries[]", query.to_wire())).receive()
        })
        .await
    }

    /// Returns all rows visible to the caller, page by page, but at most `cap`.
    ///
    /// `queries` contains conditions and orders; this method adds limits and cursors.
    pub async fn list_all<T: DeserializeOwned>(
        &self,
        queries: &[Query],
        cap: usize,
    ) -> Result<AllRows<T>, AppwriteError> {
        let mut restarts = 0;
        loop {
            match self.list_once(queries, cap).await {
                Err(error) if error.is("general_cursor_not_found") && restarts < RESTARTS => restarts += 1,
                result => return result,
            }
        }
    }

    /// Returns one row (`GET …/rows/:id`); 404 `row_not_found` also if the caller may not read it.
    pub async fn get<T: DeserializeOwned>(&self, id: &str) -> Result<Row<T>, AppwriteError> {
        self.negotiate(Method::GET, Some(id), |call, _| call.receive()).await
    }

    /// Adds a row (`POST …/rows`) with `id`, or with an id chosen by Appwrite.
    ///
    /// Without permissions (`None`), only the caller may read, update and delete it. 401 `user_unauthorized` if the
    /// caller may not add rows to the table or lacks a role in `permissions`; 409 `row_already_exists`; 400
    /// `row_invalid_structure`.
    pub async fn create<T: DeserializeOwned>(
        &self,
        id: Option<&str>,
        data: &impl Serialize,
        permissions: Option<&[Permission]>,
    ) -> Result<Row<T>, AppwriteError> {
        let id = id.map(checked_id).transpose()?.unwrap_or("unique()");
        let body = body(Some(data), permissions)?;
        self.negotiate(Method::POST, None, |call, names| {
            let mut body = body.clone();
            body[match names {
                Names::New => "rowId",
                Names::Old => "documentId",
            }] = id.into();
            call.json(body).receive()
        })
        .await
    }

    /// Updates the columns in `data`, and the permissions if given (`PATCH …/rows/:id`).
    ///
    /// 401 `user_unauthorized` if the caller may not update the row, even if the caller may not read it.
    pub async fn update<T: DeserializeOwned>(
        &self,
        id: &str,
        data: &impl Serialize,
        permissions: Option<&[Permission]>,
    ) -> Result<Row<T>, AppwriteError> {
        let body = body(Some(data), permissions)?;
        let finish = |call: Call, _| call.json(body.clone()).unchanged_since(self.unchanged_since).receive();
        self.negotiate(Method::PATCH, Some(id), finish).await
    }

    /// Deletes a row (`DELETE …/rows/:id`); 404 `row_not_found`, 401 `user_unauthorized`.
    pub async fn delete(&self, id: &str) -> Result<(), AppwriteError> {
        self.negotiate(Method::DELETE, Some(id), |call, _| call.unchanged_since(self.unchanged_since).done()).await
    }

    /// Deletes one of many rows that the caller may delete.
    ///
    /// Appwrite limits deletions to 60 per minute and user. Above the limit, uses the API key, if it has the scope
    /// `rows.write` (before 1.8 `documents.write`).
    pub async fn delete_own(&self, id: &str) -> Result<(), AppwriteError> {
        let refusal = match self.delete(id).await {
            Err(error) if error.is_rate_limited() => error,
            result => return result,
        };
        let by_key = Self { credential: Credential::Key, ..self.clone() };
        match by_key.delete(id).await {
            Err(error) if error.lacks_scope() => Err(refusal),
            result => result,
        }
    }

    async fn list_once<T: DeserializeOwned>(&self, queries: &[Query], cap: usize) -> Result<AllRows<T>, AppwriteError> {
        let mut all = AllRows { rows: Vec::new(), complete: false };
        let mut seen = HashSet::new();
        let mut cursor: Option<String> = None;
        // Fetches one row more than the cap to detect further rows.
        while all.rows.len() <= cap {
            let limit = PAGE.min(u32::try_from(cap.saturating_add(1) - all.rows.len()).unwrap_or(PAGE));
            let mut page = queries.to_vec();
            page.push(Query::limit(limit));
            page.extend(cursor.as_deref().map(Query::cursor_after));
            let rows = self.list(&page).await?.rows;
            let last = rows.len() < limit as usize;
            cursor = rows.last().map(|row: &Row<T>| row.id.clone());
            let before = all.rows.len();
            all.rows.extend(rows.into_iter().filter(|row| seen.insert(row.id.clone())));
            if last || all.rows.len() == before {
                all.complete = all.rows.len() <= cap;
                break;
            }
        }
        all.rows.truncate(cap);
        Ok(all)
    }

    /// Calls a route of the table or one of its rows, by the names that the server knows.
    async fn negotiate<T, F>(
        &self,
        method: Method,
        id: Option<&str>,
        finish: impl Fn(Call, Names) -> F,
    ) -> Result<T, AppwriteError>
    where
        F: Future<Output = Result<T, AppwriteError>>,
    {
        let (database, table) = (checked_id(&self.database)?, checked_id(&self.table)?);
        let id = id.map(checked_id).transpose()?;
        self.appwrite
            .capabilities()
            .tables_route
            .negotiate(|names| {
                let path = match names {
                    Names::New => ["tablesdb", database, "tables", table, "rows"],
                    Names::Old => ["databases", database, "collections", table, "documents"],
                };
                let path: Vec<&str> = path.into_iter().chain(id).collect();
                finish(Call::new(&self.appwrite, self.credential.clone(), method.clone(), &path), names)
            })
            .await
    }
}

fn body(data: Option<&impl Serialize>, permissions: Option<&[Permission]>) -> Result<Value, AppwriteError> {
    let mut body = json!({});
    if let Some(data) = data {
        body["data"] = serde_json::to_value(data).map_err(|error| AppwriteError::Setup(error.to_string()))?;
    }
    if let Some(permissions) = permissions {
        body["permissions"] = json!(to_wire(permissions)?);
    }
    Ok(body)
}
