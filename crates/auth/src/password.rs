//! Passwords: argon2id, off the async threads, a bounded number at once.

use std::sync::Arc;

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::Dice;
use secrecy::{ExposeSecret, SecretString};
use tokio::sync::Semaphore;

/// Hashes at once: each takes 19 MiB (the OWASP minimum for argon2id) and a core.
const AT_ONCE: usize = 2;

#[derive(Clone, Debug)]
pub struct Hasher {
    places: Arc<Semaphore>,
    dice: Arc<dyn Dice>,
    /// Of no password: verified when the account does not exist, so that timing does not tell.
    decoy: Arc<tokio::sync::OnceCell<String>>,
}

#[derive(Debug, thiserror::Error)]
#[error("the password could not be hashed")]
pub struct Failed;

impl Hasher {
    pub fn new(dice: Arc<dyn Dice>) -> Self {
        Self { places: Arc::new(Semaphore::new(AT_ONCE)), dice, decoy: Arc::default() }
    }

    pub async fn hash(&self, password: &SecretString) -> Result<String, Failed> {
        let _place = self.places.acquire().await.map_err(|_| Failed)?;
        let (password, dice) = (password.clone(), Arc::clone(&self.dice));
        tokio::task::spawn_blocking(move || {
            let mut salt = [0; 16];
            dice.fill(&mut salt);
            let hash = Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt);
            hash.map(|hash| hash.to_string()).map_err(|_| Failed)
        })
        .await
        .map_err(|_| Failed)?
    }

    /// Takes as long without a stored hash as with one.
    pub async fn verify(&self, password: &SecretString, stored: Option<String>) -> Result<bool, Failed> {
        let known = stored.is_some();
        let hash = if let Some(hash) = stored {
            hash
        } else {
            let hash = async || self.hash(&SecretString::from("decoy")).await;
            self.decoy.get_or_try_init(hash).await?.clone()
        };
        let _place = self.places.acquire().await.map_err(|_| Failed)?;
        let password = password.clone();
        let matches = tokio::task::spawn_blocking(move || {
            let hash = PasswordHash::new(&hash).map_err(|_| Failed)?;
            Ok(Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok())
        })
        .await
        .map_err(|_| Failed)??;
        Ok(matches && known)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn only_the_right_password_of_an_existing_account_verifies() {
        let hasher = Hasher::new(Arc::new(testkit::SeededDice::new(1)));
        let hash = hasher.hash(&SecretString::from("correct horse")).await.unwrap();
        assert!(hash.starts_with("$argon2id$"));
        assert!(hasher.verify(&SecretString::from("correct horse"), Some(hash.clone())).await.unwrap());
        assert!(!hasher.verify(&SecretString::from("battery staple"), Some(hash)).await.unwrap());
        assert!(!hasher.verify(&SecretString::from("decoy"), None).await.unwrap());
    }
}
