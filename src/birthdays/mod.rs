//! The birthdays pages and their API. Each birthday has an owner who chooses who may see it.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod actions;
#[cfg(feature = "ssr")]
pub mod api;
mod changes;
mod date_field;
mod delete;
mod edit;
mod list;
mod model;
mod own;
mod page_of_list;
#[cfg(feature = "ssr")]
mod store;

pub use actions::{AddBirthday, DeleteBirthday, GetBirthday, ListBirthdays, UpdateBirthday};
pub use delete::DeleteBirthdayPage;
pub use edit::EditBirthdayPage;
pub use list::BirthdaysPage;
pub use model::{Birthday, BirthdayList, ListQuery, Order, Visibility};
