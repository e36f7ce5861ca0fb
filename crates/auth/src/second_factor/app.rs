//! Time-based one-time passwords (RFC 6238), as every authenticator app knows them: SHA-1, 6 digits, 30 seconds.

use domain::{Dice, Timestamp};
use qrcode::{EcLevel, QrCode, render::svg};
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use totp_rs::{Algorithm, Builder, Secret, Totp};

/// Bytes of a secret (RFC 4226, section 4, requirement 6).
const SECRET: usize = 20;
const DIGITS: u8 = 6;
/// Seconds that a code is shown.
const STEP: u64 = 30;
/// Codes before and after the present one that count too: clocks differ.
const SKEW: u16 = 1;
/// Pixels of a QR code's edge, at least.
const EDGE: u32 = 200;
/// Letters of a key that are shown together.
const TOGETHER: usize = 4;

/// What an app and this server both know.
#[derive(Clone, Debug)]
pub struct AppSecret(SecretSlice<u8>);

impl AppSecret {
    pub fn make(dice: &dyn Dice) -> Self {
        let mut bytes = vec![0; SECRET];
        dice.fill(&mut bytes);
        Self(bytes.into())
    }

    /// One that was kept; nothing else is `SECRET` bytes long.
    pub fn kept(bytes: Vec<u8>) -> Option<Self> {
        (bytes.len() == SECRET).then(|| Self(bytes.into()))
    }

    pub fn bytes(&self) -> &[u8] {
        self.0.expose_secret()
    }

    /// Typed into an app that has no camera: base32, four letters together.
    pub fn key(&self) -> SecretString {
        let letters = Secret::new(self.bytes().into()).to_base32();
        let together: Vec<&str> =
            letters.as_bytes().chunks(TOGETHER).filter_map(|chunk| str::from_utf8(chunk).ok()).collect();
        SecretString::from(together.join(" "))
    }

    /// The address that sets up an app (`otpauth://totp/…`).
    pub fn uri(&self, issuer: &str, account: &str) -> SecretString {
        // A colon stands between the two.
        let plain = |text: &str| text.replace(':', " ");
        let totp = self.totp(Some(plain(issuer)), plain(account));
        SecretString::from(totp.to_url().unwrap_or_default())
    }

    /// The address as an SVG image to scan.
    pub fn image(uri: &SecretString) -> Option<String> {
        let code = QrCode::with_error_correction_level(uri.expose_secret(), EcLevel::M).ok()?;
        Some(code.render::<svg::Color<'_>>().min_dimensions(EDGE, EDGE).build())
    }

    /// The step whose code this is, if it is later than `last`, the one that was used last: each code is good once.
    pub fn step_of(&self, code: &str, now: Timestamp, last: i64) -> Option<i64> {
        let digits: String = code.chars().filter(|c| !c.is_whitespace()).collect();
        let seconds = u64::try_from(now.as_micros()).ok()? / 1_000_000;
        let step = self.totp(None, "account".to_owned()).check(&digits, seconds)?;
        i64::try_from(step).ok().filter(|step| *step > last)
    }

    /// The code at a time, as the app shows it.
    pub fn code_at(&self, now: Timestamp) -> String {
        let seconds = u64::try_from(now.as_micros()).unwrap_or_default() / 1_000_000;
        self.totp(None, "account".to_owned()).generate(seconds).to_string()
    }

    fn totp(&self, issuer: Option<String>, account: String) -> Totp {
        Builder::new()
            .with_algorithm(Algorithm::SHA1)
            .with_digits(DIGITS)
            .with_skew(SKEW)
            .with_step_duration(STEP)
            .with_secret(self.bytes().to_vec())
            .with_issuer(issuer)
            .with_account_name(account)
            .build_noncompliant()
    }
}

#[cfg(test)]
mod tests {
    use testkit::SeededDice;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(seconds * 1_000_000)
    }

    /// RFC 6238, appendix B, the last six of its eight digits.
    #[test]
    fn codes_are_those_of_the_rfc() {
        let secret = AppSecret::kept(b"12345678901234567890".to_vec()).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(secret.code_at(at(seconds)), code);
            assert_eq!(secret.step_of(code, at(seconds), 0), Some(seconds / 30));
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_while() {
        let secret = AppSecret::make(&SeededDice::new(1));
        let code = secret.code_at(at(3000));
        let spaced = format!(" {} {}", &code[..3], &code[3..]);
        assert_eq!(secret.step_of(&spaced, at(3000), 0), Some(100));
        assert_eq!(secret.step_of(&code, at(3059), 0), Some(100), "a clock that is a little late");
        assert_eq!(secret.step_of(&code, at(3000), 100), None, "used");
        assert_eq!(secret.step_of(&code, at(3090), 0), None, "over");
        for wrong in ["", "12345", "1234567", "abcdef", "１２３４５６"] {
            assert_eq!(secret.step_of(wrong, at(3000), 0), None, "{wrong}");
        }
    }

    #[test]
    fn an_app_is_set_up_by_an_address_an_image_or_by_hand() {
        let secret = AppSecret::kept(vec![0; 20]).unwrap();
        assert_eq!(secret.key().expose_secret(), "AAAA AAAA AAAA AAAA AAAA AAAA AAAA AAAA");
        let uri = secret.uri("Acme: Inc", "ada@example.org");
        assert!(uri.expose_secret().starts_with("otpauth://totp/Acme%20%20Inc:ada%40example.org?secret=AAAA"));
        assert!(AppSecret::image(&uri).unwrap().contains("<svg"));
        assert!(AppSecret::kept(vec![0; 19]).is_none());
    }
}
