//! Detects the device from the user agent, with the names and codes of Appwrite's detector.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The device fields of a session or a log entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Device {
    os: Named,
    client_type: String,
    client: Named,
    engine: String,
    engine_version: String,
    kind: String,
    brand: String,
    model: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Named {
    code: String,
    name: String,
    version: String,
}

impl Named {
    fn new(code: &str, name: &str, version: String) -> Self {
        Self { code: code.to_owned(), name: name.to_owned(), version }
    }
}

/// `(token in the user agent, code, name)`, the most specific first.
const BROWSERS: &[(&str, &str, &str)] = &[
    ("EdgiOS/", "PS", "Microsoft Edge"),
    ("EdgA/", "PS", "Microsoft Edge"),
    ("Edg/", "PS", "Microsoft Edge"),
    ("OPR/", "OP", "Opera"),
    ("SamsungBrowser/", "SB", "Samsung Browser"),
    ("FxiOS/", "FM", "Firefox Mobile iOS"),
    ("CriOS/", "CI", "Chrome Mobile iOS"),
    ("HeadlessChrome/", "HC", "Headless Chrome"),
    ("Firefox/", "FF", "Firefox"),
    ("Chrome/", "CH", "Chrome"),
];

/// Programs that are not browsers: `(token, name)`.
const LIBRARIES: &[(&str, &str)] = &[
    ("python-requests/", "Python Requests"),
    ("curl/", "curl"),
    ("okhttp/", "OkHttp"),
    ("axios/", "Axios"),
    ("Go-http-client/", "Go-http-client"),
    ("Wget/", "Wget"),
    ("node-fetch/", "Node Fetch"),
];

impl Device {
    /// Parses a user agent. Unrecognized parts stay empty, as in Appwrite.
    #[must_use]
    pub fn of(user_agent: &str) -> Self {
        let mut device = Self::default();
        if let Some((token, name)) = LIBRARIES.iter().find(|(token, _)| user_agent.contains(token)) {
            "library".clone_into(&mut device.client_type);
            device.client = Named::new("", name, major_minor(&version_after(user_agent, token)));
            return device;
        }
        device.os = os(user_agent);
        (device.kind, device.brand, device.model) = hardware(user_agent, &device.os.code);
        device.read_browser(user_agent);
        device
    }

    /// Adds the fields to `wire`, in Appwrite's order.
    pub fn describe(&self, wire: &mut Value) {
        let fields = [
            ("osCode", &self.os.code),
            ("osName", &self.os.name),
            ("osVersion", &self.os.version),
            ("clientType", &self.client_type),
            ("clientCode", &self.client.code),
            ("clientName", &self.client.name),
            ("clientVersion", &self.client.version),
            ("clientEngine", &self.engine),
            ("clientEngineVersion", &self.engine_version),
            ("deviceName", &self.kind),
            ("deviceBrand", &self.brand),
            ("deviceModel", &self.model),
        ];
        for (key, text) in fields {
            wire[key] = text.clone().into();
        }
    }

    /// Brand and model, as in Appwrite's names of push targets.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.brand, self.model)
    }

    fn read_browser(&mut self, user_agent: &str) {
        let Some(client) = browser(user_agent) else {
            return;
        };
        (self.engine, self.engine_version) = engine(user_agent);
        "browser".clone_into(&mut self.client_type);
        self.client = client;
    }
}

fn browser(user_agent: &str) -> Option<Named> {
    let mobile = user_agent.contains("Mobile");
    let known = BROWSERS.iter().find(|(token, ..)| user_agent.contains(token));
    if let Some((token, code, name)) = known {
        let (code, name) = match (*code, mobile && user_agent.contains("Android")) {
            ("CH", true) => ("CM", "Chrome Mobile"),
            ("FF", true) => ("FM", "Firefox Mobile"),
            _ => (*code, *name),
        };
        return Some(Named::new(code, name, major_minor(&version_after(user_agent, token))));
    }
    if user_agent.contains("Safari/") && user_agent.contains("Version/") {
        let (code, name) = if mobile { ("MF", "Mobile Safari") } else { ("SF", "Safari") };
        let version = major_minor(&version_after(user_agent, "Version/"));
        return Some(Named::new(code, name, version));
    }
    None
}

