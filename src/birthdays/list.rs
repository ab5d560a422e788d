//! The page that lists the birthdays and updates live.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use leptos::prelude::*;
use leptos::wasm_bindgen::JsCast;
use leptos::web_sys::HtmlElement;
use leptos_appwrite::effect::effect;
use leptos_appwrite::english::sentence;
use leptos_appwrite::error::AppError;
use leptos_appwrite::json::{self, Json};
use leptos_appwrite::realtime::{
    AlsoHere, LiveBadge, WhileSignedIn, confirm_session, in_time, recheck_session, use_has_ended, use_rows,
};
use leptos_appwrite::session::{Success, leave_if_signed_out, set_page_status, use_success};
use leptos_meta::Title;
use leptos_router::components::A;
use leptos_router::hooks::use_location;
use maud::{Markup, PreEscaped, Render as _, html};

use super::actions::{AddBirthday, list_birthdays};
use super::changes::ChangesByOthers;
use super::date_field::DateField;
use super::delete::DeleteDialog;
use super::model::{Birthday, BirthdayList, ListQuery, MOST_COUNTED, Visibility, search_text};
use super::own::date_in_words;
use super::page_of_list::{
    LIST, SearchAndSort, address, birthday_address, document_address, first_page, is_row_id, pager, query_string,
    row_id, use_list_query,
};
use crate::components::{
    Choice, ChoiceField, DoneMessage, FormAction, Notice, NoticeKind, PageDialog, PageDialogLink, PostForm,
    SubmitButton, Text, TextField, at_once, cached, focus_in_place, inert, words,
};
use crate::person::use_person;
use crate::scroll::use_scroll_is_restored;
use crate::success::BIRTHDAY_SAVED;
use crate::tables::BIRTHDAYS;

/// Shows the list, the form to add a birthday, and a badge that says if the page is live.
#[component]
pub fn BirthdaysPage() -> impl IntoView {
    let person_id = StoredValue::new(use_person().map(|person| person.id));
    let query = use_list_query();
    let birthdays = json::resource(
        move || query.get(),
        move |ListQuery { search, order, after, before, position, is_long }| async move {
            let list = list_birthdays(search, order.value().to_owned(), after, before, position, is_long);
            let list = in_time(list).await?;
            // Another tab may have signed out or switched accounts since the server rendered this page.
            match person_id.try_get_value().flatten() {
                Some(id) if list.reader.as_ref() != Some(&id) => Err(AppError::SignedOut),
                _ => Ok(Arc::new(list)),
            }
        },
    );
    effect(move || match birthdays.get() {
        // Keeps the page, which then says why it is empty.
        Some(Err(AppError::SignedOut | AppError::Blocked)) => recheck_session(),
        Some(Err(error)) => leave_if_signed_out(&error),
        Some(Ok(_)) => confirm_session(),
        None => {}
    });
    let content = match use_person() {
        Some(_) => view! { <LiveContent birthdays query/> }.into_any(),
        None => view! { <PublicContent birthdays query/> }.into_any(),
    };
    view! {
        <Title text="Birthdays"/>
        <div class="page">{content}</div>
    }
}

/// Wait before the first retry after a failure. It doubles with each failure, up to the longest wait.
const RETRY_AFTER: Duration = Duration::from_secs(3);
const MAX_RETRY: Duration = Duration::from_secs(60);

/// Shared, because each reading of the resource clones it.
type Birthdays = Resource<Result<Arc<BirthdayList>, AppError>, Json>;

