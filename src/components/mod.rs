//! UI components that do not depend on Appwrite.

mod banner;
mod confirm_dialog;
mod countdown;
mod dialog;
mod failure;
mod inert;
mod loaded;
mod loading;
mod moment;
mod not_found;
mod outbox;
mod page_dialog;
mod six_digits;
mod theme;

pub use banner::Banner;
pub use confirm_dialog::ConfirmDialog;
pub use countdown::use_countdown;
pub use failure::{Failure, TryAgainLink, reload_once_online};
pub use inert::{Text, inert};
pub use leptos_appwrite::components::{
    CheckField, Choice, ChoiceField, CopyButton, DoneMessage, FormAction, HiddenField, Notice, NoticeKind, PostForm,
    PrintButton, SubmitButton, TextField, at_once, cached, cached_around, focus, focus_in_place, is_nothing_focused,
    reactive, use_form_error, use_has_passkeys, use_passkey_autofill, words,
};
pub use loaded::Loaded;
pub use loading::LoadingNotice;
pub use moment::Moment;
pub use not_found::NotFoundPage;
pub use outbox::OutboxHint;
pub use page_dialog::{PageDialog, PageDialogLink, PageInDialog};
pub use six_digits::SixDigitsField;
pub use theme::ThemeButtons;
