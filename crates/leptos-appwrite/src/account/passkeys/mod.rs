//! The user's passkeys: added, listed, renamed, removed.
//!
//! A form with [`FormAction::with_new_passkey`](crate::components::FormAction::with_new_passkey) asks for the options
//! ([`BeginPasskey`]), lets the browser create a passkey, and sends the browser's answer ([`AddPasskey`]).

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod actions;

pub use actions::{
    AddPasskey, BeginPasskey, RemovePasskey, RenamePasskey, add_passkey, begin_passkey, list_passkeys, remove_passkey,
    rename_passkey,
};

use serde::{Deserialize, Serialize};

/// The maximum length of a passkey's name in Appwrite, in characters.
pub const MAX_NAME_LENGTH: usize = 128;

/// A passkey as pages show it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey {
    /// The passkey's id, which is not secret.
    pub id: String,
    /// The name that the user gave it.
    pub name: String,
    /// The time when the user added it, in seconds since 1970.
    pub added: Option<i64>,
    /// The time of the last sign-in with it, in seconds since 1970.
    pub used: Option<i64>,
}

#[cfg(feature = "ssr")]
impl From<appwrite_client::Passkey> for Passkey {
    fn from(passkey: appwrite_client::Passkey) -> Self {
        Self {
            id: passkey.id,
            name: passkey.name,
            added: passkey.created_at.map(|at| at.as_second()),
            used: passkey.accessed_at.map(|at| at.as_second()),
        }
    }
}
