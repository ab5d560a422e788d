//! The standalone backend: parses the command line, starts, prints its address, and stops on a signal.

use std::{
    io::{IsTerminal, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Parser, Subcommand};
use local_appwrite::{
    ApiKey, AuthMethod, Policy, Profile, Settings,
    doctor::{self, Finding},
};
use secrecy::ExposeSecret;
use tracing_subscriber::EnvFilter;

/// Speaks Appwrite's HTTP and Realtime protocols on loopback over SQLite, for development and tests.
#[derive(Parser)]
#[command(name = "local-appwrite", version)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// The address to listen on; loopback only. Port 0 picks a free port.
    #[arg(long, global = true, env = "LOCAL_APPWRITE_LISTEN", default_value = "127.0.0.1:9380")]
    listen: SocketAddr,
    /// The folder for the database and generated keys.
    #[arg(long, global = true, env = "LOCAL_APPWRITE_DATA", default_value = ".local-appwrite")]
    data: PathBuf,
    /// The Appwrite version to emulate: 2, 1.9-next, 1.9, 1.8, 1.6 or 1.5.
    #[arg(long, global = true, env = "LOCAL_APPWRITE_PROFILE", default_value = "2")]
    profile: Profile,
    /// The project id. Default: the one in --config or --seed, or demo.
    #[arg(long, env = "LOCAL_APPWRITE_PROJECT")]
    project: Option<String>,
    /// An API key with all scopes (KEY) or some (KEY=scope,scope). Repeatable; space-separated in the environment.
    #[arg(
        long = "api-key",
        env = "LOCAL_APPWRITE_API_KEY",
        value_delimiter = ' ',
        hide_env_values = true,
        value_name = "KEY[=SCOPES]"
    )]
    api_keys: Vec<ApiKey>,
    /// A host name that browsers may come from. Repeatable. Default: localhost and 127.0.0.1.
    #[arg(long = "platform", env = "LOCAL_APPWRITE_PLATFORM", value_delimiter = ' ', value_name = "HOST")]
    platforms: Vec<String>,
    /// An additional host name to accept besides localhost and loopback addresses. Repeatable.
    #[arg(long = "host", env = "LOCAL_APPWRITE_HOST", value_delimiter = ' ', value_name = "NAME")]
    hosts: Vec<String>,
    /// The lifetime of a session in seconds.
    #[arg(long, env = "LOCAL_APPWRITE_SESSION_DURATION", default_value_t = 31_536_000, value_parser = clap::value_parser!(u64).range(1..=315_360_000))]
    session_duration: u64,
    /// A project policy: password-personal-data, password-dictionary, password-history=COUNT,
    /// password-strength=min:COUNT,uppercase,lowercase,number,symbols, password-rotation=SECONDS, password-pwned or
    /// session-limit=COUNT.
    /// Repeatable.
    #[arg(long = "policy", env = "LOCAL_APPWRITE_POLICY", value_delimiter = ' ', value_name = "POLICY")]
    policies: Vec<Policy>,
    /// A sign-in method to switch off. Repeatable.
    #[arg(long = "disable", env = "LOCAL_APPWRITE_DISABLE", value_delimiter = ' ', value_name = "METHOD")]
    disabled_methods: Vec<AuthMethod>,
    /// Switch passkeys on (profile 2), for pages of this domain. Without a domain, or with 1: localhost.
    #[arg(
        long,
        env = "LOCAL_APPWRITE_PASSKEYS",
        value_name = "DOMAIN",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "1",
        value_parser = relying_party
    )]
    passkeys: Option<String>,
    /// Refuse switched-off methods to API keys too, unlike Appwrite.
    #[arg(long, env = "LOCAL_APPWRITE_DISABLE_FOR_KEYS")]
    disable_for_keys: bool,
    /// Behave like a server without SMTP.
    #[arg(long, env = "LOCAL_APPWRITE_NO_SMTP")]
    no_smtp: bool,
    /// Behave like a server without an SMS provider.
    #[arg(long, env = "LOCAL_APPWRITE_NO_SMS")]
    no_sms: bool,
    /// A file with users, tables, rows, files and teams to fill an empty data folder.
    #[arg(long, env = "LOCAL_APPWRITE_SEED", value_name = "FILE")]
    seed: Option<PathBuf>,
    /// The appwrite.config.json of Appwrite's CLI, to fill an empty data folder.
    #[arg(long, env = "LOCAL_APPWRITE_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Keep everything in memory; write nothing to the data folder.
    #[arg(long, env = "LOCAL_APPWRITE_EPHEMERAL")]
    ephemeral: bool,
    /// Start even if LEPTOS_ENV says production.
    #[arg(long)]
    allow_production: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Check if the backend could start, and suggest fixes. Changes nothing.
    Doctor {
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the data folder, without its keys, to one file. The emulator may be running.
    Export {
        /// The file to write.
        file: PathBuf,
        /// Overwrite the file.
        #[arg(long)]
        replace: bool,
    },
    /// Fill the data folder from an exported file. The emulator must not be running.
    Import {
        /// The file to read.
        file: PathBuf,
        /// Overwrite the data folder.
        #[arg(long)]
        replace: bool,
    },
}

