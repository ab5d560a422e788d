//! The estimate: counts the characters that an attacker cannot derive from the previous ones.

use super::{PasswordStrength, SHORTEST_PASSWORD};

/// Keyboard rows and other well-known sequences.
const RUNS: [&str; 9] = [
    "qwertyuiop",
    "qwertzuiop",
    "asdfghjkl",
    "zxcvbnm",
    "01234567890",
    "abcdefghijklmnopqrstuvwxyz",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    "qazwsxedcrfvtgbyhnujm",
    "1q2w3e4r5t6y7u8i9o0p",
];

/// The words of the most common passwords.
const COMMON: [&str; 67] = [
    "4ever",
    "4life",
    "access",
    "admin",
    "andrew",
    "arsenal",
    "ashley",
    "barcelona",
    "baseball",
    "batman",
    "blink",
    "buster",
    "butterfly",
    "charlie",
    "cheese",
    "chelsea",
    "chocolate",
    "computer",
    "cookie",
    "daniel",
    "dragon",
    "flower",
    "football",
    "forever",
    "freedom",
    "george",
    "google",
    "harley",
    "hello",
    "hockey",
    "hunter",
    "iloveyou",
    "internet",
    "jennifer",
    "jessica",
    "jordan",
    "joshua",
    "killer",
    "letmein",
    "liverpool",
    "login",
    "lovely",
    "master",
    "matthew",
    "michael",
    "monkey",
    "mustang",
    "nicole",
    "ninja",
    "passw",
    "password",
    "pokemon",
    "princess",
    "robert",
    "samsung",
    "secret",
    "shadow",
    "soccer",
    "starwars",
    "summer",
    "sunshine",
    "superman",
    "thomas",
    "trustno",
    "welcome",
    "whatever",
    "winter",
];

/// Half-bits of a character, by the number of kinds of characters in the password. A letter of a word counts less than
/// a random one.
const HALF_BITS: [usize; 4] = [5, 7, 9, 9];
/// Half-bits of a character from a script with thousands of characters.
const HALF_BITS_OF_MANY: usize = 16;
/// The first code point of the scripts of China, Japan and Korea.
const MANY_FROM: char = '\u{2e80}';
/// Half-bits from which a password is fair, and from which it is strong.
const FAIR: usize = 57;
const STRONG: usize = 100;
/// The length below which one word with digits or signs around it is weak. It is never strong.
const LONG_WORD: usize = 16;
/// The longest password that Appwrite accepts, in characters.
const MAX_LENGTH: usize = 256;

/// The password as typed.
pub(crate) struct Typed {
    pub password: String,
    /// The user's name and email address, if the form has them.
    pub own: Vec<String>,
}

impl Typed {
    /// Estimates how hard the password is to guess.
    pub(super) fn estimate(&self) -> PasswordStrength {
        let chars: Vec<char> = self.password.chars().take(MAX_LENGTH).collect();
        if chars.len() < SHORTEST_PASSWORD {
            return PasswordStrength::TooShort(chars.len());
        }
        let plain: Vec<char> = chars.iter().map(|one| one.to_lowercase().next().unwrap_or(*one)).collect();
        // A letter without upper and lower case counts as one of two kinds.
        let is_uncased = chars.iter().any(|one| one.is_alphabetic() && !one.is_lowercase() && !one.is_uppercase());
        let half_bits = HALF_BITS[(kinds(&chars) + usize::from(is_uncased)).min(HALF_BITS.len()) - 1];
        let mut known = vec![false; plain.len()];
        for (mark, reason) in [
            (own as Mark, PasswordStrength::PersonalData),
            (common, PasswordStrength::Common),
            (patterns, PasswordStrength::Pattern),
        ] {
            mark(self, &plain, &mut known);
            if left(&plain, &known, half_bits) < FAIR && known.contains(&true) {
                return reason;
            }
        }
        let is_word = is_one_word(&chars);
        match left(&plain, &known, half_bits) {
            ..FAIR => PasswordStrength::Weak,
            _ if is_word && chars.len() < LONG_WORD => PasswordStrength::Weak,
            STRONG.. if !is_word => PasswordStrength::Strong,
            _ => PasswordStrength::Fair,
        }
    }
}

/// Marks the characters that an attacker can guess.
type Mark = fn(&Typed, &[char], &mut [bool]);

/// Counts the kinds of characters: small letters, capitals, digits, others.
fn kinds(chars: &[char]) -> usize {
    let is_other = |one: &char| !one.is_lowercase() && !one.is_uppercase() && !one.is_ascii_digit();
    [
        chars.iter().any(|one| one.is_lowercase()),
        chars.iter().any(|one| one.is_uppercase()),
        chars.iter().any(char::is_ascii_digit),
        chars.iter().any(is_other),
    ]
    .into_iter()
    .filter(|has| *has)
    .count()
}

