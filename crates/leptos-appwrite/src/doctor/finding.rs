//! The result of a check, as text and as JSON.

use serde::Serialize;

/// The result of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The name of the check.
    pub check: String,
    /// The state of the checked part.
    pub health: Health,
    /// The result in words.
    pub found: String,
    /// The way to cure it; empty if nothing needs a cure.
    pub cure: String,
}

/// The state of a checked part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// The check passed.
    Right,
    /// The app works, but a part of it does not, or will stop working.
    Warning,
    /// The app does not work.
    Wrong,
    /// The check was not possible.
    Unknown,
}

impl Finding {
    pub(super) fn right(check: impl Into<String>, found: impl Into<String>) -> Self {
        Self::new(Health::Right, check, found, "")
    }

    pub(super) fn warning(check: impl Into<String>, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Health::Warning, check, found, cure)
    }

    pub(super) fn wrong(check: impl Into<String>, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Health::Wrong, check, found, cure)
    }

    pub(super) fn unknown(check: impl Into<String>, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self::new(Health::Unknown, check, found, cure)
    }

    fn new(health: Health, check: impl Into<String>, found: impl Into<String>, cure: impl Into<String>) -> Self {
        Self { check: check.into(), health, found: found.into(), cure: cure.into() }
    }
}

/// Returns a line for each finding, with its cure below, and a summary.
pub(super) fn in_lines(findings: &[Finding]) -> String {
    let width = findings.iter().map(|finding| finding.check.chars().count()).max().unwrap_or_default();
    let mut text = String::new();
    for Finding { check, health, found, cure } in findings {
        let mark = match health {
            Health::Right => "ok",
            Health::Warning => "warning",
            Health::Wrong => "WRONG",
            Health::Unknown => "unknown",
        };
        text += &format!("{mark:7}  {check:width$}  {found}\n");
        if !cure.is_empty() {
            text += &format!("{:7}  {:width$}  -> {cure}\n", "", "");
        }
    }
    let count = |wanted| findings.iter().filter(|finding| finding.health == wanted).count();
    let (wrong, warnings) = (count(Health::Wrong), count(Health::Warning));
    let checks = if findings.len() == 1 { "1 check".to_owned() } else { format!("{} checks", findings.len()) };
    text + &format!("\n{checks}, {wrong} wrong, {warnings} with a warning\n")
}
