//! A proxy that passes each request to the next instance.

use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use crate::browser::Browser;
use crate::running::App;

/// Two instances of an app, and the proxy in front of them. Both have the same secret, and use the proxy's address as
/// their origin.
pub struct Instances {
    /// The instances; the first has the backend.
    pub apps: [App; 2],
    /// The proxy's origin.
    pub origin: String,
    served: Arc<Mutex<Vec<(usize, String)>>>,
}

impl Instances {
    /// Starts them with these variables.
    pub async fn start(environment: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let common = [("APP_ORIGIN", origin.as_str()), ("APP_SECRET", "a secret of at least thirty-two characters")];
        let environment = [&common[..], environment].concat();
        let first = App::start_with(&environment).await;
        let second = first.another_instance(&environment).await;
        let addresses = [&first, &second].map(|app| app.origin.trim_start_matches("http://").to_owned());
        let served: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
        let requests = Arc::clone(&served);
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                // Ignores the result: the other side notices a broken connection itself.
                tokio::spawn(forward(connection, addresses.clone(), Arc::clone(&requests)));
            }
        });
        Self { apps: [first, second], origin, served }
    }

    /// A new browser at the proxy's address.
    pub fn browser(&self) -> Browser {
        Browser::new(&self.origin)
    }

    /// A browser at the proxy's address whose user has just signed up.
    pub async fn browser_of(&self, name: &str) -> Browser {
        self.apps[0].browser_of(name).await.at(&self.origin)
    }

    /// Asserts that each instance has served some of the requests since the last call.
    pub fn assert_both_served(&self) {
        let served = std::mem::take(&mut *self.served.lock().expect("the requests"));
        for instance in [0, 1] {
            assert!(served.iter().any(|(by, _)| *by == instance), "{instance} served none of {served:#?}");
        }
    }
}

/// Forwards one request, and all data of an upgraded connection.
async fn forward(mut here: TcpStream, addresses: [String; 2], served: Arc<Mutex<Vec<(usize, String)>>>) -> Option<()> {
    let mut read = Vec::new();
    let end = loop {
        if let Some(at) = read.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            break at + 2;
        }
        if here.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    };
    let head = String::from_utf8(read[..end].to_vec()).ok()?;
    let instance = {
        let mut served = served.lock().expect("the requests");
        let instance = served.last().map_or(0, |(instance, _)| 1 - instance);
        served.push((instance, head.lines().next().unwrap_or_default().to_owned()));
        instance
    };
    let is_upgrade = head.to_ascii_lowercase().contains("\r\nupgrade:");
    let mut there = TcpStream::connect(&addresses[instance]).await.ok()?;
    there.write_all(head.as_bytes()).await.ok()?;
    // The next request uses another connection, and so the other instance.
    there.write_all(if is_upgrade { b"" } else { b"connection: close\r\n" }).await.ok()?;
    there.write_all(&read[end..]).await.ok()?;
    copy_bidirectional(&mut here, &mut there).await.ok().map(|_| ())
}
