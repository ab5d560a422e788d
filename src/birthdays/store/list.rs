//! Lists birthdays, page by page.

use appwrite_client::{AppwriteError, Query, Row};
use jiff::civil::Date;
use leptos_appwrite::error::AppError;

use super::acting::ActingAs;
use super::columns::Columns;
use super::dates;
use crate::birthdays::model::{BirthdayList, ListQuery, MOST_COUNTED, Order, search_text};

/// The maximum number of rows that are read for one list.
const MAX_ROWS: usize = 1000;

/// Lists all birthdays that the user may see, by name.
pub async fn list_all(acting: &ActingAs) -> Result<BirthdayList, AppError> {
    let found = acting.rows.list_all::<Columns>(&[Query::order_asc("name")], MAX_ROWS).await?;
    let mut rows = found.rows;
    rows.sort_by_cached_key(by_name);
    let page = Page { is_complete: found.complete, total: rows.len(), start: Some(0), rows, ..Page::default() };
    Ok(page.shown_to(acting, &ListQuery::default()))
}

/// Lists a page of the birthdays that the user may see. If the page is gone, lists the first one.
pub async fn list(acting: &ActingAs, query: &ListQuery) -> Result<BirthdayList, AppError> {
    let page = match query.order {
        Order::Name => page_by_name(acting, query).await?,
        Order::Next => page_by_next(acting, query).await?,
    };
    Ok(page.shown_to(acting, query))
}

/// A page of rows.
struct Page {
    rows: Vec<Row<Columns>>,
    is_complete: bool,
    total: usize,
    start: Option<usize>,
    has_previous: bool,
    has_next: bool,
    is_first_instead: bool,
}

impl Default for Page {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            is_complete: true,
            total: 0,
            start: None,
            has_previous: false,
            has_next: false,
            is_first_instead: false,
        }
    }
}

impl Page {
    fn shown_to(self, acting: &ActingAs, query: &ListQuery) -> BirthdayList {
        BirthdayList {
            query: query.clone(),
            birthdays: acting.all_shown(self.rows),
            is_complete: self.is_complete,
            total: self.total,
            start: self.start,
            has_previous: self.has_previous,
            has_next: self.has_next,
            is_first_instead: self.is_first_instead,
            reader: acting.person_id.clone(),
        }
    }
}

/// Lets Appwrite find the page.
async fn page_by_name(acting: &ActingAs, query: &ListQuery) -> Result<Page, AppError> {
    if query.after.is_empty() && query.before.is_empty() {
        return Ok(first_page(acting, query).await?);
    }
    if let Some(page) = page_at_position(acting, query).await? {
        return Ok(page);
    }
    let found = match (query.after.as_str(), query.before.as_str()) {
        ("", before) => page_before(acting, query, before).await,
        (after, _) => page_after(acting, query, after).await,
    };
    match found {
        Ok(Some(page)) if page.rows.is_empty() => first_instead(acting, query).await,
        Ok(Some(page)) => Ok(page),
        Ok(None) => Ok(first_page(acting, query).await?),
        Err(error) if is_cursor_gone(&error) => first_instead(acting, query).await,
        Err(error) => Err(error.into()),
    }
}

/// Returns the first page in place of one that is gone or empty.
async fn first_instead(acting: &ActingAs, query: &ListQuery) -> Result<Page, AppError> {
    Ok(Page { is_first_instead: true, ..first_page(acting, query).await? })
}

/// True if the cursor's row was deleted, or the id in the address is not a row's.
fn is_cursor_gone(error: &AppwriteError) -> bool {
    error.is("general_cursor_not_found") || error.is("general_query_invalid")
}

async fn first_page(acting: &ActingAs, query: &ListQuery) -> Result<Page, AppwriteError> {
    Ok(Page { start: Some(0), ..read(acting, query, None).await? })
}

