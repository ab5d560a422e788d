//! The sentences of emails and text messages, by language (`X-Appwrite-Locale`).

/// The sentences of one language. `{project}`, `{code}`, `{phrase}`, `{owner}` and `{team}` are placeholders.
pub struct Words {
    pub language: &'static str,
    pub login: &'static str,
    pub login_line: &'static str,
    pub login_button: &'static str,
    pub login_phrase: &'static str,
    pub login_code: &'static str,
    pub login_code_line: &'static str,
    pub code_phrase: &'static str,
    pub recovery: &'static str,
    pub recovery_line: &'static str,
    pub recovery_button: &'static str,
    pub recovery_code_line: &'static str,
    pub verification: &'static str,
    pub verification_line: &'static str,
    pub verification_button: &'static str,
    pub verification_code_line: &'static str,
    pub invitation: &'static str,
    pub invitation_line: &'static str,
    pub invitation_button: &'static str,
    pub factor: &'static str,
    pub factor_line: &'static str,
    pub sms: &'static str,
}

const ENGLISH: Words = Words {
    language: "en",
    login: "{project} Login",
    login_line: "Sign in to {project} with the link below. It works once and expires in one hour.",
    login_button: "Sign in",
    login_phrase: "Security phrase: {phrase}. If the page shows another one, do not sign in.",
    login_code: "OTP for {project} Login",
    login_code_line: "Use OTP {code} to sign in to {project}. Expires in 15 minutes.",
    code_phrase: "Security phrase: {phrase}. If the page shows another one, do not use the code.",
    recovery: "Password Reset for {project}",
    recovery_line: "Choose a new password for {project} with the link below. It expires in one hour.",
    recovery_button: "Choose a new password",
    recovery_code_line: "Use code {code} to choose a new password for {project}. Expires in 15 minutes.",
    verification: "Account Verification for {project}",
    verification_line: "Confirm your address for {project} with the link below. It expires in one hour.",
    verification_button: "Confirm the address",
    verification_code_line: "Use code {code} to confirm your address for {project}. Expires in 15 minutes.",
    invitation: "Invitation to {team} Team at {project}",
    invitation_line: "{owner} invited you to become a member of the team {team} at {project}.",
    invitation_button: "Accept invite to {team}",
    factor: "Verification Code for {project}",
    factor_line: "Use code {code} for two-step verification in {project}. Expires in 15 minutes.",
    sms: "{code} is your {project} code. Expires in 15 minutes.",
};

