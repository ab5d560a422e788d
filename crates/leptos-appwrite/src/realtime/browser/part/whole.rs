//! The driver of the connection, in a build that is not split.

use std::future::{Ready, ready};
use std::rc::Rc;

use super::command::Drive;
use super::driver::Driver;
use crate::routes::PartMissing;

/// Starts the driver.
pub(super) fn start(user_id: String) -> Ready<Result<Rc<dyn Drive>, PartMissing>> {
    ready(Ok(Driver::start(&user_id)))
}
