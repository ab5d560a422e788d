//! The grades of a password.

/// The strength of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordStrength {
    /// The password has this many characters, which are too few for Appwrite.
    TooShort(usize),
    /// It mostly consists of the user's name or email address.
    PersonalData,
    /// It mostly consists of a common password.
    Common,
    /// It mostly consists of a repetition or a sequence: `aaaaaaaa`, `12345678`, `qwertyui`.
    Pattern,
    /// It is too short for the kinds of characters that it contains.
    Weak,
    /// Guessing it takes a long time.
    Fair,
    /// Guessing it is practically impossible.
    Strong,
}
