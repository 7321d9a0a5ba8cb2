//! outgrow moves a live application from SQLite to PostgreSQL: it rehearses the move, makes it, proves every cell,
//! and goes back without losing a write.
//!
//! The modules stand in the order of the workflow; ARCHITECTURE.md says what each promises and never does.

pub mod error;

pub mod budget;

pub mod catalog;
pub mod value;

pub mod dialect;
pub mod mapping;
pub mod preset;

pub mod plan;

pub mod gate;

pub mod journal;

pub mod postgres;
pub mod sqlite;

pub mod inspect;

pub mod copy;
pub mod migrations;
pub mod verify;

pub mod backup;

pub mod report;

pub mod notify;
pub mod probe;
pub mod switch;

pub mod roles;
pub mod runbook;

pub mod migrate;
pub mod rehearse;

pub mod rollback;

pub mod cutover;

pub mod demo;

pub mod cli;
