//! Request and response bodies of the API.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::birthdays::model::{Birthday, BirthdayList, Visibility};

/// A birthday.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Birthday)]
pub(super) struct BirthdayBody {
    /// The birthday's id.
    pub id: String,
    /// The name of the person whose birthday it is.
    #[schema(example = "Kevin")]
    name: String,
    /// The date in ISO format.
    #[schema(format = Date, example = "2012-02-03")]
    date: String,
    /// Who may see the birthday. `only-me` also covers other ways of sharing, such as with single users.
    visibility: Visibility,
    /// True if you may change and delete the birthday.
    is_mine: bool,
    /// Changes with each update of the birthday.
    version: String,
}

/// The birthdays that you may see.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BirthdayList)]
pub(super) struct BirthdayListBody {
    /// The birthdays, by name.
    birthdays: Vec<BirthdayBody>,
    /// False if there are more birthdays than one response holds.
    is_complete: bool,
}

/// A birthday to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewBirthday {
    /// The name of the person whose birthday it is.
    #[schema(required = true, value_type = String, min_length = 1, max_length = 128, example = "Kevin")]
    pub name: Option<String>,
    /// The date in ISO format.
    #[schema(required = true, value_type = String, format = Date, example = "2012-02-03")]
    pub date: Option<String>,
    /// Who may see the birthday.
    #[schema(required = true, value_type = Visibility)]
    pub visibility: Option<String>,
}

/// Changes to a birthday. Fields that are missing or null keep their values.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedBirthday {
    /// The name of the person whose birthday it is.
    #[schema(min_length = 1, max_length = 128, example = "Kevin")]
    pub name: Option<String>,
    /// The date in ISO format.
    #[schema(format = Date, example = "2012-02-03")]
    pub date: Option<String>,
    /// Who may see the birthday.
    #[schema(value_type = Option<Visibility>)]
    pub visibility: Option<String>,
}

impl From<Birthday> for BirthdayBody {
    fn from(birthday: Birthday) -> Self {
        let Birthday { id, name, date, visibility, is_mine, version, .. } = birthday;
        Self { id, name, date, visibility, is_mine, version }
    }
}

impl From<BirthdayList> for BirthdayListBody {
    fn from(list: BirthdayList) -> Self {
        Self { birthdays: list.birthdays.into_iter().map(Into::into).collect(), is_complete: list.is_complete }
    }
}
