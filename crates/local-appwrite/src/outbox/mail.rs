//! The texts and links of Appwrite's messages.

use jiff::Timestamp;
use rand::RngExt;
use url::Url;

use super::{Message, MessageKind};
use crate::{
    ApiError, ErrorKind, clock,
    http::{Call, escaped},
};

const ADJECTIVES: &[&str] = &[
    "Amber", "Brave", "Calm", "Eager", "Gentle", "Golden", "Happy", "Jolly", "Lucky", "Mellow", "Quiet", "Silver",
    "Sunny", "Swift", "Warm", "Wise",
];
const ANIMALS: &[&str] = &[
    "badger", "beaver", "crane", "dolphin", "falcon", "fox", "heron", "lynx", "otter", "owl", "panda", "raven", "seal",
    "sparrow", "swan", "turtle",
];

/// The security phrase, which the user compares between page and email.
#[must_use]
pub fn phrase() -> String {
    let mut random = rand::rng();
    let adjective = ADJECTIVES[random.random_range(0..ADJECTIVES.len())];
    let animal = ANIMALS[random.random_range(0..ANIMALS.len())];
    format!("{adjective} {animal}")
}

/// The link in an email: the requested URL with user id, secret and expiry.
#[must_use]
pub fn link(mut page: Url, user_id: &str, secret: &str, expire: Timestamp, project_id: Option<&str>) -> Url {
    page.query_pairs_mut()
        .append_pair("userId", user_id)
        .append_pair("secret", secret)
        .append_pair("expire", &clock::wire(expire))
        .extend_pairs(project_id.map(|id| ("project", id)));
    page
}

/// The link if the caller gave no URL: this backend itself, which has no such page.
///
/// # Errors
/// When the request's `Host` makes no address.
pub fn default_link(call: &Call<'_>, path: &str) -> Result<Url, ApiError> {
    Url::parse(&format!("{}{path}", call.base)).map_err(|_| ErrorKind::GeneralBadRequest.into())
}

/// The magic link.
#[must_use]
pub fn magic_url(project: &str, to: &str, link: &Url, phrase: &str) -> Message {
    let mut lines = vec![
        format!("Sign in to {project} with the link below. It is good for one hour and works once."),
        String::new(),
    ];
    if !phrase.is_empty() {
        lines.insert(1, format!("Security phrase: {phrase}. If the page shows another one, do not sign in."));
    }
    mail(to, format!("{project} Login"), &lines, Some(("Sign in", link)))
}

/// Six digits that sign in.
#[must_use]
pub fn email_code(project: &str, to: &str, code: &str, phrase: &str) -> Message {
    let line = format!("Use OTP {code} to sign in to {project}. Expires in 15 minutes.");
    mail(to, format!("OTP for {project} Login"), &with_phrase(line, phrase), None)
}

/// The link that sets a new password.
#[must_use]
pub fn recovery(project: &str, to: &str, link: &Url) -> Message {
    let lines = [format!("Choose a new password for {project} with the link below. It is good for one hour.")];
    mail(to, format!("Password Reset for {project}"), &lines, Some(("Choose a new password", link)))
}

/// Six digits that set a new password.
#[must_use]
pub fn recovery_code(project: &str, to: &str, code: &str, phrase: &str) -> Message {
    let line = format!("Use code {code} to choose a new password for {project}. Expires in 15 minutes.");
    mail(to, format!("Password Reset for {project}"), &with_phrase(line, phrase), None)
}

/// Six digits that prove an address.
#[must_use]
pub fn verification_code(project: &str, to: &str, code: &str, phrase: &str) -> Message {
    let line = format!("Use code {code} to confirm your address for {project}. Expires in 15 minutes.");
    mail(to, format!("Account Verification for {project}"), &with_phrase(line, phrase), None)
}

fn with_phrase(line: String, phrase: &str) -> Vec<String> {
    let warning = format!("Security phrase: {phrase}. If the page shows another one, do not use the code.");
    std::iter::once(line).chain((!phrase.is_empty()).then_some(warning)).collect()
}

