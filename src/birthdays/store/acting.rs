//! In whose name rows are read and changed.

use appwrite_client::{AppwriteError, Row, Rows};
use leptos_appwrite::error::{AppError, Problem};
use leptos_appwrite::session::request::ActionRequest;
use leptos_appwrite::state::AppState;
use secrecy::SecretString;

use super::columns::{Columns, shown};
use crate::birthdays::model::Birthday;
use crate::person::Person;
use crate::tables::BIRTHDAYS;

/// The table's columns and the form fields that they come from.
const FIELDS: [(&str, &str); 2] = [("name", "name"), ("birthday", "date")];

/// What Appwrite's refusal of a birthday means for the form.
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

/// In whose name rows are read and changed: a person's, by the credential that they brought, or nobody's.
///
/// It lives as long as one request.
#[derive(Clone)]
pub struct ActingAs {
    pub(super) person_id: Option<String>,
    pub(super) rows: Rows,
}

impl ActingAs {
    /// The person whose session the request of a page brings.
    pub async fn person(request: &ActionRequest) -> Result<Self, AppError> {
        Self::person_or_guest(request).await?.signed_in()
    }

    /// The same, or a guest if the request brings no session. A session that has ended is an error, not a guest.
    pub async fn person_or_guest(request: &ActionRequest) -> Result<Self, AppError> {
        let (database, table) = (&request.state.config.database_id, BIRTHDAYS.id);
        Ok(match request.user_if_any::<Person>().await? {
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

    pub(super) fn signed_in(self) -> Result<Self, AppError> {
        if self.person_id.is_some() { Ok(self) } else { Err(AppError::SignedOut) }
    }

    pub(super) fn person_id(&self) -> Result<&str, AppError> {
        self.person_id.as_deref().ok_or(AppError::SignedOut)
    }

    pub(super) fn shown(&self, row: Row<Columns>) -> Birthday {
        shown(row, self.person_id.as_deref())
    }

    /// Why a change was refused. Appwrite tells a row that one may not see from one that is not there; we do not.
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
