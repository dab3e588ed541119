//! Where the servers are, and what an address has to say in front of the host, which is nobody else's business.

use async_nats::ServerAddr;
use concurrent_futures::remote::CallError;
use percent_encoding::percent_decode_str;
use std::fmt;

/// One server, or several of one cluster, separated by commas.
#[derive(Clone)]
pub(crate) struct Address(pub(crate) String);

/// By what a server knows us.
#[derive(PartialEq, Eq)]
#[cfg_attr(test, derive(Debug))]
pub(crate) enum Secret {
    Password { name: String, password: String },
    Token(String),
}

impl Address {
    pub(crate) fn servers(&self) -> Result<Vec<ServerAddr>, CallError> {
        let each = self.0.split(',').map(|url| url.trim().parse());
        each.collect::<Result<_, _>>()
            .map_err(|error| CallError::Refused(format!("{self}: {error}")))
    }
}

/// That of the first address that has one. A name alone is a token.
pub(crate) fn secret(servers: &[ServerAddr]) -> Option<Secret> {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let address = servers.iter().find(|address| address.has_user_pass())?;
    let name = plain(address.username()?);
    Some(match address.password() {
        Some(password) => Secret::Password {
            name,
            password: plain(password),
        },
        None => Secret::Token(name),
    })
}

/// Without what stands in front of the host.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, url) in self.0.split(',').enumerate() {
            if place > 0 {
                f.write_str(",")?;
            }
            match (url.split_once("://"), url.rsplit_once('@')) {
                (Some((scheme, _)), Some((_, host))) => write!(f, "{scheme}://{host}")?,
                (None, Some((_, host))) => f.write_str(host)?,
                _ => f.write_str(url)?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret_of(url: &str) -> Option<Secret> {
        secret(&Address(url.to_owned()).servers().unwrap())
    }

    #[test]
    fn secrets_are_not_shown() {
        let address = Address("nats://a:secret@h:1,nats://h:2,secret@h:3".to_owned());
        assert_eq!(address.to_string(), "nats://h:1,nats://h:2,h:3");
        assert!(!format!("{address:?}").contains("secret"));
        let Err(error) = Address("http://a:secret@h".to_owned()).servers() else {
            panic!("it is no address of NATS")
        };
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    #[test]
    fn secrets_are_read() {
        assert_eq!(secret_of("nats://h:1"), None);
        assert_eq!(
            secret_of("nats://h:1, nats://a%40b:c%2Fd@h:2"),
            Some(Secret::Password {
                name: "a@b".to_owned(),
                password: "c/d".to_owned()
            })
        );
        let token = Secret::Token("s3cret".to_owned());
        assert_eq!(secret_of("tls://s3cret@h"), Some(token));
    }
}
