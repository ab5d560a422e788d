//! The app's pages: path, access and view.
//!
//! The router and the guards both use this table, so every page has a guard.

use leptos::prelude::*;
use leptos_appwrite::session::pending_sign_in::SentProof;

use crate::account::{
    AccountPage, AuthenticatorPage, ConfirmPhonePage, DataPage, DeleteAccountPage, DevicesPage, EmailPage, GoodbyePage,
    NamePage, PasskeysPage, PasswordPage, PhonePage, ProvidersPage, RecoveryCodesPage, RemoveAuthenticatorPage,
    SecurityPage, SignInAgainPage, TurnOffPage, VerifyPage,
};
use crate::auth::passwordless::{AskPage, OpenLinkPage, SentPage};
use crate::auth::{
    ConfirmPage, GuestPage, KeepAccountForm, LeaveGuestPage, NewPasswordPage, PasskeyOffer, RecoveryPage,
    RecoverySentPage, SecondFactorPage, SignInPage, SignOutPage, SignUpPage,
};
use crate::birthdays::{BirthdaysPage, DeleteBirthdayPage, EditBirthdayPage};
use crate::components::NotFoundPage;
use crate::home::HomePage;
use crate::menu::AccountLinks;
use crate::reminders::Reminders;

leptos_appwrite::routes! {
    fallback => SameForAll, NotFoundPage;
    "/signup" => SignedOut, SignUpPage;
    "/login" => SignedOut, SignInPage;
    lazy home {
        "/" => Anyone, HomePage;
    }
    lazy sign_in_by_mail {
        "/login/link" => SignedOut, || view! { <AskPage proof=SentProof::MagicLink/> };
        "/login/link/sent" => SignedOut, || view! { <SentPage proof=SentProof::MagicLink/> };
        "/login/link/open" => Always, OpenLinkPage;
        "/login/code" => SignedOut, || view! { <AskPage proof=SentProof::EmailCode/> };
        "/login/code/enter" => SignedOut, || view! { <SentPage proof=SentProof::EmailCode/> };
        "/login/phone" => SignedOut, || view! { <AskPage proof=SentProof::PhoneCode/> };
        "/login/phone/enter" => SignedOut, || view! { <SentPage proof=SentProof::PhoneCode/> };
        "/login/guest" => SignedOut, GuestPage;
        "/login/factor" => SecondFactor, SecondFactorPage;
        "/recovery" => Anyone, RecoveryPage;
        "/recovery/sent" => Anyone, RecoverySentPage;
        "/recovery/open" => Always, NewPasswordPage;
    }
    lazy account {
        "/account" => SignedIn, || view! { <AccountPage><KeepAccountForm/></AccountPage> };
    }
    lazy below_account {
        "/account/confirm" => Always, ConfirmPage;
        "/account/name" => SignedIn, NamePage;
        "/account/email" => SignedIn, EmailPage;
        "/account/phone" => SignedIn, PhonePage;
        "/account/phone/confirm" => SignedIn, ConfirmPhonePage;
        "/account/password" => SignedIn, PasswordPage;
        "/account/passkeys" => SignedIn, PasskeysPage;
        "/account/verify" => SignedIn, SignInAgainPage;
        "/account/devices" => SignedIn, DevicesPage;
        "/account/services" => SignedIn, ProvidersPage;
        "/account/security" => SignedIn, SecurityPage;
        "/account/security/authenticator" => SignedIn, AuthenticatorPage;
        "/account/security/authenticator/remove" => SignedIn, RemoveAuthenticatorPage;
        "/account/security/codes" => SignedIn, RecoveryCodesPage;
        "/account/security/off" => SignedIn, TurnOffPage;
        "/account/security/verify" => SignedIn, VerifyPage;
        "/account/switch" => SignedIn, LeaveGuestPage;
        "/account/sign-out" => SignedIn, SignOutPage;
        "/account/data" => SignedIn, DataPage;
        "/account/delete" => SignedIn, DeleteAccountPage;
        "/goodbye" => Anyone, GoodbyePage;
    }
    lazy birthdays {
        "/birthdays" => AnyoneButEnded, BirthdaysPage;
    }
    lazy one_birthday {
        "/birthdays/:id/edit" => SignedIn, EditBirthdayPage;
        "/birthdays/:id/delete" => SignedIn, DeleteBirthdayPage;
    }
    signed_in {
        "menu" => AccountLinks;
        "reminders" => Reminders;
        "passkey offer" => PasskeyOffer;
    }
}
