//! Consents that the user gave to apps which sign in with this project.

use crate::{
    ApiError,
    http::{Call, Reply},
    tables::objects,
};

/// `GET /account/consents`. Always empty: there are no apps here, their service is switched off.
pub fn list(call: &Call<'_>) -> Result<Reply, ApiError> {
    objects::page(call, Vec::new(), &[objects::text(call, "appId")], "Consent", "consents")
}
