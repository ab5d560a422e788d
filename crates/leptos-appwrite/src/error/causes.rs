//! An error with its causes, for operators.

use std::error::Error;

/// Returns the error with its causes, such as a refused certificate. Skips a cause that an earlier text already
/// contains.
pub(crate) fn with_causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        let next = error.to_string();
        if !text.contains(&next) {
            text += &format!(": {next}");
        }
        source = error.source();
    }
    text
}
