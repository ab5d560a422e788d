//! The facts about an email address that Appwrite 1.9 returns.

/// Mail hosts that anyone can have an address at.
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

/// Hosts of throw-away addresses. Appwrite's own list holds the reserved `example` names too.
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

/// The judgments of one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmailFacts {
    /// The address without what its host ignores (`a.b+tag@gmail.com` is `ab@gmail.com`).
    pub canonical: String,
    /// Of a free mail host.
    pub is_free: bool,
    /// Of a throw-away host.
    pub is_disposable: bool,
    /// Neither free nor throw-away.
    pub is_corporate: bool,
    /// Already in its canonical form.
    pub is_canonical: bool,
}

impl EmailFacts {
    /// Judges `address`.
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