/// The page of a signed-in user: updates live and has a form to add birthdays.
#[component]
fn LiveContent(birthdays: Birthdays, query: Memo<ListQuery>) -> impl IntoView {
    use_rows(&BIRTHDAYS, move || birthdays.refetch());
    fetch_again_after_failure(birthdays);
    let refetch = Callback::new(move |()| birthdays.refetch());
    let has_ended = use_has_ended();
    let deletion = PageDialog::<Birthday>::closed();
    let has_name = has_name();
    provide_context(deletion);
    view! {
        <div class="page-head">
            <h1>"Birthdays"</h1>
            // After the session has ended, the notice below says so.
            {move || (!has_ended.get()).then(|| cached("live badge", "", || view! { <LiveBadge/> }))}
        </div>
        <WhileSignedIn>
            {cached("above the list", if has_name { "with a name" } else { "" }, move || view! {
                <AlsoHere page="/birthdays"/>
                <AddForm refetch has_name/>
            })}
            <ListSection birthdays query/>
            <ChangesByOthers birthdays/>
            <DeleteDialog dialog=deletion/>
        </WhileSignedIn>
    }
}

/// The page of a signed-out visitor.
#[component]
fn PublicContent(birthdays: Birthdays, query: Memo<ListQuery>) -> impl IntoView {
    view! {
        <div class="page-head">
            <h1>"Birthdays"</h1>
            <p class="badge">"Reload to see changes"</p>
        </div>
        <p>
            <A href="/login?next=%2Fbirthdays">"Sign in"</A>
            " to add birthdays, see those shared with signed-in users, and get live updates."
        </p>
        <ListSection birthdays query/>
    }
}

/// Retries a list that failed to load, because there may be no event that makes the page fetch it again.
///
/// Skips hidden pages: they refetch when they become visible.
fn fetch_again_after_failure(birthdays: Birthdays) {
    let mut failures = 0;
    effect(move || {
        let error = match birthdays.get() {
            Some(Err(error)) if error.is_temporary() => error,
            Some(_) => {
                failures = 0;
                return;
            }
            None => return,
        };
        let retry = move || {
            if !document().hidden() {
                birthdays.refetch();
            }
        };
        let wait = retry_wait(&error, failures);
        if let Ok(timer) = set_timeout_with_handle(retry, wait + wait / 100 * random_percent()) {
            on_cleanup(move || timer.clear());
        }
        failures += 1;
    });
}

/// Returns a number below 50, by which the browsers' retries differ.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a small positive number")]
fn random_percent() -> u32 {
    (leptos::web_sys::js_sys::Math::random() * 50.0) as u32
}

/// Waits at least as long as the server asks for.
fn retry_wait(error: &AppError, failures: u32) -> Duration {
    let backoff = RETRY_AFTER.saturating_mul(2_u32.saturating_pow(failures)).min(MAX_RETRY);
    match error {
        AppError::TooManyRequests { retry_after } => backoff.max(Duration::from_secs(*retry_after)),
        _ => backoff,
    }
}

/// The list, with the controls that choose what it shows. Has the focus after a change of page.
#[component]
fn ListSection(birthdays: Birthdays, query: Memo<ListQuery>) -> impl IntoView {
    let section = NodeRef::<leptos::html::Section>::new();
    let mut before = None;
    effect(move || {
        let query = query.get();
        if let (true, Some(section)) = (before.as_ref().is_some_and(|before| *before != query), section.get_untracked())
        {
            // The router scrolls to the list where that is needed.
            focus_in_place(&section);
        }
        before = Some(query);
    });
    focus_row(birthdays);
    view! {
        <section id=LIST class="list" tabindex="-1" aria-label="List of birthdays" node_ref=section>
            {cached("above the rows", "", move || view! { <SearchAndSort query/> <Announcement birthdays/> })}
            <Rows birthdays query/>
        </section>
    }
}

/// After a client-side navigation, focuses the row that the URL names, once it is on the page. After a document load,
/// the browser does it.
fn focus_row(birthdays: Birthdays) {
    let hash = use_location().hash;
    let sought = StoredValue::new(None::<String>);
    effect(move || sought.set_value(hash.get().strip_prefix('#').map(str::to_owned)));
    let is_restored = use_scroll_is_restored();
    effect(move || {
        hash.track();
        if !matches!(birthdays.get(), Some(Ok(_))) {
            return;
        }
        let Some(id) = sought.try_update_value(Option::take).flatten().filter(|id| is_row_id(id)) else { return };
        if !is_restored() {
            // One frame later, the rows are on the page.
            request_animation_frame(move || {
                if let Some(row) = document().get_element_by_id(&id)
                    && let Some(row) = row.dyn_ref::<HtmlElement>()
                {
                    focus_in_place(row);
                    row.scroll_into_view();
                }
            });
        }
    });
}

