//! A hash of the account and its email address in the confirmation link. Appwrite confirms any address that the account has
//! by then, also by a link that went to a former one.

use appwrite_client::User;

use crate::security::keyed_hash::KeyedHash;

/// Returns the hash for a link to the user's address.
pub(super) fn hash_of(hash: &KeyedHash, user: &User) -> String {
    hash.hex(&["confirmed address", &user.id, &user.email.to_lowercase()])
}
