//! Components that every app needs: the form, the notice, and text that browsers can translate.

mod form;
mod notice;
mod words;

pub use form::{CheckField, Choice, ChoiceField, FormAction, HiddenField, PostForm, SubmitButton, TextField};
pub use notice::{Notice, Tone};
pub use words::{Words, words};
