//! Our own rate limits, for the routes that call Appwrite with the API key: the key bypasses Appwrite's limits.
//!
//! The counters live in this process: several instances of the app multiply the limits, and a restart clears the counters.
//! With `RATE_LIMIT_REDIS`, they live in a store that all instances share.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use super::app_limits::AppLimit;
use super::keyed_hash::{Hash, KeyedHash};
use super::shared_counters::SharedCounters;
use crate::error::AppError;
use crate::metrics;

/// The number of attempts at once, and the time until the next one.
#[derive(Debug, Clone, Copy)]
struct Allowance {
    burst: NonZeroU32,
    /// The time after which one more attempt is allowed.
    refill: Duration,
}

impl Allowance {
    const fn new(burst: u32, refill_seconds: u64) -> Self {
        let Some(burst) = NonZeroU32::new(burst) else { panic!("an allowance of nothing") };
        Self { burst, refill: Duration::from_secs(refill_seconds) }
    }
}

/// A kind of attempt to count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Attempt {
    /// Sign-in with a password: prevents guessing.
    Password,
    /// Sign-up: prevents mass accounts, and checking which addresses have one.
    SignUp,
    /// An email with a sign-in link: prevents filling a mailbox.
    MagicLink,
    /// An email with a code: prevents filling a mailbox.
    EmailCode,
    /// A text message with a code: prevents spam, and each costs money.
    PhoneCode,
    /// A text message with a code that confirms an account's number. Not counted with sign-ins: a user who adds
    /// another's number must not block the owner's sign-in.
    PhoneVerification,
    /// An email with a link for a new password.
    Recovery,
    /// An email with a link that verifies an address.
    Verification,
    /// Using a link or a code: prevents guessing codes. Links count per address only: their secrets cannot be guessed,
    /// and a stranger's attempts must not lock the user out.
    Proof,
    /// A code of a second factor: prevents guessing.
    SecondFactor,
    /// The end of a sign-in with a passkey, or the start or the end of adding one.
    Passkey,
    /// The start of a sign-in with a passkey. Each view of a page that offers passkeys in autofill counts as one.
    PasskeyChallenge,
    /// A guest account.
    Guest,
    /// The redirect to an OAuth2 provider.
    Provider,
    /// The file with the user's data, which needs many calls to Appwrite.
    Data,
}

impl Attempt {
    const ALL: [Self; 15] = [
        Self::Password,
        Self::SignUp,
        Self::MagicLink,
        Self::EmailCode,
        Self::PhoneCode,
        Self::PhoneVerification,
        Self::Recovery,
        Self::Verification,
        Self::Proof,
        Self::SecondFactor,
        Self::Passkey,
        Self::PasskeyChallenge,
        Self::Guest,
        Self::Provider,
        Self::Data,
    ];

    /// Returns the limit per client address.
    fn per_address(self) -> Allowance {
        match self {
            Self::Password | Self::Proof | Self::SecondFactor | Self::Passkey | Self::Provider | Self::Data => {
                Allowance::new(30, 10)
            }
            Self::SignUp | Self::MagicLink | Self::EmailCode | Self::Recovery | Self::Verification => {
                Allowance::new(10, 120)
            }
            Self::PhoneCode | Self::PhoneVerification => Allowance::new(5, 600),
            Self::PasskeyChallenge => Allowance::new(120, 3),
            Self::Guest => Allowance::new(10, 60),
        }
    }

    /// Returns the limit per account, email address or phone number, across all client addresses.
    fn per_account(self) -> Allowance {
        match self {
            Self::Password => Allowance::new(10, 60),
            Self::MagicLink | Self::EmailCode | Self::Recovery | Self::Verification => Allowance::new(5, 300),
            Self::Data => Allowance::new(5, 60),
            Self::PhoneCode | Self::PhoneVerification => Allowance::new(3, 600),
            // A code has a million values and expires after 15 minutes.
            Self::Proof | Self::SecondFactor => Allowance::new(5, 180),
            Self::Passkey => Allowance::new(20, 60),
            Self::SignUp | Self::Guest | Self::Provider | Self::PasskeyChallenge => Allowance::new(10, 60),
        }
    }
}

/// Password attempts by one browser that has signed in to the account before.
const PER_KNOWN_BROWSER: Allowance = Allowance::new(5, 120);
/// Password attempts for one account by all such browsers at one client address. One browser cannot use it up alone.
const PER_ACCOUNT_FROM_KNOWN_BROWSERS: Allowance = Allowance::new(10, 60);

/// The clients whose addresses are limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// Clients on the internet.
    Everywhere,
    /// A developer and tests, which share one machine's address.
    OneMachine,
}

