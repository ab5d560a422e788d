//! Access rules for pages.

/// The guard of a route. The server checks it before rendering.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone. The page is the same for all users: the server does not read the session and renders nothing personal.
    SameForAll,
    /// Everyone.
    Anyone,
    /// Everyone. Users whose session has ended see a notice, because the page would look different to them.
    AnyoneButEnded,
    /// Signed-in users. Others are redirected to the sign-in page and come back afterwards.
    SignedIn,
    /// Users who are not signed in. Others are redirected.
    SignedOut,
    /// Users who still need to complete a second factor. Others are redirected.
    SecondFactor,
    /// Everyone, in any sign-in state. For pages that links in emails open.
    Always,
}
