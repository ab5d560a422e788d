//! The texts and links of Appwrite's messages.

use jiff::Timestamp;
use rand::RngExt;
use url::Url;

use super::{
    Message, MessageKind,
    words::{Words, filled},
};
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
/// When the request's `Host` is not valid.
pub fn default_link(call: &Call<'_>, path: &str) -> Result<Url, ApiError> {
    Url::parse(&format!("{}{path}", call.base)).map_err(|_| ErrorKind::GeneralBadRequest.into())
}

/// The sender of a message, and its language.
pub struct Sender {
    project: String,
    words: &'static Words,
}

impl Sender {
    /// The project, in the language of the request.
    #[must_use]
    pub fn of(call: &Call<'_>) -> Self {
        Self { project: call.project_name(), words: Words::of(&call.locale) }
    }

    fn filled(&self, sentence: &str, values: &[(&str, &str)]) -> String {
        let project = [("project", self.project.as_str())];
        filled(sentence, &[values, &project].concat())
    }

    fn lines(&self, line: &str, warning: &str, code: &str, phrase: &str) -> Vec<String> {
        let warning = (!phrase.is_empty()).then(|| self.filled(warning, &[("phrase", phrase)]));
        std::iter::once(self.filled(line, &[("code", code)])).chain(warning).collect()
    }

    /// The magic link.
    #[must_use]
    pub fn magic_url(&self, to: &str, link: &Url, phrase: &str) -> Message {
        let words = self.words;
        let lines = self.lines(words.login_line, words.login_phrase, "", phrase);
        self.mail(to, words.login, &lines, Some((words.login_button, link)))
    }

    /// The code to sign in.
    #[must_use]
    pub fn email_code(&self, to: &str, code: &str, phrase: &str) -> Message {
        let words = self.words;
        self.mail(to, words.login_code, &self.lines(words.login_code_line, words.code_phrase, code, phrase), None)
    }

    /// The link that sets a new password.
    #[must_use]
    pub fn recovery(&self, to: &str, link: &Url) -> Message {
        let words = self.words;
        let lines = self.lines(words.recovery_line, "", "", "");
        self.mail(to, words.recovery, &lines, Some((words.recovery_button, link)))
    }

    /// The code to set a new password.
    #[must_use]
    pub fn recovery_code(&self, to: &str, code: &str, phrase: &str) -> Message {
        let words = self.words;
        self.mail(to, words.recovery, &self.lines(words.recovery_code_line, words.code_phrase, code, phrase), None)
    }

    /// The link that verifies an email address.
    #[must_use]
    pub fn verification(&self, to: &str, link: &Url) -> Message {
        let words = self.words;
        let lines = self.lines(words.verification_line, "", "", "");
        self.mail(to, words.verification, &lines, Some((words.verification_button, link)))
    }

    /// The code to verify an email address.
    #[must_use]
    pub fn verification_code(&self, to: &str, code: &str, phrase: &str) -> Message {
        let words = self.words;
        let lines = self.lines(words.verification_code_line, words.code_phrase, code, phrase);
        self.mail(to, words.verification, &lines, None)
    }

    /// The invitation to a team.
    #[must_use]
    pub fn invitation(&self, to: &str, owner: &str, team: &str, link: &Url) -> Message {
        let of_team = |sentence| self.filled(sentence, &[("owner", owner), ("team", team)]);
        let words = self.words;
        let (subject, label) = (of_team(words.invitation), of_team(words.invitation_button));
        mail(words.language, to, subject, &[of_team(words.invitation_line)], Some((&label, link)))
    }

    /// The code of a second factor.
    #[must_use]
    pub fn factor_code(&self, to: &str, code: &str) -> Message {
        self.mail(to, self.words.factor, &self.lines(self.words.factor_line, "", code, ""), None)
    }

    /// The code in a text message.
    #[must_use]
    pub fn sms_code(&self, to: &str, code: &str) -> Message {
        sms(to, self.filled(self.words.sms, &[("code", code)]))
    }

    fn mail(&self, to: &str, subject: &str, lines: &[String], link: Option<(&str, &Url)>) -> Message {
        mail(self.words.language, to, self.filled(subject, &[]), lines, link)
    }
}

/// The link in a text message.
#[must_use]
pub fn sms_link(to: &str, link: &Url) -> Message {
    sms(to, link.to_string())
}

fn sms(to: &str, text: String) -> Message {
    Message { kind: MessageKind::Sms, to: to.to_owned(), subject: String::new(), text, html: String::new() }
}

fn mail(language: &str, to: &str, subject: String, lines: &[String], link: Option<(&str, &Url)>) -> Message {
    let mut text = lines.join("\n\n");
    let mut html: String = lines.iter().map(|line| format!("<p>{}</p>", escaped(line))).collect();
    if let Some((label, link)) = link {
        text.push_str(&format!("\n\n{link}\n"));
        html.push_str(&format!("<p><a href=\"{}\">{}</a></p>", escaped(link.as_str()), escaped(label)));
    }
    let title = escaped(&subject);
    let html = format!(
        "<!DOCTYPE html><html lang=\"{language}\"><head><meta charset=\"UTF-8\"><title>{title}</title></head>\
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

    fn sender(project: &str) -> Sender {
        Sender { project: project.to_owned(), words: Words::of("en") }
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
        let message = sender("<b>Demo</b>").recovery("a@b.c", &link);
        assert!(!message.html.contains("<script>") && !message.html.contains("<b>"));
    }

    #[test]
    fn security_phrase_is_shown_if_present() {
        let link = page("http://localhost/");
        assert!(sender("Demo").magic_url("a@b.c", &link, "Calm owl").text.contains("Calm owl"));
        assert!(!sender("Demo").magic_url("a@b.c", &link, "").text.contains("phrase"));
    }
}
