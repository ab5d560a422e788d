//! Refused passwords in every form that sets one, with and without JavaScript.

use jiff::Timestamp;
use local_appwrite::{Clock, PasswordStrength, Policies};
use std::time::{Duration, Instant};

use crate::browser::{Answer, Browser};
use crate::running::App;

const EMAIL: &str = "annabelle.lee@example.com";
const NAME: &str = "Annabelle";
const OLD: &str = "Correct-horse-1";

/// A form that sets a password, opened in a browser.
enum Form {
    SignUp(Browser),
    Keep(Browser),
    Change { browser: Browser, account: String },
    Recovery { browser: Browser, user_id: String, secret: String, address: String },
}

impl Form {
    /// All four forms. The account of the last two has the password [`OLD`].
    async fn all(app: &App) -> [Self; 4] {
        let guest = app.browser();
        assert_eq!(guest.post_form("/actions/continue_as_guest", &[]).await.status, 303);
        let fields = [("name", NAME), ("email", EMAIL), ("password", OLD)];
        let member = app.browser();
        assert_eq!(member.call("/actions/sign_up", &fields).await.status, 200);
        let account = member.open("/api/user").await.json()["user"]["id"].as_str().expect("an id").to_owned();
        let recovery = app.browser();
        let asked = recovery.post_form("/actions/ask_recovery", &[("email", EMAIL)]).await;
        assert_eq!(asked.location(), "/recovery/sent", "{}", asked.body);
        let link = app.message_to(EMAIL).await.path();
        let query = link.split_once('?').expect("a query").1;
        let part = |name: &str| {
            let mut parts = url::form_urlencoded::parse(query.as_bytes());
            parts.find(|(own, _)| own == name).unwrap_or_else(|| panic!("{name} in {link}")).1.into_owned()
        };
        let page = recovery.open(&link).await;
        assert!(page.field("address").contains(&part("address")), "{}", page.field("address"));
        let (user_id, secret, address) = (part("userId"), part("secret"), part("address"));
        let change = Self::Change { browser: member, account };
        let recovery = Self::Recovery { browser: recovery, user_id, secret, address };
        [Self::SignUp(app.browser()), Self::Keep(guest), change, recovery]
    }

    fn browser(&self) -> &Browser {
        match self {
            Self::SignUp(browser) | Self::Keep(browser) => browser,
            Self::Change { browser, .. } | Self::Recovery { browser, .. } => browser,
        }
    }

    fn page(&self) -> &'static str {
        match self {
            Self::SignUp(_) => "/signup",
            Self::Keep(_) => "/account",
            Self::Change { .. } => "/account/password",
            Self::Recovery { .. } => "/recovery/open",
        }
    }

    fn action(&self) -> &'static str {
        match self {
            Self::SignUp(_) => "/actions/sign_up",
            Self::Keep(_) => "/actions/keep_account",
            Self::Change { .. } => "/actions/change_password",
            Self::Recovery { .. } => "/actions/set_new_password",
        }
    }

    fn fields<'a>(&'a self, password: &'a str) -> Vec<(&'a str, &'a str)> {
        let mut fields = vec![("password", password), ("page", self.page())];
        match self {
            Self::SignUp(_) => fields.extend([("name", NAME), ("email", "annabelle.lee@example.org")]),
            Self::Keep(_) => fields.extend([("name", NAME), ("email", "annabelle.lee@example.net")]),
            Self::Change { account, .. } => fields.extend([("old_password", OLD), ("account", account.as_str())]),
            Self::Recovery { user_id, secret, address, .. } => {
                fields.extend([("user_id", user_id.as_str()), ("secret", secret), ("address", address)]);
            }
        }
        fields
    }

    /// Submits the form with and without JavaScript, and asserts that the page shows `problem` at the password field.
    async fn assert_refused(&self, password: &str, problem: &str, sentence: &str) {
        let (action, fields) = (self.action(), self.fields(password));
        let answer: Answer = self.browser().call(action, &fields).await;
        let expected = format!("{{\"Invalid\":[{{\"field\":\"password\",\"problem\":\"{problem}\"}}]}}");
        assert_eq!((answer.status, answer.body.as_str()), (422, expected.as_str()), "{action} {password}");
        let answer = self.browser().post_form(action, &fields).await;
        assert_eq!((answer.status, answer.location()), (303, self.page()), "{action} {password}");
        let page = self.browser().open(self.page()).await;
        assert_eq!(page.status, 422, "{action} {password}");
        assert!(page.field("password").contains("aria-invalid=\"true\""), "{action}: {}", page.field("password"));
        assert!(page.main().contains(sentence), "{action} {password}: {}", page.main());
        // The form lists its secret fields; one of their names is also a common password.
        let body = page.body.replace("name=\"secret_fields\" value=\"password\"", "");
        let is_on_page = body.contains(&format!("value=\"{password}\""));
        assert!(password.contains('@') || !is_on_page, "{action}: {password} is on the page");
        match self {
            Self::SignUp(_) | Self::Keep(_) => {
                assert!(page.field("name").contains(NAME) && page.field("email").contains("annabelle.lee@example."));
            }
            Self::Change { account, .. } => assert!(page.field("account").contains(account)),
            Self::Recovery { secret, address, .. } => {
                assert!(page.field("secret").contains(secret) && page.field("address").contains(address));
            }
        }
    }

    async fn assert_taken(&self, password: &str) {
        let answer = self.browser().call(self.action(), &self.fields(password)).await;
        assert_eq!(answer.status, 200, "{}: {}", self.action(), answer.body);
    }
}

