//! What stands where data will be.
