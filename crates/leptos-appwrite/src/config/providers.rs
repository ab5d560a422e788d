//! The OAuth2 providers that Appwrite supports, with their display names (Appwrite's `config/oAuthProviders.php`).

use crate::session::methods::Provider;

/// The local backend's own provider.
pub const MOCK: &str = "mock";

const PROVIDERS: [(&str, &str); 44] = [
    ("amazon", "Amazon"),
    ("apple", "Apple"),
    ("auth0", "Auth0"),
    ("authentik", "authentik"),
    ("autodesk", "Autodesk"),
    ("bitbucket", "Bitbucket"),
    ("bitly", "Bitly"),
    ("box", "Box"),
    ("dailymotion", "Dailymotion"),
    ("discord", "Discord"),
    ("disqus", "Disqus"),
    ("dropbox", "Dropbox"),
    ("etsy", "Etsy"),
    ("facebook", "Facebook"),
    ("figma", "Figma"),
    ("fusionauth", "FusionAuth"),
    ("github", "GitHub"),
    ("gitlab", "GitLab"),
    ("google", "Google"),
    ("keycloak", "Keycloak"),
    ("kick", "Kick"),
    ("linkedin", "LinkedIn"),
    ("microsoft", "Microsoft"),
    ("mock", "Mock provider"),
    ("notion", "Notion"),
    ("oidc", "OpenID Connect"),
    ("okta", "Okta"),
    ("paypal", "PayPal"),
    ("paypalSandbox", "PayPal Sandbox"),
    ("podio", "Podio"),
    ("salesforce", "Salesforce"),
    ("slack", "Slack"),
    ("spotify", "Spotify"),
    ("stripe", "Stripe"),
    ("tradeshift", "Tradeshift"),
    ("tradeshiftBox", "Tradeshift Sandbox"),
    ("twitch", "Twitch"),
    ("wordpress", "WordPress"),
    ("x", "X"),
    ("yahoo", "Yahoo"),
    ("yammer", "Yammer"),
    ("yandex", "Yandex"),
    ("zoho", "Zoho"),
    ("zoom", "Zoom"),
];

/// Returns the provider with this Appwrite id.
pub fn provider(id: &str) -> Option<Provider> {
    let (id, name) = PROVIDERS.iter().find(|(known, _)| *known == id)?;
    Some(Provider { id: (*id).to_owned(), name: (*name).to_owned() })
}
