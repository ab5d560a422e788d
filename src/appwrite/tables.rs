//! Databases, tables and columns, created by the API key.

use super::client::Appwrite;

/// Creates databases, tables and columns with the API key.
#[derive(Clone)]
pub struct TablesClient {
    pub(super) appwrite: Appwrite,
}