impl Arguments {
    fn settings(self) -> Settings {
        let mut settings = Settings::new(self.data);
        settings.listen = self.listen;
        settings.profile = self.profile;
        let mut files = self.config.iter().chain(&self.seed);
        let of_files = || files.find_map(|path| local_appwrite::project_of(path));
        if let Some(project) = self.project.or_else(of_files) {
            settings.project_id = project;
        }
        settings.api_keys = self.api_keys;
        if !self.platforms.is_empty() {
            settings.platforms = self.platforms;
        }
        settings.hosts = self.hosts;
        settings.session_duration = Duration::from_secs(self.session_duration);
        for policy in self.policies {
            settings.policies.adopt(policy);
        }
        settings.disabled_methods = self.disabled_methods;
        settings.passkeys = self.passkeys;
        settings.disable_for_keys = self.disable_for_keys;
        settings.smtp = !self.no_smtp;
        settings.sms = !self.no_sms;
        settings.seed_file = self.seed;
        settings.config = self.config;
        settings.ephemeral = self.ephemeral;
        settings
    }
}

fn relying_party(text: &str) -> Result<String, String> {
    match text {
        "1" | "true" | "yes" => Ok("localhost".to_owned()),
        domain if local_appwrite::is_rp_id(domain) => Ok(domain.to_owned()),
        _ => Err("must be a domain name in lower case, or localhost".to_owned()),
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let has_colors =
        std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    tracing_subscriber::fmt().with_env_filter(filter).with_ansi(has_colors).with_writer(std::io::stderr).init();
    let mut arguments = Arguments::parse();
    let is_production = std::env::var("LEPTOS_ENV").is_ok_and(|name| means_production(&name));
    if is_production && !arguments.allow_production {
        eprintln!(
            "local-appwrite is for development and tests and refuses to run in production (LEPTOS_ENV=PROD). \
             Pass --allow-production if you mean it."
        );
        return ExitCode::FAILURE;
    }
    let outcome = match arguments.command.take() {
        None => run(arguments.settings()).await,
        Some(Command::Doctor { json }) => return report(&doctor::examine(&arguments.settings()), json),
        Some(command) => copy(command, &arguments.data).await,
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("local-appwrite: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let profile = settings.profile.name();
    let (data, is_ephemeral, has_own_keys) = (settings.data.clone(), settings.ephemeral, !settings.api_keys.is_empty());
    // Registers before the start, so that no signal is missed once the address is printed.
    let stop = stop_signal()?;
    let backend = local_appwrite::start(settings).await?;
    say(&format!(
        "local-appwrite listening on {} (project {}, profile {profile})",
        backend.endpoint(),
        backend.project_id(),
    ));
    let keys = match (has_own_keys, is_ephemeral) {
        (true, _) => "The API keys are the ones that you configured.".to_owned(),
        (false, false) => format!("The API key is in {}.", data.join("api-key").display()),
        // No file stores the key; it is valid for this process only.
        (false, true) => format!("The API key is {}", backend.api_key().expose_secret()),
    };
    say(&format!("For development and tests only. {keys}"));
    stop.await;
    tracing::info!("stopping");
    backend.shutdown().await;
    Ok(())
}

/// Ignores a closed output, which makes `println!` panic; the backend keeps running.
fn say(line: &str) {
    if let Err(error) = writeln!(std::io::stdout(), "{line}") {
        tracing::debug!(%error, "the output is closed");
    }
}

/// Prints a line for each finding, followed by the fix if one is needed.
fn report(findings: &[Finding], json: bool) -> ExitCode {
    let is_ok = findings.iter().all(|finding| finding.ok);
    if json {
        println!("{}", serde_json::json!({"ok": is_ok, "checks": findings}));
    } else {
        for Finding { check, ok, result, fix } in findings {
            println!("{:5}  {check:<12} {result}", if *ok { "ok" } else { "ERROR" });
            if !ok {
                println!("       {:<12} {fix}", "fix:");
            }
        }
    }
    if is_ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

async fn copy(command: Command, data: &Path) -> Result<(), Box<dyn std::error::Error>> {
    match command {
        Command::Doctor { .. } => {}
        Command::Export { file, replace } => {
            local_appwrite::export(data, &file, replace)?;
            println!("Exported {} to {}.", data.display(), file.display());
        }
        Command::Import { file, replace } => {
            local_appwrite::import(data, &file, replace).await?;
            println!("Imported {} into {}.", file.display(), data.display());
        }
    }
    Ok(())
}

/// Returns true for the names that Leptos treats as production, in any case.
fn means_production(name: &str) -> bool {
    ["prod", "production"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Resolves at the first SIGINT or SIGTERM.
fn stop_signal() -> std::io::Result<impl Future<Output = ()>> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        Ok(async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        })
    }
    #[cfg(not(unix))]
    {
        Ok(async {
            if let Err(error) = tokio::signal::ctrl_c().await {
                tracing::error!(%error, "cannot wait for a signal");
            }
        })
    }
}
