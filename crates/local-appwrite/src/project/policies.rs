//! The project's policies: rules for new passwords, the maximum age of a password, the number of sessions per user.

use std::{str::FromStr, time::Duration};

/// The required strength of a new password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PasswordStrength {
    /// The minimum number of bytes.
    pub min: usize,
    /// True if an ASCII capital letter is required.
    pub uppercase: bool,
    /// True if an ASCII small letter is required.
    pub lowercase: bool,
    /// True if a digit is required.
    pub number: bool,
    /// True if a character is required that is not a letter, digit or blank.
    pub symbols: bool,
}

impl Default for PasswordStrength {
    fn default() -> Self {
        Self { min: 8, uppercase: false, lowercase: false, number: false, symbols: false }
    }
}

impl PasswordStrength {
    /// Returns true if `password` is strong enough.
    #[must_use]
    pub fn is_met(&self, password: &str) -> bool {
        let has = |test: fn(char) -> bool| password.chars().any(test);
        password.len() >= self.min
            && (!self.uppercase || has(|letter| letter.is_ascii_uppercase()))
            && (!self.lowercase || has(|letter| letter.is_ascii_lowercase()))
            && (!self.number || has(|letter| letter.is_ascii_digit()))
            && (!self.symbols || has(|letter| !letter.is_alphanumeric() && !letter.is_whitespace()))
    }

    /// Appwrite's message for a password that is too weak.
    #[must_use]
    pub fn described(&self) -> String {
        let parts = [
            (self.uppercase, "include an uppercase letter"),
            (self.lowercase, "include a lowercase letter"),
            (self.number, "include a number"),
            (self.symbols, "include a symbol"),
        ];
        let mut text = format!("Password must be between {} and 256 characters long", self.min);
        for (_, part) in parts.iter().filter(|(is_asked, _)| *is_asked) {
            text.push_str(", ");
            text.push_str(part);
        }
        text.push('.');
        text
    }
}

/// The treatment of passwords that are known from a data breach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PwnedPasswords {
    /// Checks passwords, and records the result.
    pub is_looked_up: bool,
    /// Refuses them at sign-in: 412 `user_password_reset_required`.
    pub at_sign_in: bool,
    /// Refuses them as new passwords: 400 `password_pwned`.
    pub as_new: bool,
}

/// The second factors that users may use. Recovery codes are always allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecondFactors {
    /// Authenticator apps.
    pub totp: bool,
    /// Codes by email.
    pub email: bool,
    /// Codes by SMS.
    pub phone: bool,
    /// Codes that the project's own server reads with an API key and delivers.
    pub custom: bool,
}

impl Default for SecondFactors {
    fn default() -> Self {
        Self { totp: true, email: true, phone: true, custom: false }
    }
}

impl SecondFactors {
    /// Returns true if the factor with Appwrite's name `factor` may be used.
    #[must_use]
    pub fn allow(&self, factor: &str) -> bool {
        match factor {
            "totp" => self.totp,
            "email" => self.email,
            "phone" => self.phone,
            "custom" => self.custom,
            _ => true,
        }
    }
}

/// The project's policies. By default everything is off, as in a new project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Policies {
    /// Refuses passwords that contain the user's id, name, address or number.
    pub personal_data: bool,
    /// Other terms that passwords must not contain, in any case.
    pub denied_terms: Vec<String>,
    /// Refuses common passwords.
    pub dictionary: bool,
    /// Other passwords to refuse.
    pub denied_passwords: Vec<String>,
    /// The number of former passwords to refuse; 0 for none.
    pub history: usize,
    /// The required strength of a new password.
    pub strength: PasswordStrength,
    /// The maximum age of a password at sign-in.
    pub rotation: Option<Duration>,
    /// The treatment of passwords from data breaches. This backend knows only those of `dictionary`.
    pub pwned: PwnedPasswords,
    /// The second factors that users may use.
    pub factors: SecondFactors,
    /// The domain that passkeys belong to; empty if none is set.
    pub passkey_rp_id: String,
    /// The most sessions per user; a new one deletes the oldest without an event. `None`: the profile's default.
    pub session_limit: Option<usize>,
}

