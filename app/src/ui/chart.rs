//! Bars over time, drawn by the server, with their numbers as text.
