//! The routes by which an API key reads and changes a user's passkeys.

use super::list;
use crate::{
    ApiError,
    http::{Call, Reply, Route},
    users,
};

/// The routes.
pub(super) fn routes() -> Vec<Route> {
    const READ: &[&str] = &["users.read"];
    const WRITE: &[&str] = &["users.write"];
    vec![
        Route::get("/users/{userId}/passkeys", all).scope(READ),
        Route::get("/users/{userId}/passkeys/{passkeyId}", get).scope(READ),
        Route::patch("/users/{userId}/passkeys/{passkeyId}", rename).scope(WRITE),
        Route::delete("/users/{userId}/passkeys/{passkeyId}", delete).scope(WRITE),
    ]
}

fn all(call: &Call<'_>) -> Result<Reply, ApiError> {
    list::page(call, &users::requested(call)?.id)
}

fn get(call: &Call<'_>) -> Result<Reply, ApiError> {
    list::answer(call, &users::requested(call)?.id)
}

fn rename(call: &Call<'_>) -> Result<Reply, ApiError> {
    list::set_name(call, &users::requested(call)?.id)
}

fn delete(call: &Call<'_>) -> Result<Reply, ApiError> {
    list::remove(call, &users::requested(call)?.id)
}