/// Tells screen readers what a new search, order or page shows. Says nothing when the rows change.
#[component]
fn Announcement(birthdays: Birthdays) -> impl IntoView {
    let announced = RwSignal::new(None::<String>);
    let mut former = None::<ListQuery>;
    effect(move || {
        let Some(Ok(list)) = birthdays.get() else { return };
        if former.as_ref().is_some_and(|former| *former != list.query) {
            announced.set(Some(found_in_words(&list)));
        }
        former = Some(list.query.clone());
    });
    view! { <p class="visually-hidden" role="status">{move || announced.get().map(words)}</p> }
}

#[component]
fn Rows(birthdays: Birthdays, query: Memo<ListQuery>) -> impl IntoView {
    let is_pending = RwSignal::new(false);
    let latest = StoredValue::new(None::<Arc<BirthdayList>>);
    let (success, first_query) = (use_success(), StoredValue::new(Some(query.get_untracked())));
    let was_saved_here = StoredValue::new(false);
    let content = move |found: Result<Arc<BirthdayList>, AppError>| match found {
        Ok(list) => {
            // Stored values are gone once the component has left the page, so each access may fail.
            let is_first_list = latest.try_with_value(Option::is_none).unwrap_or_default();
            let is_first_query =
                first_query.try_with_value(|first| first.as_ref() == Some(&list.query)).unwrap_or_default();
            if !is_first_query {
                first_query.try_set_value(None);
            }
            let success = untrack(success).filter(|_| is_first_query);
            let saved = success.and_then(|success| Saved::of(success, is_first_list));
            let is_here = saved.as_ref().is_some_and(|saved| saved.is_in(&list));
            // The saved row is no longer in the list: it was deleted, or another save changed it.
            let is_gone = !is_here && was_saved_here.try_get_value().unwrap_or_default();
            was_saved_here.try_set_value(is_here);
            let saved = saved.filter(|_| !is_gone);
            // A server renders a list only once.
            if cfg!(not(feature = "ssr")) {
                latest.try_set_value(Some(list.clone()));
            }
            at_once(|| view! { <List list saved/> })
        }
        Err(error) => {
            set_page_status(&error);
            let is_temporary = error.is_temporary();
            let former = latest.try_get_value().flatten().filter(|_| error.is_temporary());
            let was_so = if former.is_some() { " Showing the last loaded list." } else { "" };
            let saved = match former {
                Some(_) => None,
                None => untrack(success).and_then(|success| Saved::of(success, false)),
            };
            view! {
                {saved.map(|saved| saved.message(None))}
                <Notice kind=NoticeKind::Error>{words(sentence(&error) + was_so)}</Notice>
                {is_temporary.then(|| view! {
                    <p class="actions">
                        <a class="button" href=move || query.with(document_address) rel="external">"Try again"</a>
                    </p>
                })}
                {former.map(|list| view! { <List list saved=None/> })}
            }
            .into_any()
        }
    };
    view! {
        <div class="list-content" aria-busy=move || is_pending.get().then_some("true")>
            <Transition fallback=|| view! { <p class="quiet">"Loading…"</p> } set_pending=is_pending>
                {move || Suspend::new(async move { content(birthdays.await) })}
            </Transition>
        </div>
    }
}

/// The birthday that the user saved on the previous page.
#[derive(Clone)]
struct Saved {
    id: String,
    name: String,
    /// True for the page's first list. Later lists leave the focus where it is.
    takes_focus: bool,
}

impl Saved {
    fn of(success: Success, takes_focus: bool) -> Option<Self> {
        match success {
            Success::Own { action, subject: name, id: Some(id) } if action == BIRTHDAY_SAVED => {
                Some(Self { id, name, takes_focus })
            }
            _ => None,
        }
    }

