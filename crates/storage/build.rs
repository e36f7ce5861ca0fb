//! Embeds a migration that is added: the macro that reads the folder notices only changes to those it knows.

fn main() {
    println!("cargo::rerun-if-changed=../../migrations");
}
