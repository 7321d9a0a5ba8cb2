//! What becomes of the target when the application has gone back.
