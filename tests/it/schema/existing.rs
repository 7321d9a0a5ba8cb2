//! The same for tables that are there already.

use outgrow::catalog::{
    FrameworkState, TargetCatalog, TargetColumn, TargetForeignKey, TargetIdentity, TargetReference, TargetRights, TargetSequence,
    TargetTable, TargetTrigger, TargetType, TargetUnique, TriggerState,
};
use outgrow::plan::{
    ExistingReport, ExistingSchema, Misfit, MisfitKind, MissingRight, NoPlace, Plan, PlanReport, SeededTable, SequenceAtItsEnd,
    SequencePlan,
};
use outgrow::value::Evidence;

fn text(text: &str) -> String {
    text.to_owned()
}

fn types() -> Vec<TargetType> {
    let digits = 3;
    vec![
        TargetType::Boolean,
        TargetType::DoublePrecision,
        TargetType::Numeric { limits: None },
        TargetType::Numeric { limits: Some((10, 2)) },
        TargetType::Varchar { max: Some(32) },
        TargetType::Varchar { max: None },
        TargetType::Char { length: 2 },
        TargetType::Time { digits },
        TargetType::Timetz { digits },
        TargetType::Timestamp { digits },
        TargetType::Timestamptz { digits },
        TargetType::Enum { labels: vec![text("new")] },
        TargetType::Array { element: Box::new(TargetType::Integer), element_oid: 23 },
        TargetType::Other,
    ]
}

fn column(pg_type: TargetType, set: bool) -> TargetColumn {
    TargetColumn {
        name: text("mark"),
        pg_type,
        written: text("integer"),
        not_null: set,
        has_default: set,
        identity: set.then_some(TargetIdentity::Always),
        sequence: set.then(|| text("grades_id_seq")),
        generated: set,
    }
}

fn sequence(set: bool) -> TargetSequence {
    TargetSequence {
        column: set.then(|| text("id")),
        schema: text("public"),
        name: text("grades_id_seq"),
        next: set.then_some(1),
        increment: 1,
        min: 1,
        max: i64::MAX,
        settable: set,
    }
}

fn table(set: bool) -> TargetTable {
    TargetTable {
        name: text("grades"),
        columns: types().into_iter().map(|pg_type| column(pg_type, set)).collect(),
        rows: set.then_some(5),
        rights: TargetRights { owner: set, select: set, insert: set, delete: set },
        partitioned: set,
        row_security: set,
        uniques: vec![TargetUnique { name: text("grades_pkey"), columns: vec![text("id")], primary: set, nulls_not_distinct: set }],
        checks: vec![(text("mark_is_positive"), text("CHECK ((mark > 0))"))],
        foreign_keys: vec![TargetForeignKey {
            name: text("grades_student_fkey"),
            columns: vec![text("student")],
            parent_schema: text("public"),
            parent: text("students"),
            parent_columns: vec![text("id")],
            definition: text("FOREIGN KEY (student) REFERENCES public.students(id)"),
            validated: set,
            comment: set.then(|| text("why")),
        }],
        referred_to_by: vec![TargetReference { schema: text("audit"), table: text("log"), has_rows: set }],
        triggers: [TriggerState::Origin, TriggerState::Always, TriggerState::Replica, TriggerState::Disabled]
            .map(|enabled| TargetTrigger { name: text("stamp"), enabled, on_insert: set, on_delete: set })
            .to_vec(),
        delete_rules: vec![text("keep")],
        sequences: vec![sequence(set)],
    }
}

/// A plan for tables that are there already.
pub(super) fn plan() -> Plan {
    let before = TargetCatalog {
        version: 150_018,
        encoding: text("UTF8"),
        schema: text("public"),
        relations: Vec::new(),
        tables: vec![table(true), table(false)],
        framework: FrameworkState::default(),
        sequences: vec![sequence(false), sequence(true)],
        extensions: Vec::new(),
    };
    let feeds = Some((text("grades"), text("id")));
    let of = |feeds| SequencePlan { feeds, schema: text("public"), name: text("grades_id_seq"), next: 6, max: i64::MAX };
    let existing = ExistingSchema {
        before,
        replaced: [(text("roles"), 3)].into(),
        identical: [text("kinds")].into(),
        without_place: [text("old")].into(),
        left_alone: [text("alembic_version")].into(),
        columns_without_place: [text("old.note")].into(),
        sequences: vec![of(feeds), of(None)],
        foreign_keys_aside: [(text("grades"), text("grades_student_fkey"))].into(),
        triggers_aside: [(text("grades"), text("stamp"))].into(),
    };
    Plan { existing: Some(existing), ..super::documents::plan() }
}

/// The account of it.
pub(super) fn report() -> PlanReport {
    let misfit = |kind| Misfit { table: text("grades"), columns: vec![text("mark")], kind, rows: Evidence::default() };
    let seeded = |set: bool| SeededTable {
        table: text("roles"),
        rows: set.then_some(3),
        identical: set,
        replaced: set,
        in_the_way: (!set).then(|| text("the role lacks DELETE on it")),
    };
    let (place, reason, advice) = (text("grades"), text("it lacks INSERT"), text("GRANT …"));
    let existing = ExistingReport {
        left_alone: vec![text("alembic_version")],
        no_place: vec![NoPlace { place: place.clone(), reason: reason.clone(), advice: advice.clone(), rows: 5, stops: true }],
        seeded: vec![seeded(true), seeded(false)],
        misfits: [
            MisfitKind::NotNull,
            MisfitKind::Duplicate(text("a")),
            MisfitKind::Orphan(text("b")),
            MisfitKind::Check(text("c")),
            MisfitKind::Exclusion(text("d")),
            MisfitKind::Refused(text("e")),
            MisfitKind::Unjudged(text("f")),
        ]
        .into_iter()
        .map(misfit)
        .collect(),
        missing_rights: vec![MissingRight { place: place.clone(), reason: reason.clone(), advice: advice.clone() }],
        sequences: vec![SequenceAtItsEnd { place, reason, advice }],
        triggers_aside: vec![text("grades.stamp")],
        foreign_keys_aside: vec![text("grades.grades_student_fkey")],
    };
    PlanReport { existing: Some(existing), ..PlanReport::default() }
}
