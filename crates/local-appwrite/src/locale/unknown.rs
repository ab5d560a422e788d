//! The name of an unknown place by language.

/// "Unknown" by language.
const UNKNOWN: &[(&str, &str)] = &[
    ("de", "Unbekannt"),
    ("es", "Desconocido"),
    ("fr", "Inconnu"),
    ("it", "Sconosciuto"),
    ("nl", "Onbekend"),
    ("pl", "Nieznany"),
    ("pt-br", "Desconhecido"),
    ("zh-cn", "未知"),
];

/// The name of an unknown place in this language.
#[must_use]
pub fn place(language: &str) -> &'static str {
    UNKNOWN.iter().find(|(locale, _)| *locale == language).map_or("Unknown", |(_, word)| word)
}
