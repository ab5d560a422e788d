//! A birthday as the page shows it.

use serde::{Deserialize, Serialize};

/// Who sees a birthday.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ssr", derive(utoipa::ToSchema))]
pub enum Visibility {
    /// Its owner alone.
    OnlyMe,
    /// Everyone who is signed in.
    SignedIn,
    /// Everyone.
    Everyone,
}

impl Visibility {
    /// All of them, the most private first.
    pub const ALL: [Self; 3] = [Self::OnlyMe, Self::SignedIn, Self::Everyone];

    /// The value in a form.
    pub fn value(self) -> &'static str {
        match self {
            Self::OnlyMe => "only-me",
            Self::SignedIn => "signed-in",
            Self::Everyone => "everyone",
        }
    }

    /// The words on the page.
    pub fn label(self) -> &'static str {
        match self {
            Self::OnlyMe => "Only me",
            Self::SignedIn => "Signed-in users",
            Self::Everyone => "Everyone",
        }
    }

    /// Reads a form's value.
    pub fn from_value(value: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|visibility| visibility.value() == value)
    }
}

/// One birthday.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Birthday {
    /// The row's id.
    pub id: String,
    /// Whose birthday it is.
    pub name: String,
    /// The date in ISO form: `2012-02-03`.
    pub date: String,
    /// The date in words: `February 3, 2012`.
    pub date_in_words: String,
    /// Who sees it.
    pub visibility: Visibility,
    /// Whether the person who looks may change and delete it.
    pub is_mine: bool,
    /// When the row was last changed; two versions of a row differ in it.
    pub version: String,
}

/// The birthdays that a person may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthdayList {
    /// The birthdays, by name.
    pub birthdays: Vec<Birthday>,
    /// Whether these are all, or the list was cut.
    pub is_complete: bool,
    /// The id of the person who may see them; none for somebody who is not signed in.
    pub reader: Option<String>,
}
