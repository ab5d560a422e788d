//! The user's consents to apps that sign in with this project.

use crate::{
    ApiError,
    http::{Call, Reply},
    tables::objects,
};

/// `GET /account/consents`. Always empty, because this backend has no apps.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    objects::page(call, Vec::new(), &[objects::text(call, "appId")], "Consent", "consents")
}
