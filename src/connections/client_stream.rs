//! A client's socket: it drops clients that do not read, explains a head that is too large, and closes so that the last
//! answer is not lost.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

use super::HEAD_LIMIT;
use crate::server::head_too_large;

/// How hyper's own answer to a head that is too large begins. It comes before any of our code sees the request.
const HEAD_TOO_LARGE: &[u8] = b"HTTP/1.1 431 ";

/// What browsers accept where a person will see the answer.
const PAGE: &[u8] = b"text/html";

/// How long a client that was cut off may go on sending, and how much, before the connection is closed. A socket that is
/// closed with unread bytes is reset, and the client loses the answer.
const LINGER: Duration = Duration::from_secs(2);
const LINGER_BYTES: usize = 1024 * 1024;

/// A client's socket.
pub(super) struct ClientStream {
    stream: TcpStream,
    patience: Duration,
    /// Runs while the client does not read.
    stalled: Option<Pin<Box<Sleep>>>,
    /// Whether the client asked for a page since the last answer.
    wants_page: bool,
    /// The page that goes out in the place of hyper's bare 431, and how much of it has.
    explanation: Option<(Vec<u8>, usize)>,
    /// Whether the client was answered before all that it sends was read.
    is_cut_off: Arc<AtomicBool>,
    closing: Closing,
}

/// How far the end of a connection has come.
enum Closing {
    No,
    Lingering { deadline: Pin<Box<Sleep>>, bytes: usize },
    Done,
}

impl ClientStream {
    pub(super) fn new(stream: TcpStream, patience: Duration, is_cut_off: Arc<AtomicBool>) -> Self {
        Self { stream, patience, stalled: None, wants_page: false, explanation: None, is_cut_off, closing: Closing::No }
    }

    /// Fails a write that has waited too long.
    fn in_time<T>(&mut self, context: &mut Context<'_>, written: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.stalled = None;
            return written;
        }
        let patience = self.patience;
        ready!(self.stalled.get_or_insert_with(|| Box::pin(sleep(patience))).as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }

    /// Writes the page in the place of hyper's answer of `length` bytes.
    fn poll_explain(&mut self, context: &mut Context<'_>, length: usize) -> Poll<io::Result<usize>> {
        let wants_page = self.wants_page;
        let (page, mut sent) = self.explanation.take().unwrap_or_else(|| (head_too_large(wants_page), 0));
        self.is_cut_off.store(true, Ordering::Relaxed);
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

    fn is_explained(&self, first: &[u8]) -> bool {
        self.explanation.is_some() || first.starts_with(HEAD_TOO_LARGE)
    }

    /// Throws away what still comes, until the client has read the answer and closed.
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

impl AsyncRead for ClientStream {
    fn poll_read(self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buffer.filled().len();
        ready!(Pin::new(&mut this.stream).poll_read(context, buffer))?;
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
        this.in_time(context, written)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if this.is_explained(bytes.first().map_or(&[], |first| first)) {
            return this.poll_explain(context, bytes.iter().map(|bytes| bytes.len()).sum());
        }
        this.wants_page = false;
        let written = Pin::new(&mut this.stream).poll_write_vectored(context, bytes);
        this.in_time(context, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        if matches!(this.closing, Closing::No) {
            ready!(Pin::new(&mut this.stream).poll_shutdown(context))?;
            this.closing = if this.is_cut_off.load(Ordering::Relaxed) {
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
