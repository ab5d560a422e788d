//! Handles frames from the server.

use std::time::Duration;

use super::limits::{CLOSED_AS_SIGNED_OUT, LONG_WAIT, RECHECK};
use super::{Machine, Phase, PongSupport, Progress, SessionCheck, Timer};
use crate::output::Output;
use crate::protocol::{CHANNEL_NOT_RELAYED, Event, InvalidFrame, Response, ServerError, ServerFrame, SessionEffect};
use crate::state::{EndReason, NotLiveReason};

impl Machine {
    pub(super) fn frame(&mut self, frame: Result<ServerFrame, InvalidFrame>) {
        // Any frame shows that the connection is alive.
        self.disarm(Timer::Pong);
        if let Phase::Socket(socket) = &mut self.phase {
            socket.had_grace = false;
        }
        match frame {
            Ok(ServerFrame::Connected(connected)) => self.connected(&connected),
            Ok(ServerFrame::Event(event)) => self.event(event),
            Ok(ServerFrame::Pong) => self.pong(),
            Ok(ServerFrame::Error(error)) if self.is_live() => self.error_while_live(&error),
            Ok(ServerFrame::Error(error)) => self.error_while_connecting(error),
            Ok(ServerFrame::Response(response)) if response.to == "subscribe" => self.subscribed(&response),
            Ok(ServerFrame::Response(response)) if response.to == "presence" => self.on_presence_response(),
            Ok(ServerFrame::Response(_) | ServerFrame::Unknown { .. }) | Err(InvalidFrame) => {}
        }
    }

    pub(super) fn event(&mut self, event: Event) {
        let Phase::Socket(socket) = &self.phase else { return };
        if socket.progress != Progress::Live {
            return;
        }
        match event.session_effect(&self.user_id, socket.session_id.as_deref()) {
            Some(SessionEffect::SessionDeleted) => return self.end(EndReason::SessionDeleted),
            Some(SessionEffect::Blocked) => return self.end(EndReason::Blocked),
            Some(SessionEffect::AccountDeleted) => return self.end(EndReason::AccountDeleted),
            Some(SessionEffect::InDoubt) => self.check_session(),
            None => {}
        }
        self.presence_changed(&event);
        if self.channels.carry(&event) {
            self.outputs.push(Output::Event(event));
        }
    }

    pub(super) fn pong(&mut self) {
        self.pongs = PongSupport::Answered;
        if let Phase::Socket(socket) = &mut self.phase {
            socket.ping_is_unanswered = false;
        }
    }

    pub(super) fn subscribed(&mut self, response: &Response) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        let unconfirmed = std::mem::take(&mut socket.unconfirmed);
        if unconfirmed.is_empty() {
            return;
        }
        let naming = socket.naming;
        let names_all = socket.added.iter().all(|channel| response.channels.contains(channel));
        self.disarm(Timer::Subscribe);
        match (response.success, names_all) {
            (true, true) => {
                self.report_gap(|_, channel| unconfirmed.contains(&channel.name(naming)));
                self.channels_changed();
            }
            (true, false) => self.not_live_for(NotLiveReason::ChannelLeftOut),
            (false, _) => self.reconnect(),
        }
    }

    /// Handles an error before `connected`; the server closes afterwards. Its close code is less precise than the
    /// error.
    pub(super) fn error_while_connecting(&mut self, error: ServerError) {
        match error.code {
            1008 => self.stop(policy_refusal(error.message)),
            1013 => self.retry_later(LONG_WAIT),
            401 => self.unauthorized(),
            403 => self.forbidden(error.message),
            _ => self.retry_later(Duration::ZERO),
        }
    }

    /// Handles an error on a live connection, which stays open except for 1008.
    pub(super) fn error_while_live(&mut self, error: &ServerError) {
        let Phase::Socket(socket) = &mut self.phase else { return };
        match error.code {
            1008 => self.stop(policy_refusal(error.message.clone())),
            1013 => self.muted_until = self.now + LONG_WAIT,
            1003 if !socket.unconfirmed.is_empty() => self.reconnect(),
            1003 if socket.ping_is_unanswered && self.pongs == PongSupport::Unknown => {
                socket.ping_is_unanswered = false;
                self.pongs = PongSupport::Unsupported;
            }
            401 => self.check_session(),
            _ => {}
        }
    }

    /// The server rejects the ticket: tries one new ticket at once, then checks the session.
    pub(super) fn unauthorized(&mut self) {
        self.refusals += 1;
        if self.refusals == 1 {
            self.try_another_ticket();
        } else {
            self.check_session();
            self.retry_later(Duration::ZERO);
            self.not_live_reason = Some(NotLiveReason::SignInRefused);
        }
    }

    /// Only the message distinguishes one 403 from another: the frame has no `type`.
    pub(super) fn forbidden(&mut self, message: String) {
        let lower = message.to_ascii_lowercase();
        if lower.contains("cookie") {
            self.stop(NotLiveReason::CookieConflict);
        } else if lower.contains("disabled") {
            self.stop(NotLiveReason::SwitchedOff);
        } else if matches!(&self.phase, Phase::Socket(socket) if socket.is_direct) && !self.jwt_ignored {
            // A project may reject guests, and a server that ignores the JWT treats this user as one.
            self.credential_ignored();
        } else {
            self.stop(NotLiveReason::Refused(shortened(message)));
        }
    }

    pub(super) fn socket_closed(&mut self, code: Option<u16>) {
        // The socket is already closed.
        self.phase = Phase::Waiting;
        match code {
            Some(1008) => self.stop(NotLiveReason::Refused(String::new())),
            Some(1013) => self.retry_later(LONG_WAIT),
            Some(CLOSED_AS_SIGNED_OUT) => {
                self.check_session();
                self.retry_later(Duration::ZERO);
            }
            _ => self.retry_later(Duration::ZERO),
        }
    }

    pub(super) fn check_session(&mut self) {
        if !std::mem::replace(&mut self.is_checking, true) {
            self.disarm(Timer::Recheck);
            self.outputs.push(Output::CheckSession);
        }
    }

    pub(super) fn session_checked(&mut self, check: SessionCheck) {
        if !std::mem::take(&mut self.is_checking) {
            return;
        }
        match check {
            SessionCheck::Alive => {}
            SessionCheck::Gone => self.end(EndReason::SignedOut),
            SessionCheck::Blocked => self.end(EndReason::Blocked),
            SessionCheck::SomeoneElse => self.end(EndReason::SomeoneElse),
            SessionCheck::Unknown => self.arm(Timer::Recheck, RECHECK),
        }
    }
}

fn policy_refusal(message: String) -> NotLiveReason {
    let lower = message.to_ascii_lowercase();
    if message.starts_with(CHANNEL_NOT_RELAYED) {
        NotLiveReason::ChannelLeftOut
    } else if lower.contains("invalid origin") {
        NotLiveReason::UnregisteredOrigin
    } else if lower.contains("project id") {
        NotLiveReason::UnknownProject
    } else {
        NotLiveReason::Refused(shortened(message))
    }
}

/// Shortens a server's message for the badge.
fn shortened(message: String) -> String {
    const MAX_LENGTH: usize = 120;
    if message.chars().count() <= MAX_LENGTH {
        return message;
    }
    message.chars().take(MAX_LENGTH).chain(['…']).collect()
}
