//! A field that offers matching choices while typing.
