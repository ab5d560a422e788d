//! What a form that was posted without JavaScript left for the page that is rendered next.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::mail_link::MailLink;
use crate::error::AppError;

/// Fields whose values are sent and never kept, whether they are marked or not.
pub const SECRET_FIELDS: [&str; 3] = ["password", "secret", "code"];

/// The field that names the form's other secret fields, with spaces between.
pub const MARKED_SECRETS: &str = "secret_fields";

/// What a form that was posted without JavaScript left for the page that is rendered next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Submission {
    /// The path of the server function that the form was posted to.
    pub action: String,
    /// What came of it.
    pub outcome: Result<(), AppError>,
    /// What was typed, by the fields' names; secrets are never in it.
    pub typed: BTreeMap<String, String>,
    /// Whether some of what was typed was too long to be kept.
    pub is_cut: bool,
    /// The link from a mail that the form used in vain and that is still good. No address shall hold its secret, so its
    /// page has it from here.
    pub link: Option<MailLink>,
}
