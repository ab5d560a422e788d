//! Birthdays as rows of Appwrite: what is read, what is written, and the permissions that make a row private or shared.

mod withdraw;

use jiff::civil::Date;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use self::withdraw::Moved;
use super::model::{Birthday, BirthdayList, Visibility};
use crate::error::{AppError, FieldError, Problem};
use crate::session::request::ActionRequest;
use crate::state::AppState;
use crate::tables::{BIRTHDAYS, LONGEST_NAME};
use appwrite_client::{AppwriteError, Permission, Query, Role, Row, Rows};

/// The table's columns and the form fields that they come from.
const FIELDS: [(&str, &str); 2] = [("name", "name"), ("birthday", "date")];

/// The most rows that are listed.
const MOST_ROWS: usize = 1000;

/// How often to start over when a row changes while it is made private.
const MOST_WITHDRAWALS: usize = 3;

/// A row's columns.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Columns {
    name: String,
    birthday: String,
}

/// The columns of a row that are to change.
#[derive(Debug, Clone, Default, Serialize)]
struct ChangedColumns {
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    birthday: Option<String>,
}

/// A new birthday as sent, and found to be good.
pub struct Draft {
    columns: Columns,
    visibility: Visibility,
}

/// What is to change of a birthday, and found to be good; what is not named stays.
pub struct Changes {
    columns: ChangedColumns,
    visibility: Option<Visibility>,
}

impl Draft {
    /// Checks what was sent; all problems are told at once.
    pub fn new(name: &str, date: &str, visibility: &str) -> Result<Self, AppError> {
        let (name, birthday, visibility) = all_good(good_name(name), good_date(date), good_visibility(visibility))?;
        Ok(Self { columns: Columns { name, birthday }, visibility })
    }
}

impl Changes {
    /// Checks what was sent; all problems are told at once.
    pub fn new(name: Option<&str>, date: Option<&str>, visibility: Option<&str>) -> Result<Self, AppError> {
        let (name, birthday, visibility) = all_good(
            name.map(good_name).transpose(),
            date.map(good_date).transpose(),
            visibility.map(good_visibility).transpose(),
        )?;
        Ok(Self { columns: ChangedColumns { name, birthday }, visibility })
    }

    fn is_empty(&self) -> bool {
        self.columns.name.is_none() && self.columns.birthday.is_none() && self.visibility.is_none()
    }
}

/// In whose name rows are read and changed: a person's, by the credential that they brought, or nobody's.
///
/// It lives as long as one request.
#[derive(Clone)]
pub struct ActingAs {
    person_id: Option<String>,
    rows: Rows,
}

impl ActingAs {
    /// The person whose session the request of a page brings.
    pub async fn person(request: &ActionRequest) -> Result<Self, AppError> {
        Self::person_or_guest(request).await?.signed_in()
    }

    /// The same, or a guest if the request brings no session. A session that has ended is an error, not a guest.
    pub async fn person_or_guest(request: &ActionRequest) -> Result<Self, AppError> {
        let (database, table) = (&request.state.config.database_id, BIRTHDAYS.id);
        Ok(match request.person_or_guest().await? {
            Some(person) => Self { person_id: Some(person.id), rows: request.session()?.rows(database, table) },
            None => Self { person_id: None, rows: request.state.appwrite.guest().rows(database, table) },
        })
    }

    /// The person for whom Appwrite signed a JWT.
    ///
    /// Appwrite answers a JWT whose session has ended like a guest, with what anyone may see; so it is asked first
    /// whose the JWT is, which only a good one can tell.
    pub async fn jwt_holder(state: &AppState, jwt: SecretString) -> Result<Self, AppError> {
        let client = state.appwrite.jwt(jwt);
        let person = client.account().await?;
        Ok(Self { person_id: Some(person.id), rows: client.rows(&state.config.database_id, BIRTHDAYS.id) })
    }

    fn signed_in(self) -> Result<Self, AppError> {
        if self.person_id.is_some() { Ok(self) } else { Err(AppError::SignedOut) }
    }

    fn person_id(&self) -> Result<&str, AppError> {
        self.person_id.as_deref().ok_or(AppError::SignedOut)
    }

    fn shown(&self, row: Row<Columns>) -> Birthday {
        shown(row, self.person_id.as_deref())
    }

    /// Why a change was refused. Appwrite tells a row that one may not see from one that is not there; we do not.
    async fn refusal(&self, id: &str, error: AppwriteError) -> AppError {
        match AppError::of_form(error, &FIELDS) {
            AppError::Forbidden => match self.rows.get::<Columns>(id).await {
                Err(error) if error.is_not_found() => AppError::NotFound,
                _ => AppError::Forbidden,
            },
            error => error,
        }
    }
}

/// All that may be seen.
pub async fn list(acting: &ActingAs) -> Result<BirthdayList, AppError> {
    let found = acting.rows.list_all::<Columns>(&[Query::order_asc("name")], MOST_ROWS).await?;
    let mut birthdays: Vec<_> = found.rows.into_iter().map(|row| acting.shown(row)).collect();
    birthdays.sort_by_cached_key(|birthday| (birthday.name.to_lowercase(), birthday.id.clone()));
    Ok(BirthdayList { birthdays, is_complete: found.complete, reader: acting.person_id.clone() })
}

