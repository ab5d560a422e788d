//! The birthdays as the pages show them.

use serde::{Deserialize, Serialize};
use serde_tuple::{Deserialize_tuple, Serialize_tuple};

use crate::tables::MAX_NAME_LENGTH;

/// Maximum age in years. Nobody has lived longer.
pub(super) const OLDEST: i16 = 130;

/// The number of birthdays on a page.
pub(super) const PAGE: usize = 25;

/// The number of birthdays on a long page, for instance to print them.
pub(super) const LONG_PAGE: usize = 500;

/// The maximum total that Appwrite counts.
pub(super) const MOST_COUNTED: usize = 5000;

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

/// A birthday. In JSON, a list of these values: their names would be half of a page's data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize_tuple, Deserialize_tuple)]
pub struct Birthday {
    /// The row's id.
    pub id: String,
    /// The name of the person whose birthday it is.
    pub name: String,
    /// The date in ISO format: `2012-02-03`.
    pub date: String,
    /// The date in the reader's language: `February 3, 2012`.
    pub date_in_words: String,
    /// The age at present and at the next birthday: `14, turns 15 on`. Omits the present age while it depends on the
    /// time zone.
    pub age: String,
    /// The day of the next birthday in the reader's language: `February 3`.
    pub next_in_words: String,
    /// The language of the dates, as in HTML's `lang`.
    pub language: String,
    /// Its visibility.
    pub visibility: Visibility,
    /// True if the current user may change and delete it.
    pub is_mine: bool,
    /// The name of the user who added it, as it was then; may be empty.
    pub added_by: String,
    /// The time of the row's last change, as a version.
    pub version: String,
}

/// The order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Order {
    /// By name.
    #[default]
    Name,
    /// By the next birthday.
    Next,
}

impl Order {
    /// The value in addresses.
    pub fn value(self) -> &'static str {
        match self {
            Self::Name => "",
            Self::Next => "next",
        }
    }

    /// Parses the value of an address. Any unknown value means the order by name.
    pub fn from_value(value: &str) -> Self {
        if value == Self::Next.value() { Self::Next } else { Self::Name }
    }
}

/// Search, order and page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ListQuery {
    /// Only names that contain this; may be empty.
    pub search: String,
    /// The order.
    pub order: Order,
    /// The id of the birthday before the page; may be empty.
    pub after: String,
    /// The id of the birthday after the page; may be empty.
    pub before: String,
    /// The position of that birthday in the whole list when the link was made, counted from 1; 0 if it is unknown.
    pub position: usize,
    /// True for a long page.
    pub is_long: bool,
}

impl ListQuery {
    /// Returns the most birthdays on the page.
    pub fn page_size(&self) -> usize {
        if self.is_long { LONG_PAGE } else { PAGE }
    }
}

/// Trims a search and limits its length: no name is longer, and Appwrite limits the length of a query.
pub(super) fn search_text(typed: &str) -> String {
    typed.trim().chars().take(MAX_NAME_LENGTH + 1).collect()
}

/// A page of the birthdays that a user may see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BirthdayList {
    /// The requested search, order and page.
    pub query: ListQuery,
    /// The birthdays.
    pub birthdays: Vec<Birthday>,
    /// False if there are more rows than the server reads for one list.
    pub is_complete: bool,
    /// The number of birthdays on all pages.
    pub total: usize,
    /// The number of birthdays on the pages before this one; `None` if it is unknown.
    pub start: Option<usize>,
    /// True if there is a page before this one.
    pub has_previous: bool,
    /// True if there is a page after this one.
    pub has_next: bool,
    /// True if this is the first page because the one asked for is gone.
    pub is_first_instead: bool,
    /// The id of the user who loaded the list; `None` for a signed-out visitor.
    pub reader: Option<String>,
}