/// Counts the half-bits of the characters that an attacker cannot guess.
fn left(plain: &[char], known: &[bool], half_bits: usize) -> usize {
    let unknown = plain.iter().zip(known).filter(|(_, known)| !**known);
    unknown.map(|(one, _)| if *one >= MANY_FROM { HALF_BITS_OF_MANY } else { half_bits }).sum()
}

/// True for one word, or none, with digits and signs around it: `Testing123`.
fn is_one_word(chars: &[char]) -> bool {
    let is_letter = |one: &char| one.is_lowercase() || one.is_uppercase();
    let starts = (0..chars.len()).filter(|at| is_letter(&chars[*at]) && (*at == 0 || !is_letter(&chars[at - 1])));
    starts.count() <= 1 && chars.iter().all(|one| one.is_ascii() || is_letter(one))
}

/// Marks the words of the user's name and address.
fn own(typed: &Typed, plain: &[char], known: &mut [bool]) {
    for text in &typed.own {
        let text = text.to_lowercase();
        // Uses only the part of an address before the `@`, because many users share the rest.
        let text = text.rsplit_once('@').map_or(text.as_str(), |(local, _)| local);
        for word in text.split(|one: char| !one.is_alphanumeric()).filter(|word| word.chars().count() > 2) {
            mark_word(&word.chars().collect::<Vec<_>>(), plain, known);
        }
    }
}

/// Marks common words, also with digits and signs for letters.
fn common(_: &Typed, plain: &[char], known: &mut [bool]) {
    let letters: Vec<_> = plain.iter().map(|one| letter_of(*one)).collect();
    for word in COMMON {
        let word: Vec<_> = word.chars().collect();
        mark_word(&word, plain, known);
        mark_word(&word, &letters, known);
    }
}

