//! Converts an Appwrite account to a `Person`.

use appwrite_client::User;

use super::Person;

impl From<User> for Person {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            email: user.email,
            email_verified: user.email_verification,
            phone: user.phone,
            phone_verified: user.phone_verification,
        }
    }
}
