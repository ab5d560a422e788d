//! A client's socket. Drops clients that do not read, explains an oversized request head, and closes so that the client
//! still receives the last response.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::capacity::{Capacity, HEAD_LIMIT};
use crate::server::refusals::head_too_large;
use crate::site::Site;

/// The start of hyper's own response to an oversized head. Hyper sends it before our code sees the request.
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 Request Header Fields Too Large\r\n";

/// Longer than that response ever is, including its date and length.
const BARE_LIMIT: usize = 256;

/// The content type that browsers accept when they load a page.
const PAGE: &[u8] = b"text/html";

/// Keep reading this long, and this much, from a client with an unfinished request. Closing a socket with unread bytes
/// resets it, and the client loses the response.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;

/// The state of a connection's responses, shared with its stream.
#[derive(Default)]
pub(super) struct Progress {
    /// The number of responses so far.
    pub(super) responses: AtomicUsize,
    /// True if the client has sent something since the last response.
    pub(super) has_unanswered_bytes: AtomicBool,
    /// True if a response left a part of its request unread.
    pub(super) is_cut_off: AtomicBool,
    /// True if a response upgraded the connection to a WebSocket.
    pub(super) is_upgraded: AtomicBool,
}

impl Progress {
    /// True if the client has started a request, or has only just connected.
    pub(super) fn expects_request(&self) -> bool {
        self.responses.load(Ordering::Relaxed) == 0 || self.has_unanswered_bytes.load(Ordering::Relaxed)
    }
}

/// A client's socket.
pub(super) struct ClientStream {
    stream: TcpStream,
    /// The time limit for a client that reads nothing. `response_time` is the limit for a whole response.
    timeout: Duration,
    response_time: Duration,
    /// A timer that runs while the client does not read.
    stalled: Option<Pin<Box<Sleep>>>,
    /// The number of the response that the client reads slowly, and its deadline.
    overdue: Option<(usize, Pin<Box<Sleep>>)>,
    /// True if bytes were written since the last flush, so the next write may start anywhere in a message.
    is_mid_message: bool,
    /// True if the client asked for a page since the last response.
    wants_page: bool,
    /// The page that replaces hyper's bare 431, and the number of bytes sent.
    explanation: Option<(Vec<u8>, usize)>,
    site: &'static Site,
    progress: Arc<Progress>,
    closing: Closing,
}

/// The progress of closing a connection.
enum Closing {
    No,
    Lingering { deadline: Pin<Box<Sleep>>, bytes: usize },
    Done,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, capacity: &Capacity, site: &'static Site, progress: Arc<Progress>) -> Self {
        Self {
            stream,
            timeout: capacity.write,
            response_time: capacity.response,
            stalled: None,
            overdue: None,
            is_mid_message: false,
            wants_page: false,
            explanation: None,
            site,
            progress,
            closing: Closing::No,
        }
    }

    /// Fails a write that is stalled, or whose response is overdue.
    fn in_time<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let timeout = self.timeout;
        let stalled = self.stalled.get_or_insert_with(|| Box::pin(sleep(timeout))).as_mut().poll(context);
        if stalled.is_pending() {
            ready!(self.poll_overdue(context));
        }
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Completes when the last response is overdue. Never completes for a WebSocket, which has no end to wait for.
    fn poll_overdue(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self.progress.is_upgraded.load(Ordering::Relaxed) {
            return Poll::Pending;
        }
        let (response, time) = (self.progress.responses.load(Ordering::Relaxed), self.response_time);
        let (_, overdue) = match self.overdue.take() {
            Some(overdue) if overdue.0 == response => self.overdue.insert(overdue),
            _ => self.overdue.insert((response, Box::pin(sleep(time)))),
        };
        overdue.as_mut().poll(context)
    }

    fn note_written(&mut self, written: &Poll<io::Result<usize>>) {
        self.is_mid_message |= matches!(written, Poll::Ready(Ok(1..)));
    }

    /// Writes the page instead of hyper's response of `length` bytes.
    fn poll_explain(&mut self, context: &mut Context<'_>, length: usize) -> Poll<io::Result<usize>> {
        let (wants_page, site) = (self.wants_page, self.site);
        let (page, mut sent) = self.explanation.take().unwrap_or_else(|| (head_too_large(wants_page, site), 0));
        self.progress.is_cut_off.store(true, Ordering::Relaxed);
        while let Some(rest) = page.get(sent..).filter(|rest| !rest.is_empty()) {
            let written = Pin::new(&mut self.stream).poll_write(context, rest);
            match self.in_time(context, written) {
                Poll::Ready(written) => sent += written?,
                Poll::Pending => {
                    self.explanation = Some((page, sent));
                    return Poll::Pending;
                }
            }
        }
        Poll::Ready(Ok(length))
    }

    /// True if the page replaces these bytes: they are hyper's response and not a part of another message.
    fn is_explained(&self, bytes: &[u8]) -> bool {
        let can_begin = !self.is_mid_message && !self.progress.is_upgraded.load(Ordering::Relaxed);
        self.explanation.is_some() || (can_begin && is_bare_refusal(bytes))
    }

    /// Discards further input until the client has read the response and closed.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let Closing::Lingering { deadline, bytes } = &mut self.closing else { return Poll::Ready(()) };
        let mut chunk = [0; 4096];
        loop {
            let mut buffer = ReadBuf::new(&mut chunk);
            match Pin::new(&mut self.stream).poll_read(context, &mut buffer) {
                Poll::Pending => return deadline.as_mut().poll(context),
                Poll::Ready(Err(_)) => return Poll::Ready(()),
                Poll::Ready(Ok(())) => {
                    let read = buffer.filled().len();
                    *bytes += read;
                    if read == 0 || *bytes > LINGER_BYTES {
                        return Poll::Ready(());
                    }
                }
            }
        }
    }
}

