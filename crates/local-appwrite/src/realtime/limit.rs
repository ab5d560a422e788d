//! Limits the messages per connection.

use jiff::Timestamp;

/// The length of a window in seconds. Windows align to the clock, as on the real server.
const WINDOW: i64 = 60;

/// Messages a connection may send in a window.
const MESSAGES: u32 = 32;

/// Counts the messages of one connection.
#[derive(Debug, Default)]
pub(super) struct MessageLimit {
    window: i64,
    count: u32,
}

impl MessageLimit {
    /// Counts a message; returns true if it exceeds the limit.
    pub(super) fn is_exceeded(&mut self, now: Timestamp) -> bool {
        let window = now.as_second().div_euclid(WINDOW);
        if self.window != window {
            *self = Self { window, count: 0 };
        }
        let is_exceeded = self.count >= MESSAGES;
        self.count += u32::from(!is_exceeded);
        is_exceeded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a timestamp")
    }

    #[test]
    fn message_33_in_a_minute_is_refused() {
        let mut limit = MessageLimit::default();
        for message in 1..=32 {
            assert!(!limit.is_exceeded(at(59)), "message {message}");
        }
        assert!(limit.is_exceeded(at(59)));
        assert!(!limit.is_exceeded(at(60)), "a new minute begins at the full minute");
    }
}
