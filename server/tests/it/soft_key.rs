//! A passkey in memory, as an authenticator has it (Web Authentication Level 3): one ES256 key, "none" attestation.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use p256::ecdsa::{Signature, SigningKey, signature::Signer as _};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// Present and verified.
const FLAGS: u8 = 0b0101;
/// A new key is attached.
const ATTACHED: u8 = 0b0100_0000;

#[derive(Clone)]
pub(crate) struct SoftKey {
    /// The origin that the browser is at.
    pub site: String,
    /// How often it was used.
    pub counter: u32,
    key: SigningKey,
    id: Vec<u8>,
}

impl SoftKey {
    /// Another for each seed.
    pub(crate) fn new(site: &str, seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).unwrap();
        Self { site: site.to_owned(), counter: 1, key, id: vec![seed; 16] }
    }

    /// Answers what a browser is asked to make a passkey.
    pub(crate) fn make(&mut self, asked: &Value) -> String {
        let options = options(asked);
        let data = self.data("webauthn.create", &options);
        let mut authenticator = self.authenticator(options["rp"]["id"].as_str().unwrap(), FLAGS | ATTACHED);
        authenticator.extend([0; 16]);
        authenticator.extend(u16::try_from(self.id.len()).unwrap().to_be_bytes());
        authenticator.extend(&self.id);
        authenticator.extend(self.cose());
        // {"fmt": "none", "attStmt": {}, "authData": …}
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58".to_vec();
        attestation.push(u8::try_from(authenticator.len()).unwrap());
        attestation.extend(authenticator);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(data),
            "attestationObject": BASE64.encode(attestation),
            "transports": ["internal"],
        }))
    }

    /// Answers what a browser is asked to show one.
    pub(crate) fn show(&mut self, asked: &Value) -> String {
        let options = options(asked);
        self.counter += 1;
        let data = self.data("webauthn.get", &options);
        let authenticator = self.authenticator(options["rpId"].as_str().unwrap(), FLAGS);
        let signed = [authenticator.as_slice(), &Sha256::digest(&data)].concat();
        let signature: Signature = self.key.sign(&signed);
        self.answer(&json!({
            "clientDataJSON": BASE64.encode(data),
            "authenticatorData": BASE64.encode(authenticator),
            "signature": BASE64.encode(signature.to_der().as_bytes()),
            "userHandle": null,
        }))
    }

    fn answer(&self, response: &Value) -> String {
        let id = BASE64.encode(&self.id);
        json!({
            "id": id, "rawId": id, "type": "public-key", "response": response, "clientExtensionResults": {},
        })
        .to_string()
    }

    fn data(&self, kind: &str, options: &Value) -> Vec<u8> {
        let data =
            json!({ "type": kind, "challenge": options["challenge"], "origin": self.site, "crossOrigin": false });
        data.to_string().into_bytes()
    }

    fn authenticator(&self, site: &str, flags: u8) -> Vec<u8> {
        let mut data = Sha256::digest(site.as_bytes()).to_vec();
        data.push(flags);
        data.extend(self.counter.to_be_bytes());
        data
    }

    /// The public key in COSE (RFC 9052): EC2, ES256, P-256, x and y.
    fn cose(&self) -> Vec<u8> {
        let point = self.key.verifying_key().to_sec1_point(false);
        let (x, y) = (point.x().unwrap(), point.y().unwrap());
        [b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20".as_slice(), x, b"\x22\x58\x20", y].concat()
    }
}

/// They come as JSON within JSON.
fn options(asked: &Value) -> Value {
    serde_json::from_str(asked.as_str().unwrap_or_else(|| panic!("nothing was asked: {asked}"))).unwrap()
}
