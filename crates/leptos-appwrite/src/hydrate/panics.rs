//! The messages of panics, in a development build.

/// Logs the message and the place of each panic. The page's script (`document/start.js`) notices the panic itself.
pub(super) fn log_messages() {
    console_error_panic_hook::set_once();
}