/// Returns the page at the position in the address, if the row of the cursor is still there. An address may be wrong or
/// old, so the position counts only if that row is next to it.
async fn page_at_position(acting: &ActingAs, query: &ListQuery) -> Result<Option<Page>, AppwriteError> {
    let size = query.page_size();
    let Some(cursor_at) = query.position.checked_sub(1).filter(|at| *at < MOST_COUNTED) else { return Ok(None) };
    let is_after = !query.after.is_empty();
    let Some(offset) = (if is_after { Some(cursor_at) } else { cursor_at.checked_sub(size) }) else { return Ok(None) };
    let limit = if is_after { size + 2 } else { size + 1 };
    let window = [Query::limit(bound(limit)), Query::offset(bound(offset))];
    let found = acting.rows.list::<Columns>(&conditions(query).into_iter().chain(window).collect::<Vec<_>>()).await?;
    let (mut rows, total) = (found.rows, counted(found.total));
    let (at, cursor) = if is_after { (0, &query.after) } else { (size, &query.before) };
    if rows.get(at).is_none_or(|row| row.id != *cursor) {
        return Ok(None);
    }
    rows.remove(at);
    if rows.is_empty() {
        return Ok(None);
    }
    let start = if is_after { offset + 1 } else { offset };
    let has_next = !is_after || rows.len() > size;
    rows.truncate(size);
    Ok(Some(Page { rows, total, start: Some(start), has_previous: start > 0, has_next, ..Page::default() }))
}

async fn page_after(acting: &ActingAs, query: &ListQuery, id: &str) -> Result<Option<Page>, AppwriteError> {
    let page = read(acting, query, Some(Query::cursor_after(id))).await?;
    let is_last = !page.has_next && page.total < MOST_COUNTED;
    let start = page.total.checked_sub(page.rows.len()).filter(|_| is_last);
    Ok(Some(Page { has_previous: true, start, ..page }))
}

/// Returns `None` if the page would not be full: the first page then shows these rows and the ones after them.
async fn page_before(acting: &ActingAs, query: &ListQuery, id: &str) -> Result<Option<Page>, AppwriteError> {
    let mut found = acting.rows.list::<Columns>(&queries(query, Some(Query::cursor_before(id)))).await?;
    let size = query.page_size();
    if (1..size).contains(&found.rows.len()) {
        return Ok(None);
    }
    let has_previous = found.rows.len() > size;
    if has_previous {
        found.rows.remove(0);
    }
    let total = counted(found.total);
    let start = (!has_previous).then_some(0);
    Ok(Some(Page { rows: found.rows, total, start, has_previous, has_next: true, ..Page::default() }))
}

async fn read(acting: &ActingAs, query: &ListQuery, cursor: Option<Query>) -> Result<Page, AppwriteError> {
    let mut found = acting.rows.list::<Columns>(&queries(query, cursor)).await?;
    let has_next = found.rows.len() > query.page_size();
    found.rows.truncate(query.page_size());
    Ok(Page { rows: found.rows, total: counted(found.total), has_next, ..Page::default() })
}

/// Asks for one row more than the page holds, to know if there is another page.
fn queries(query: &ListQuery, cursor: Option<Query>) -> Vec<Query> {
    let limit = Query::limit(bound(query.page_size() + 1));
    conditions(query).into_iter().chain([limit]).chain(cursor).collect()
}

fn conditions(query: &ListQuery) -> Vec<Query> {
    let search = Some(search_text(&query.search)).filter(|search| !search.is_empty());
    search.map(|search| Query::contains("name", search)).into_iter().chain([Query::order_asc("name")]).collect()
}

fn bound(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

fn counted(total: u64) -> usize {
    usize::try_from(total).unwrap_or(usize::MAX)
}

/// Sorts here: Appwrite cannot order rows by a part of a date.
async fn page_by_next(acting: &ActingAs, query: &ListQuery) -> Result<Page, AppError> {
    let found = acting.rows.list_all::<Columns>(&conditions(query), MAX_ROWS).await?;
    let today = dates::earliest_today();
    let mut rows = found.rows;
    rows.sort_by_cached_key(|row| {
        let next = row.data.date().map_or(Date::MAX, |born| dates::next(born, today));
        (next, by_name(row))
    });
    let size = query.page_size();
    let at = |id: &str| rows.iter().position(|row| row.id == id);
    let (start, is_first_instead) = match (query.after.as_str(), query.before.as_str()) {
        ("", "") => (Some(0), false),
        ("", before) => (at(before).filter(|at| *at > 0).map(|at| at.saturating_sub(size)), true),
        (after, _) => (at(after).map(|at| at + 1).filter(|start| *start < rows.len()), true),
    };
    let is_first_instead = is_first_instead && start.is_none();
    let start = start.unwrap_or_default();
    let total = rows.len();
    let rows: Vec<_> = rows.into_iter().skip(start).take(size).collect();
    Ok(Page {
        has_previous: start > 0,
        has_next: start + rows.len() < total,
        start: Some(start),
        rows,
        is_complete: found.complete,
        total,
        is_first_instead,
    })
}

fn by_name(row: &Row<Columns>) -> (String, String) {
    (row.data.name.to_lowercase(), row.id.clone())
}
