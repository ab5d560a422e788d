//! A connection attempt: from the ticket to `connected`, and the handling of its failures.

use std::time::Duration;

use super::limits::{
    COLLECT, CONNECT_DEADLINE, FIRST_DELAY, LONG_WAIT, MAX_DELAY, MIN_ATTEMPT_INTERVAL, PING_INTERVAL, STABLE_AFTER,
    TICKET_DEADLINE,
};
use super::{Machine, Phase, Progress, Socket, TicketFailure, Timer};
use crate::handshake::{Ticket, Transport, address};
use crate::output::Output;
use crate::protocol::Connected;
use crate::state::{EndReason, NotLiveReason};

impl Machine {
    /// Starts an attempt after this delay, or later if an earlier attempt or the server requires it.
    pub(super) fn begin_soon(&mut self, delay: Duration) {
        let spaced = self.attempt_started.map_or(Duration::ZERO, |started| started + MIN_ATTEMPT_INTERVAL);
        let at = self.now.saturating_add(delay).max(spaced).max(self.not_before);
        self.phase = Phase::Waiting;
        if at <= self.now {
            self.begin();
        } else {
            self.timers.set(Timer::Retry, at);
        }
    }

    pub(super) fn begin(&mut self) {
        self.timers.remove(Timer::Retry);
        if self.channels.is_empty() {
            self.rest(Phase::Idle);
            return;
        }
        self.attempt += 1;
        self.attempt_started = Some(self.now);
        self.phase = Phase::Minting;
        self.arm(Timer::Attempt, TICKET_DEADLINE);
        self.outputs.push(Output::MintTicket { attempt: self.attempt, jwt_ignored: self.jwt_ignored });
    }

    pub(super) fn ticket(&mut self, outcome: Result<Ticket, TicketFailure>) {
        let minting_took = self.now - self.attempt_started.unwrap_or(self.now);
        // The ticket request has completed, so there is nothing to cancel.
        self.phase = Phase::Waiting;
        match outcome {
            Ok(ticket) if ticket.user_id != self.user_id => self.end(EndReason::SomeoneElse),
            // The device slept meanwhile, and the ticket has expired.
            Ok(ticket) if minting_took >= Duration::from_secs(ticket.lifetime) => self.retry_later(Duration::ZERO),
            Ok(ticket) => self.open_socket(ticket),
            Err(TicketFailure::SignedOut) => self.end(EndReason::SignedOut),
            Err(TicketFailure::Blocked) => self.end(EndReason::Blocked),
            Err(TicketFailure::OutOfDate) => self.stop(NotLiveReason::OutOfDate),
            Err(TicketFailure::Unavailable) => self.retry_later(Duration::ZERO),
            Err(TicketFailure::RateLimited { retry_after }) => self.retry_later(retry_after),
        }
    }

    pub(super) fn open_socket(&mut self, ticket: Ticket) {
        let mut in_address = self.wanted(ticket.row_naming, ticket.takes_messages);
        in_address.retain(|name| ticket.carries(name));
        let Ok(address) = address(&ticket, &self.own_origin, in_address.iter().map(String::as_str)) else {
            self.stop(NotLiveReason::Misconfigured);
            return;
        };
        match ticket.session_expires_in {
            Some(seconds) => self.arm(Timer::SessionExpires, Duration::from_secs(seconds)),
            None => self.disarm(Timer::SessionExpires),
        }
        self.presence.start_socket();
        self.phase = Phase::Socket(Box::new(Socket {
            progress: Progress::Connecting,
            is_direct: matches!(ticket.transport, Transport::Direct { .. }),
            takes_messages: ticket.takes_messages,
            session_id: ticket.session_id,
            naming: ticket.row_naming,
            in_address,
            added: Vec::new(),
            unconfirmed: Vec::new(),
            ping_is_unanswered: false,
            last_ping: None,
            had_grace: false,
        }));
        self.arm(Timer::Attempt, CONNECT_DEADLINE);
        self.outputs.push(Output::OpenSocket { attempt: self.attempt, address });
    }

    pub(super) fn socket_opened(&mut self, attempt: u64) {
        if let Phase::Socket(socket) = &mut self.phase
            && attempt == self.attempt
            && socket.progress == Progress::Connecting
        {
            socket.progress = Progress::AwaitingConnected;
            self.arm(Timer::Attempt, CONNECT_DEADLINE);
        }
    }

