//! The integration tests: real servers, real files, no doubles.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]
#![expect(clippy::print_stderr, reason = "a test says what it skips and what it measured")]

mod cases;
mod check;
mod connection;
mod corpus;
mod crash;
mod dialect;
mod existing;
mod exit_codes;
mod explain;
mod fixture;
mod framework;
mod free_sequences;
mod freeze;
mod fuzz;
mod gate;
mod golden;
mod hostile;
mod init;
mod inspect;
mod json;
mod load;
mod migrate;
mod migrate_again;
mod migrations;
mod orphans;
mod page;
mod policy;
mod postgres;
mod probes;
mod program;
mod readme;
mod refined;
mod rehearse;
mod schema;
mod schema_audit;
mod server;
mod sqlite;
mod target;
mod tidy;
mod torture;
mod value;
mod verify;
mod verify_parts;
mod virtual_tables;
