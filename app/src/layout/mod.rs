//! What surrounds every page: the frame of the signed-in console, the plain one before, and the head of a page.

#[cfg(feature = "ssr")]
pub mod bare;
pub mod finder;
pub mod frame;
pub mod head;
pub mod keys;
pub mod mark;
pub mod navigation;
