//! The code of the ceremonies, in a build that is not split.

use std::future::{Ready, ready};
use std::pin::Pin;

use super::credentials;
use super::task::Task;
use crate::error::AppError;
use crate::routes::PartMissing;

type Work = Pin<Box<dyn Future<Output = Result<String, AppError>>>>;

/// Starts the ceremony.
pub(super) fn perform(task: Task) -> Ready<Result<Work, PartMissing>> {
    ready(Ok(Box::pin(credentials::perform(task))))
}
