//! The machine's timers.

use std::time::Duration;

use super::limits::{PING_INTERVAL, PONG_DEADLINE, SLEEP_THRESHOLD, THROTTLED_THRESHOLD};
use super::{Machine, Phase, PongSupport, Timer};
use crate::protocol::ClientFrame;
use crate::state::EndReason;

impl Machine {
    pub(super) fn wake(&mut self) {
        let mut due = self.timers.due(self.now);
        // Sorting would be 4 kB of code in the browser.
        while let Some((timer, at)) = due.iter().min_by_key(|(timer, at)| (*at, *timer)).copied() {
            due.retain(|(other, _)| *other != timer);
            // An earlier timer may have disarmed or moved this one.
            if self.timers.get(timer) == Some(at) {
                self.timers.remove(timer);
                self.fire(timer, self.now - at);
            }
        }
    }

    pub(super) fn fire(&mut self, timer: Timer, lateness: Duration) {
        match timer {
            Timer::Attempt => self.retry_later(Duration::ZERO),
            Timer::Retry => self.begin(),
            Timer::Stable => self.failures = 0,
            Timer::Ping => self.time_to_ping(lateness),
            Timer::Pong => self.pong_is_overdue(lateness),
            Timer::Linger => self.rest(Phase::Idle),
            Timer::Channels => self.channels_changed(),
            Timer::Subscribe => self.reconnect(),
            Timer::Presence => self.renew_presence(),
            Timer::Withdraw => self.send_presence(),
            Timer::Flush => {
                self.send_presence();
                self.channels_changed();
            }
            // `show` handles it.
            Timer::Countdown => {}
            Timer::Recheck => self.check_session(),
            Timer::SessionExpires => self.end(EndReason::Expired),
        }
    }

    pub(super) fn time_to_ping(&mut self, lateness: Duration) {
        if lateness >= SLEEP_THRESHOLD && self.pongs != PongSupport::Answered {
            // The device slept, and without pings the machine cannot check if the connection is still alive.
            self.reconnect();
            return;
        }
        self.ping();
        self.arm(Timer::Ping, PING_INTERVAL);
    }

    pub(super) fn ping(&mut self) {
        if self.pongs == PongSupport::Unsupported || !self.may_send() {
            return;
        }
        if let Phase::Socket(socket) = &mut self.phase {
            socket.ping_is_unanswered = true;
            socket.last_ping = Some(self.now);
        }
        self.send(&ClientFrame::Ping);
        if self.pongs == PongSupport::Answered && self.timers.get(Timer::Pong).is_none() {
            self.arm(Timer::Pong, PONG_DEADLINE);
        }
    }

    pub(super) fn pong_is_overdue(&mut self, lateness: Duration) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        if lateness >= THROTTLED_THRESHOLD && !std::mem::replace(&mut socket.had_grace, true) {
            // The timer was throttled or the device slept: the pong may be queued behind this timer.
            self.ping();
            self.arm(Timer::Pong, PONG_DEADLINE);
        } else {
            self.retry_later(Duration::ZERO);
        }
    }

    pub(super) fn arm(&mut self, timer: Timer, delay: Duration) {
        self.timers.set(timer, self.now.saturating_add(delay));
    }

    pub(super) fn disarm(&mut self, timer: Timer) {
        self.timers.remove(timer);
    }

    /// Returns a random part of this many seconds, in whole milliseconds.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number of milliseconds")]
    pub(crate) fn random_part(&mut self, whole: Duration) -> Duration {
        let chance = (self.random)().clamp(0.0, 1.0);
        Duration::from_millis((whole.as_secs() as f64 * 1000.0 * chance) as u64)
    }
}
