//! Counters in Redis or Valkey, which all instances of the app share.

use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{Client, RedisError, Script};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::{Instant, timeout};

use super::keyed_hash::Hash;
use crate::error::causes::with_causes;
use crate::metrics;

/// The time limit for an answer, including connecting. A user waits during this time.
const TIMEOUT: Duration = Duration::from_secs(1);

/// During an outage, the store is tried this often.
const RETRY_EVERY: Duration = Duration::from_secs(1);

/// Counts one attempt by the generic cell rate algorithm, as the crate `governor` does in memory: a counter is the time
/// at which it is full again. Returns the milliseconds to wait; 0 if the attempt is allowed. Only the store's clock is
/// used.
const COUNT: &str = r"
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local burst, refill = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
local wait = full_at + refill - burst * refill - now
if wait > 0 then
  return wait
end
full_at = full_at + refill
redis.call('SET', KEYS[1], string.format('%.0f', full_at), 'PX', string.format('%.0f', full_at - now))
return 0
";

/// The counters, and the connection to their store.
pub struct SharedCounters {
    client: Client,
    connection: tokio::sync::Mutex<Option<MultiplexedConnection>>,
    count: Script,
    /// During an outage, the time of the next try.
    away_until: Mutex<Option<Instant>>,
}

impl SharedCounters {
    /// Prepares the connection to `redis://…`, or `rediss://…` with TLS; connects with the first attempt.
    pub fn new(address: &SecretString) -> Result<Self, String> {
        let client = Client::open(address.expose_secret())
            .map_err(|_| "RATE_LIMIT_REDIS cannot be used: write it like redis://127.0.0.1:6379.".to_owned())?;
        Ok(Self {
            client,
            connection: tokio::sync::Mutex::default(),
            count: Script::new(COUNT),
            away_until: Mutex::default(),
        })
    }

    /// Counts two attempts on a test key; the second one must be refused. Returns the time that both took.
    pub async fn check(&self) -> Result<Duration, String> {
        let start = Instant::now();
        let counted = timeout(TIMEOUT, async {
            let key = format!("leptos-appwrite:doctor:{:032x}", rand::random::<u128>());
            let mut connection = self.connection().await?;
            let mut invocation = self.count.key(key);
            let attempt = invocation.arg(1).arg(1000);
            let first: u64 = attempt.invoke_async(&mut connection).await?;
            Ok::<_, RedisError>((first, attempt.invoke_async::<u64>(&mut connection).await?))
        });
        match counted.await {
            Ok(Ok((0, 1..=1000))) => Ok(start.elapsed()),
            Ok(Ok(_)) => Err("it does not count".into()),
            Ok(Err(error)) => Err(with_causes(&error)),
            Err(_) => Err(format!("it does not answer within {} s", TIMEOUT.as_secs())),
        }
    }

    /// Counts an attempt. Returns the time to wait if there is no attempt left, and none if the store does not answer.
    pub(super) async fn count(&self, key: Hash, burst: NonZeroU32, refill: Duration) -> Option<Result<(), Duration>> {
        if !self.may_ask() {
            return None;
        }
        let cause = match timeout(TIMEOUT, self.ask(key, burst, refill)).await {
            Ok(Ok(wait)) => {
                self.note(None);
                return Some(if wait == 0 { Ok(()) } else { Err(Duration::from_millis(wait)) });
            }
            Ok(Err(error)) => with_causes(&error),
            Err(_) => "it does not answer in time".into(),
        };
        // If it is locked, another attempt is already reconnecting.
        if let Ok(mut connection) = self.connection.try_lock() {
            *connection = None;
        }
        self.note(Some(cause));
        None
    }

    /// During an outage, only one attempt asks the store. The others do not wait for it.
    fn may_ask(&self) -> bool {
        let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        match *away_until {
            None => true,
            Some(until) if Instant::now() < until => false,
            Some(_) => {
                *away_until = Some(Instant::now() + TIMEOUT + RETRY_EVERY);
                true
            }
        }
    }

    async fn ask(&self, key: Hash, burst: NonZeroU32, refill: Duration) -> Result<u64, RedisError> {
        let mut connection = self.connection().await?;
        let refill = u64::try_from(refill.as_millis()).unwrap_or(u64::MAX).max(1);
        let key = format!("leptos-appwrite:limit:{:032x}", u128::from_be_bytes(key));
        self.count.key(key).arg(burst.get()).arg(refill).invoke_async(&mut connection).await
    }

    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        let mut held = self.connection.lock().await;
        if let Some(connection) = held.as_ref() {
            return Ok(connection.clone());
        }
        let connection = self.client.get_multiplexed_async_connection().await?;
        *held = Some(connection.clone());
        Ok(connection)
    }

    /// Records the start or the end of an outage, and logs each once.
    fn note(&self, outage: Option<String>) {
        let mut away_until = self.away_until.lock().unwrap_or_else(PoisonError::into_inner);
        let was_away = away_until.is_some();
        *away_until = outage.is_some().then(|| Instant::now() + RETRY_EVERY);
        match outage {
            Some(cause) if !was_away => {
                metrics::shared_limits_are_away(true);
                tracing::warn!(cause, "RATE_LIMIT_REDIS is unavailable: each instance counts for itself");
            }
            None if was_away => {
                metrics::shared_limits_are_away(false);
                tracing::info!("RATE_LIMIT_REDIS is available again");
            }
            Some(_) | None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn hanging_redis_delays_one_attempt_a_second() {
        let store = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("redis://{}", store.local_addr().expect("an address"));
        let counters = SharedCounters::new(&address.into()).expect("counters");
        let attempt = async || {
            let start = Instant::now();
            assert!(counters.count([1; 16], NonZeroU32::MIN, Duration::from_secs(1)).await.is_none());
            start.elapsed()
        };
        assert!(attempt().await > Duration::ZERO);
        for _ in 0..3 {
            tokio::time::advance(TIMEOUT + RETRY_EVERY).await;
            let [first, second, third] = tokio::join!(attempt(), attempt(), attempt()).into();
            assert!(first > Duration::ZERO, "{first:?}");
            assert_eq!([second, third], [Duration::ZERO; 2]);
        }
    }
}
