//! Appwrite's clock is two minutes off.

use jiff::{SignedDuration, Timestamp};
use local_appwrite::{Clock, Profile};

use crate::realtime::ticket;
use crate::running::App;
use crate::socket::Socket;

#[tokio::test]
async fn sign_in_and_relay_tolerate_two_minutes_of_clock_skew() {
    for seconds in [-120, 120] {
        for profile in [Profile::Two, Profile::OneNine] {
            let clock = Clock::manual(Timestamp::now() + SignedDuration::from_secs(seconds));
            let change = |settings: &mut local_appwrite::Settings| settings.profile = profile;
            let app = App::start_at(clock, &[("REALTIME", "relay")], change).await;
            let browser = app.browser_of("Ann").await;
            assert_eq!(browser.open("/account").await.status, 200, "{seconds}");

            let asked = app.browser();
            let fields = [("proof", "email_code"), ("address", "ben@example.com"), ("page", "/login/code")];
            assert_eq!(asked.post_form("/actions/ask_for_proof", &fields).await.status, 303, "{seconds}");
            let code = app.message_to("ben@example.com").await.code();
            let entered = asked.call("/actions/enter_code", &[("proof", "email_code"), ("code", &code)]).await;
            assert_eq!(entered.status, 200, "{seconds}: {}", entered.body);

            let ticket = ticket(&browser).await;
            let mut socket = Socket::open(&app, &browser, &ticket).await;
            assert_eq!(socket.connected_user().await, Some(ticket.user_id), "{seconds}");
        }
    }
}
