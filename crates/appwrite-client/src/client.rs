//! The clients of one Appwrite project, one for each kind of credential.

use reqwest::Method;
use secrecy::SecretString;

use super::{
    call::{Call, Credential},
    project::{Appwrite, SessionSecret},
    rows::Rows,
};

/// Calls with the API key: creates accounts and sessions, ends sessions, deletes accounts.
///
/// Has no method that reads what a page shows of a user, so that a bug in a page cannot show one user's data to
/// another: of an account it returns only ids, addresses, and whether something is set ([`Claims`](crate::Claims)). A
/// test enforces this.
#[derive(Debug, Clone)]
pub struct AdminClient {
    pub(super) appwrite: Appwrite,
}

/// Calls with a user's session.
#[derive(Debug, Clone)]
pub struct SessionClient {
    pub(super) appwrite: Appwrite,
    pub(super) secret: SessionSecret,
}

/// Calls with a user's JWT.
#[derive(Debug, Clone)]
pub struct JwtClient {
    pub(super) appwrite: Appwrite,
    pub(super) jwt: SecretString,
}

/// Calls without a credential.
#[derive(Debug, Clone)]
pub struct GuestClient {
    pub(super) appwrite: Appwrite,
}

impl Appwrite {
    /// Returns a client that uses the API key.
    pub fn admin(&self) -> AdminClient {
        AdminClient { appwrite: self.clone() }
    }

    /// Returns a client that uses the secret of a user's session.
    pub fn session(&self, secret: SessionSecret) -> SessionClient {
        SessionClient { appwrite: self.clone(), secret }
    }

    /// Returns a client that uses a JWT, which Appwrite signed for a user.
    pub fn jwt(&self, jwt: SecretString) -> JwtClient {
        JwtClient { appwrite: self.clone(), jwt }
    }

    /// Returns a client without a credential.
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
    /// Returns the rows of a table that this user may see.
    pub fn rows(&self, database: &str, table: &str) -> Rows {
        Rows::new(&self.appwrite, Credential::Session(self.secret.clone()), database, table)
    }

    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::Session(self.secret.clone()), method, path)
    }
}

impl JwtClient {
    /// Returns the rows of a table that this user may see.
    pub fn rows(&self, database: &str, table: &str) -> Rows {
        Rows::new(&self.appwrite, Credential::Jwt(self.jwt.clone()), database, table)
    }

    pub(super) fn call(&self, method: Method, path: &[&str]) -> Call {
        Call::new(&self.appwrite, Credential::Jwt(self.jwt.clone()), method, path)
    }
}

impl GuestClient {
    /// Returns the rows of a table that everyone may see.
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

    /// Inherent methods take precedence over trait methods of the same name. So this test stops compiling once the
    /// admin client has one of these methods.
    trait Lacks {
        fn rows(&self, _database: &str, _table: &str) -> NoSuchMethod {
            NoSuchMethod
        }
        fn account(&self) -> NoSuchMethod {
            NoSuchMethod
        }
        fn sessions(&self) -> NoSuchMethod {
            NoSuchMethod
        }
        fn session(&self) -> NoSuchMethod {
            NoSuchMethod
        }
        fn users(&self) -> NoSuchMethod {
            NoSuchMethod
        }
        fn user(&self) -> NoSuchMethod {
            NoSuchMethod
        }
        fn prefs(&self) -> NoSuchMethod {
            NoSuchMethod
        }
    }

    struct NoSuchMethod;

    impl Lacks for AdminClient {}

    #[test]
    fn admin_client_cannot_read_user_data() {
        let admin = appwrite().admin();
        let NoSuchMethod = admin.rows("main", "birthdays");
        let NoSuchMethod = admin.account();
        let NoSuchMethod = admin.sessions();
        let NoSuchMethod = admin.session();
        let NoSuchMethod = admin.users();
        let NoSuchMethod = admin.user();
        let NoSuchMethod = admin.prefs();
    }
}