/// All counters. Keys are hashed, so that all have the same length and name nobody.
pub struct RateLimits {
    hash: KeyedHash,
    clients: Clients,
    /// The counters that all instances share, if there is a store for them.
    shared: Option<SharedCounters>,
    counters: HashMap<Attempt, Counters>,
    /// The counters of the app's own limits, by name. Each is created with its first attempt.
    of_app: Mutex<HashMap<&'static str, Arc<Counters>>>,
    known_browsers: Limit,
    accounts_of_known_browsers: Limit,
}

struct Counters {
    per_address: Limit,
    per_account: Limit,
}

impl Counters {
    fn new(name: &str, clients: Clients, per_address: Allowance, per_account: Allowance) -> Self {
        let per_address = match clients {
            Clients::Everywhere => per_address,
            Clients::OneMachine => Allowance::new(3000, 1),
        };
        Self {
            per_address: Limit::new(format!("{name} by address"), per_address),
            per_account: Limit::new(format!("{name} by account"), per_account),
        }
    }
}

impl RateLimits {
    /// Creates counters at zero.
    pub fn new(clients: Clients, hash: KeyedHash) -> Self {
        let counters = |attempt: Attempt| {
            Counters::new(&format!("{attempt:?}"), clients, attempt.per_address(), attempt.per_account())
        };
        Self {
            clients,
            hash,
            shared: None,
            of_app: Mutex::default(),
            counters: Attempt::ALL.into_iter().map(|attempt| (attempt, counters(attempt))).collect(),
            known_browsers: Limit::new("Password by known browser".into(), PER_KNOWN_BROWSER),
            accounts_of_known_browsers: Limit::new(
                "Password by account from known browsers".into(),
                PER_ACCOUNT_FROM_KNOWN_BROWSERS,
            ),
        }
    }

    /// Counts together with all instances that have the same store.
    #[must_use]
    pub fn sharing(mut self, shared: Option<SharedCounters>) -> Self {
        self.shared = shared;
        self
    }

    /// Counts an attempt from `address`, and for `account` (an id, email address or phone number) if given.
    ///
    /// Fails with [`AppError::TooManyRequests`] above the limit.
    pub async fn count(&self, attempt: Attempt, address: IpAddr, account: Option<&str>) -> Result<(), AppError> {
        let Some(counters) = self.counters.get(&attempt) else { return Ok(()) };
        self.count_one(&counters.per_address, &[&network_of(address).to_string()]).await?;
        match account {
            Some(account) => self.count_account(attempt, account).await,
            None => Ok(()),
        }
    }

    /// Counts an attempt for an account that was unknown when the attempt was counted by address.
    pub async fn count_account(&self, attempt: Attempt, account: &str) -> Result<(), AppError> {
        let Some(counters) = self.counters.get(&attempt) else { return Ok(()) };
        self.count_one(&counters.per_account, &[&account.to_lowercase()]).await
    }

    /// Counts a password attempt for `email`. A browser that has signed in to the account before has its own counter,
    /// which strangers cannot use up.
    pub async fn count_password(
        &self,
        address: IpAddr,
        email: &str,
        known_browser: Option<&str>,
    ) -> Result<(), AppError> {
        let Some(browser) = known_browser else { return self.count(Attempt::Password, address, Some(email)).await };
        self.count(Attempt::Password, address, None).await?;
        let email = email.to_lowercase();
        self.count_one(&self.known_browsers, &[&email, browser]).await?;
        // Counts by address too: a user who knows the password can create known browsers and must not lock out others.
        self.count_one(&self.accounts_of_known_browsers, &[&email, &network_of(address).to_string()]).await
    }

    /// Counts an attempt against a limit of the app: by `key` if given, or else by `address`.
    pub async fn count_for_app(&self, limit: &AppLimit, address: IpAddr, key: Option<&str>) -> Result<(), AppError> {
        let allowance = Allowance { burst: limit.burst, refill: limit.refill };
        let new = || Arc::new(Counters::new(&format!("app: {}", limit.name), self.clients, allowance, allowance));
        let counters = {
            let mut of_app = self.of_app.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(of_app.entry(limit.name).or_insert_with(new))
        };
        match key {
            Some(key) => self.count_one(&counters.per_account, &[key]).await,
            None => self.count_one(&counters.per_address, &[&network_of(address).to_string()]).await,
        }
    }

    async fn count_one(&self, limit: &Limit, key: &[&str]) -> Result<(), AppError> {
        let key = self.hash.of(&[&[limit.name.as_str()], key].concat());
        // Counts here even if there is a shared store: during its outage, this instance continues from its own count.
        let here = limit.count(key);
        let counted = match &self.shared {
            Some(shared) => shared.count(key, limit.allowance.burst, limit.allowance.refill).await.unwrap_or(here),
            None => here,
        };
        counted.map_err(|wait| {
            metrics::refused(&limit.name);
            AppError::TooManyRequests { retry_after: wait.as_secs() + 1 }
        })
    }

