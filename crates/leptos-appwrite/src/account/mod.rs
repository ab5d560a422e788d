//! Changes to the signed-in user's account: name, email address, phone number, password, passkeys, devices, second factor,
//! leaving.
//!
//! An app offers those whose pages it names in [`Paths`](crate::site::Paths); the others are refused. Each form has an
//! [`AccountField`], so that a page of a former user changes nothing of the next one.

#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod confirm_phone;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
pub mod devices;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod email;
mod fields;
#[cfg(feature = "ssr")]
pub(crate) mod form_account;
pub mod leaving;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod name;
#[cfg(feature = "ssr")]
mod others;
#[cfg(feature = "ssr")]
mod own;
pub mod passkeys;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod password;
mod password_state;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod phone;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
pub mod providers;
#[cfg(feature = "ssr")]
mod replace;
pub mod security;
#[cfg(feature = "ssr")]
mod sign_in_left;

pub use confirm_phone::{ConfirmPhone, SendPhoneCode, confirm_phone, send_phone_code};
pub use email::{ChangeEmail, change_email};
pub use fields::{AccountField, UsernameField};
pub use name::{ChangeName, change_name};
pub use password::{ChangePassword, change_password};
pub use password_state::{PasswordState, ReadPasswordState, read_password_state};
pub use phone::{ChangePhone, change_phone};
