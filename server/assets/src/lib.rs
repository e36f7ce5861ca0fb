//! The console's files inside the binary: script, WebAssembly and style, each as it is and compressed.
//!
//! A crate of its own, and without dependencies, so that a new console compiles this alone. The table is empty where
//! `cargo xtask build` has not run; the pages then work as they do without JavaScript, but without style.

/// One file of the console. Its name holds its hash, so an answer with it may be kept for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asset {
    pub role: Role,
    /// The file name, such as `usher.0123456789abcdef.js`.
    pub name: &'static str,
    /// The value of `Content-Type`.
    pub content_type: &'static str,
    /// The first 16 hexadecimal digits of the SHA-256 of `bytes`: fit for an `ETag`.
    pub hash: &'static str,
    /// The file as it is.
    pub bytes: &'static [u8],
    /// The same in `Content-Encoding: br`.
    pub brotli: &'static [u8],
}

/// What a page uses the file for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Script,
    Wasm,
    Style,
}

/// The names that a page needs to load the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// An ES module; its default export takes `{ module_or_path: <wasm> }`, and then exports `hydrate`.
    pub js: &'static str,
    pub wasm: &'static str,
    pub css: &'static str,
}

static TABLE: &[Asset] = include!(concat!(env!("OUT_DIR"), "/table.rs"));

/// Everything there is to serve.
pub fn table() -> &'static [Asset] {
    TABLE
}

/// The file of exactly this name; nothing is looked up anywhere else.
pub fn find(name: &str) -> Option<&'static Asset> {
    TABLE.iter().find(|asset| asset.name == name)
}

/// What a page names; `None` where no console was built.
pub fn entry() -> Option<Entry> {
    let name = |role| TABLE.iter().find(|asset| asset.role == role).map(|asset| asset.name);
    Some(Entry { js: name(Role::Script)?, wasm: name(Role::Wasm)?, css: name(Role::Style)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_entry_names_files_that_are_there_or_there_are_none() {
        match entry() {
            Some(Entry { js, wasm, css }) => {
                for name in [js, wasm, css] {
                    assert!(find(name).is_some_and(|asset| !asset.bytes.is_empty()), "{name}");
                }
            }
            None => assert_eq!(table(), []),
        }
    }

    #[test]
    fn only_the_exact_name_finds_a_file() {
        assert_eq!(find(""), None);
        assert_eq!(find("../Cargo.toml"), None);
        assert_eq!(find("manifest.tsv"), None);
    }
}
