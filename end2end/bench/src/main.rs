//! Holds many Realtime connections, first directly to Appwrite and then through the app's relay. Measures the app's
//! memory per connection, and the time from writing a row to its arrival at every socket. `make bench` starts the
//! servers before.

use std::error::Error;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use url::Url;

use self::delays::Delays;
use self::people::Backend;
use self::sockets::{Listeners, Transport};

mod delays;
mod people;
mod process;
mod sockets;

/// Any failure; it ends the measurement.
type Failure = Box<dyn Error + Send + Sync>;

/// Connections per user: more than usual, less than the relay's limit.
const PER_PERSON: usize = 20;
/// Rows to write before the measurement starts.
const FIRST_WRITES: usize = 10;

/// Measures the memory of relayed Realtime connections, and the delay from the write of a row to its frames.
#[derive(Parser)]
struct Arguments {
    /// The app's origin. It runs with REALTIME=relay and TRUSTED_PROXIES=127.0.0.1/32.
    #[arg(long)]
    app: Url,
    /// The id of the app's process, whose memory is measured.
    #[arg(long)]
    app_process: u32,
    /// Appwrite's endpoint, with the project `demo` and the table of birthdays.
    #[arg(long)]
    appwrite: Url,
    /// A key of that project with all scopes.
    #[arg(long)]
    api_key: String,
    /// The number of connections to hold.
    #[arg(long, default_value_t = 1000)]
    connections: usize,
    /// The number of rows to write.
    #[arg(long, default_value_t = 100)]
    writes: usize,
    /// The time between two writes, in milliseconds.
    #[arg(long, default_value_t = 200)]
    pause: u64,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Arguments::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("relay-load: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: &Arguments) -> Result<(), Failure> {
    let Arguments { app_process, connections, writes, pause, .. } = *arguments;
    let pause = Duration::from_millis(pause);
    let backend = Backend::new(&arguments.appwrite, &arguments.api_key)?;
    let people = people::sign_in_many(&backend, &arguments.app, connections.div_ceil(PER_PERSON)).await?;
    let relay = Transport::Relay { origin: &arguments.app };
    let direct = Transport::Direct { backend: &backend };

    // Memory that is allocated once does not count per connection.
    let first = Listeners::open(&relay, &people, people.len(), FIRST_WRITES).await?;
    measure(&backend, first, FIRST_WRITES, pause).await?;

    let before = process::resident(app_process)?;
    let started = Instant::now();
    let listeners = Listeners::open(&relay, &people, connections, writes).await?;
    let seconds = started.elapsed().as_secs_f64();
    let open = process::resident(app_process)?;
    let computed = process::processor_time(app_process);
    let relayed = measure(&backend, listeners, writes, pause).await?;
    let computed = process::processor_time(app_process).zip(computed).map(|(after, before)| after - before);
    let after = process::resident(app_process)?;

    let listeners = Listeners::open(&direct, &people, connections, writes).await?;
    let straight = measure(&backend, listeners, writes, pause).await?;

    let each = |memory: u64| memory.saturating_sub(before) as f64 / 1024.0 / connections as f64;
    println!("Relay ({connections} connections, {writes} rows, one each {} ms)", pause.as_millis());
    println!("  opened in              {seconds:.1} s");
    println!("  memory a connection    {:.1} KiB, after all rows {:.1} KiB", each(open), each(after));
    println!("  row to frame, relay    {relayed}");
    println!("  row to frame, direct   {straight}");
    if let Some(computed) = computed {
        let frames = (connections * writes).max(1) as f64;
        println!("  the app computed       {:.1} µs a frame", computed.as_secs_f64() * 1e6 / frames);
    }
    Ok(())
}

/// Writes rows at a steady pace, and returns their delays.
async fn measure(backend: &Backend, listeners: Listeners, writes: usize, pause: Duration) -> Result<Delays, Failure> {
    let mut written = Vec::with_capacity(writes);
    let mut pace = tokio::time::interval(pause);
    for number in 0..writes {
        pace.tick().await;
        written.push(Instant::now());
        backend.write_row(&sockets::row_name(number)).await?;
    }
    Ok(Delays::between(&written, &listeners.arrivals().await?))
}
