//! The result of a check, as text and as JSON.

use serde::Serialize;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub check: String,
    /// The state of the checked part.
    pub status: Status,
    /// The result as a text.
    pub result: String,
    /// The suggested fix; empty if nothing needs to be fixed.
    pub fix: String,
}

/// The state of a checked part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// The check passed.
    Ok,
    /// The app works, but a part of it does not, or will stop working.
    Warning,
    /// The app does not work.
    Error,
    /// The check was not possible.
    Unknown,
}

impl Finding {
    pub(super) fn ok(check: impl Into<String>, result: impl Into<String>) -> Self {
        Self::new(Status::Ok, check, result, "")
    }

    pub(super) fn warning(check: impl Into<String>, result: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Warning, check, result, fix)
    }

    pub(super) fn error(check: impl Into<String>, result: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Error, check, result, fix)
    }

    pub(super) fn unknown(check: impl Into<String>, result: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::new(Status::Unknown, check, result, fix)
    }

    fn new(status: Status, check: impl Into<String>, result: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { check: check.into(), status, result: result.into(), fix: fix.into() }
    }
}

/// Returns a line for each finding, with its fix below, and a summary.
pub(super) fn in_lines(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.check.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for Finding { check, status, result, fix } in findings {
        let mark = match status {
            Status::Ok => "ok",
            Status::Warning => "warning",
            Status::Error => "ERROR",
            Status::Unknown => "unknown",
        };
        text += &format!("{mark:7}  {check:width$}  {result}\n");
        if !fix.is_empty() {
            text += &format!("{:7}  {:width$}  -> {fix}\n", "", "");
        }
    }
    let count = |wanted| findings.iter().filter(|finding| finding.status == wanted).count();
    let (errors, warnings) = (count(Status::Error), count(Status::Warning));
    let checks = if findings.len() == 1 { "1 check".to_owned() } else { format!("{} checks", findings.len()) };
    text + &format!("\n{checks}, {errors} failed, {warnings} with a warning\n")
}
