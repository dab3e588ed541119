//! What `nsc` and `nk` would write.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use nkeys::KeyPair;
use serde_json::{Value, json};

/// A token, signed by who answers for it.
fn token(issuer: &KeyPair, subject: &str, claims: &Value) -> String {
    let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let head = encode(&json!({ "typ": "JWT", "alg": "ed25519-nkey" }));
    let body = encode(&json!({
        "jti": subject,
        "iat": 1_700_000_000,
        "iss": issuer.public_key(),
        "name": subject,
        "sub": subject,
        "nats": claims,
    }));
    let signature = issuer.sign(format!("{head}.{body}").as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(signature.expect("a signature"));
    format!("{head}.{body}.{signature}")
}

/// An operator with one account for tasks.
pub(crate) struct Operator {
    account: KeyPair,
    /// For the configuration of a server.
    pub(crate) lines: String,
}

impl Operator {
    pub(crate) fn new() -> Self {
        let (operator, account, system) = (
            KeyPair::new_operator(),
            KeyPair::new_account(),
            KeyPair::new_account(),
        );
        let name = operator.public_key();
        let own = token(
            &operator,
            &name,
            &json!({ "type": "operator", "version": 2 }),
        );
        let lines = |storage: i64| {
            json!({
                "type": "account",
                "version": 2,
                "limits": {
                    "subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1,
                    "wildcards": true, "conn": -1, "leaf": -1,
                    "mem_storage": storage, "disk_storage": storage,
                    "streams": storage, "consumer": storage,
                },
            })
        };
        let (tenant, system) = (account.public_key(), system.public_key());
        let lines = format!(
            "operator: \"{own}\"\nsystem_account: {system}\nresolver: MEMORY\n\
             resolver_preload: {{ {tenant}: \"{}\", {system}: \"{}\" }}\n",
            token(&operator, &tenant, &lines(-1)),
            token(&operator, &system, &lines(0)),
        );
        Self { account, lines }
    }

    /// The file of a user of the account.
    pub(crate) fn credentials(&self) -> String {
        let user = KeyPair::new_user();
        let claims = json!({
            "type": "user", "version": 2,
            "pub": {}, "sub": {}, "subs": -1, "data": -1, "payload": -1,
        });
        let token = token(&self.account, &user.public_key(), &claims);
        let seed = user.seed().expect("a seed");
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }
}

/// The name and the seed of a user.
pub(crate) fn user() -> (String, String) {
    let user = KeyPair::new_user();
    (user.public_key(), user.seed().expect("a seed"))
}
