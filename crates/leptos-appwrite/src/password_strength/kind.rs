//! The grades of a password.

/// The strength of a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordStrength {
    /// It has this many characters, which are fewer than Appwrite accepts.
    TooShort(usize),
    /// It is mostly the user's name or email address.
    PersonalData,
    /// It is mostly a common password.
    Common,
    /// It is mostly a repetition or a run: `aaaaaaaa`, `12345678`, `qwertyui`.
    Pattern,
    /// It has too few characters for their kind.
    Weak,
    /// Guessing it takes long.
    Fair,
    /// Guessing it takes longer than anyone has.
    Strong,
}
