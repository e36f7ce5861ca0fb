//! Secrets at rest: an authenticated cipher, bound to table, row and field; subkeys derived from one master key.

use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;
use uuid::Uuid;
use zeroize::Zeroizing;

use domain::Ids;

use crate::{Error, Result};

const NONCE: usize = 24;

/// The 32 bytes that everything sealed depends on.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

impl MasterKey {
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(bytes))
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MasterKey([redacted])")
    }
}

/// Where a sealed value stands; a value moved elsewhere does not open.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    pub table: &'a str,
    pub row: Uuid,
    pub field: &'a str,
}

impl Place<'_> {
    fn bytes(&self) -> Vec<u8> {
        format!("{}\0{}\0{}", self.table, self.row, self.field).into_bytes()
    }
}

#[derive(Clone)]
pub struct Vault {
    cipher: XChaCha20Poly1305,
    audit_key: Zeroizing<[u8; 32]>,
    challenge_key: Zeroizing<[u8; 32]>,
    check: [u8; 32],
    ids: Ids,
}

impl std::fmt::Debug for Vault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Vault([redacted])")
    }
}

impl Vault {
    pub fn new(key: &MasterKey, ids: Ids) -> Self {
        let derive = Hkdf::<Sha256>::new(Some(b"usher"), &*key.0);
        let subkey = |purpose: &str| {
            let mut bytes = Zeroizing::new([0; 32]);
            derive.expand(purpose.as_bytes(), &mut *bytes).expect("32 bytes are a valid HKDF length");
            bytes
        };
        Self {
            cipher: XChaCha20Poly1305::new((&*subkey("secrets at rest")).into()),
            audit_key: subkey("audit chain"),
            challenge_key: subkey("proof of work"),
            check: *subkey("check value"),
            ids,
        }
    }

    /// Tells this key from another without helping to find it.
    pub(crate) fn check_value(&self) -> &[u8; 32] {
        &self.check
    }

    pub fn seal(&self, place: Place<'_>, clear: &[u8]) -> Vec<u8> {
        let mut sealed = vec![0; NONCE];
        self.ids.dice().fill(&mut sealed);
        let nonce = XNonce::try_from(&sealed[..NONCE]).expect("the nonce has its length");
        let body = self
            .cipher
            .encrypt(&nonce, Payload { msg: clear, aad: &place.bytes() })
            .expect("values far below the cipher's limit");
        sealed.extend(body);
        sealed
    }

    pub fn open(&self, place: Place<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>> {
        let failed = || Error::Sealed(format!("{} of {} {}", place.field, place.table, place.row));
        let (nonce, body) = sealed.split_at_checked(NONCE).ok_or_else(failed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| failed())?;
        let clear = self.cipher.decrypt(&nonce, Payload { msg: body, aad: &place.bytes() }).map_err(|_| failed())?;
        Ok(Zeroizing::new(clear))
    }

    pub fn seal_text(&self, place: Place<'_>, clear: &SecretString) -> Vec<u8> {
        self.seal(place, clear.expose_secret().as_bytes())
    }

    pub fn open_text(&self, place: Place<'_>, sealed: &[u8]) -> Result<SecretString> {
        let clear = self.open(place, sealed)?;
        let text = std::str::from_utf8(&clear).map_err(|_| Error::Sealed("not text".to_owned()))?;
        Ok(SecretString::from(text))
    }

    /// Signs the challenges of a proof of work. The same after a restart, so that forms which are open stay good.
    pub fn challenge_key(&self) -> SecretString {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(64);
        for byte in self.challenge_key.iter() {
            let _ = write!(text, "{byte:02x}");
        }
        SecretString::from(text)
    }

    /// The MAC of one link of the audit chain over everything before it and itself.
    pub(crate) fn audit_mac(&self, parts: &[&[u8]]) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&*self.audit_key).expect("HMAC takes keys of any length");
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac.finalize().into_bytes().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(field: &str) -> Place<'_> {
        Place { table: "connector_secrets", row: Uuid::nil(), field }
    }

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_with_its_key() {
        let vault = Vault::new(&MasterKey::new([1; 32]), testkit::ids());
        let sealed = vault.seal(place("password"), b"hunter2");
        assert_eq!(&**vault.open(place("password"), &sealed).unwrap(), b"hunter2");
        assert!(vault.open(place("access_token"), &sealed).is_err());
        assert!(Vault::new(&MasterKey::new([2; 32]), testkit::ids()).open(place("password"), &sealed).is_err());
        assert!(vault.open(place("password"), &sealed[..10]).is_err());
        assert!(!sealed.windows(7).any(|window| window == b"hunter2"));
    }

    #[test]
    fn challenges_are_signed_alike_by_one_master_key_alone() {
        let key = |byte| Vault::new(&MasterKey::new([byte; 32]), testkit::ids()).challenge_key();
        assert_eq!(key(1).expose_secret(), key(1).expose_secret());
        assert_ne!(key(1).expose_secret(), key(2).expose_secret());
        assert_eq!(key(1).expose_secret().len(), 64);
    }
}
