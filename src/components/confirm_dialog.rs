//! A button that opens a dialog with a form.

use leptos::ev::MouseEvent;
use leptos::html;
use leptos::prelude::*;

use super::dialog::{Dialog, show};
use super::focus;

/// A button that opens a dialog. Without JavaScript, the dialog's content opens below the button.
#[component]
pub fn ConfirmDialog(
    /// The dialog's id.
    #[prop(into)]
    id: String,
    /// The dialog's heading.
    #[prop(into)]
    title: String,
    /// The button's class.
    class: &'static str,
    /// The button's content.
    #[prop(into)]
    button: ViewFnOnce,
    /// True if the content is open at first, after a form was refused without JavaScript.
    is_open: bool,
    /// The form.
    children: Children,
) -> impl IntoView {
    let (details, summary) = (NodeRef::<html::Details>::new(), NodeRef::<html::Summary>::new());
    let dialog = NodeRef::<html::Dialog>::new();
    let open = move |event: MouseEvent| {
        let (Some(details), Some(dialog)) = (details.get_untracked(), dialog.get_untracked()) else { return };
        if details.open() {
            // A form that was refused without JavaScript has left the content open below the button. The browser closes
            // it.
            return;
        }
        event.prevent_default();
        // Fails only for an invalid attribute name.
        let _ = details.set_attribute("open", "");
        show(&dialog);
    };
    let close = move || {
        if let Some(dialog) = dialog.get_untracked().filter(|dialog| !dialog.open()) {
            if let Some(details) = details.get_untracked() {
                let _ = details.remove_attribute("open");
            }
            // Until the page's code has loaded, the button opens the content below it.
            let _ = dialog.set_attribute("open", "");
            if let Some(summary) = summary.get_untracked() {
                focus(&summary);
            }
        }
    };
    view! {
        <details class="confirm" node_ref=details open=is_open>
            <summary class=class aria-haspopup="dialog" node_ref=summary on:click=open>{button.run()}</summary>
            <Dialog id title open=true node_ref=dialog on_close=close>{children()}</Dialog>
        </details>
    }
}
