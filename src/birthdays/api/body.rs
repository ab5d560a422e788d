//! What clients send and receive.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::birthdays::model::{Birthday, BirthdayList, Visibility};

/// A birthday.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Birthday)]
pub(super) struct BirthdayBody {
    /// Its id.
    pub id: String,
    /// Whose birthday it is.
    #[schema(example = "Kevin")]
    name: String,
    /// The day in ISO form.
    #[schema(format = Date, example = "2012-02-03")]
    date: String,
    /// Who sees it. A birthday that its owner shares in another way, with single people for instance, is `only-me` too.
    visibility: Visibility,
    /// Whether you may change and delete it.
    is_mine: bool,
    /// Differs once the birthday was changed.
    version: String,
}

/// The birthdays that you may see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BirthdayList)]
pub(super) struct BirthdayListBody {
    /// The birthdays, by name.
    birthdays: Vec<BirthdayBody>,
    /// Whether these are all; false if there are more than one answer holds.
    is_complete: bool,
}

/// A birthday to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBirthday {
    /// Whose birthday it is.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 128, example = "Kevin")]
    pub name: Option<String>,
    /// The day in ISO form.
    #[schema(required = true, value_type = String, format = Date, example = "2012-02-03")]
    pub date: Option<String>,
    /// Who sees it.
    #[schema(required = true, value_type = Visibility)]
    pub visibility: Option<String>,
}

/// What is to change of a birthday. What is missing or null stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedBirthday {
    /// Whose birthday it is.
    #[schema(min_length = 1, max_length = 128, example = "Kevin")]
    pub name: Option<String>,
    /// The day in ISO form.
    #[schema(format = Date, example = "2012-02-03")]
    pub date: Option<String>,
    /// Who sees it.
    #[schema(value_type = Option<Visibility>)]
    pub visibility: Option<String>,
}

impl From<Birthday> for BirthdayBody {
    fn from(birthday: Birthday) -> Self {
        let Birthday { id, name, date, visibility, is_mine, version, date_in_words: _ } = birthday;
        Self { id, name, date, visibility, is_mine, version }
    }
}

impl From<BirthdayList> for BirthdayListBody {
    fn from(list: BirthdayList) -> Self {
        Self { birthdays: list.birthdays.into_iter().map(Into::into).collect(), is_complete: list.is_complete }
    }
}
