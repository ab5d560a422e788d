//! A dialog in place of a page that asks before it does something. Without JavaScript, the page asks.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, show};
use super::focus;

/// The state of the dialog: the subject of the question while it is open.
pub struct PageDialog<T: Send + Sync + 'static>(RwSignal<Option<T>>);

impl<T: Send + Sync + 'static> Clone for PageDialog<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Send + Sync + 'static> Copy for PageDialog<T> {}

impl<T: Clone + Send + Sync + 'static> PageDialog<T> {
    /// Returns a closed dialog.
    pub fn closed() -> Self {
        Self(RwSignal::new(None))
    }

    fn open(self, event: &MouseEvent, subject: T) {
        // With one of these keys, the browser opens the link in another tab or window.
        if event.ctrl_key() || event.meta_key() || event.shift_key() || event.alt_key() {
            return;
        }
        event.prevent_default();
        // A closed dialog returns the focus. Not every browser focuses a link that is pressed.
        if let Some(link) = event.current_target() {
            focus(&link);
        }
        self.0.set(Some(subject));
    }
}

/// A link to the page, which opens the dialog.
#[component]
pub fn PageDialogLink<T>(
    /// The page.
    #[prop(into)]
    href: String,
    /// The link's class.
    class: &'static str,
    /// The link's accessible name, if its content does not say enough.
    #[prop(optional, into)]
    label: Option<String>,
    /// The dialog.
    dialog: PageDialog<T>,
    /// The subject of the question.
    subject: T,
    /// The link's content.
    children: Children,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    let subject = StoredValue::new(subject);
    view! {
        <a href=href class=class aria-label=label on:click=move |event| dialog.open(&event, subject.get_value())>
            {children()}
        </a>
    }
}

/// The dialog. Place it outside of views that are rendered again while it is open.
#[component]
pub fn PageInDialog<T>(
    /// The dialog's id.
    id: &'static str,
    /// The heading, which is the same as the page's.
    title: &'static str,
    /// The state.
    dialog: PageDialog<T>,
    /// The page's content.
    content: fn(T) -> AnyView,
) -> impl IntoView
where
    T: Clone + Send + Sync + 'static,
{
    move || {
        dialog.0.get().map(|subject| {
            let element = NodeRef::<html::Dialog>::new();
            Effect::new(move |_| {
                if let Some(element) = element.get() {
                    show(&element);
                }
            });
            view! {
                <Dialog id=id.to_owned() title node_ref=element on_close=move || dialog.0.set(None)>
                    {content(subject)}
                </Dialog>
            }
        })
    }
}
