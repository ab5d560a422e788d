//! Reads and writes birthdays as Appwrite rows, with the permissions that make a row private or shared.

mod acting;
mod columns;
mod dates;
mod list;
mod withdraw;

pub use self::acting::ActingAs;
use self::acting::of_form;
use self::columns::permissions;
pub use self::columns::{Changes, Draft};
pub use self::list::{list, list_all};
use self::withdraw::Moved;
use super::model::{Birthday, Visibility};
use jiff::Timestamp;
use leptos_appwrite::error::AppError;

/// The maximum number of attempts to make a row private while others change it.
const MAX_WITHDRAWALS: usize = 3;

/// Returns a birthday that the user may see.
pub async fn get(acting: &ActingAs, id: &str) -> Result<Birthday, AppError> {
    Ok(acting.shown(acting.rows.get(id).await?))
}

/// Returns one of the user's own birthdays.
pub async fn get_own(acting: &ActingAs, id: &str) -> Result<Birthday, AppError> {
    let birthday = get(acting, id).await?;
    if birthday.is_mine { Ok(birthday) } else { Err(AppError::Forbidden) }
}

/// Adds a birthday.
pub async fn add(acting: &ActingAs, draft: &Draft) -> Result<Birthday, AppError> {
    let permissions = permissions(draft.visibility, acting.person_id()?);
    let columns = draft.columns.clone().added_by(&acting.person_name);
    let created = acting.rows.create(None, &columns, Some(&permissions)).await;
    Ok(acting.shown(created.map_err(of_form)?))
}

/// Changes one of the user's own birthdays, if it has not changed since this version; otherwise fails with
/// [`AppError::Conflict`]. Without a version, skips this check.
pub async fn update(
    acting: &ActingAs,
    id: &str,
    changes: &Changes,
    version: Option<&str>,
) -> Result<Birthday, AppError> {
    if changes.is_empty() {
        return get_own(acting, id).await;
    }
    let Ok(version) = version.map(str::parse::<Timestamp>).transpose() else {
        // The text is no version, so it cannot be the row's.
        return Err(get_own(acting, id).await.err().unwrap_or(AppError::Conflict));
    };
    let owner = acting.person_id()?;
    if changes.visibility == Some(Visibility::OnlyMe) {
        for _ in 0..MAX_WITHDRAWALS {
            let Some(row) = withdraw::shared_row(acting, id).await? else { break };
            if version.is_some() && row.updated_at > version {
                return Err(AppError::Conflict);
            }
            match withdraw::withdraw(acting, row, changes).await? {
                Moved::To(row) => return Ok(acting.shown(row)),
                Moved::NotAllowed => break,
                Moved::Stale => {}
            }
        }
    }
    update_in_place(acting, id, changes, owner, version).await
}

async fn update_in_place(
    acting: &ActingAs,
    id: &str,
    changes: &Changes,
    owner: &str,
    version: Option<Timestamp>,
) -> Result<Birthday, AppError> {
    let permissions = changes.visibility.map(|visibility| permissions(visibility, owner));
    match acting.rows.unchanged_since(version).update(id, &changes.columns, permissions.as_deref()).await {
        Ok(row) => Ok(acting.shown(row)),
        Err(error) => Err(acting.refusal(id, error).await),
    }
}

/// Deletes one of the user's own birthdays.
pub async fn delete(acting: &ActingAs, id: &str) -> Result<(), AppError> {
    match acting.rows.delete(id).await {
        Ok(()) => Ok(()),
        Err(error) => Err(acting.refusal(id, error).await),
    }
}
