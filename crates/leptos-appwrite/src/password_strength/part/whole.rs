//! The code of the estimate, in a build that is not split.

use std::future::{Ready, ready};

use super::PasswordStrength;
use super::estimate::Typed;
use crate::routes::PartMissing;

/// Estimates the password.
pub(crate) fn estimate(typed: Typed) -> Ready<Result<PasswordStrength, PartMissing>> {
    ready(Ok(typed.estimate()))
}