    fn is_in(&self, list: &BirthdayList) -> bool {
        list.birthdays.iter().any(|birthday| birthday.id == self.id)
    }

    /// The message. Without a script, the browser scrolls to it.
    fn message(self, link: Option<AnyView>) -> AnyView {
        let text = words(format!("Saved {}'s birthday.", self.name));
        view! { <Notice kind=NoticeKind::Success takes_focus=self.takes_focus>{text} {link}</Notice> }.into_any()
    }

    /// The message on a page that does not show the birthday.
    fn message_elsewhere(self) -> AnyView {
        let found = address(&ListQuery { search: search_text(&self.name), ..ListQuery::default() });
        self.message(Some(view! { " " <a href=found>"Show it in the list"</a> }.into_any()))
    }
}

#[component]
fn List(list: Arc<BirthdayList>, saved: Option<Saved>) -> impl IntoView {
    let (saved_here, saved_elsewhere) = match saved {
        Some(saved) if saved.is_in(&list) => (Some(saved), None),
        saved => (None, saved.map(Saved::message_elsewhere)),
    };
    if list.birthdays.is_empty() {
        return view! { {saved_elsewhere} <Empty list/> }.into_any();
    }
    let moved = list.is_first_instead.then(|| {
        view! { <Notice kind=NoticeKind::Info>"That page no longer exists. Showing the first page."</Notice> }
    });
    let total = list.total;
    let cut = (!list.is_complete).then(|| {
        let text = format!("Showing only the first {total} by name. Search to find others.");
        view! { <Notice kind=NoticeKind::Info>{words(text)}</Notice> }
    });
    let count = found_in_words(&list);
    let pager = pager(&list);
    let rows = rows(&list.birthdays, query_string(&list.query), saved_here);
    view! {
        {saved_elsewhere}
        {moved}
        <p class="quiet">{words(count)}</p>
        <ul class="rows" role="list" aria-label="Birthdays">{rows}</ul>
        {cut}
        {pager}
    }
    .into_any()
}

/// Says how many birthdays there are, and which of them the page shows if that is known: `26–50 of 124 birthdays`.
fn found_in_words(list: &BirthdayList) -> String {
    let (shown, total) = (list.birthdays.len(), list.total);
    if shown == 0 && !list.query.search.is_empty() {
        return format!("No birthday matches “{}”.", list.query.search);
    }
    let all = match total {
        1 => "1 birthday".to_owned(),
        _ if !list.is_complete => format!("the first {total} birthdays"),
        _ if total >= MOST_COUNTED => format!("{MOST_COUNTED}+ birthdays"),
        _ => format!("{total} birthdays"),
    };
    match list.start {
        Some(start) if shown < total => format!("{}–{} of {all}", start + 1, start + shown),
        _ => all,
    }
}

/// Invites to add the first birthday, or says that the search found none.
#[component]
fn Empty(list: Arc<BirthdayList>) -> impl IntoView {
    if !list.query.search.is_empty() {
        let all = address(&ListQuery { search: String::new(), ..first_page(&list.query) });
        return view! {
            <div class="empty">
                <p>{words(found_in_words(&list))}</p>
                <p><a href=all>"Show all birthdays"</a></p>
            </div>
        }
        .into_any();
    }
    let (title, text) = match use_person() {
        Some(_) => ("No birthdays yet", "Add the first one above: a friend's, or your own. You choose who sees it."),
        None => ("No public birthdays yet", "Sign in to add the first one."),
    };
    view! {
        <div class="empty">
            <h2>{title}</h2>
            <p class="quiet">{text}</p>
        </div>
    }
    .into_any()
}

fn rows(birthdays: &[Birthday], query: String, saved: Option<Saved>) -> AnyView {
    // Browsers hydrate this HTML as the view from which it is made.
    match cfg!(feature = "ssr") && saved.is_none() {
        true => inert(PreEscaped(html_of_rows(birthdays, &query))).into_any(),
        false => view_of_rows(birthdays, query, saved),
    }
}

