//! Components that every app needs: the form, the notice, and text that browsers can translate.

mod at_once;
mod cached;
mod copy;
mod focus;
mod form;
mod has_script;
mod notice;
mod reactive;
mod words;

pub use at_once::at_once;
pub use cached::{cached, cached_around};
pub use copy::{CopyButton, PrintButton};
pub use focus::{focus, focus_in_place, is_nothing_focused};
pub use form::{
    CheckField, Choice, ChoiceField, CodeField, DoneMessage, FormAction, HiddenField, PostForm, SubmitButton,
    TextField, use_form_error, use_has_passkeys, use_passkey_autofill,
};
pub use notice::{Notice, NoticeKind};
pub use reactive::reactive;
pub use words::{Words, words};
