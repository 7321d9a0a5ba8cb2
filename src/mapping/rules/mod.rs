//! The mapping rules, in the order in which they are asked.

mod any;
mod blob;
mod blob_in_text;
mod boolean;
mod date;
mod decimal;
mod empty;
mod epoch;
mod foreign_key;
mod integer;
mod json;
mod number;
mod real;
mod text;
mod text_in_blob;
mod time;
mod timestamp;
mod uuid;

use super::MappingRule;

/// Every rule; the first that has a proposal wins, and `any` always has.
pub const RULES: &[&MappingRule] = &[
    &foreign_key::RULE,
    &empty::RULE,
    &boolean::RULE,
    &epoch::RULE,
    &timestamp::RULE,
    &date::RULE,
    &time::RULE,
    &json::RULE,
    &uuid::RULE,
    &decimal::RULE,
    &integer::RULE,
    &real::RULE,
    &number::RULE,
    &text::RULE,
    &blob::RULE,
    &text_in_blob::RULE,
    &blob_in_text::RULE,
    &any::RULE,
];