fn letter_of(one: char) -> char {
    match one {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// Marks each occurrence of the word except for its first character, because an attacker must still choose the word.
fn mark_word(word: &[char], plain: &[char], known: &mut [bool]) {
    for start in 0..plain.len() {
        if plain[start..].starts_with(word) {
            known[start + 1..start + word.len()].fill(true);
        }
    }
}

/// Marks characters that repeat earlier ones or continue a sequence, in either direction. Two sequences may alternate:
/// `a1b2c3`.
fn patterns(_: &Typed, plain: &[char], known: &mut [bool]) {
    for at in 1..plain.len() {
        known[at] |= plain[at - 1] == plain[at] || ends_run(plain, at, 1) || ends_run(plain, at, 2);
        let block =
            (2..=at.min(plain.len() - at)).rev().find(|length| plain[at - length..at] == plain[at..at + length]);
        if let Some(length) = block {
            known[at..at + length].fill(true);
        }
    }
}

/// True if this character continues a sequence of every `step`th character. A sequence has at least three; two occur in
/// any word.
fn ends_run(plain: &[char], at: usize, step: usize) -> bool {
    let has = |run: &str, pair: [char; 2]| run.contains(&String::from_iter(pair));
    at >= 2 * step
        && RUNS.iter().any(|run| {
            let (first, before, one) = (plain[at - 2 * step], plain[at - step], plain[at]);
            (has(run, [first, before]) && has(run, [before, one]))
                || (has(run, [before, first]) && has(run, [one, before]))
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::PasswordStrength::*;
    use super::*;

    fn strength(password: &str) -> PasswordStrength {
        let own = vec!["Annabelle Lee".into(), "annabelle.lee@example.com".into()];
        Typed { password: password.into(), own }.estimate()
    }

    #[test]
    fn length_is_counted_in_characters() {
        assert_eq!(strength("äöü"), TooShort(3));
        assert_eq!(strength("1234567"), TooShort(7));
    }

    #[test]
    fn reason_names_the_weakness() {
        for (password, reason) in [
            ("annabelle", PersonalData),
            ("Annabelle1906", PersonalData),
            ("password", Common),
            ("P@ssw0rd1", Common),
            ("Sunshine99", Common),
            ("aaaaaaaaaaaa", Pattern),
            ("1234567890", Pattern),
            ("qwertyuiop", Pattern),
            ("abcabcabcabc", Pattern),
            ("hgfedcba", Pattern),
            ("wombatsy", Weak),
            ("1q2w3e4r", Pattern),
            ("1qaz2wsx", Pattern),
            ("Christopher1", Weak),
            ("myspace1", Weak),
            ("Testing123", Weak),
            ("a1b2c3d4", Pattern),
        ] {
            assert_eq!(strength(password), reason, "{password}");
        }
    }

    #[test]
    fn long_or_mixed_passwords_are_fair_or_strong() {
        for (password, grade) in [
            ("Xq7-pl2v", Fair),
            ("correct horse", Fair),
            ("Correct-horse-1", Strong),
            ("correct horse battery staple", Strong),
            ("v9#Kd2!pQz7w", Strong),
            ("welcomes the com", Fair),
            ("天地玄黃宇宙洪荒", Strong),
            ("שלוםעולםטוב", Fair),
        ] {
            assert_eq!(strength(password), grade, "{password}");
        }
    }

    /// From published lists of common passwords, with the changes that users make to satisfy rules.
    const COMMON_PASSWORDS: &str = "\
        password 12345678 123456789 1234567890 123123123 11111111 00000000 password1 password12 password123 \
        Password1 Password123 Passw0rd P@ssw0rd p@ssword passw0rd! Password! Password1! Password@123 Admin@123 \
        admin123 admin1234 administrator Welcome1 Welcome123 Welcome@123 welcome2024 qwertyui qwertyuiop \
        qwerty12 qwerty123 qwerty1234 Qwerty123! qwer1234 asdfghjk asdfghjkl asdf1234 asdfasdf zxcvbnm1 \
        zxcvbnm123 zaq12wsx zaq1zaq1 1qaz2wsx 1qaz2wsx3edc !QAZ2wsx 1q2w3e4r 1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4 \
        q1w2e3r4t5 Q1w2e3r4t5y6 a1b2c3d4 a1b2c3d4e5 a1s2d3f4g5 z1x2c3v4b5 1a2b3c4d 1a2b3c4d5e6f qazwsxedc \
        qazwsx123 abcd1234 abc12345 abcdefgh abcdefg1 Abc@1234 aa123456 a123456789 Aa123456 Aa@123456 123456aa \
        123456abc 12345678a 123456789a 1234qwer 123qweasd 123qweasdzxc 123456qwerty 12341234 12121212 123321123 \
        87654321 987654321 9876543210 0123456789 147258369 741852963 159753456 789456123 1122334455 \
        112233445566 11223344 12344321 123454321 aaaaaaaa abababab 13131313 69696969 55555555 88888888 99999999 \
        iloveyou iloveyou1 iloveyou2 iloveyou! ILoveYou1 loveyou123 iloveme1 loveme123 sunshine sunshine1 \
        princess princess1 princess12 football football1 baseball baseball1 basketball softball soccer123 \
        superman superman1 spiderman batman123 pokemon1 pokemon123 starwars starwars1 dragon123 monkey123 \
        shadow123 master123 michael1 jennifer jessica1 jordan23 charlie1 trustno1 letmein1 letmein123 whatever \
        whatever1 computer computer1 internet samsung1 samsung123 google123 minecraft liverpool liverpool1 \
        chelsea1 arsenal1 barcelona manchester chocolate butterfly butterfly1 beautiful flower123 cheese123 \
        chicken1 secret123 changeme changeme1 changeme123 default1 test1234 testtest Testing123 guest123 \
        hello123 hello1234 helloworld Summer2024 Summer2024! Winter2023 Spring2025! Autumn2024 January2024 \
        Monday123 London2024 Company123 facebook facebook1 blink182 metallica nirvana1 slipknot1 eminem123 \
        tinkerbell hellokitty babygirl babygirl1 baby1234 bubbles1 cookie123 cristiano ronaldo7 ronaldo123 \
        messi1234 alexander alexander1 alexandra elizabeth elizabeth1 christopher stephanie veronica natasha1 \
        mike4ever angel4life forever1 friends1 friends4ever lovely123 killer123 hunter123 ninja123 killer4life \
        music4life thuglife mustang1 corvette mercedes ferrari1 australia america1 jesuschrist jesus123 \
        blessed1 password2024 P@ssw0rd2024 Pa$$w0rd Pa55word passpass pass1234 pass@123 Pass@1234 root1234 \
        toor1234 letmein! welcome! Welcome! monkey12 dragon12 football12 computer12 zxcvbnm, asdf;lkj qwerty!@# \
        1qazxsw2 qweasdzxc qweqweqwe asdasdasd zxczxczxc q1q1q1q1 w1w1w1w1 a1a1a1a1 abc123abc abcabc123 \
        123abc123 xxxxxxxx zzzzzzzz 10101010 20202020 01012011 19871987 19901990 20002000 31415926 77777777 \
        66666666 696969696 123654789 963852741 102030405 1029384756 010203040506 q2w3e4r5 1z2x3c4v 1qw23er4 \
        3edc4rfv zse45rdx mnbvcxz1 lkjhgfdsa poiuytrewq 0987654321 qwaszx12 qwerty7890 poiuy12345 asdqwe123 \
        qwe123qwe 123qwe123 qwe123asd";

    #[test]
    fn no_common_password_is_more_than_weak() {
        for password in COMMON_PASSWORDS.split(' ') {
            let grade = strength(password);
            assert!(!matches!(grade, TooShort(_) | Fair | Strong), "{password}: {grade:?}");
        }
    }

    proptest! {
        #[test]
        fn parser_never_panics(password in "\\PC{0,40}", own in "\\PC{0,20}") {
            Typed { password, own: vec![own] }.estimate();
        }
    }
}
