//! Pieces of pages that know nothing of Appwrite.

mod banner;
mod countdown;
mod failure;
mod form;
mod not_found;
mod notice;
mod words;

pub use banner::Banner;
pub use countdown::use_countdown;
pub use failure::Failure;
pub use form::{CheckField, Choice, ChoiceField, FormAction, HiddenField, PostForm, SubmitButton, TextField};
pub use not_found::NotFoundPage;
pub use notice::{Notice, Tone};
pub use words::{Words, words};
