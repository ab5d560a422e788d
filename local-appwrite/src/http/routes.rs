//! Every route there is.

use super::Route;
use crate::{Profile, health};

/// The routes of one profile.
pub fn all(_profile: Profile) -> Vec<Route> {
    [health::routes()].concat()
}
