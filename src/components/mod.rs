//! Pieces of pages that know nothing of Appwrite.

mod form;
mod notice;

pub use form::{CheckField, Choice, ChoiceField, PostForm, Submission, SubmitButton, TextField};
pub use notice::{Notice, Tone};
