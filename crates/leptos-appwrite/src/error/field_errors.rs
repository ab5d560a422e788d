//! Collects the problems with a form's fields.

use super::{AppError, FieldError, Problem};

/// Collects the problems with a form's fields, so that the user sees all of them at once.
#[derive(Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Adds a problem with a field, if there is one.
    pub fn note(&mut self, field: &str, problem: Option<Problem>) {
        self.0.extend(problem.map(|problem| FieldError { field: field.into(), problem }));
    }

    /// Fails if there are any problems.
    pub fn check(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}
