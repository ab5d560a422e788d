//! Certificates of an unknown authority, and servers that use them for TLS.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;

use tempfile::TempDir;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::process::Command;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// The certificate of a server, and the one of the authority that signed it.
pub struct Certificates {
    folder: TempDir,
}

impl Certificates {
    /// Makes them with openssl, for a server with these names (`DNS:localhost`).
    pub async fn of(names: &str) -> Self {
        let certificates = Self { folder: tempfile::tempdir().expect("a folder") };
        let (authority, names) = (certificates.authority(), format!("subjectAltName={names}"));
        let authority_key = certificates.file("authority.key");
        make(&authority, &authority_key, &["-subj", "/CN=An authority of its own"]).await;
        let [signed_by, with_key] = [&authority, &authority_key].map(|path| path.to_str().expect("text"));
        let signed = ["-subj", "/CN=a server", "-CA", signed_by, "-CAkey", with_key];
        let extensions = ["-addext", &names, "-addext", "basicConstraints=critical,CA:FALSE"];
        make(&certificates.certificate(), &certificates.key(), &[&signed[..], &extensions].concat()).await;
        certificates
    }

    /// The authority's certificate, for `SSL_CERT_FILE`.
    pub fn authority(&self) -> PathBuf {
        self.file("authority.pem")
    }

    /// The server's certificate.
    pub fn certificate(&self) -> PathBuf {
        self.file("certificate.pem")
    }

    /// The server's key.
    pub fn key(&self) -> PathBuf {
        self.file("certificate.key")
    }

    fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Starts a server that terminates TLS in front of the one at `destination`. Returns its address.
    pub async fn front_of(&self, destination: SocketAddr) -> SocketAddr {
        let chain = CertificateDer::pem_file_iter(self.certificate()).expect("a file");
        let chain = chain.collect::<Result<_, _>>().expect("certificates");
        let key = PrivateKeyDer::from_pem_file(self.key()).expect("a key");
        let config = ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).expect("a server");
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let acceptor = acceptor.clone();
                tokio::spawn(async move {
                    let mut stream = acceptor.accept(stream).await?;
                    copy_bidirectional(&mut stream, &mut TcpStream::connect(destination).await?).await
                });
            }
        });
        address
    }
}

async fn make(certificate: &Path, key: &Path, more: &[&str]) {
    let mut openssl = Command::new("openssl");
    openssl.args("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2".split(' ')).args(more);
    let made = openssl.arg("-keyout").arg(key).arg("-out").arg(certificate).stdin(Stdio::null()).output().await;
    assert!(made.as_ref().is_ok_and(|made| made.status.success()), "openssl makes a certificate: {made:?}");
}