/// True if these bytes are hyper's whole response to an oversized head.
fn is_bare_refusal(bytes: &[u8]) -> bool {
    let end = bytes.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    bytes.starts_with(HEAD_TOO_LARGE) && bytes.len() <= BARE_LIMIT && end.is_some_and(|end| end + 4 == bytes.len())
}

impl AsyncRead for ClientStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            this.progress.has_unanswered_bytes.store(true, Ordering::Relaxed);
        }
        if !this.wants_page {
            let head = buffer.filled().get(before..).unwrap_or_default();
            let head = head.get(..HEAD_LIMIT).unwrap_or(head);
            this.wants_page = head.windows(PAGE.len()).any(|bytes| bytes == PAGE);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for ClientStream {
    fn poll_write(self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_explained(bytes) {
            return this.poll_explain(context, bytes.len());
        }
        this.wants_page = false;
        let written = Pin::new(&mut this.stream).poll_write(context, bytes);
        this.note_written(&written);
        this.in_time(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        let whole = if let [only] = bytes { only } else { &[][..] };
        if this.is_explained(whole) {
            return this.poll_explain(context, bytes.iter().map(|bytes| bytes.len()).sum());
        }
        this.wants_page = false;
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, bytes);
        this.note_written(&written);
        this.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        this.is_mid_message = false;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.closing, Closing::No) {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.closing = if this.progress.is_cut_off.load(Ordering::Relaxed) {
                Closing::Lingering { deadline: Box::pin(sleep(LINGER)), bytes: 0 }
            } else {
                Closing::Done
            };
        }
        ready!(this.poll_linger(context));
        this.closing = Closing::Done;
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    const BARE: &[u8] =
        b"HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 0\r\ndate: Thu, 26 Nov 2026 02:00:00 GMT\r\n\r\n";

    /// Returns the bytes that a client reads after these writes.
    async fn read_of(progress: Progress, writes: &[&[u8]], is_flushed: bool) -> Vec<u8> {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let mut client = TcpStream::connect(listener.local_addr().expect("an address")).await.expect("a connection");
        let (stream, _) = listener.accept().await.expect("a client");
        let mut stream = ClientStream::new(stream, &Capacity::default(), &crate::test_site::SITE, Arc::new(progress));
        for bytes in writes {
            stream.write_all(bytes).await.expect("a write");
            if is_flushed {
                stream.flush().await.expect("a flush");
            }
        }
        drop(stream);
        let mut read = Vec::new();
        client.read_to_end(&mut read).await.expect("all of it");
        read
    }

    #[tokio::test]
    async fn page_replaces_a_bare_431_between_messages_only() {
        let is_page = |read: &[u8]| String::from_utf8_lossy(read).contains("requestId");
        let before = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
        assert!(is_page(&read_of(Progress::default(), &[BARE], false).await));
        assert!(is_page(&read_of(Progress::default(), &[before, BARE], true).await));
        assert_eq!(read_of(Progress::default(), &[before, BARE], false).await, [&before[..], BARE].concat());
    }

    #[tokio::test]
    async fn messages_that_look_like_a_431_pass_unchanged() {
        let with_body = [BARE, b"<p>a body</p>\r\n\r\n"].concat();
        let repeated = b"HTTP/1.1 431 ".repeat(100);
        for bytes in [&with_body[..], &repeated, b"HTTP/1.1 431 \r\n\r\n"] {
            assert_eq!(read_of(Progress::default(), &[bytes], true).await, bytes);
        }
    }

    #[tokio::test]
    async fn websocket_data_passes_unchanged() {
        let progress = Progress::default();
        progress.is_upgraded.store(true, Ordering::Relaxed);
        assert_eq!(read_of(progress, &[BARE], true).await, BARE);
    }
}
