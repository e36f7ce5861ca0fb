//! Opaque tokens: 32 random bytes, of which only the hash is kept.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Dice;
use secrecy::SecretString;
use sha2::{Digest, Sha256};

#[derive(Debug)]
pub struct Token {
    /// Shown once.
    pub clear: SecretString,
    pub hash: [u8; 32],
}

impl Token {
    pub fn make(prefix: &str, dice: &dyn Dice) -> Self {
        let mut bytes = [0; 32];
        dice.fill(&mut bytes);
        let clear = format!("{prefix}{}", URL_SAFE_NO_PAD.encode(bytes));
        Self { hash: hash_token(&clear), clear: SecretString::from(clear) }
    }
}

/// Tokens have 256 bits of randomness: a plain hash cannot be guessed backwards.
pub fn hash_token(clear: &str) -> [u8; 32] {
    Sha256::digest(clear.as_bytes()).into()
}
