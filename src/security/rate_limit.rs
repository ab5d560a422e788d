//! Limits of our own, for the routes that call Appwrite with the API key: the key lifts Appwrite's limits.
//!
//! The counters live in this process. Several instances of the app allow as many times more attempts, and a restart
//! forgets the attempts so far.

use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use ipnet::IpNet;

use crate::error::AppError;

/// How many attempts may come at once, and how long until one more is allowed.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    /// Attempts in a row.
    pub burst: NonZeroU32,
    /// The time in which one attempt grows back.
    pub refill: Duration,
}

impl Allowance {
    const fn new(burst: u32, refill_seconds: u64) -> Self {
        let Some(burst) = NonZeroU32::new(burst) else { panic!("an allowance of nothing") };
        Self { burst, refill: Duration::from_secs(refill_seconds) }
    }
}

/// The allowances, named for what they protect.
#[derive(Debug, Clone, Copy)]
pub struct Allowances {
    /// Sign-in, per client address: guessing across accounts.
    pub sign_in_per_address: Allowance,
    /// Sign-in, per e-mail address: guessing one account's password from many addresses.
    pub sign_in_per_email: Allowance,
    /// Sign-up, per client address: piling up accounts, and asking which addresses have one.
    pub sign_up_per_address: Allowance,
}

impl Allowances {
    /// For real people and real attackers.
    pub const PRODUCTION: Self = Self {
        sign_in_per_address: Allowance::new(30, 10),
        sign_in_per_email: Allowance::new(10, 60),
        sign_up_per_address: Allowance::new(10, 120),
    };

    /// For one machine on which a developer and the tests come from the same address.
    pub const DEVELOPMENT: Self = Self {
        sign_in_per_address: Allowance::new(3000, 1),
        sign_in_per_email: Allowance::new(10, 60),
        sign_up_per_address: Allowance::new(1000, 1),
    };
}

/// The counters of all limits.
pub struct RateLimits {
    sign_in_per_address: Limit<IpNet>,
    sign_in_per_email: Limit<String>,
    sign_up_per_address: Limit<IpNet>,
}

impl RateLimits {
    /// Counters at zero.
    pub fn new(allowances: Allowances) -> Self {
        Self {
            sign_in_per_address: Limit::new(allowances.sign_in_per_address),
            sign_in_per_email: Limit::new(allowances.sign_in_per_email),
            sign_up_per_address: Limit::new(allowances.sign_up_per_address),
        }
    }

    /// Counts an attempt to sign in.
    pub fn sign_in(&self, address: IpAddr, email: &str) -> Result<(), AppError> {
        self.sign_in_per_address.count(network_of(address))?;
        self.sign_in_per_email.count(email.to_lowercase())
    }

    /// Counts an attempt to sign up.
    pub fn sign_up(&self, address: IpAddr) -> Result<(), AppError> {
        self.sign_up_per_address.count(network_of(address))
    }

    /// Forgets those who have all their attempts again, so that memory does not grow with every address ever seen.
    pub fn forget_idle(&self) {
        self.sign_in_per_address.forget_idle();
        self.sign_in_per_email.forget_idle();
        self.sign_up_per_address.forget_idle();
    }
}

/// Who shares a counter: one IPv4 address, or one IPv6 network of the size that a single customer gets.
pub fn network_of(address: IpAddr) -> IpNet {
    let prefix = if address.is_ipv4() { 32 } else { 64 };
    IpNet::new(address, prefix).map_or_else(|_| IpNet::from(address), |net| net.trunc())
}

struct Limit<K: Hash + Eq + Clone> {
    limiter: DefaultKeyedRateLimiter<K>,
    clock: DefaultClock,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(allowance: Allowance) -> Self {
        // A period of zero is the only thing that governor refuses, and `Allowance` is made of constants.
        let quota = Quota::with_period(allowance.refill).unwrap_or(Quota::per_second(NonZeroU32::MIN));
        let clock = DefaultClock::default();
        Self { limiter: RateLimiter::keyed(quota.allow_burst(allowance.burst)), clock }
    }

    fn count(&self, key: K) -> Result<(), AppError> {
        self.limiter.check_key(&key).map_err(|refusal| {
            let wait = refusal.wait_time_from(self.clock.now());
            AppError::TooManyRequests { retry_after: wait.as_secs() + 1 }
        })
    }

    fn forget_idle(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    fn limits() -> RateLimits {
        RateLimits::new(Allowances::PRODUCTION)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([203, 0, 113, last])
    }

    #[test]
    fn one_accounts_password_can_be_guessed_ten_times_from_however_many_addresses() {
        let limits = limits();
        for guess in 0..10 {
            assert!(limits.sign_in(address(guess), "Ann@example.com").is_ok());
        }
        let refusal = limits.sign_in(address(99), "ann@EXAMPLE.com");
        assert!(matches!(refusal, Err(AppError::TooManyRequests { retry_after: 1..=61 })), "{refusal:?}");
        assert!(limits.sign_in(address(99), "bob@example.com").is_ok());
    }

    #[test]
    fn parallel_guesses_do_not_slip_through() {
        let limits = limits();
        let passed = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| {
                    for _ in 0..125 {
                        if limits.sign_in(address(1), "ann@example.com").is_ok() {
                            passed.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                });
            }
        });
        assert_eq!(passed.into_inner(), 10);
    }

    #[test]
    fn one_ipv6_customer_is_one_sender() {
        let one: IpAddr = "2001:db8:1:2::1".parse().expect("an address");
        let other: IpAddr = "2001:db8:1:2:ffff::9".parse().expect("an address");
        assert_eq!(network_of(one), network_of(other));
        assert_ne!(network_of(one), network_of("2001:db8:1:3::1".parse().expect("an address")));
    }
}
