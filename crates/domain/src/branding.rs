//! How the pages before the console look: name, logo and colour of the organization.

use serde::{Deserialize, Serialize};

use crate::validation::{FieldErrors, has_control};

/// Characters in the organization's name.
pub const ORGANIZATION: usize = 60;
/// Characters of a logo: an SVG image as text.
pub const LOGO: usize = 16_000;
/// Least contrast between the colour and the text on it (WCAG 2.2, 1.4.3).
const CONTRAST: f64 = 4.5;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Branding {
    pub organization: String,
    /// `#rrggbb`: buttons and links.
    pub colour: String,
    /// An SVG image as text; empty for the mark.
    pub logo: String,
}

impl Default for Branding {
    fn default() -> Self {
        Self { organization: "Usher".to_owned(), colour: "#0b6b62".to_owned(), logo: String::new() }
    }
}

impl Branding {
    pub fn check(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let checked = Self {
            organization: self.organization.trim().to_owned(),
            colour: self.colour.trim().to_lowercase(),
            logo: self.logo.trim().to_owned(),
        };
        if checked.organization.is_empty() || checked.organization.chars().count() > ORGANIZATION {
            errors.add("organization", format!("A name of 1 to {ORGANIZATION} characters."));
        } else if has_control(&checked.organization) || checked.organization.contains('\n') {
            errors.add("organization", "No control characters.");
        }
        match channels(&checked.colour) {
            None => errors.add("colour", "A colour as #rrggbb, such as #0b6b62."),
            Some(colour) if contrast_of(colour) < CONTRAST => {
                errors.add("colour", "Neither white nor black can be read on this colour. Choose a darker one.");
            }
            Some(_) => {}
        }
        if !checked.logo.is_empty() && !is_svg(&checked.logo) {
            errors.add("logo", "Paste an SVG image: it begins with <svg and ends with </svg>.");
        } else if checked.logo.len() > LOGO {
            errors.add("logo", format!("At most {LOGO} characters."));
        }
        errors.into_result().map(|()| checked)
    }

    /// The colour of text on the organization's colour.
    pub fn ink(&self) -> &'static str {
        let light = channels(&self.colour).is_some_and(|colour| ratio(1.0, luminance(colour)) >= CONTRAST);
        if light { "#ffffff" } else { "#000000" }
    }
}

fn is_svg(text: &str) -> bool {
    let body = text.find("<svg").map(|start| &text[start..]);
    let head = text.starts_with("<svg") || text.starts_with("<?xml") || text.starts_with("<!--");
    head && body.is_some_and(|body| body.ends_with("</svg>"))
}

fn channels(colour: &str) -> Option<[u8; 3]> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let channel = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).ok();
    Some([channel(0)?, channel(2)?, channel(4)?])
}

/// The better of white and black.
fn contrast_of(colour: [u8; 3]) -> f64 {
    let there = luminance(colour);
    ratio(1.0, there).max(ratio(there, 0.0))
}

fn ratio(light: f64, dark: f64) -> f64 {
    (light + 0.05) / (dark + 0.05)
}

/// Relative luminance of sRGB (WCAG 2.2).
fn luminance(colour: [u8; 3]) -> f64 {
    let [red, green, blue] = colour.map(|channel| {
        let value = f64::from(channel) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    });
    0.2126 * red + 0.7152 * green + 0.0722 * blue
}

#[cfg(test)]
mod tests {
    use super::*;

    fn branded(colour: &str, logo: &str) -> Branding {
        Branding { organization: "Example Org".to_owned(), colour: colour.to_owned(), logo: logo.to_owned() }
    }

    #[test]
    fn text_on_the_colour_can_be_read() {
        assert_eq!(Branding::default().ink(), "#ffffff");
        assert_eq!(branded("#ffd000", "").check().unwrap().ink(), "#000000");
        for wrong in ["", "red", "#12345", "#12345g", "#1234567", "0c6b61"] {
            assert!(branded(wrong, "").check().unwrap_err().get("colour").is_some(), "{wrong}");
        }
    }

    #[test]
    fn a_logo_is_an_svg_image() {
        assert!(branded("#000000", "<svg viewBox=\"0 0 1 1\"></svg>").check().is_ok());
        for wrong in ["<html>", "x<svg></svg>", "<svg>", "https://example.org/logo.png"] {
            assert!(branded("#000000", wrong).check().unwrap_err().get("logo").is_some(), "{wrong}");
        }
        let long = format!("<svg>{}</svg>", " ".repeat(LOGO));
        assert!(branded("#000000", &long).check().unwrap_err().get("logo").is_some());
    }
}
