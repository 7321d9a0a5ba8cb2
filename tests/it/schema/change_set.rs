//! The account of what was exported on the way back.

use outgrow::rollback::{Basis, ChangeSet, ChangeSetNote, TableChanges};

/// What was exported on the way back.
pub(super) fn change_set(set: bool) -> ChangeSet {
    let table = |basis: Basis| TableChanges {
        table: "grades".to_owned(),
        target: "grades".to_owned(),
        inserted: 3,
        updated: 2,
        deleted: 1,
        exact: set,
        basis,
        beside: 1,
        converted: 0,
        unwritten: 0,
        file: set.then(|| "grades.sql".to_owned()),
        beside_file: set.then(|| "grades.beside.jsonl".to_owned()),
    };
    ChangeSet {
        format: 1,
        plan: "p".to_owned(),
        schema: "public".to_owned(),
        server: set.then(|| "7301/1".to_owned()),
        database: 16_384,
        since: "2026-11-21T20:45:00Z".to_owned(),
        until: "2026-11-21T21:45:00Z".to_owned(),
        snapshot: "750:750:".to_owned(),
        directory: "/srv/app/changes".into(),
        apply: "apply.sql".to_owned(),
        tables: [Basis::Transactions, Basis::Values, Basis::Gone].map(table).to_vec(),
        notes: vec![ChangeSetNote { place: "grades.extra".to_owned(), what: "the column came since".to_owned() }],
    }
}
