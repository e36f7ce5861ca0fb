//! A panel at the side, for details that do not need a page of their own.
