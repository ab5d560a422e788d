//! Server functions of the birthdays pages.

use leptos::prelude::*;
use leptos_appwrite::error::AppError;

use super::model::{Birthday, BirthdayList};

/// Returns a page of the birthdays that the user may see.
#[server(prefix = "/actions", endpoint = "list_birthdays")]
pub async fn list_birthdays(
    #[server(default)] search: String,
    #[server(default)] order: String,
    #[server(default)] after: String,
    #[server(default)] before: String,
    #[server(default)] position: usize,
    #[server(default)] is_long: bool,
) -> Result<BirthdayList, AppError> {
    use super::model::{ListQuery, Order};
    use super::store::{self, ActingAs};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    let query = ListQuery { search, order: Order::from_value(&order), after, before, position, is_long };
    store::list(&ActingAs::person_or_guest(&request).await?, &query).await
}

/// Returns one of the user's own birthdays.
#[server(prefix = "/actions", endpoint = "get_birthday")]
pub async fn get_birthday(id: String) -> Result<Birthday, AppError> {
    use super::store::{self, ActingAs};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    request.no_store();
    store::get_own(&ActingAs::person(&request).await?, &id).await
}

/// Adds a birthday for the signed-in user.
#[server(prefix = "/actions", endpoint = "add_birthday")]
pub async fn add_birthday(
    #[server(default)] name: String,
    #[server(default)] date: String,
    #[server(default)] visibility: String,
) -> Result<(), AppError> {
    use super::store::{self, ActingAs, Draft};
    use leptos_appwrite::session::request::ActionRequest;

    let draft = Draft::new(&name, &date, &visibility)?;
    store::add(&ActingAs::person(&ActionRequest::current()?).await?, &draft).await?;
    Ok(())
}

/// Changes one of the user's own birthdays, unless it has changed since this `version`, and opens `next`, or else the list. An
/// empty version skips the check.
#[server(prefix = "/actions", endpoint = "update_birthday")]
pub async fn update_birthday(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] date: String,
    #[server(default)] visibility: String,
    #[server(default)] version: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::store::{self, ActingAs, Changes};
    use crate::success::BIRTHDAY_SAVED;
    use leptos_appwrite::session::request::ActionRequest;

    let changes = Changes::new(Some(&name), Some(&date), Some(&visibility))?;
    let request = ActionRequest::current()?;
    let version = Some(version.as_str()).filter(|version| !version.is_empty());
    let saved = store::update(&ActingAs::person(&request).await?, &id, &changes, version).await?;
    tell(&request, BIRTHDAY_SAVED, saved.name, Some(saved.id), &next);
    Ok(())
}

/// Deletes one of the user's own birthdays, and opens `next`, or else the list. `name` is the name on the user's page.
#[server(prefix = "/actions", endpoint = "delete_birthday")]
pub async fn delete_birthday(
    #[server(default)] id: String,
    #[server(default)] name: String,
    #[server(default)] next: String,
) -> Result<(), AppError> {
    use super::store::{self, ActingAs};
    use crate::success::BIRTHDAY_DELETED;
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    store::delete(&ActingAs::person(&request).await?, &id).await?;
    tell(&request, BIRTHDAY_DELETED, name, None, &next);
    Ok(())
}

/// Opens `next`, or else the list, which then says what happened to the birthday of this name.
#[cfg(feature = "ssr")]
fn tell(
    request: &leptos_appwrite::session::request::ActionRequest,
    action: &str,
    subject: String,
    id: Option<String>,
    next: &str,
) {
    use leptos_appwrite::session::Success;
    use leptos_appwrite::session::own_path::OwnPath;

    request.leave_success(Success::Own { action: action.into(), subject, id });
    request.go_to(&OwnPath::parse(next).unwrap_or_else(|| OwnPath::of_page("/birthdays")));
}
