//! Who may open a page.

/// The guard of a route. The server checks it before it renders anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Everyone. The page is the same for all: the session is not read, and nothing personal is rendered.
    SameForAll,
    /// Everyone.
    Anyone,
    /// Everyone; but someone whose session has ended is told so, as the page would look different to them.
    AnyoneButEnded,
    /// People who are signed in; others go to the sign-in page and come back.
    SignedIn,
    /// People who are not signed in; others are sent on.
    SignedOut,
    /// People who have signed in but for a second factor; others are sent on.
    SecondFactor,
    /// Everyone, however far they are signed in: what a link from a mail opens.
    Always,
}
