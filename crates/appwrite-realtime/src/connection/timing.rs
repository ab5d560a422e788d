//! The machine's timers.

use std::time::Duration;

use super::limits::{PING_INTERVAL, PONG_DEADLINE, SLEEP_THRESHOLD, THROTTLED_THRESHOLD};
use super::{Machine, Phase, PongSupport, Timer};
use crate::protocol::ClientFrame;
use crate::state::EndReason;

impl Machine {
    pub(super) fn wake(&mut self) {
        let mut due: Vec<_> = self.timers.iter().map(|(timer, at)| (*at, *timer)).collect();
        due.retain(|(at, _)| *at <= self.now);
        // Sorting would be 4 kB of code in the browser.
        while let Some(next) = due.iter().min().copied() {
            due.retain(|one| *one != next);
            let (at, timer) = next;
            // An earlier timer may have disarmed or moved this one.
            if self.timers.get(&timer) == Some(&at) {
                self.timers.remove(&timer);
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
        if self.pongs == PongSupport::Answered && !self.timers.contains_key(&Timer::Pong) {
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
        self.timers.insert(timer, self.now.saturating_add(delay));
    }

    pub(super) fn disarm(&mut self, timer: Timer) {
        self.timers.remove(&timer);
    }

    /// Returns a random number from 0 up to but not including 1.
    pub(crate) fn chance(&mut self) -> f64 {
        (self.random)().clamp(0.0, 1.0)
    }
}
