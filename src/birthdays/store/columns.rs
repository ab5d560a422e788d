//! Validates birthdays, and converts them to and from the columns and permissions of a row.

use std::rc::Rc;

use appwrite_client::{Permission, Role, Row};
use jiff::civil::Date;
use leptos_appwrite::error::{AppError, FieldError, Problem};
use serde::{Deserialize, Serialize};

use super::dates::{DateTexts, Dates, latest_today};
use crate::birthdays::model::{Birthday, OLDEST, Visibility};
use crate::language::Language;
use crate::tables::MAX_NAME_LENGTH;

/// The columns of a row.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Columns {
    pub(super) name: String,
    pub(super) birthday: String,
    /// The name of the user who added the row; other clients may leave it out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) added_by: Option<String>,
}

impl Columns {
    /// Adds the name of the user who adds the row, if there is one.
    pub(super) fn added_by(self, name: &str) -> Self {
        let name: String = name.chars().take(MAX_NAME_LENGTH).collect();
        Self { added_by: Some(name).filter(|name| !name.is_empty()), ..self }
    }

    /// Returns the date, if it is one.
    pub(super) fn date(&self) -> Option<Date> {
        self.birthday.get(..10)?.parse().ok()
    }
}

/// The columns to change; `None` keeps a value.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct ChangedColumns {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) birthday: Option<String>,
}

/// A new birthday, validated.
pub struct Draft {
    pub(super) columns: Columns,
    pub(super) visibility: Visibility,
}

/// Validated changes to a birthday; `None` keeps a value.
pub struct Changes {
    pub(super) columns: ChangedColumns,
    pub(super) visibility: Option<Visibility>,
}

impl Draft {
    /// Validates the fields and reports all problems at once.
    pub fn new(name: &str, date: &str, visibility: &str) -> Result<Self, AppError> {
        let (name, birthday, visibility) = all_good(good_name(name), good_date(date), good_visibility(visibility))?;
        Ok(Self { columns: Columns { name, birthday, added_by: None }, visibility })
    }
}

impl Changes {
    /// Validates the fields and reports all problems at once.
    pub fn new(name: Option<&str>, date: Option<&str>, visibility: Option<&str>) -> Result<Self, AppError> {
        let (name, birthday, visibility) = all_good(
            name.map(good_name).transpose(),
            date.map(good_date).transpose(),
            visibility.map(good_visibility).transpose(),
        )?;
        Ok(Self { columns: ChangedColumns { name, birthday }, visibility })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.columns.name.is_none() && self.columns.birthday.is_none() && self.visibility.is_none()
    }
}

fn good_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Problem::Missing),
        length if length > MAX_NAME_LENGTH => Err(Problem::TooLong(MAX_NAME_LENGTH)),
        _ => Ok(name.to_owned()),
    }
}

/// Converts the date to midnight UTC, the format of Appwrite's datetime columns.
fn good_date(date: &str) -> Result<String, Problem> {
    let sent = date.trim();
    if sent.is_empty() {
        return Err(Problem::Missing);
    }
    let date: Date = sent.parse().map_err(|_| Problem::NotADate)?;
    // The parser also accepts other formats, such as a date with a time.
    if date.to_string() != sent {
        return Err(Problem::NotADate);
    }
    let latest = latest_today();
    if date > latest {
        return Err(Problem::InFuture);
    }
    let earliest_year = latest.year() - OLDEST;
    if date.year() < earliest_year {
        return Err(Problem::TooEarly(earliest_year));
    }
    Ok(format!("{date}T00:00:00.000+00:00"))
}

fn good_visibility(visibility: &str) -> Result<Visibility, Problem> {
    Visibility::from_value(visibility).ok_or(Problem::NotAChoice)
}

/// Returns all three values, or all their problems.
fn all_good<N, D, V>(
    name: Result<N, Problem>,
    date: Result<D, Problem>,
    visibility: Result<V, Problem>,
) -> Result<(N, D, V), AppError> {
    match (name, date, visibility) {
        (Ok(name), Ok(date), Ok(visibility)) => Ok((name, date, visibility)),
        (name, date, visibility) => {
            let problems = [("name", name.err()), ("date", date.err()), ("visibility", visibility.err())];
            let errors = problems
                .into_iter()
                .filter_map(|(field, problem)| Some(FieldError { field: field.into(), problem: problem? }));
            Err(AppError::Invalid(errors.collect()))
        }
    }
}

pub(super) fn permissions(visibility: Visibility, owner: &str) -> Vec<Permission> {
    let read = match visibility {
        Visibility::OnlyMe => Role::user(owner),
        Visibility::SignedIn => Role::users(),
        Visibility::Everyone => Role::Any,
    };
    vec![Permission::read(read), Permission::update(Role::user(owner)), Permission::delete(Role::user(owner))]
}

/// The user who reads rows.
pub(super) struct Reader {
    dates: Rc<Dates>,
    /// The permissions that decide what the user sees, as Appwrite writes them.
    read_any: String,
    read_users: String,
    update_own: Option<String>,
}

impl Reader {
    /// A user with this id, or a guest.
    pub(super) fn new(id: Option<&str>, language: &Language) -> Self {
        Self {
            dates: Dates::of(language),
            read_any: Permission::read(Role::Any).to_string(),
            read_users: Permission::read(Role::users()).to_string(),
            update_own: id.map(|id| Permission::update(Role::user(id)).to_string()),
        }
    }
}

