//! Runs the app as a separate process with its own environment.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{ExitStatus, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, Command};

use crate::browser::Browser;

/// The next port to try. It is below the ports that the system assigns, so no other test can take it first.
static NEXT_PORT: AtomicU16 = AtomicU16::new(21_000);

/// A running program, which ends with the test.
pub struct Program {
    /// The app's origin: `http://127.0.0.1:PORT`.
    pub origin: String,
    log: Arc<Mutex<String>>,
    child: Child,
    _folder: TempDir,
}

impl Program {
    /// Starts it with these variables and no others, on a free port.
    pub async fn start(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let address = free_address();
        let mut command = Self::command(environment);
        command.current_dir(folder.path()).env("LEPTOS_SITE_ADDR", address.to_string());
        command.env("LEPTOS_OUTPUT_NAME", "leptos-birthdays").stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program");
        let log = Arc::<Mutex<String>>::default();
        keep(BufReader::new(child.stderr.take().expect("its log")).lines(), &log);
        let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines();
        loop {
            match lines.next_line().await.expect("text") {
                Some(line) if line.starts_with("open ") => break,
                Some(_) => {}
                None => panic!("the program ended: {}", log.lock().expect("the log")),
            }
        }
        keep(lines, &log);
        Self { origin: format!("http://{address}"), log, child, _folder: folder }
    }

    /// The program with these variables and no others.
    pub fn command(environment: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leptos-birthdays"));
        command.env_clear().envs(environment.iter().copied()).kill_on_drop(true);
        command
    }

    /// Stops it like an operator.
    pub async fn stop(mut self) -> ExitStatus {
        let id = self.child.id().expect("a running program").to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.expect("a signal");
        self.child.wait().await.expect("an end")
    }

    /// A new browser without cookies.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    /// Everything that it has written since its start.
    pub fn log(&self) -> String {
        self.log.lock().expect("the log").clone()
    }
}

fn keep<R: AsyncRead + Unpin + Send + 'static>(mut lines: Lines<BufReader<R>>, log: &Arc<Mutex<String>>) {
    let log = Arc::clone(log);
    tokio::spawn(async move {
        while let Ok(Some(line)) = lines.next_line().await {
            *log.lock().expect("the log") += &(line + "\n");
        }
    });
}

fn free_address() -> SocketAddr {
    loop {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, NEXT_PORT.fetch_add(1, Ordering::Relaxed)));
        if TcpListener::bind(address).is_ok() {
            return address;
        }
    }
}
