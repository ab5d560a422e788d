//! The fields about an email address that Appwrite returns since 1.9.

/// Free email providers.
const FREE: &[&str] = &[
    "aol.com",
    "gmail.com",
    "gmx.com",
    "gmx.de",
    "googlemail.com",
    "hotmail.com",
    "icloud.com",
    "live.com",
    "mail.com",
    "outlook.com",
    "proton.me",
    "protonmail.com",
    "web.de",
    "yahoo.com",
    "yandex.com",
    "zoho.com",
];

/// Hosts of disposable addresses. Appwrite's list also contains the reserved `example` names.
const DISPOSABLE: &[&str] = &[
    "10minutemail.com",
    "example.com",
    "example.net",
    "example.org",
    "guerrillamail.com",
    "mailinator.com",
    "temp-mail.org",
    "tempmail.com",
    "trashmail.com",
    "yopmail.com",
];

/// The properties of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailFacts {
    /// The address without the parts that its host ignores (`a.b+tag@gmail.com` is `ab@gmail.com`).
    pub canonical: String,
    /// True if the host is a free email provider.
    pub is_free: bool,
    /// True if the address is disposable.
    pub is_disposable: bool,
    /// True if neither applies.
    pub is_corporate: bool,
    /// True if the address is already canonical.
    pub is_canonical: bool,
}

impl EmailFacts {
    /// Returns the properties of `address`.
    #[must_use]
    pub fn of(address: &str) -> Self {
        let lower = address.trim().to_lowercase();
        let (local, host) = lower.rsplit_once('@').unwrap_or((&lower, ""));
        let canonical = canonical(local, host);
        let is_free = FREE.contains(&host);
        let is_disposable = DISPOSABLE.contains(&host);
        Self {
            is_canonical: canonical == lower,
            canonical,
            is_free,
            is_disposable,
            is_corporate: !is_free && !is_disposable,
        }
    }
}

fn canonical(local: &str, host: &str) -> String {
    match host {
        "gmail.com" | "googlemail.com" => {
            let local = before_plus(local).replace('.', "");
            format!("{local}@gmail.com")
        }
        "outlook.com" | "hotmail.com" | "live.com" | "icloud.com" | "proton.me" | "protonmail.com" => {
            format!("{}@{host}", before_plus(local))
        }
        _ => format!("{local}@{host}"),
    }
}

fn before_plus(local: &str) -> &str {
    local.split('+').next().unwrap_or(local)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn example_address_is_disposable_as_the_recordings_have_it() {
        let facts = EmailFacts::of("ann243754@example.com");
        assert!(facts.is_disposable && !facts.is_free && !facts.is_corporate);
        assert!(facts.is_canonical);
    }

    #[test]
    fn gmail_ignores_dots_and_tags() {
        let facts = EmailFacts::of("An.N+x@googlemail.com");
        assert_eq!(facts.canonical, "ann@gmail.com");
        assert!(facts.is_free && !facts.is_canonical);
    }

    #[test]
    fn unknown_host_is_corporate() {
        assert!(EmailFacts::of("kay@acme.test").is_corporate);
    }
}
