//! The choices of colors.

use serde::{Deserialize, Serialize};

/// The colors of the pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Theme {
    /// The colors that the system uses.
    #[default]
    System,
    /// Dark text on a light background.
    Light,
    /// Light text on a dark background.
    Dark,
}

impl Theme {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Returns the name used in forms, in the cookie and in `data-theme`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    /// Returns the theme with this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.as_str() == name)
    }

    /// The ids of the elements with the colors of the browser's own frame.
    pub(crate) const COLOR_IDS: [(Self, &str); 2] =
        [(Self::Light, "theme-color-light"), (Self::Dark, "theme-color-dark")];

    /// Returns the media query under which this choice shows the colors of `scheme`.
    pub(crate) fn media_of(self, scheme: Self) -> &'static str {
        match (self, scheme) {
            (Self::System, Self::Dark) => "(prefers-color-scheme: dark)",
            (Self::System, _) => "(prefers-color-scheme: light)",
            _ if self == scheme => "all",
            _ => "not all",
        }
    }

    /// Returns the value of `data-theme`; none for the system's colors.
    pub(crate) fn attribute(self) -> Option<&'static str> {
        (self != Self::System).then(|| self.as_str())
    }
}