/// One birthday that may be seen.
pub async fn get(acting: &ActingAs, id: &str) -> Result<Birthday, AppError> {
    Ok(acting.shown(acting.rows.get(id).await?))
}

/// One birthday of the person's own.
pub async fn get_own(acting: &ActingAs, id: &str) -> Result<Birthday, AppError> {
    let birthday = get(acting, id).await?;
    if birthday.is_mine { Ok(birthday) } else { Err(AppError::Forbidden) }
}

/// Adds a birthday.
pub async fn add(acting: &ActingAs, draft: &Draft) -> Result<Birthday, AppError> {
    let permissions = permissions(draft.visibility, acting.person_id()?);
    let created = acting.rows.create(None, &draft.columns, Some(&permissions)).await;
    Ok(acting.shown(created.map_err(|error| AppError::of_form(error, &FIELDS))?))
}

/// Changes a birthday of the person's own.
pub async fn update(acting: &ActingAs, id: &str, changes: &Changes) -> Result<Birthday, AppError> {
    if changes.is_empty() {
        return get_own(acting, id).await;
    }
    let owner = acting.person_id()?;
    if changes.visibility == Some(Visibility::OnlyMe) {
        for _ in 0..MOST_WITHDRAWALS {
            let Some(row) = withdraw::shared_row(acting, id).await? else { break };
            match withdraw::withdraw(acting, row, changes).await? {
                Moved::To(row) => return Ok(acting.shown(row)),
                Moved::NotAllowed => break,
                Moved::Stale => {}
            }
        }
    }
    update_in_place(acting, id, changes, owner).await
}

async fn update_in_place(acting: &ActingAs, id: &str, changes: &Changes, owner: &str) -> Result<Birthday, AppError> {
    let permissions = changes.visibility.map(|visibility| permissions(visibility, owner));
    match acting.rows.update(id, &changes.columns, permissions.as_deref()).await {
        Ok(row) => Ok(acting.shown(row)),
        Err(error) => Err(acting.refusal(id, error).await),
    }
}

/// Deletes a birthday of the person's own.
pub async fn delete(acting: &ActingAs, id: &str) -> Result<(), AppError> {
    match acting.rows.delete(id).await {
        Ok(()) => Ok(()),
        Err(error) => Err(acting.refusal(id, error).await),
    }
}

fn good_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Problem::Missing),
        length if length > LONGEST_NAME => Err(Problem::TooLong(LONGEST_NAME)),
        _ => Ok(name.to_owned()),
    }
}

/// The day at midnight in UTC, as Appwrite's columns have dates.
fn good_date(date: &str) -> Result<String, Problem> {
    let sent = date.trim();
    let date: Date = sent.parse().map_err(|_| Problem::NotADate)?;
    // Appwrite takes dates from the year 1000 on. The parser takes other forms too, such as a time of day.
    if !(1000..=9999).contains(&date.year()) || date.to_string() != sent {
        return Err(Problem::NotADate);
    }
    Ok(format!("{date}T00:00:00.000+00:00"))
}

fn good_visibility(visibility: &str) -> Result<Visibility, Problem> {
    Visibility::from_value(visibility).ok_or(Problem::NotAChoice)
}

/// All three, or all that is wrong with them.
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

fn permissions(visibility: Visibility, owner: &str) -> Vec<Permission> {
    let read = match visibility {
        Visibility::OnlyMe => Role::user(owner),
        Visibility::SignedIn => Role::users(),
        Visibility::Everyone => Role::Any,
    };
    vec![Permission::read(read), Permission::update(Role::user(owner)), Permission::delete(Role::user(owner))]
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
            let permissions: Vec<String> = permissions(visibility, "kay").iter().map(ToString::to_string).collect();
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
    #[test]
    fn a_change_names_only_what_changes() {
        let changes = Changes::new(None, Some("2013-01-01"), None).expect("a change");
        let sent = serde_json::to_value(&changes.columns).expect("JSON");
        assert_eq!(sent, serde_json::json!({ "birthday": "2013-01-01T00:00:00.000+00:00" }));
        assert!(changes.visibility.is_none() && !changes.is_empty());
        assert!(Changes::new(None, None, None).expect("no change").is_empty());
    }

    #[test]
    fn all_problems_of_a_change_are_told_at_once_and_only_those() {
        let Err(AppError::Invalid(errors)) = Changes::new(Some(&"x".repeat(129)), None, Some("")) else {
            panic!("no errors")
        };
        let fields: Vec<_> = errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!(fields, ["name", "visibility"]);
    }

    #[test]
    fn dates_are_days_of_the_calendar_in_iso_form() {
        for date in [" 2012-02-29 ", "1000-01-01", "9999-12-31"] {
            assert_eq!(good_date(date), Ok(format!("{}T00:00:00.000+00:00", date.trim())));
        }
        for date in [
            "2013-02-29",
            "2012-2-3",
            "0000-01-01",
            "0999-12-31",
            "-000001-01-01",
            "2012-02-03T10:00",
            "20120203",
            "today",
            "",
        ] {
            assert_eq!(good_date(date), Err(Problem::NotADate), "{date}");
        }
    }
}
