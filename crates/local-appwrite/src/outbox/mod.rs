//! Stores email and SMS instead of sending them, for developers and tests to read.

pub mod mail;
mod pages;
mod words;

use jiff::Timestamp;
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use crate::{ApiError, clock};

pub use mail::Sender;
pub use pages::{pages, table_of};

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MessageKind {
    /// An email.
    Mail,
    /// A text message.
    Sms,
}

/// A message to one recipient.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Message {
    /// Email or text message.
    pub kind: MessageKind,
    /// The address or the number.
    pub to: String,
    /// A mail's subject; empty for an SMS.
    pub subject: String,
    /// The message as text.
    pub text: String,
    /// The message as HTML; empty for an SMS.
    pub html: String,
}

/// A stored message.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct StoredMessage {
    /// The number of the message: newer messages have greater ones.
    #[serde(default)]
    pub id: i64,
    /// The message.
    #[serde(flatten)]
    pub message: Message,
    /// The time of sending.
    pub at: String,
}

/// Stores a message in the current transaction.
pub(crate) fn keep(db: &Connection, now: Timestamp, message: &Message) -> Result<(), ApiError> {
    let kept = StoredMessage { id: 0, message: message.clone(), at: clock::wire(now) };
    db.execute("INSERT INTO outbox (document) VALUES (?1)", [serde_json::to_string(&kept)?])?;
    Ok(())
}

/// The newest messages, newest first.
pub(crate) fn newest(db: &Connection, limit: i64) -> Result<Vec<StoredMessage>, ApiError> {
    read(db, "SELECT sequence, document FROM outbox ORDER BY sequence DESC LIMIT ?1", limit)
}

/// All messages, newest last.
pub(crate) fn all(db: &Connection) -> Result<Vec<StoredMessage>, ApiError> {
    read(db, "SELECT sequence, document FROM outbox ORDER BY sequence LIMIT ?1", i64::MAX)
}

fn read(db: &Connection, sql: &str, limit: i64) -> Result<Vec<StoredMessage>, ApiError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows: Vec<(i64, String)> =
        statement.query_map([limit], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    rows.into_iter()
        .map(|(id, document)| {
            let mut kept: StoredMessage = serde_json::from_str(&document)?;
            kept.id = id;
            Ok(kept)
        })
        .collect()
}
