//! The engine against Acme Cloud, its clock moved by hand, stepped until idle: nothing sleeps.

mod joiners;
mod support;