/// The link that proves an address.
#[must_use]
pub fn verification(project: &str, to: &str, link: &Url) -> Message {
    let lines = [format!("Confirm your address for {project} with the link below. It is good for one hour.")];
    mail(to, format!("Account Verification for {project}"), &lines, Some(("Confirm the address", link)))
}

/// The invitation to a team.
#[must_use]
pub fn invitation(project: &str, to: &str, owner: &str, team: &str, link: &Url) -> Message {
    let lines = [format!("{owner} invited you to become a member of the team {team} at {project}.")];
    let label = format!("Accept invite to {team}");
    mail(to, format!("Invitation to {team} Team at {project}"), &lines, Some((&label, link)))
}

/// A link by SMS.
#[must_use]
pub fn sms_link(to: &str, link: &Url) -> Message {
    Message {
        kind: MessageKind::Sms,
        to: to.to_owned(),
        subject: String::new(),
        text: link.to_string(),
        html: String::new(),
    }
}

/// Six digits as a second factor.
#[must_use]
pub fn factor_code(project: &str, to: &str, code: &str) -> Message {
    let lines = [format!("Use code {code} for two-step verification in {project}. Expires in 15 minutes.")];
    mail(to, format!("Verification Code for {project}"), &lines, None)
}

/// Six digits by SMS.
#[must_use]
pub fn sms_code(project: &str, to: &str, code: &str) -> Message {
    Message {
        kind: MessageKind::Sms,
        to: to.to_owned(),
        subject: String::new(),
        text: format!("{code} is your {project} code. Expires in 15 minutes."),
        html: String::new(),
    }
}

fn mail(to: &str, subject: String, lines: &[String], link: Option<(&str, &Url)>) -> Message {
    let lines: Vec<&String> = lines.iter().filter(|line| !line.is_empty()).collect();
    let mut text = lines.iter().map(|line| line.as_str()).collect::<Vec<_>>().join("\n\n");
    let mut html: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    if let Some((label, link)) = link {
        text.push_str(&format!("\n\n{link}\n"));
        html.push_str(&format!("<p><a href=\"{}\">{}</a></p>", escaped(link.as_str()), escaped(label)));
    }
    let title = escaped(&subject);
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"UTF-8\"><title>{title}</title></head>\
         <body><h1>{title}</h1>{html}</body></html>"
    );
    Message { kind: MessageKind::Mail, to: to.to_owned(), subject, text, html }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(text: &str) -> Url {
        Url::parse(text).expect("an URL")
    }

    #[test]
    fn link_is_built_as_recorded() {
        let expire = "2026-11-21T07:49:28.868Z".parse().expect("a timestamp");
        assert_eq!(
            link(page("http://localhost:3000/magic"), "kay", "s3", expire, Some("demo")).as_str(),
            "http://localhost:3000/magic?userId=kay&secret=s3&expire=2026-11-21T07%3A49%3A28.868%2B00%3A00&project=demo"
        );
    }

    #[test]
    fn link_keeps_the_pages_own_query() {
        let link = link(page("http://localhost:3000/magic?state=abc"), "kay", "s3", Timestamp::UNIX_EPOCH, None);
        assert!(link.as_str().starts_with("http://localhost:3000/magic?state=abc&userId=kay&secret=s3&expire="));
        assert!(!link.as_str().contains("project"));
    }

    #[test]
    fn caller_text_cannot_become_markup() {
        let link = page("http://localhost/?a=\"><script>");
        let message = recovery("<b>Demo</b>", "a@b.c", &link);
        assert!(!message.html.contains("<script>") && !message.html.contains("<b>"));
    }

    #[test]
    fn security_phrase_is_shown_if_present() {
        let link = page("http://localhost/");
        assert!(magic_url("Demo", "a@b.c", &link, "Calm owl").text.contains("Calm owl"));
        assert!(!magic_url("Demo", "a@b.c", &link, "").text.contains("phrase"));
    }
}
