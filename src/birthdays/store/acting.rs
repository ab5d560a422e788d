//! The user in whose name a request reads and changes rows.

use appwrite_client::{AppwriteError, Row, Rows};
use leptos_appwrite::error::{AppError, Problem};
use leptos_appwrite::session::request::ActionRequest;
use leptos_appwrite::state::AppState;
use secrecy::SecretString;

use super::columns::{Columns, Reader, shown};
use crate::birthdays::model::Birthday;
use crate::language::Language;
use crate::person::Person;
use crate::tables::BIRTHDAYS;

/// The table's columns and their form fields.
const FIELDS: [(&str, &str); 2] = [("name", "name"), ("birthday", "date")];

/// Maps Appwrite's errors to the form's fields.
pub(super) fn of_form(error: AppwriteError) -> AppError {
    match AppError::of_form(error, &FIELDS) {
        AppError::Invalid(mut errors) => {
            for error in errors.iter_mut().filter(|error| error.field == "date" && error.problem == Problem::Refused) {
                error.problem = Problem::NotADate;
            }
            AppError::Invalid(errors)
        }
        error => error,
    }
}

/// Acts on rows as a user, by their session or JWT, or as a guest. It lives for one request.
#[derive(Clone)]
pub struct ActingAs {
    pub(super) person_id: Option<String>,
    /// The user's name; may be empty.
    pub(super) person_name: String,
    pub(super) rows: Rows,
    language: Language,
}

impl ActingAs {
    /// Acts as the user of the request's session.
    pub async fn person(request: &ActionRequest) -> Result<Self, AppError> {
        Self::person_or_guest(request).await?.signed_in()
    }

    /// Acts as the request's user, or as a guest without a session. An expired session is an error.
    pub async fn person_or_guest(request: &ActionRequest) -> Result<Self, AppError> {
        let (database, table) = (&request.state.config.database_id, BIRTHDAYS.id);
        let language = Language::preferred(request.accept_language());
        Ok(match request.user_if_any::<Person>().await? {
            Some(person) => Self {
                person_id: Some(person.id),
                person_name: person.name,
                rows: request.session()?.rows(database, table),
                language,
            },
            None => Self {
                person_id: None,
                person_name: String::new(),
                rows: request.state.appwrite.guest().rows(database, table),
                language,
            },
        })
    }

    /// Acts as the user of a JWT.
    ///
    /// First asks Appwrite for the account, which needs a valid JWT: the rows API treats a JWT whose session has ended
    /// as a guest and still returns public rows.
    pub async fn jwt_holder(state: &AppState, jwt: SecretString) -> Result<Self, AppError> {
        let client = state.appwrite.jwt(jwt);
        let person = client.account().await?;
        Ok(Self {
            person_id: Some(person.id),
            person_name: person.name,
            rows: client.rows(&state.config.database_id, BIRTHDAYS.id),
            language: Language::default(),
        })
    }

    pub(super) fn signed_in(self) -> Result<Self, AppError> {
        if self.person_id.is_some() { Ok(self) } else { Err(AppError::SignedOut) }
    }

    pub(super) fn person_id(&self) -> Result<&str, AppError> {
        self.person_id.as_deref().ok_or(AppError::SignedOut)
    }

    pub(super) fn shown(&self, row: Row<Columns>) -> Birthday {
        shown(row, &self.reader())
    }

    /// Returns the rows as the pages show them.
    pub(super) fn all_shown(&self, rows: Vec<Row<Columns>>) -> Vec<Birthday> {
        let reader = self.reader();
        rows.into_iter().map(|row| shown(row, &reader)).collect()
    }

    fn reader(&self) -> Reader {
        Reader::new(self.person_id.as_deref(), &self.language)
    }

    /// Maps a refused change to an error. Returns "not found" also for rows that the user may not read.
    pub(super) async fn refusal(&self, id: &str, error: AppwriteError) -> AppError {
        match of_form(error) {
            AppError::Forbidden => match self.rows.get::<Columns>(id).await {
                Err(error) if error.is_not_found() => AppError::NotFound,
                _ => AppError::Forbidden,
            },
            error => error,
        }
    }
}
