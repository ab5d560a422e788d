//! Chooses what the list shows: search, order and page. The address holds the choice, so links and forms need no
//! JavaScript.

use leptos::ev::SubmitEvent;
use leptos::prelude::*;
use leptos_appwrite::effect::effect;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_query_map};
use leptos_router::params::ParamsMap;

use super::model::{Birthday, BirthdayList, LONG_PAGE, ListQuery, Order, PAGE, search_text};

/// The id of the section with the list. Links to other pages lead there, past the form.
pub(super) const LIST: &str = "list";

/// The value of `page` in the address of a long page.
const LONG: &str = "long";

/// The start of a row's id.
const ROW: &str = "birthday-";

/// Returns the choice that the address holds.
pub(super) fn use_list_query() -> Memo<ListQuery> {
    let params = use_query_map();
    Memo::new(move |_| {
        params.with(|params| ListQuery {
            search: search_text(&params.get("search").unwrap_or_default()),
            order: Order::from_value(&params.get("order").unwrap_or_default()),
            after: params.get("after").unwrap_or_default(),
            before: params.get("before").unwrap_or_default(),
            position: params.get("position").and_then(|position| position.parse().ok()).unwrap_or_default(),
            is_long: params.get("page").is_some_and(|page| page == LONG),
        })
    })
}

/// Returns the address of a page of the list, which scrolls to the list.
pub(super) fn address(query: &ListQuery) -> String {
    format!("{}#{LIST}", document_address(query))
}

/// Returns the address of a page of the list, which stays at the top.
pub(super) fn document_address(query: &ListQuery) -> String {
    format!("/birthdays{}", query_string(query))
}

/// Returns the address of a page about one birthday, which leads back to the page of the list with this query.
pub(super) fn birthday_address(id: &str, page: &str, query_string: &str) -> String {
    format!("/birthdays/{id}/{page}{query_string}")
}

/// Returns the id of a birthday's row on the page.
pub(super) fn row_id(id: &str) -> String {
    format!("{ROW}{id}")
}

/// True for the id of a row.
pub(super) fn is_row_id(id: &str) -> bool {
    id.starts_with(ROW)
}

/// Returns the address of a birthday's row on the page of the list from which the user came.
pub(super) fn use_row_address(id: &str) -> String {
    format!("{}#{}", use_list_address(), row_id(id))
}

/// Returns the address of the page of the list from which the user came.
pub(super) fn use_list_address() -> String {
    use_list_query().with_untracked(document_address)
}

/// Returns the query of the address of a page of the list.
pub(super) fn query_string(query: &ListQuery) -> String {
    let ListQuery { search, order, after, before, .. } = query;
    let position = if query.position == 0 { String::new() } else { query.position.to_string() };
    let params = [
        ("search", search.as_str()),
        ("order", order.value()),
        ("page", if query.is_long { LONG } else { "" }),
        ("after", after),
        ("before", before),
        ("position", &position),
    ];
    let params = params.into_iter().filter(|(_, value)| !value.is_empty());
    let params: ParamsMap = params.map(|(name, value)| (name, value.to_owned())).collect();
    params.to_query_string()
}

/// Returns the first page of the same list.
pub(super) fn first_page(query: &ListQuery) -> ListQuery {
    ListQuery { after: String::new(), before: String::new(), position: 0, ..query.clone() }
}

/// The search by name, and the order.
#[component]
pub(super) fn SearchAndSort(query: Memo<ListQuery>) -> impl IntoView {
    let field = NodeRef::<leptos::html::Input>::new();
    let navigate = use_navigate();
    let search = move |event: SubmitEvent| {
        if let Some(field) = field.get_untracked() {
            event.prevent_default();
            let query = ListQuery { search: search_text(&field.value()), ..first_page(&query.get_untracked()) };
            navigate(&address(&query), NavigateOptions { scroll: false, ..NavigateOptions::default() });
        }
    };
    let text = move || query.with(|query| query.search.clone());
    // Skips the first run: before hydration, the user may have typed another text.
    let mut before = None;
    effect(move || {
        let text = text();
        if let (true, Some(field)) = (before.as_ref().is_some_and(|before| *before != text), field.get_untracked()) {
            field.set_value(&text);
        }
        before = Some(text);
    });
    let order = move || query.with(|query| query.order);
    let link = move |of: Order, text: &'static str| {
        let href = move || query.with(|query| address(&ListQuery { order: of, ..first_page(query) }));
        view! { <a href=href aria-current=move || (order() == of).then_some("true")>{text}</a> }
    };
    view! {
        <div class="list-head">
            <form class="search" role="search" action=format!("/birthdays#{LIST}") on:submit=search>
                <label class="visually-hidden" for="search">"Search by name"</label>
                <div class="control">
                    <input
                        id="search"
                        name="search"
                        type="search"
                        placeholder="Search by name"
                        autocomplete="off"
                        value=text
                        node_ref=field
                    />
                </div>
                {move || (order() == Order::Next).then(|| view! {
                    <div hidden><input type="hidden" name="order" value=Order::Next.value()/></div>
                })}
                {move || query.with(|query| query.is_long).then(|| view! {
                    <div hidden><input type="hidden" name="page" value=LONG/></div>
                })}
                <button type="submit" class="button button-quiet">"Search"</button>
            </form>
            <nav class="sort" aria-label="Order of the list">
                <span class="quiet" aria-hidden="true">"Sort by"</span>
                {link(Order::Name, "Name")}
                {link(Order::Next, "Next birthday")}
            </nav>
        </div>
    }
}

/// Links to the pages before and after this one, if there are any, and to a long page.
pub(super) fn pager(list: &BirthdayList) -> AnyView {
    let BirthdayList { birthdays, query, start, total, .. } = list;
    if *total <= PAGE {
        return ().into_any();
    }
    let cursor = |is_there: bool, birthday: Option<&Birthday>| Some(birthday.filter(|_| is_there)?.id.clone());
    let position = |on_page: usize| start.map_or(0, |start| start + on_page);
    let previous = cursor(list.has_previous, birthdays.first())
        .map(|before| address(&ListQuery { before, position: position(1), ..first_page(query) }));
    let next = cursor(list.has_next, birthdays.last())
        .map(|after| address(&ListQuery { after, position: position(birthdays.len()), ..first_page(query) }));
    let other_size = address(&ListQuery { is_long: !query.is_long, ..first_page(query) });
    let other_size_text = match (query.is_long, *total) {
        (true, _) => format!("Show {PAGE} per page"),
        (false, total) if total <= LONG_PAGE => format!("Show all {total}"),
        (false, _) => format!("Show {LONG_PAGE} per page"),
    };
    view! {
        <nav class="pager" aria-label="Pages">
            {previous.map(|href| view! { <a class="button button-quiet" href=href rel="prev">"Previous"</a> })}
            {next.map(|href| view! { <a class="button button-quiet" href=href rel="next">"Next"</a> })}
            <a href=other_size>{other_size_text}</a>
        </nav>
    }
    .into_any()
}
