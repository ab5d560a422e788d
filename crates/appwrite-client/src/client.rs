//! The pooled connection to one Appwrite project, and the handles that call it in somebody's name.

use reqwest::Method;
use secrecy::SecretString;

use super::{
    call::{Call, Credential},
    project::{Appwrite, SessionSecret},
    rows::Rows,
};

/// Calls with the API key: creates accounts and sessions, ends sessions.
///
/// It has no method that reads what belongs to a person, so that a mistake in a page cannot show one person's rows to
/// another; a test keeps it so.
#[derive(Debug, Clone)]
pub struct AdminClient {
    pub(super) appwrite: Appwrite,
}

/// Calls in the name of the person whose session it is.
#[derive(Debug, Clone)]
pub struct SessionClient {
    pub(super) appwrite: Appwrite,
    pub(super) secret: SessionSecret,
}

/// Calls in the name of the person for whom Appwrite signed a JWT.
#[derive(Debug, Clone)]
pub struct JwtClient {
    pub(super) appwrite: Appwrite,
    pub(super) jwt: SecretString,
}

/// Calls in nobody's name.
#[derive(Debug, Clone)]
pub struct GuestClient {
    pub(super) appwrite: Appwrite,
}

impl Appwrite {
    /// Calls with the API key.
    pub fn admin(&self) -> AdminClient {
        AdminClient { appwrite: self.clone() }
    }

    /// Calls with the secret of a person's session.
    pub fn session(&self, secret: SessionSecret) -> SessionClient {
        SessionClient { appwrite: self.clone(), secret }
    }

    /// Calls with a JWT that Appwrite signed for a person.
    pub fn jwt(&self, jwt: SecretString) -> JwtClient {
        JwtClient { appwrite: self.clone(), jwt }
    }

    /// Calls without any credential.
    pub fn guest(&self) -> GuestClient {
        GuestClient { appwrite: self.clone() }
    }
}

impl AdminClient {
    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::Key, method, path)
    }
}

impl SessionClient {
    /// The rows of a table that this person may see.
    pub fn rows(&self, database: &str, table: &str) -> Rows {
        Rows::new(&self.appwrite, Credential::Session(self.secret.clone()), database, table)
    }

    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::Session(self.secret.clone()), method, path)
    }
}

impl JwtClient {
    /// The rows of a table that this person may see.
    pub fn rows(&self, database: &str, table: &str) -> Rows {
        Rows::new(&self.appwrite, Credential::Jwt(self.jwt.clone()), database, table)
    }

    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::Jwt(self.jwt.clone()), method, path)
    }
}

impl GuestClient {
    /// The rows of a table that anyone may see.
    pub fn rows(&self, database: &str, table: &str) -> Rows {
        Rows::new(&self.appwrite, Credential::None, database, table)
    }

    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::None, method, path)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::tests::appwrite;

    /// A type's own method comes before a trait's of the same name. So these are called on the admin client only as
    /// long as it has none of its own, and with one the test no longer compiles.
    trait Lacks {
        fn rows(&self, _database: &str, _table: &str) -> Lacking {
            Lacking
        }
        fn account(&self) -> Lacking {
            Lacking
        }
        fn sessions(&self) -> Lacking {
            Lacking
        }
        fn session(&self) -> Lacking {
            Lacking
        }
        fn users(&self) -> Lacking {
            Lacking
        }
        fn user(&self) -> Lacking {
            Lacking
        }
        fn prefs(&self) -> Lacking {
            Lacking
        }
    }

    struct Lacking;

    impl Lacks for AdminClient {}

    #[test]
    fn the_admin_client_cannot_read_what_belongs_to_a_person() {
        let admin = appwrite().admin();
        let Lacking = admin.rows("main", "birthdays");
        let Lacking = admin.account();
        let Lacking = admin.sessions();
        let Lacking = admin.session();
        let Lacking = admin.users();
        let Lacking = admin.user();
        let Lacking = admin.prefs();
    }
}