fn view_of_rows(birthdays: &[Birthday], query: String, saved: Option<Saved>) -> AnyView {
    let query = StoredValue::new(query);
    let row = |birthday: &Birthday| {
        let saved = saved.clone().filter(|saved| saved.id == birthday.id);
        view_of_row(birthday.clone(), query, saved)
    };
    birthdays.iter().map(row).collect_view().into_any()
}

fn view_of_row(birthday: Birthday, query: StoredValue<String>, saved: Option<Saved>) -> AnyView {
    let text = inert(text_of_row(&birthday));
    let row = row_id(&birthday.id);
    let controls = birthday.is_mine.then(|| {
        let page = |page| query.with_value(|query| birthday_address(&birthday.id, page, query));
        let name = &birthday.name;
        view! {
            <div class="row-controls">
                <a href=page("edit") class=CONTROL aria-label=format!("Edit {name}")>"Edit"</a>
                <PageDialogLink
                    href=page("delete")
                    class=CONTROL
                    label=format!("Delete {name}")
                    dialog=expect_context()
                    subject=birthday.clone()
                >
                    "Delete"
                </PageDialogLink>
            </div>
        }
    });
    view! {
        <li class="row" id=row tabindex="-1">
            {saved.map(|saved| saved.message(None))}
            {text}
            {controls}
        </li>
    }
    .into_any()
}

/// The class of a link that changes a row.
const CONTROL: &str = "button button-quiet button-small";

/// Stand for a row's id, name, text and query. Nothing else in the HTML of [`view_of_row`] is from the private use area.
const MARKS: [char; 4] = ['\u{e000}', '\u{e001}', '\u{e002}', '\u{e003}'];

/// Returns the HTML of [`view_of_rows`] without rendering it.
fn html_of_rows(birthdays: &[Birthday], query: &str) -> String {
    let mut html = String::with_capacity(birthdays.len() * 1024);
    for birthday in birthdays {
        push_row(birthday, query, &mut html);
    }
    // The end of a list.
    html.push_str("<!>");
    html
}

/// Adds the HTML of [`view_of_row`] without rendering it each time: renders it once, with marks, and then fills these in.
fn push_row(birthday: &Birthday, query: &str, html: &mut String) {
    /// The HTML before each mark, and the mark's place in the list.
    static PIECES: [OnceLock<Vec<(String, usize)>>; 2] = [OnceLock::new(), OnceLock::new()];

    let pieces = PIECES[usize::from(birthday.is_mine)].get_or_init(|| {
        let [id, name, text, query] = MARKS.map(String::from);
        // Only marks: the pieces stay, so they may contain nothing of this row.
        let marked = Birthday {
            id,
            name,
            date: String::new(),
            date_in_words: String::new(),
            age: String::new(),
            next_in_words: String::new(),
            language: String::new(),
            visibility: Visibility::OnlyMe,
            is_mine: birthday.is_mine,
            added_by: String::new(),
            version: String::new(),
        };
        let text_of_marked = text_of_row(&marked).into_string();
        let html = view_of_row(marked, StoredValue::new(query), None).to_html().replace(&text_of_marked, &text);
        let piece = |piece: &str| {
            let mark = MARKS.iter().position(|mark| piece.ends_with(*mark));
            (piece.trim_end_matches(MARKS).to_owned(), mark.unwrap_or(MARKS.len()))
        };
        html.split_inclusive(MARKS).map(piece).collect()
    });
    for (piece, mark) in pieces {
        html.push_str(piece);
        match mark {
            0 => Text(&birthday.id).render_to(html),
            1 => Text(&birthday.name).render_to(html),
            2 => html.push_str(&text_of_row(birthday).0),
            3 => Text(query).render_to(html),
            _ => {}
        }
    }
}

