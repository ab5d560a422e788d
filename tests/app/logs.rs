//! Captures all log lines of the app and the backend, so that tests can search them for secrets.

use std::io;
use std::sync::{Mutex, Once};

use leptos_appwrite::realtime::relay::LOG_DIRECTIVES;
use tracing_subscriber::EnvFilter;

static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());
static START: Once = Once::new();

struct Keep;

impl io::Write for Keep {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LINES.lock().expect("the log").extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Starts capturing, at the most detailed level that the app can be configured to log.
pub fn keep() {
    START.call_once(|| {
        let directives = LOG_DIRECTIVES.iter().map(|directive| directive.parse().expect("a directive"));
        let filter = directives.fold(EnvFilter::new("trace"), EnvFilter::add_directive);
        tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Keep).init();
    });
}

/// All log lines so far, of all tests in this process.
pub fn so_far() -> String {
    String::from_utf8_lossy(&LINES.lock().expect("the log")).into_owned()
}