impl Policies {
    /// Applies one policy.
    pub fn adopt(&mut self, policy: Policy) {
        match policy {
            Policy::PersonalData => self.personal_data = true,
            Policy::Dictionary => self.dictionary = true,
            Policy::History(count) => self.history = count,
            Policy::Strength(strength) => self.strength = strength,
            Policy::Rotation(age) => self.rotation = Some(age),
            Policy::Pwned => self.pwned = PwnedPasswords { is_looked_up: true, at_sign_in: true, as_new: true },
            Policy::SessionLimit(count) => self.session_limit = Some(count),
        }
    }
}

/// One policy, as on the command line, by Appwrite's ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Policy {
    /// `password-personal-data`.
    PersonalData,
    /// `password-dictionary`.
    Dictionary,
    /// `password-history=COUNT`.
    History(usize),
    /// `password-strength=min:COUNT,uppercase,lowercase,number,symbols`.
    Strength(PasswordStrength),
    /// `password-rotation=SECONDS`.
    Rotation(Duration),
    /// `password-pwned`: refused as new passwords and at sign-in.
    Pwned,
    /// `session-limit=COUNT`.
    SessionLimit(usize),
}

impl FromStr for Policy {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (id, value) = text.split_once('=').map_or((text, None), |(id, value)| (id, Some(value)));
        let number = |what: &str| -> Result<usize, String> {
            value.and_then(|value| value.parse().ok()).ok_or_else(|| format!("{id} needs {what}: {id}=5"))
        };
        match id {
            "password-personal-data" => Ok(Self::PersonalData),
            "password-dictionary" => Ok(Self::Dictionary),
            "password-pwned" => Ok(Self::Pwned),
            "password-history" => number("a count").map(Self::History),
            "password-strength" => strength(value.unwrap_or("")).map(Self::Strength),
            "password-rotation" => number("seconds")
                .map(|seconds| Self::Rotation(Duration::from_secs(u64::try_from(seconds).unwrap_or(u64::MAX)))),
            "session-limit" => number("a count").map(Self::SessionLimit),
            _ => Err(format!(
                "unknown policy {id:?}: choose password-personal-data, password-dictionary, password-history, \
                 password-strength, password-rotation, password-pwned or session-limit"
            )),
        }
    }
}

fn strength(text: &str) -> Result<PasswordStrength, String> {
    let mut strength = PasswordStrength::default();
    for part in text.split(',').filter(|part| !part.is_empty()) {
        match (part, part.strip_prefix("min:").and_then(|count| count.parse().ok())) {
            (_, Some(count)) => strength.min = count,
            ("uppercase", None) => strength.uppercase = true,
            ("lowercase", None) => strength.lowercase = true,
            ("number", None) => strength.number = true,
            ("symbols", None) => strength.symbols = true,
            _ => {
                return Err(format!(
                    "unknown part {part:?}: choose min:COUNT, uppercase, lowercase, number or symbols"
                ));
            }
        }
    }
    Ok(strength)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policy_is_read_from_its_id_and_value() {
        assert_eq!("password-history=5".parse(), Ok(Policy::History(5)));
        let strength = PasswordStrength { min: 12, symbols: true, ..PasswordStrength::default() };
        assert_eq!("password-strength=min:12,symbols".parse(), Ok(Policy::Strength(strength)));
        for bad in ["password-history", "password-strength=huge", "nonsense", ""] {
            assert!(bad.parse::<Policy>().is_err(), "{bad}");
        }
    }

    #[test]
    fn strength_error_has_appwrites_message() {
        let strength = PasswordStrength { min: 10, uppercase: true, lowercase: false, number: true, symbols: true };
        assert_eq!(
            strength.described(),
            "Password must be between 10 and 256 characters long, include an uppercase letter, include a number, include a symbol."
        );
        assert!(strength.is_met("Aardvark-12"));
        for weak in ["Aard-1", "aardvark-12", "Aardvark-ab", "Aardvark1234"] {
            assert!(!strength.is_met(weak), "{weak}");
        }
    }
}
