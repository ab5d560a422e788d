//! A lock that at most one tab of this origin holds (Web Locks API, for which web-sys has no stable bindings).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use leptos::prelude::window;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortController;
use web_sys::js_sys::{Function, Object, Promise, Reflect};

/// The tab's request for the lock, pending or granted.
pub(super) struct Lock {
    name: String,
    manager: JsValue,
    request: Function,
    on_change: Rc<dyn Fn(Change)>,
    claim: RefCell<Option<Rc<Claim>>>,
}

/// A change of the lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// This tab holds it.
    Granted,
    /// Another tab has stolen it.
    Lost,
}

/// One request for the lock.
struct Claim {
    /// Cancels a pending request.
    abort: AbortController,
    /// Releases the lock, once it is held.
    give_back: RefCell<Option<Function>>,
    is_given_up: Cell<bool>,
}

impl Lock {
    /// Returns `None` without the API: in old browsers, and on http pages from other machines.
    pub(super) fn find(name: String, on_change: impl Fn(Change) + 'static) -> Option<Self> {
        let manager = Reflect::get(&window().navigator(), &"locks".into()).ok().filter(JsValue::is_object)?;
        let request = Reflect::get(&manager, &"request".into()).ok()?.dyn_into().ok()?;
        Some(Self { name, manager, request, on_change: Rc::new(on_change), claim: RefCell::default() })
    }

    /// Requests the lock.
    pub(super) fn request(&self) {
        self.claim(false);
    }

    /// Steals the lock.
    pub(super) fn steal(&self) {
        self.claim(true);
    }

    /// Cancels the request, or releases the lock.
    pub(super) fn release(&self) {
        if let Some(claim) = self.claim.take() {
            claim.give_up();
        }
    }

    fn claim(&self, by_force: bool) {
        self.release();
        let Ok(abort) = AbortController::new() else { return };
        let options = Object::new();
        // The API rejects `steal` together with `signal`.
        let (option, value) = if by_force { ("steal", JsValue::TRUE) } else { ("signal", abort.signal().into()) };
        if Reflect::set(&options, &option.into(), &value).is_err() {
            return;
        }
        let claim = Rc::new(Claim { abort, give_back: RefCell::default(), is_given_up: Cell::new(false) });
        let granted = Closure::<dyn FnMut(JsValue) -> Promise>::new({
            let (claim, on_change) = (Rc::clone(&claim), Rc::clone(&self.on_change));
            move |_lock| claim.granted(&*on_change)
        });
        let asked = self.request.call3(&self.manager, &JsValue::from_str(&self.name), &options, granted.as_ref());
        let Some(done) = asked.ok().and_then(|done| done.dyn_into::<Promise>().ok()) else { return };
        self.claim.replace(Some(Rc::clone(&claim)));
        let on_change = Rc::clone(&self.on_change);
        spawn_local(async move {
            let outcome = JsFuture::from(done).await;
            // The browser no longer calls it.
            drop(granted);
            let was_held = claim.give_back.take().is_some();
            if outcome.is_err() && was_held && !claim.is_given_up.get() {
                on_change(Change::Lost);
            }
        });
    }
}

impl Claim {
    /// The browser holds the lock until the returned promise resolves.
    fn granted(&self, on_change: &dyn Fn(Change)) -> Promise {
        if self.is_given_up.get() {
            return Promise::resolve(&JsValue::UNDEFINED);
        }
        let held = Promise::new(&mut |give_back, _| {
            self.give_back.replace(Some(give_back));
        });
        on_change(Change::Granted);
        held
    }

    fn give_up(&self) {
        self.is_given_up.set(true);
        match self.give_back.take() {
            // A promise's resolve function does not fail.
            Some(give_back) => drop(give_back.call0(&JsValue::UNDEFINED)),
            None => self.abort.abort(),
        }
    }
}
