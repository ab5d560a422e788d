//! Only browsers estimate passwords.

use leptos::prelude::RwSignal;

use crate::password_strength::PasswordStrength;

/// Does nothing.
pub(super) fn follow(_field_id: String, _strength: RwSignal<Option<PasswordStrength>>) {}