    /// Drops counters that are full again, so that memory does not grow with the number of addresses.
    pub fn forget_idle(&self) {
        let of_app: Vec<_> = self.of_app.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect();
        for counters in self.counters.values().chain(of_app.iter().map(Arc::as_ref)) {
            counters.per_address.forget_idle();
            counters.per_account.forget_idle();
        }
        self.known_browsers.forget_idle();
        self.accounts_of_known_browsers.forget_idle();
    }
}

/// Returns the network that shares a counter: one IPv4 address, or the IPv6 network of one customer.
pub fn network_of(address: IpAddr) -> IpNet {
    let prefix = if address.is_ipv4() { 32 } else { 64 };
    IpNet::new(address, prefix).map_or_else(|_| IpNet::from(address), |net| net.trunc())
}

struct Limit {
    name: String,
    allowance: Allowance,
    limiter: DefaultKeyedRateLimiter<Hash>,
    clock: DefaultClock,
}

impl Limit {
    fn new(name: String, allowance: Allowance) -> Self {
        // governor rejects only a period of zero, and all `Allowance` values are constants.
        let quota = Quota::with_period(allowance.refill).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let limiter = RateLimiter::keyed(quota.allow_burst(allowance.burst));
        Self { name, allowance, limiter, clock: DefaultClock::default() }
    }

    /// Returns the time to wait if there is no attempt left.
    fn count(&self, key: Hash) -> Result<(), Duration> {
        self.limiter.check_key(&key).map_err(|refusal| refusal.wait_time_from(self.clock.now()))
    }

    fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> RateLimits {
        RateLimits::new(Clients::Everywhere, KeyedHash::random())
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[tokio::test]
    async fn addresses_share_ten_password_guesses_per_account() {
        let limits = limits();
        for guess in 0..10 {
            assert!(limits.count(Attempt::Password, address(guess), Some("Ann@example.com")).await.is_ok());
        }
        let refusal = limits.count(Attempt::Password, address(99), Some("ann@EXAMPLE.com")).await;
        assert!(matches!(refusal, Err(AppError::TooManyRequests { retry_after: 1..=61 })), "{refusal:?}");
        assert!(limits.count(Attempt::Password, address(99), Some("bob@example.com")).await.is_ok());
    }

    #[tokio::test]
    async fn attempts_of_each_kind_are_counted_separately() {
        let limits = limits();
        while limits.count(Attempt::MagicLink, address(1), Some("ann@example.com")).await.is_ok() {}
        for attempt in Attempt::ALL.into_iter().filter(|attempt| *attempt != Attempt::MagicLink) {
            assert!(limits.count(attempt, address(1), Some("ann@example.com")).await.is_ok(), "{attempt:?}");
        }
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn parallel_guesses_are_all_counted() {
        let limits = Arc::new(limits());
        let guess = |_| {
            let limits = Arc::clone(&limits);
            async move { limits.count(Attempt::Password, address(1), Some("ann@example.com")).await.is_ok() }
        };
        let mut guesses: tokio::task::JoinSet<bool> = (0..1000).map(guess).collect();
        let mut passed = 0;
        while let Some(guess) = guesses.join_next().await {
            passed += u32::from(guess.expect("a guess"));
        }
        assert_eq!(passed, 10);
    }

    #[tokio::test]
    async fn other_browsers_cannot_lock_out_a_known_browser() {
        let limits = limits();
        while limits.count_password(address(1), "ann@example.com", None).await.is_ok() {}
        for guess in 0..5 {
            assert!(limits.count_password(address(2), "Ann@example.com", Some("hers")).await.is_ok(), "{guess}");
        }
        assert!(limits.count_password(address(2), "ann@example.com", Some("hers")).await.is_err());
        assert!(limits.count_password(address(2), "bob@example.com", Some("hers")).await.is_ok());
        assert!(limits.count_password(address(3), "ann@example.com", Some("her phone")).await.is_ok());
    }

    #[tokio::test]
    async fn known_browsers_at_one_address_share_a_limit() {
        let limits = limits();
        let mut passed = 0;
        for browser in 0..20 {
            let counted = limits.count_password(address(1), "ann@example.com", Some(&browser.to_string())).await;
            passed += u32::from(counted.is_ok());
        }
        assert_eq!(passed, 10);
        assert!(limits.count_password(address(2), "ann@example.com", Some("hers")).await.is_ok());
    }

    #[test]
    fn ipv6_network_counts_as_one_client() {
        let one: IpAddr = "2001:db8:1:2::1".parse().expect("an address");
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().expect("an address");
        assert_eq!(network_of(one), network_of(other));
        assert_ne!(network_of(one), network_of("2001:db8:1:3::1".parse().expect("an address")));
    }
}
