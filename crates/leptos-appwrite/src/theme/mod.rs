//! The pages' colors: light, dark, or the system's.
//!
//! A cookie holds the choice, so the server renders it (`data-theme` on `<html>`) and the colors do not flash. The
//! app's style sheet follows the attribute. For a signed-in user, the account's preferences hold it too, and other
//! devices take it over.

#[cfg(feature = "ssr")]
pub(crate) mod account;
#[cfg(not(feature = "ssr"))]
mod browser;
#[cfg(feature = "ssr")]
mod color;
#[cfg(feature = "ssr")]
pub(crate) mod cookie;
mod kind;
#[cfg(feature = "ssr")]
mod server;
#[expect(missing_docs, reason = "the `server` macro makes fields of the arguments, which cannot bear docs")]
mod set;

#[cfg(not(feature = "ssr"))]
use browser as side;
#[cfg(feature = "ssr")]
use server as side;

#[cfg(feature = "ssr")]
pub use color::theme_colors;
pub use kind::Theme;
pub use set::{SetTheme, set_theme};
pub use side::{current_theme, show_theme};