const OTHERS: [Words; 3] = [
    Words {
        language: "de",
        login: "Anmeldung bei {project}",
        login_line: "Mit diesem Link meldest du dich bei {project} an. Er gilt eine Stunde und nur einmal.",
        login_button: "Anmelden",
        login_phrase: "Sicherheitswort: {phrase}. Zeigt die Seite ein anderes, melde dich nicht an.",
        login_code: "Code für {project}",
        login_code_line: "Mit dem Code {code} meldest du dich bei {project} an. Er gilt 15 Minuten.",
        code_phrase: "Sicherheitswort: {phrase}. Zeigt die Seite ein anderes, benutze den Code nicht.",
        recovery: "Neues Passwort für {project}",
        recovery_line: "Mit diesem Link wählst du ein neues Passwort für {project}. Er gilt eine Stunde.",
        recovery_button: "Neues Passwort wählen",
        recovery_code_line: "Mit dem Code {code} wählst du ein neues Passwort für {project}. Er gilt 15 Minuten.",
        verification: "Adresse für {project} bestätigen",
        verification_line: "Mit diesem Link bestätigst du deine Adresse für {project}. Er gilt eine Stunde.",
        verification_button: "Adresse bestätigen",
        verification_code_line: "Mit dem Code {code} bestätigst du deine Adresse für {project}. Er gilt 15 Minuten.",
        invitation: "Einladung ins Team {team} bei {project}",
        invitation_line: "{owner} lädt dich ins Team {team} bei {project} ein.",
        invitation_button: "Dem Team {team} beitreten",
        factor: "Zweiter Schritt bei {project}",
        factor_line: "Gib bei {project} den Code {code} als zweiten Schritt ein. Er gilt 15 Minuten.",
        sms: "{code} ist dein Code für {project}. Er gilt 15 Minuten.",
    },
    Words {
        language: "es",
        login: "Acceso a {project}",
        login_line: "Entra en {project} con este enlace. Vale una hora y una sola vez.",
        login_button: "Entrar",
        login_phrase: "Frase de seguridad: {phrase}. Si la página muestra otra, no entres.",
        login_code: "Código para {project}",
        login_code_line: "Usa el código {code} para entrar en {project}. Vale 15 minutos.",
        code_phrase: "Frase de seguridad: {phrase}. Si la página muestra otra, no uses el código.",
        recovery: "Nueva contraseña para {project}",
        recovery_line: "Elige una nueva contraseña para {project} con este enlace. Vale una hora.",
        recovery_button: "Elegir una nueva contraseña",
        recovery_code_line: "Usa el código {code} para elegir una nueva contraseña para {project}. Vale 15 minutos.",
        verification: "Confirma tu dirección para {project}",
        verification_line: "Confirma tu dirección para {project} con este enlace. Vale una hora.",
        verification_button: "Confirmar la dirección",
        verification_code_line: "Usa el código {code} para confirmar tu dirección para {project}. Vale 15 minutos.",
        invitation: "Invitación al equipo {team} en {project}",
        invitation_line: "{owner} te invita al equipo {team} en {project}.",
        invitation_button: "Unirse a {team}",
        factor: "Segundo paso en {project}",
        factor_line: "Usa el código {code} como segundo paso en {project}. Vale 15 minutos.",
        sms: "{code} es tu código para {project}. Vale 15 minutos.",
    },
    Words {
        language: "fr",
        login: "Connexion à {project}",
        login_line: "Connectez-vous à {project} avec ce lien. Il est valable une heure et une seule fois.",
        login_button: "Se connecter",
        login_phrase: "Phrase de sécurité : {phrase}. Si la page en montre une autre, ne vous connectez pas.",
        login_code: "Code pour {project}",
        login_code_line: "Utilisez le code {code} pour vous connecter à {project}. Il est valable 15 minutes.",
        code_phrase: "Phrase de sécurité : {phrase}. Si la page en montre une autre, n'utilisez pas le code.",
        recovery: "Nouveau mot de passe pour {project}",
        recovery_line: "Choisissez un nouveau mot de passe pour {project} avec ce lien. Il est valable une heure.",
        recovery_button: "Choisir un nouveau mot de passe",
        recovery_code_line: "Utilisez le code {code} pour choisir un mot de passe pour {project}. Il est valable 15 minutes.",
        verification: "Confirmez votre adresse pour {project}",
        verification_line: "Confirmez votre adresse pour {project} avec ce lien. Il est valable une heure.",
        verification_button: "Confirmer l'adresse",
        verification_code_line: "Utilisez le code {code} pour confirmer votre adresse pour {project}. Il est valable 15 minutes.",
        invitation: "Invitation dans l'équipe {team} de {project}",
        invitation_line: "{owner} vous invite dans l'équipe {team} de {project}.",
        invitation_button: "Rejoindre {team}",
        factor: "Deuxième étape pour {project}",
        factor_line: "Utilisez le code {code} comme deuxième étape pour {project}. Il est valable 15 minutes.",
        sms: "{code} est votre code pour {project}. Il est valable 15 minutes.",
    },
];

impl Words {
    /// Returns the sentences of this language, or the English ones.
    #[must_use]
    pub fn of(language: &str) -> &'static Self {
        OTHERS.iter().find(|words| words.language == language).unwrap_or(&ENGLISH)
    }
}

/// Returns the sentence with its values filled in.
#[must_use]
pub fn filled(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut text = String::new();
    let mut rest = sentence;
    while let Some((before, name, after)) =
        rest.split_once('{').and_then(|(before, from)| from.split_once('}').map(|(name, after)| (before, name, after)))
    {
        text.push_str(before);
        text.push_str(values.iter().find(|(own, _)| *own == name).map_or("", |(_, value)| value));
        rest = after;
    }
    text + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unsupported_language_falls_back_to_english() {
        assert_eq!([Words::of("de").language, Words::of("tlh").language, Words::of("").language], ["de", "en", "en"]);
    }

    #[test]
    fn values_are_not_treated_as_templates() {
        let text = filled("{owner} asks {team}.", &[("owner", "{team} {"), ("team", "Family")]);
        assert_eq!(text, "{team} { asks Family.");
    }
}
