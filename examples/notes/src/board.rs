//! The page of one table: lists its rows, follows changes, and has a form to add a row.

use leptos::prelude::*;
use leptos_appwrite::components::{FormAction, HiddenField, Notice, NoticeKind, PostForm, SubmitButton, TextField};
use leptos_appwrite::error::{AppError, Problem};
use leptos_appwrite::realtime::{LiveBadge, WhileSignedIn, in_time, use_rows};
use leptos_appwrite::site::use_site;
use leptos_appwrite::tables::Table;
use serde::{Deserialize, Serialize};

#[component]
pub fn BoardPage(table: &'static Table) -> impl IntoView {
    let rows = Resource::new(|| (), |()| in_time(list_rows(table.id.into())));
    use_rows(table, move || rows.refetch());
    let (text, add) = (use_site().wording.error, FormAction::of::<AddRow>());
    view! {
        <h1>{table.name}</h1>
        <LiveBadge/>
        <WhileSignedIn>
            <Transition>
                {move || rows.get().map(|rows| match rows {
                    Ok(rows) => rows.into_iter().map(|row| view! { <p>{row}</p> }).collect_view().into_any(),
                    Err(error) => view! { <Notice kind=NoticeKind::Error>{text(&error)}</Notice> }.into_any(),
                })}
            </Transition>
            <PostForm action=add id="add" done="Added.">
                <HiddenField name="table" value=table.id.to_owned()/>
                <TextField name="text" label="Text" max_length=500/>
                <SubmitButton>"Add"</SubmitButton>
            </PostForm>
        </WhileSignedIn>
    }
}

#[derive(Serialize, Deserialize)]
struct Columns {
    text: String,
}

#[server(prefix = "/actions", endpoint = "list_rows")]
pub async fn list_rows(table: String) -> Result<Vec<String>, AppError> {
    use leptos_appwrite::client::Query;
    use leptos_appwrite::session::request::ActionRequest;

    let rows = ActionRequest::current()?.rows_by_id(&table)?;
    let list = rows.list::<Columns>(&[Query::order_desc("$createdAt")]).await?;
    Ok(list.rows.into_iter().map(|row| row.data.text).collect())
}

#[server(prefix = "/actions", endpoint = "add_row")]
pub async fn add_row(table: String, #[server(default)] text: String) -> Result<(), AppError> {
    use leptos_appwrite::client::{Permission, Role, User};
    use leptos_appwrite::session::request::ActionRequest;

    let request = ActionRequest::current()?;
    let owner = Role::user(request.user::<User>().await?.id);
    if text.trim().is_empty() {
        return Err(AppError::field("text", Problem::Missing));
    }
    // All signed-in users may read the row; its owner may change and delete it.
    let permissions = [Permission::read(Role::users()), Permission::update(owner.clone()), Permission::delete(owner)];
    let added = request.rows_by_id(&table)?.create::<Columns>(None, &Columns { text }, Some(&permissions)).await;
    added.map(drop).map_err(|error| AppError::of_form(error, &[("text", "text")]))
}
