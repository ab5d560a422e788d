//! A layer that makes the layers below it cheap to clone.
//!
//! Each middleware function clones all that is below it for each request, and axum's boxes are cloned deeply: with twenty
//! layers, two hundred allocations.

use std::sync::Arc;
use std::task::{Context, Poll};

use tower::util::{Oneshot, ServiceExt};
use tower::{Layer, Service};

/// Makes [`Shared`] services.
#[derive(Debug, Clone, Copy)]
pub struct SharedLayer;

impl<S> Layer<S> for SharedLayer {
    type Service = Shared<S>;

    fn layer(&self, service: S) -> Shared<S> {
        Shared(Arc::new(service))
    }
}

/// A service whose clones are one. Each call clones the service itself once.
#[derive(Debug)]
pub struct Shared<S>(Arc<S>);

impl<S> Clone for Shared<S> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<S: Service<R> + Clone, R> Service<R> for Shared<S> {
    type Response = S::Response;
    type Error = S::Error;
    type Future = Oneshot<S, R>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        // The call waits until the service is ready.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: R) -> Oneshot<S, R> {
        S::clone(&self.0).oneshot(request)
    }
}
