//! The result of a form posted without JavaScript, for the next page.

use std::collections::BTreeMap;

use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use super::mail_link::MailLink;
use crate::error::AppError;

/// Fields whose values are never stored, even if the form does not mark them. They have exactly these names.
pub const SECRET_FIELDS: [&str; 5] = ["password", "old_password", "secret", "code", "credential"];

/// The field that lists the form's secret fields, separated by spaces.
pub const MARKED_SECRETS: &str = "secret_fields";

/// The result of a form posted without JavaScript, for the next page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Submission {
    /// The path of the server function that the form was posted to.
    pub action: String,
    /// The result.
    pub outcome: Result<(), AppError>,
    /// The typed values by field name, without secrets.
    pub typed: BTreeMap<String, String>,
    /// True if some typed values were too long to store.
    pub is_cut: bool,
    /// The link from the email, if it is still valid after a failed attempt. It is here because its secret must not
    /// appear in a URL.
    pub link: Option<MailLink>,
}

#[cfg(feature = "ssr")]
impl Submission {
    /// The failure of a form that its page answers itself.
    pub(crate) fn of_page(page: &str, error: AppError) -> Self {
        Self { action: page.to_owned(), outcome: Err(error), typed: BTreeMap::new(), is_cut: false, link: None }
    }
}