/// Returns the row as the reader sees it.
pub(super) fn shown(row: Row<Columns>, reader: &Reader) -> Birthday {
    let dates = &reader.dates;
    let has = |permission: &String| row.permissions.contains(permission);
    let visibility = if has(&reader.read_any) {
        Visibility::Everyone
    } else if has(&reader.read_users) {
        Visibility::SignedIn
    } else {
        Visibility::OnlyMe
    };
    let is_mine = reader.update_own.as_ref().is_some_and(has);
    let texts = row.data.date().map(|day| dates.texts(day));
    // Appwrite returns a datetime in UTC; its first ten characters are the date.
    let mut date = row.data.birthday;
    if date.is_char_boundary(10) {
        date.truncate(10);
    }
    let not_a_date = || DateTexts { in_words: date.clone(), age: String::new(), next_in_words: String::new() };
    let DateTexts { in_words: date_in_words, age, next_in_words } = texts.unwrap_or_else(not_a_date);
    Birthday {
        id: row.id,
        name: row.data.name,
        date_in_words,
        age,
        next_in_words,
        language: dates.language().to_owned(),
        date,
        visibility,
        is_mine,
        added_by: row.data.added_by.unwrap_or_default(),
        version: row.updated_at.map(|time| time.to_string()).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(id: Option<&str>) -> Reader {
        Reader::new(id, &Language::default())
    }

    fn row(permissions: &[&str]) -> Row<Columns> {
        Row {
            id: "r1".into(),
            created_at: None,
            updated_at: None,
            permissions: permissions.iter().map(|&permission| permission.into()).collect(),
            data: Columns { name: "Kevin".into(), birthday: "2012-02-03T00:00:00.000+00:00".into(), added_by: None },
        }
    }

    #[test]
    fn row_shows_its_date_in_words_in_any_time_zone() {
        let birthday = shown(row(&[]), &reader(None));
        assert_eq!((birthday.date.as_str(), birthday.date_in_words.as_str()), ("2012-02-03", "February 3, 2012"));
    }

    #[test]
    fn row_belongs_to_users_who_may_update_it() {
        let shared = row(&["read(\"users\")", "update(\"user:kay\")"]);
        assert!(shown(shared.clone(), &reader(Some("kay"))).is_mine);
        assert!(!shown(shared.clone(), &reader(Some("lou"))).is_mine);
        assert!(!shown(shared, &reader(None)).is_mine);
    }

    #[test]
    fn visibility_survives_conversion_to_permissions_and_back() {
        for visibility in Visibility::ALL {
            let permissions: Vec<String> = permissions(visibility, "kay").iter().map(ToString::to_string).collect();
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            assert_eq!(shown(row(&permissions), &reader(Some("kay"))).visibility, visibility);
        }
    }

    #[test]
    fn all_problems_of_a_draft_are_reported_together() {
        let Err(AppError::Invalid(errors)) = Draft::new(" ", "2012-02-30", "nobody") else { panic!("no errors") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "date", "visibility"]);
    }
    #[test]
    fn update_contains_only_changed_columns() {
        let changes = Changes::new(None, Some("2013-01-01"), None).expect("a change");
        let sent = serde_json::to_value(&changes.columns).expect("JSON");
        assert_eq!(sent, serde_json::json!({ "birthday": "2013-01-01T00:00:00.000+00:00" }));
        assert!(changes.visibility.is_none() && !changes.is_empty());
        assert!(Changes::new(None, None, None).expect("no change").is_empty());
    }

    #[test]
    fn update_reports_all_invalid_fields_at_once() {
        let Err(AppError::Invalid(errors)) = Changes::new(Some(&"x".repeat(129)), None, Some("")) else {
            panic!("no errors")
        };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "visibility"]);
    }

    #[test]
    fn dates_must_be_valid_iso_days() {
        for date in [" 2012-02-29 ", "1912-06-23"] {
            assert_eq!(good_date(date), Ok(format!("{}T00:00:00.000+00:00", date.trim())));
        }
        for date in ["2013-02-29", "2012-2-3", "2012-02-03T10:00", "20120203", "today"] {
            assert_eq!(good_date(date), Err(Problem::NotADate), "{date}");
        }
        assert_eq!(good_date(" "), Err(Problem::Missing));
    }

    #[test]
    fn birthday_must_be_in_the_past_130_years() {
        let latest = latest_today();
        let earliest_year = latest.year() - OLDEST;
        for date in [latest.to_string(), format!("{earliest_year}-01-01")] {
            assert!(good_date(&date).is_ok(), "{date}");
        }
        let tomorrow = latest.tomorrow().expect("a date");
        assert_eq!(good_date(&tomorrow.to_string()), Err(Problem::InFuture));
        assert_eq!(good_date("9999-12-31"), Err(Problem::InFuture));
        for date in
            [format!("{}-12-31", earliest_year - 1), "0999-12-31".into(), "0001-01-01".into(), "0000-01-01".into()]
        {
            assert_eq!(good_date(&date), Err(Problem::TooEarly(earliest_year)), "{date}");
        }
    }
}