fn text_of_row(birthday: &Birthday) -> Markup {
    let Birthday { name, age, next_in_words, language, visibility, is_mine, added_by, .. } = birthday;
    html! {
        div class="row-text" {
            span class="row-name" { (Text(name)) }
            span class="row-facts" {
                (date_in_words(birthday))
                @if !age.is_empty() {
                    span {
                        @if age.starts_with(|first: char| first.is_ascii_digit()) {
                            span class="visually-hidden" { "Age " }
                        }
                        (Text(age)) " " span lang=(Text(language)) dir="auto" { (Text(next_in_words)) }
                    }
                }
                @if *is_mine {
                    span { "Added by you" }
                } @else if !added_by.is_empty() {
                    span { "Added by " (Text(added_by)) }
                }
                span class="tag" { (Text(visibility.label())) }
            }
        }
    }
}

#[component]
fn AddForm(refetch: Callback<()>, has_name: bool) -> impl IntoView {
    let action = FormAction::of::<AddBirthday>();
    refetch_when_done(action, refetch);
    let done = DoneMessage::Naming("name", |name| {
        let found = address(&ListQuery { search: search_text(name), ..ListQuery::default() });
        view! { {words(format!("Added {name}."))} " " <a href=found>"Show it in the list"</a> }.into_any()
    });
    view! {
        <section class="panel add">
            <h2>"Add a birthday"</h2>
            <PostForm action id="add-birthday" class="form" label="Add a birthday" done>
                <TextField name="name" label="Name"/>
                <DateField/>
                <VisibilityField visibility=Visibility::OnlyMe has_name/>
                <SubmitButton>"Add birthday"</SubmitButton>
            </PostForm>
        </section>
    }
}

/// True if the user's account has a name.
pub(super) fn has_name() -> bool {
    use_person().is_some_and(|person| !person.name.is_empty())
}

/// Lets the user choose who may see the birthday.
#[component]
pub(super) fn VisibilityField(visibility: Visibility, has_name: bool) -> impl IntoView {
    let choices =
        Visibility::ALL.map(|choice| Choice { value: choice.value(), label: choice.label() }).into_iter().collect();
    let hint = if has_name {
        "People who see it also see your name."
    } else {
        "People who see it won't see who added it, because your account has no name."
    };
    view! {
        <ChoiceField
            name="visibility"
            label="Who sees it"
            hint
            choices
            value=visibility.value()
        />
    }
}

/// Refetches the list after a form has changed it.
fn refetch_when_done(action: FormAction, refetch: Callback<()>) {
    effect(move || {
        if action.is_done() {
            refetch.run(());
        }
    });
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    fn birthday(is_mine: bool) -> Birthday {
        Birthday {
            id: "b-1".into(),
            name: "<Ann> & \"Bo's\"".into(),
            date: "2012-02-03".into(),
            date_in_words: "February 3, 2012".into(),
            age: "14, turns 15 on".into(),
            next_in_words: "February 3".into(),
            language: "en-US".into(),
            visibility: Visibility::Everyone,
            is_mine,
            added_by: "Kay & Lou".into(),
            version: String::new(),
        }
    }

    #[test]
    fn html_of_rows_is_that_of_their_views() {
        Owner::new().with(|| {
            provide_context(PageDialog::<Birthday>::closed());
            let query = query_string(&ListQuery { search: "a&b".into(), ..ListQuery::default() });
            for is_mine in [true, false] {
                let other = Birthday {
                    id: "b-2".into(),
                    name: "\u{e000}Zoë".into(),
                    date: "1990-12-31".into(),
                    date_in_words: "31. Dezember 1990".into(),
                    age: String::new(),
                    next_in_words: String::new(),
                    language: "de".into(),
                    visibility: Visibility::OnlyMe,
                    added_by: String::new(),
                    ..birthday(is_mine)
                };
                // The first call makes the HTML with the marks.
                for birthdays in [vec![birthday(is_mine)], vec![other.clone()], vec![birthday(!is_mine), other]] {
                    let view = view_of_rows(&birthdays, query.clone(), None).to_html();
                    assert_eq!(html_of_rows(&birthdays, &query), view);
                }
            }
        });
    }
}
