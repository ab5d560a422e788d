//! Text as MariaDB compares it, without regard to case and accents.

/// Returns `text` in small letters without accents, for comparison only.
#[must_use]
pub fn folded(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).flat_map(|letter| plain(letter).chars().collect::<Vec<_>>()).collect()
}

/// Returns the basic letters of a Latin letter with accents. Leaves others unchanged.
fn plain(letter: char) -> String {
    let plain = match letter {
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' => "a",
        'ç' | 'ć' | 'ĉ' | 'ċ' | 'č' => "c",
        'ď' => "d",
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' => "e",
        'ĝ' | 'ğ' | 'ġ' | 'ģ' => "g",
        'ĥ' => "h",
        'ì'..='ï' | 'ĩ' | 'ī' | 'ĭ' | 'į' | 'ı' => "i",
        'ĵ' => "j",
        'ķ' => "k",
        'ĺ' | 'ļ' | 'ľ' => "l",
        'ñ' | 'ń' | 'ņ' | 'ň' => "n",
        'ò'..='ö' | 'ō' | 'ŏ' | 'ő' => "o",
        'ŕ' | 'ŗ' | 'ř' => "r",
        'ś' | 'ŝ' | 'ş' | 'š' => "s",
        'ţ' | 'ť' => "t",
        'ù'..='ü' | 'ũ' | 'ū' | 'ŭ' | 'ů' | 'ű' | 'ų' => "u",
        'ŵ' => "w",
        'ý' | 'ÿ' | 'ŷ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'ß' => "ss",
        // Combining accents.
        '\u{300}'..='\u{36f}' => "",
        other => return other.to_string(),
    };
    plain.to_owned()
}

/// The minimum length of a word in a full-text index (`innodb_ft_min_token_size`).
const SHORTEST_WORD: usize = 3;

/// Words that a full-text index ignores.
const STOPWORDS: &[&str] = &[
    "about", "are", "com", "for", "from", "how", "that", "the", "this", "was", "what", "when", "where", "who", "will",
    "with", "und", "www",
];

/// Returns true if MariaDB's boolean mode finds the text: by any of the words, the last one as a prefix, or by a
/// phrase in quotation marks.
#[must_use]
pub fn is_found(text: &str, searched: &str) -> bool {
    let (own, requested) = (words(text), words(searched));
    if is_phrase(searched) {
        return !requested.is_empty() && own.windows(requested.len()).any(|window| window == requested);
    }
    requested.iter().enumerate().any(|(index, word)| {
        let is_last = index + 1 == requested.len();
        own.iter().any(|own| if is_last { own.starts_with(word.as_str()) } else { own == word && is_indexed(word) })
    })
}

/// Returns true for a text in quotation marks.
#[must_use]
pub fn is_phrase(searched: &str) -> bool {
    searched.len() > 1 && searched.starts_with('"') && searched.ends_with('"')
}

fn is_indexed(word: &str) -> bool {
    word.chars().count() >= SHORTEST_WORD && !STOPWORDS.contains(&word)
}

/// Splits a text into words, without case and accents.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    folded(text)
        .split(|letter: char| !letter.is_alphanumeric() && letter != '_')
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn search_ignores_accents_and_case() {
        assert_eq!(folded("Äpfel ÉÑ"), "apfel en");
        assert_eq!(folded("Straße"), "strasse");
    }

    #[test]
    fn search_matches_words_and_a_final_prefix() {
        assert!(is_found("the quick brown fox", "slow quick"));
        assert!(is_found("the quick brown fox", "bro"));
        assert!(!is_found("the quick brown fox", "bro fish"));
        assert!(!is_found("jumps over lazy dogs", "the fox"));
    }

    #[test]
    fn search_matches_a_quoted_phrase() {
        assert!(is_found("the quick brown fox", "\"quick brown\""));
        assert!(!is_found("quick silver", "\"quick brown\""));
    }
}
