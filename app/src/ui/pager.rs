//! The way through a list that pages by cursor.