    /// Appwrite connects a guest or omits a channel without an error, so only the user and channels in the frame count.
    pub(super) fn connected(&mut self, connected: &Connected) {
        let Phase::Socket(socket) = &self.phase else { return };
        let names_all = socket.in_address.iter().all(|channel| connected.channels.contains(channel));
        match connected.user_id.as_deref() {
            Some(user_id) if user_id == self.user_id && names_all => self.live(),
            Some(user_id) if user_id == self.user_id => self.not_live_for(NotLiveReason::ChannelLeftOut),
            Some(_) => self.not_live_for(NotLiveReason::WrongUser),
            None => self.credential_ignored(),
        }
    }

    pub(super) fn live(&mut self) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        if socket.progress == Progress::Live {
            return;
        }
        socket.progress = Progress::Live;
        self.is_offline = false;
        self.refusals = 0;
        self.was_live = true;
        self.not_live_reason = None;
        self.disarm(Timer::Attempt);
        self.arm(Timer::Stable, STABLE_AFTER);
        self.arm(Timer::Ping, PING_INTERVAL);
        // Channels requested while the socket opened.
        self.arm(Timer::Channels, COLLECT);
        self.report_gap(Self::delivers);
        self.send_presence();
    }

    /// The server connected a guest despite a new ticket: it ignores JWTs in addresses. Uses the relay if there is one,
    /// and otherwise retries much later.
    pub(super) fn credential_ignored(&mut self) {
        let is_direct = matches!(&self.phase, Phase::Socket(socket) if socket.is_direct);
        if is_direct && !self.jwt_ignored {
            self.jwt_ignored = true;
            self.try_another_ticket();
        } else {
            self.not_live_for(NotLiveReason::SignInRefused);
        }
    }

    pub(super) fn not_live_for(&mut self, reason: NotLiveReason) {
        self.retry_later(LONG_WAIT);
        self.not_live_reason = Some(reason);
    }

    /// Cancels the attempt, and retries after a delay of at least `at_least` that grows with each failure (full
    /// jitter).
    pub(super) fn retry_later(&mut self, at_least: Duration) {
        self.leave();
        self.not_live_reason = None;
        let ceiling = FIRST_DELAY.saturating_mul(1 << self.failures.min(6)).min(MAX_DELAY);
        self.failures = self.failures.saturating_add(1);
        self.not_before = self.not_before.max(self.now.saturating_add(at_least));
        let jitter = self.random_part(ceiling);
        self.begin_soon(at_least.saturating_add(jitter));
    }

    /// Reconnects without a failure.
    pub(super) fn reconnect(&mut self) {
        self.leave();
        self.begin_soon(Duration::ZERO);
    }

    /// Reconnects at once with a new ticket. Only for cases that occur once before the next connection.
    pub(super) fn try_another_ticket(&mut self) {
        self.leave();
        self.begin();
    }

    /// Cancels the pending ticket request or the socket.
    pub(super) fn leave(&mut self) {
        match std::mem::replace(&mut self.phase, Phase::Waiting) {
            Phase::Minting => self.outputs.push(Output::CancelTicket),
            Phase::Socket(_) => self.outputs.push(Output::CloseSocket),
            _ => {}
        }
        for timer in [
            Timer::Attempt,
            Timer::Retry,
            Timer::Stable,
            Timer::Ping,
            Timer::Pong,
            Timer::Channels,
            Timer::Subscribe,
            Timer::Presence,
            Timer::Withdraw,
            Timer::Flush,
        ] {
            self.disarm(timer);
        }
    }

    pub(super) fn rest(&mut self, phase: Phase) {
        self.leave();
        self.disarm(Timer::Linger);
        self.was_live = false;
        self.phase = phase;
    }

    pub(super) fn stop(&mut self, reason: NotLiveReason) {
        self.leave();
        self.not_live_reason = None;
        self.phase = Phase::Stopped(reason);
    }

    pub(super) fn end(&mut self, reason: EndReason) {
        self.close_for_good(reason);
        self.outputs.push(Output::SessionEnded(reason));
    }

    pub(super) fn close_for_good(&mut self, reason: EndReason) {
        self.leave();
        self.timers.clear();
        self.phase = Phase::Ended(reason);
    }
}
