//! The standalone backend: reads the command line, starts, says where it listens, and stops on a signal.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, time::Duration};

use clap::Parser;
use local_appwrite::{ApiKey, AuthMethod, Policy, Profile, Settings};
use tracing_subscriber::EnvFilter;

/// Speaks Appwrite's HTTP and Realtime protocols on loopback over SQLite, for development and tests.
#[derive(Parser)]
#[command(name = "local-appwrite", version)]
struct Arguments {
    /// Where to listen; loopback only. Port 0 takes a free one.
    #[arg(long, env = "LOCAL_APPWRITE_LISTEN", default_value = "127.0.0.1:9380")]
    listen: SocketAddr,
    /// The folder for the database and generated keys.
    #[arg(long, env = "LOCAL_APPWRITE_DATA", default_value = ".local-appwrite")]
    data: PathBuf,
    /// Which Appwrite to speak: 2, 1.9-next, 1.9 or 1.5.
    #[arg(long, env = "LOCAL_APPWRITE_PROFILE", default_value = "2")]
    profile: Profile,
    /// The project's id.
    #[arg(long, env = "LOCAL_APPWRITE_PROJECT", default_value = "demo")]
    project: String,
    /// An API key with all scopes (KEY) or some (KEY=scope,scope). Repeatable; in the environment, separated by blanks.
    #[arg(
        long = "api-key",
        env = "LOCAL_APPWRITE_API_KEY",
        value_delimiter = ' ',
        hide_env_values = true,
        value_name = "KEY[=SCOPES]"
    )]
    api_keys: Vec<ApiKey>,
    /// A host name that browsers may come from. Repeatable; localhost and 127.0.0.1 when none is given.
    #[arg(long = "platform", env = "LOCAL_APPWRITE_PLATFORM", value_delimiter = ' ', value_name = "HOST")]
    platforms: Vec<String>,
    /// A host name that it answers to, beside localhost and loopback addresses. Repeatable.
    #[arg(long = "host", env = "LOCAL_APPWRITE_HOST", value_delimiter = ' ', value_name = "NAME")]
    hosts: Vec<String>,
    /// How long a session lives, in seconds.
    #[arg(long, env = "LOCAL_APPWRITE_SESSION_DURATION", default_value_t = 31_536_000, value_parser = clap::value_parser!(u64).range(1..=315_360_000))]
    session_duration: u64,
    /// A policy of the project: password-personal-data, password-dictionary, password-history=COUNT,
    /// password-strength=min:COUNT,uppercase,lowercase,number,symbols, password-rotation=SECONDS or session-limit=COUNT.
    /// Repeatable.
    #[arg(long = "policy", env = "LOCAL_APPWRITE_POLICY", value_delimiter = ' ', value_name = "POLICY")]
    policies: Vec<Policy>,
    /// A way to sign in that is switched off. Repeatable.
    #[arg(long = "disable", env = "LOCAL_APPWRITE_DISABLE", value_delimiter = ' ', value_name = "METHOD")]
    disabled_methods: Vec<AuthMethod>,
    /// Refuse switched-off methods to API keys too, which Appwrite itself does not.
    #[arg(long, env = "LOCAL_APPWRITE_DISABLE_FOR_KEYS")]
    disable_for_keys: bool,
    /// Answer as a server without SMTP.
    #[arg(long, env = "LOCAL_APPWRITE_NO_SMTP")]
    no_smtp: bool,
    /// Answer as a server without an SMS provider.
    #[arg(long, env = "LOCAL_APPWRITE_NO_SMS")]
    no_sms: bool,
    /// Start without the database main and its table birthdays.
    #[arg(long, env = "LOCAL_APPWRITE_NO_SEED")]
    no_seed: bool,
    /// Start although LEPTOS_ENV says production.
    #[arg(long)]
    allow_production: bool,
}

impl Arguments {
    fn settings(self) -> Settings {
        let mut settings = Settings::new(self.data);
        settings.listen = self.listen;
        settings.profile = self.profile;
        settings.project_id = self.project;
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
        settings.disable_for_keys = self.disable_for_keys;
        settings.smtp = !self.no_smtp;
        settings.sms = !self.no_sms;
        settings.seed = !self.no_seed;
        settings
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let arguments = Arguments::parse();
    let is_production = std::env::var("LEPTOS_ENV").is_ok_and(|name| means_production(&name));
    if is_production && !arguments.allow_production {
        eprintln!(
            "local-appwrite is for development and tests and refuses to run in production (LEPTOS_ENV=PROD). \
             Pass --allow-production if you mean it."
        );
        return ExitCode::FAILURE;
    }
    match run(arguments.settings()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("local-appwrite: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(settings: Settings) -> Result<(), Box<dyn std::error::Error>> {
    let profile = settings.profile.name();
    let keys = if settings.api_keys.is_empty() {
        format!("The API key is in {}.", settings.data.join("api-key").display())
    } else {
        "The API keys are those that you gave.".to_owned()
    };
    // Before the start, so that no signal is missed once the address is printed.
    let stop = stop_signal()?;
    let backend = local_appwrite::start(settings).await?;
    println!(
        "local-appwrite listening on {} (project {}, profile {profile})",
        backend.endpoint(),
        backend.project_id(),
    );
    println!("For development and tests only. {keys}");
    stop.await;
    tracing::info!("stopping");
    backend.shutdown().await;
    Ok(())
}

/// The names that Leptos takes for production, in any case.
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
