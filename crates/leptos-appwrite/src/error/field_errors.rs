//! What is wrong with the fields of a form, all of it at once.

use super::{AppError, FieldError, Problem};

/// Collects what is wrong with the fields of a form, so that the person hears of all of it at once.
#[derive(Default)]
pub struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes a problem with a field, if there is one.
    pub fn note(&mut self, field: &str, problem: Option<Problem>) {
        self.0.extend(problem.map(|problem| FieldError { field: field.into(), problem }));
    }

    /// Fails if anything was noted.
    pub fn check(self) -> Result<(), AppError> {
        if self.0.is_empty() { Ok(()) } else { Err(AppError::Invalid(self.0)) }
    }
}
