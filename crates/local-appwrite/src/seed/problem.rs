//! A mistake in a seed.

use std::{fmt, path::PathBuf};

/// A mistake in a seed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: PathBuf,
    /// The place in it, such as `users[0].email`; empty for the whole file.
    pub path: String,
    /// The mistake.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, path, message } = self;
        match path.as_str() {
            "" => write!(formatter, "{}: {message}", file.display()),
            path => write!(formatter, "{}: {path}: {message}", file.display()),
        }
    }
}
