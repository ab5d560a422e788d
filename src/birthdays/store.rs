//! Birthdays as rows of Appwrite: what is read, what is written, and the permissions that make a row private or shared.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::model::{Birthday, BirthdayList, Visibility};
use crate::appwrite::{Permission, Query, Role, Row, Rows};
use crate::auth::password::LONGEST_NAME;
use crate::error::{AppError, Problem};
use crate::session::request::{ActionRequest, FieldErrors};

/// The most rows that the page shows.
const MOST_ROWS: usize = 1000;

/// A row's columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Columns {
    name: String,
    birthday: String,
}

/// A birthday as typed, and found to be good.
pub struct Draft {
    columns: Columns,
    visibility: Visibility,
}

impl Draft {
    /// Checks what was typed; all problems are told at once.
    pub fn new(name: &str, date: &str, visibility: &str) -> Result<Self, AppError> {
        let name = name.trim();
        let (date, visibility) = (date.trim().parse::<Date>().ok(), Visibility::from_value(visibility));
        let mut errors = FieldErrors::default();
        errors.note(
            "name",
            match name.chars().count() {
                0 => Some(Problem::Missing),
                length if length > LONGEST_NAME => Some(Problem::TooLong(LONGEST_NAME)),
                _ => None,
            },
        );
        let date = date.filter(|date| (1..=9999).contains(&date.year()));
        errors.note("date", date.is_none().then_some(Problem::NotADate));
        errors.note("visibility", visibility.is_none().then_some(Problem::NotAChoice));
        errors.check()?;
        let (Some(date), Some(visibility)) = (date, visibility) else { return Err(AppError::BadRequest) };
        let columns = Columns { name: name.to_owned(), birthday: format!("{date}T00:00:00.000+00:00") };
        Ok(Self { columns, visibility })
    }

    fn permissions(&self, owner: &str) -> Vec<Permission> {
        let read = match self.visibility {
            Visibility::OnlyMe => Role::user(owner),
            Visibility::SignedIn => Role::users(),
            Visibility::Everyone => Role::Any,
        };
        vec![Permission::read(read), Permission::update(Role::user(owner)), Permission::delete(Role::user(owner))]
    }
}

/// All that the person of the request may see.
pub async fn list(request: &ActionRequest) -> Result<BirthdayList, AppError> {
    let person = request.person_or_guest().await?;
    let reader = person.as_ref().map(|person| person.id.as_str());
    let rows = rows_for(request, reader.is_some())?;
    let found = rows.list_all::<Columns>(&[Query::order_asc("name")], MOST_ROWS).await?;
    let mut birthdays: Vec<_> = found.rows.into_iter().map(|row| shown(row, reader)).collect();
    birthdays.sort_by_cached_key(|birthday| (birthday.name.to_lowercase(), birthday.id.clone()));
    Ok(BirthdayList { birthdays, is_complete: found.complete })
}

/// One birthday of the person's own.
pub async fn get(request: &ActionRequest, id: &str) -> Result<Birthday, AppError> {
    let person = request.person().await?;
    let row = rows_for(request, true)?.get::<Columns>(id).await?;
    let birthday = shown(row, Some(&person.id));
    if birthday.is_mine { Ok(birthday) } else { Err(AppError::Forbidden) }
}

/// Adds a birthday.
pub async fn add(request: &ActionRequest, draft: &Draft) -> Result<(), AppError> {
    let person = request.person().await?;
    let permissions = draft.permissions(&person.id);
    rows_for(request, true)?.create::<Columns>(None, &draft.columns, Some(&permissions)).await?;
    Ok(())
}

/// Changes a birthday of the person's own.
pub async fn update(request: &ActionRequest, id: &str, draft: &Draft) -> Result<(), AppError> {
    let person = request.person().await?;
    let permissions = draft.permissions(&person.id);
    rows_for(request, true)?.update::<Columns>(id, &draft.columns, Some(&permissions)).await?;
    Ok(())
}

/// Deletes a birthday of the person's own.
pub async fn delete(request: &ActionRequest, id: &str) -> Result<(), AppError> {
    Ok(rows_for(request, true)?.delete(id).await?)
}

fn rows_for(request: &ActionRequest, is_signed_in: bool) -> Result<Rows, AppError> {
    let config = &request.state.config;
    let (database, table) = (&config.database_id, &config.table_id);
    Ok(if is_signed_in {
        request.session()?.rows(database, table)
    } else {
        request.state.appwrite.guest().rows(database, table)
    })
}

fn shown(row: Row<Columns>, reader: Option<&str>) -> Birthday {
    let has = |permission: Permission| row.permissions.contains(&permission.to_string());
    let visibility = if has(Permission::read(Role::Any)) {
        Visibility::Everyone
    } else if has(Permission::read(Role::users())) {
        Visibility::SignedIn
    } else {
        Visibility::OnlyMe
    };
    let is_mine = reader.is_some_and(|reader| has(Permission::update(Role::user(reader))));
    // Appwrite writes a date as a time of day in UTC; the day is its first ten characters.
    let date = row.data.birthday.get(..10).unwrap_or(&row.data.birthday).to_owned();
    let date_in_words =
        date.parse::<Date>().map_or_else(|_| date.clone(), |day| day.strftime("%B %-d, %Y").to_string());
    let version = row.updated_at.map(|time| time.to_string()).unwrap_or_default();
    Birthday { id: row.id, name: row.data.name, date, date_in_words, visibility, is_mine, version }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(permissions: &[&str]) -> Row<Columns> {
        Row {
            id: "r1".into(),
            created_at: None,
            updated_at: None,
            permissions: permissions.iter().map(|&permission| permission.into()).collect(),
            data: Columns { name: "Kevin".into(), birthday: "2012-02-03T00:00:00.000+00:00".into() },
        }
    }

    #[test]
    fn a_row_shows_its_day_in_words_whatever_the_time_zone() {
        let birthday = shown(row(&[]), None);
        assert_eq!((birthday.date.as_str(), birthday.date_in_words.as_str()), ("2012-02-03", "February 3, 2012"));
    }

    #[test]
    fn only_whoever_may_change_a_row_owns_it() {
        let shared = row(&["read(\"users\")", "update(\"user:kay\")"]);
        assert!(shown(shared.clone(), Some("kay")).is_mine);
        assert!(!shown(shared.clone(), Some("lou")).is_mine);
        assert!(!shown(shared, None).is_mine);
    }

    #[test]
    fn visibility_survives_the_way_to_permissions_and_back() {
        for visibility in Visibility::ALL {
            let draft = Draft::new("Kevin", "2012-02-03", visibility.value()).expect("a draft");
            let permissions: Vec<String> = draft.permissions("kay").iter().map(ToString::to_string).collect();
            let permissions: Vec<&str> = permissions.iter().map(String::as_str).collect();
            assert_eq!(shown(row(&permissions), Some("kay")).visibility, visibility);
        }
    }

    #[test]
    fn all_problems_of_a_draft_are_told_at_once() {
        let Err(AppError::Invalid(errors)) = Draft::new(" ", "2012-02-30", "nobody") else { panic!("no errors") };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "date", "visibility"]);
    }
}