fn engine(user_agent: &str) -> (String, String) {
    if user_agent.contains("Firefox/") {
        ("Gecko".to_owned(), version_after(user_agent, "rv:"))
    } else if user_agent.contains("Chrome/") {
        ("Blink".to_owned(), version_after(user_agent, "Chrome/"))
    } else {
        ("WebKit".to_owned(), version_after(user_agent, "AppleWebKit/"))
    }
}

fn os(user_agent: &str) -> Named {
    let version = |token: &str| version_after(user_agent, token).replace('_', ".");
    if user_agent.contains("iPhone") {
        Named::new("IOS", "iOS", major_minor(&version("iPhone OS ")))
    } else if user_agent.contains("iPad") {
        Named::new("IPA", "iPadOS", major_minor(&version("CPU OS ")))
    } else if user_agent.contains("Android") {
        Named::new("AND", "Android", version("Android "))
    } else if user_agent.contains("Windows NT ") {
        let version = version("Windows NT ");
        let version = if version == "10.0" { "10".to_owned() } else { version };
        Named::new("WIN", "Windows", version)
    } else if user_agent.contains("Mac OS X ") {
        Named::new("MAC", "Mac", major_minor(&version("Mac OS X ")))
    } else if user_agent.contains("CrOS") {
        Named::new("COS", "Chrome OS", String::new())
    } else if user_agent.contains("Ubuntu") {
        Named::new("UBT", "Ubuntu", String::new())
    } else if user_agent.contains("Linux") {
        Named::new("LIN", "GNU/Linux", String::new())
    } else {
        Named::default()
    }
}

fn hardware(user_agent: &str, os_code: &str) -> (String, String, String) {
    let (kind, brand, model) = match os_code {
        "IOS" => ("smartphone", "Apple", "iPhone"),
        "IPA" => ("tablet", "Apple", "iPad"),
        "MAC" => ("desktop", "Apple", ""),
        "AND" if user_agent.contains("Mobile") => ("smartphone", "", ""),
        "AND" => ("tablet", "", ""),
        "" => ("", "", ""),
        _ => ("desktop", "", ""),
    };
    (kind.to_owned(), brand.to_owned(), model.to_owned())
}

/// The digits, dots and underscores right after `token`.
fn version_after(text: &str, token: &str) -> String {
    text.split_once(token)
        .map(|(_, rest)| {
            rest.chars()
                .take_while(|character| character.is_ascii_digit() || matches!(character, '.' | '_'))
                .collect::<String>()
        })
        .unwrap_or_default()
}

fn major_minor(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn fields(user_agent: &str) -> Value {
        let mut wire = json!({});
        Device::of(user_agent).describe(&mut wire);
        wire
    }

    #[test]
    fn iphone_description_matches_the_recording() {
        let wire = fields(
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
        );
        assert_eq!(
            wire,
            json!({
                "osCode": "IOS", "osName": "iOS", "osVersion": "17.5",
                "clientType": "browser", "clientCode": "MF", "clientName": "Mobile Safari", "clientVersion": "17.5",
                "clientEngine": "WebKit", "clientEngineVersion": "605.1.15",
                "deviceName": "smartphone", "deviceBrand": "Apple", "deviceModel": "iPhone",
            })
        );
    }

    #[test]
    fn library_description_matches_the_recording() {
        let wire = fields("python-requests/2.34.1");
        assert_eq!(wire["clientType"], "library");
        assert_eq!(wire["clientName"], "Python Requests");
        assert_eq!(wire["clientVersion"], "2.34");
        assert_eq!(wire["osCode"], "");
        assert_eq!(wire["deviceName"], "");
    }

    #[test]
    fn desktop_chrome_is_a_desktop_with_blink() {
        let wire = fields(
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
        );
        assert_eq!(wire["osName"], "GNU/Linux");
        assert_eq!(wire["clientCode"], "CH");
        assert_eq!(wire["clientEngine"], "Blink");
        assert_eq!(wire["deviceName"], "desktop");
    }

    #[test]
    fn unknown_user_agent_has_empty_fields() {
        assert_eq!(Device::of("our-server/1.0"), Device::default());
        assert_eq!(Device::of(""), Device::default());
    }
}
