//! A connection.

use super::{js::Js, names::Names, options::ConnectOptions};
use async_nats::{Event, ServerAddr};
use concurrent_futures::remote::CallError;
use percent_encoding::percent_decode_str;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{sync::Notify, time::timeout};

/// A connection to a queue.
pub(crate) struct Link {
    pub(crate) js: Js,
    pub(crate) names: Names,
    /// Told each time that the connection is there again, and when messages have been lost.
    pub(crate) reconnected: Arc<Notify>,
}

impl Link {
    /// Connects, within the time that the options give. The client has no such limit of its own for all
    /// that it does.
    pub(crate) async fn connect(options: &ConnectOptions, name: &str) -> Result<Self, CallError> {
        let names = Names::of(&options.queue)?;
        let unavailable = |reason: String| CallError::Unavailable {
            after: options.connect_timeout,
            reason,
        };
        let connecting = Self::connect_client(options, name);
        match timeout(options.connect_timeout, connecting).await {
            Ok(Ok((client, reconnected))) => Ok(Self {
                js: Js { client },
                names,
                reconnected,
            }),
            Ok(Err(error)) => Err(error),
            Err(_) => Err(unavailable("no answer".to_owned())),
        }
    }

    async fn connect_client(
        options: &ConnectOptions,
        name: &str,
    ) -> Result<(async_nats::Client, Arc<Notify>), CallError> {
        let reconnected = Arc::new(Notify::new());
        let (notify, first) = (Arc::clone(&reconnected), AtomicBool::new(true));
        let mut how = async_nats::ConnectOptions::new()
            .name(name)
            .connection_timeout(options.connect_timeout)
            .ping_interval(Duration::from_secs(5))
            .subscription_capacity(1 << 20)
            .reconnect_delay_callback(|attempts| {
                Duration::from_millis(50 * attempts.clamp(1, 20) as u64)
            })
            .event_callback(move |event| {
                let lost = match event {
                    Event::Connected => !first.swap(false, Relaxed),
                    Event::SlowConsumer(_) => true,
                    _ => false,
                };
                if lost {
                    notify.notify_one();
                }
                log::debug!(target: "concurrent_futures", "NATS: {event}");
                std::future::ready(())
            });
        if let Some(file) = &options.root_certificates {
            how = how.add_root_certificates(file.clone());
        }
        if let Some((certificate, key)) = &options.client_certificate {
            how = how.add_client_certificate(certificate.clone(), key.clone());
        }
        if let Some(file) = &options.credentials {
            how = how
                .credentials_file(file)
                .await
                .map_err(|error| CallError::Refused(format!("{}: {error}", file.display())))?;
        }
        let addresses: Vec<ServerAddr> = options
            .url
            .split(',')
            .map(|url| url.trim().parse())
            .collect::<Result<_, _>>()
            .map_err(|error| CallError::Refused(format!("{}: {error}", options.url)))?;
        // The client does not take them from the address by itself.
        let named = addresses.iter().find(|address| address.has_user_pass());
        if let Some((name, password)) = named.and_then(|a| Some((a.username()?, a.password()?))) {
            let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            how = how.user_and_password(plain(name), plain(password));
        }
        let client = how.connect(addresses).await.map_err(|error| {
            use async_nats::ConnectErrorKind::{Authentication, AuthorizationViolation};
            match error.kind() {
                Authentication | AuthorizationViolation => CallError::Refused(error.to_string()),
                _ => CallError::Unavailable {
                    after: options.connect_timeout,
                    reason: error.to_string(),
                },
            }
        })?;
        Ok((client, reconnected))
    }
}
