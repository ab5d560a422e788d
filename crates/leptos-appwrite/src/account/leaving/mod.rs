//! Leaving: a file with everything that the app holds about the user, and the deletion of the account.
//!
//! The page `data` of [`LeavingPages`](crate::site::LeavingPages) has a form that posts to the page itself
//! ([`FormAction::of_page`](crate::components::FormAction::of_page)); the answer is the file. The page `delete` has a form
//! for [`DeleteAccount`].

#[cfg(feature = "ssr")]
pub(crate) mod data;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod delete;
#[cfg(feature = "ssr")]
mod erase;
#[cfg(feature = "ssr")]
mod own_rows;
#[cfg(feature = "ssr")]
mod proof;

pub use delete::{DeleteAccount, delete_account};
