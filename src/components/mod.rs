//! UI components that do not depend on Appwrite.

mod banner;
mod countdown;
mod failure;
mod focus;
mod loaded;
mod moment;
mod not_found;
mod outbox;
mod six_digits;
mod theme;

pub use banner::Banner;
pub use countdown::use_countdown;
pub use failure::Failure;
pub use focus::focus_in_place;
pub use leptos_appwrite::components::{
    CheckField, Choice, ChoiceField, CopyButton, DoneMessage, FormAction, HiddenField, Notice, PostForm, PrintButton,
    SubmitButton, TextField, Tone, use_form_error, use_has_passkeys, use_passkey_autofill, words,
};
pub use loaded::Loaded;
pub use moment::Moment;
pub use not_found::NotFoundPage;
pub use outbox::OutboxHint;
pub use six_digits::SixDigitsField;
pub use theme::ThemeButtons;
