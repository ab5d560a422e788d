//! The birthdays as the pages show them.

use serde::{Deserialize, Serialize};

/// The visibility of a birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum Visibility {
    /// Only the owner.
    OnlyMe,
    /// All signed-in users.
    SignedIn,
    /// Everyone, signed in or not.
    Everyone,
}

impl Visibility {
    /// All values, the most private first.
    pub const ALL: [Self; 3] = [Self::OnlyMe, Self::SignedIn, Self::Everyone];

    /// The value in forms and in the API.
    pub fn value(self) -> &'static str {
        match self {
            Self::OnlyMe => "only-me",
            Self::SignedIn => "signed-in",
            Self::Everyone => "everyone",
        }
    }

    /// The text on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::OnlyMe => "Only me",
            Self::SignedIn => "Signed-in users",
            Self::Everyone => "Everyone",
        }
    }

    /// Parses a form's value.
    pub fn from_value(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.value() == value)
    }
}

/// A birthday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birthday {
    /// The row's id.
    pub id: String,
    /// The name of the person whose birthday it is.
    pub name: String,
    /// The date in ISO format: `2012-02-03`.
    pub date: String,
    /// The date in words: `February 3, 2012`.
    pub date_in_words: String,
    /// Its visibility.
    pub visibility: Visibility,
    /// True if the current user may change and delete it.
    pub is_mine: bool,
    /// The time of the row's last change, as a version.
    pub version: String,
}

/// The birthdays that a user may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthdayList {
    /// The birthdays, sorted by name.
    pub birthdays: Vec<Birthday>,
    /// False if there are more rows than the list may hold.
    pub is_complete: bool,
    /// The id of the user who loaded the list; `None` for a signed-out visitor.
    pub reader: Option<String>,
}