const PERSONAL: &str = "Don't use your name or email in your password.";
const WEAK: &str = "Use more characters, with uppercase and lowercase letters, a number, and a symbol.";

#[tokio::test]
async fn own_address_and_common_passwords_are_refused_on_every_form() {
    let app = App::start().await;
    for form in Form::all(&app).await {
        form.assert_refused("Annabelle.Lee", "PersonalData", PERSONAL).await;
        let whole = match form {
            Form::SignUp(_) => "annabelle.lee@example.org",
            Form::Keep(_) => "annabelle.lee@example.net",
            Form::Change { .. } | Form::Recovery { .. } => EMAIL,
        };
        form.assert_refused(whole, "PersonalData", PERSONAL).await;
        if !matches!(form, Form::Recovery { .. }) {
            form.assert_refused("annaBELLE", "PersonalData", PERSONAL).await;
        }
        for common in ["password", "Qwertyuiop", "sunshine", "12345678"] {
            form.assert_refused(common, "TooWeak", WEAK).await;
        }
        form.assert_taken("Brand-new-horse-2").await;
    }
}

#[tokio::test]
async fn password_of_substituted_letters_is_rated_quickly() {
    let app = App::start().await;
    // A password strength estimator would try every interpretation of these characters, which takes minutes.
    let password = &"4@8({[<369 1!|0$5+7%2".repeat(13)[..256];
    for form in Form::all(&app).await {
        let start = Instant::now();
        form.assert_taken(password).await;
        assert!(start.elapsed() < Duration::from_secs(10), "{} took {:?}", form.action(), start.elapsed());
    }
}

#[tokio::test]
async fn password_policy_errors_appear_on_every_form() {
    let policies = Policies {
        personal_data: true,
        dictionary: true,
        history: 3,
        strength: PasswordStrength { uppercase: true, ..PasswordStrength::default() },
        ..Policies::default()
    };
    let before = "You've used this password before. Choose a different one.";
    for (password, problem, sentence) in [
        ("no-capital-horse-2", "TooWeak", WEAK),
        ("Xy-annabelle-horse-2", "PersonalData", PERSONAL),
        (OLD, "UsedBefore", before),
    ] {
        let app = App::start_in_front_of_local(&[], |settings| settings.policies = policies.clone()).await;
        for form in Form::all(&app).await {
            let is_judged = match form {
                Form::SignUp(_) => problem != "UsedBefore",
                // Appwrite applies no password policy to `PATCH /account/email`.
                Form::Keep(_) => false,
                Form::Change { .. } | Form::Recovery { .. } => true,
            };
            if is_judged {
                form.assert_refused(password, problem, sentence).await;
            }
        }
    }
}

#[tokio::test]
async fn password_that_must_be_changed_leads_to_a_reset_link() {
    let clock = Clock::manual(Timestamp::now());
    let rotation = Some(Duration::from_secs(24 * 3600));
    let app = App::start_at(clock.clone(), &[], |settings| settings.policies.rotation = rotation).await;
    app.browser_of("Ann").await;
    clock.advance(Duration::from_secs(48 * 3600));
    let browser = app.browser();
    let fields = [("email", "ann@example.com"), ("password", OLD), ("page", "/login")];
    let answer = browser.call("/actions/sign_in", &fields).await;
    assert_eq!((answer.status, answer.body.as_str()), (403, "\"PasswordResetRequired\""));
    assert!(answer.set_cookie("session").is_none());
    browser.post_form("/actions/sign_in", &fields).await;
    let page = browser.open("/login").await;
    assert_eq!(page.status, 403);
    assert!(page.main().contains("Your password must be changed before you can sign in."), "{}", page.main());
    let links = |page: &Answer| page.main().matches("Request a reset link").count();
    assert_eq!(links(&page), 2, "the sentence, and a link: {}", page.main());
    assert!(page.field("email").contains("ann@example.com"));
    assert_eq!(links(&browser.open("/login").await), 0);
    let body = serde_json::json!({ "email": "ann@example.com", "password": OLD });
    assert_eq!(browser.post_json("/api/login", &body).await.status, 403);
    let wrong = [("email", "ann@example.com"), ("password", "wrong-password")];
    assert_eq!(browser.call("/actions/sign_in", &wrong).await.status, 401, "only the right password gets the error");
}
