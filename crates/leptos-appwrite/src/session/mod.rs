//! The session: its cookie on the server, and what a page knows about its user.
//!
//! The secret stays on the server. A page gets a [`Visit`]: view types only, sent to the browser with the page's HTML.

mod access;
#[cfg(feature = "ssr")]
pub(crate) mod availability;
#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
pub mod cookie;
mod current;
#[cfg(feature = "ssr")]
pub mod flash;
#[cfg(feature = "ssr")]
pub mod forms;
mod guarded;
#[cfg(feature = "ssr")]
pub mod idle;
#[cfg(feature = "ssr")]
pub mod known_browser;
pub mod mail_link;
pub mod methods;
#[cfg(feature = "ssr")]
pub mod opening;
#[cfg(feature = "ssr")]
pub mod own_path;
#[cfg(feature = "ssr")]
pub(crate) mod passkey_offer;
#[cfg(feature = "ssr")]
pub(crate) mod pending_cookie;
pub mod pending_sign_in;
#[cfg(feature = "ssr")]
mod renew;
#[cfg(feature = "ssr")]
pub mod renewal;
#[cfg(feature = "ssr")]
pub mod request;
#[cfg(feature = "ssr")]
pub mod request_cookies;
#[cfg(feature = "ssr")]
pub mod resolve;
pub mod revealed;
#[cfg(feature = "ssr")]
pub mod sealed;
#[cfg(feature = "ssr")]
mod server;
pub mod submission;
mod success;
mod visit;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

pub use access::Access;
#[cfg(feature = "ssr")]
pub(crate) use current::visitor::{has_no_result, like_a_visitor};
pub use current::{
    provide_visit, take_submission, use_database, use_failure, use_has_revealed, use_is_person_unknown,
    use_is_signed_in, use_needs_second_factor, use_notice, use_outbox, use_pending_sign_in, use_revealed,
    use_sign_in_methods, use_signed_in_user, use_success, use_success_text, use_user,
};
pub(crate) use side::then_here;
pub use side::{UserView, leave_if_signed_out, load_from_server, set_page_status};
pub use success::Success;
pub use visit::{SignedInUser, Visit};
