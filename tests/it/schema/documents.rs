//! Sample parts of the documents, made of the program's own types: everything that may be absent both there and not.

use std::collections::BTreeMap;

use outgrow::catalog::{
    Affinity, Column, Deferral, FileFacts, ForeignKey, ForeignKeyAction, ForeignKeyColumn, FrameworkState, GeneratedKind, GeometryColumn,
    GeometryFormat, Index, IndexOrigin, IndexPart, JournalMode, ModuleArgument, OrphanFate, OrphanKey, PrimaryKey, RowIdentity, RowidKind,
    SourceCatalog, Table, TextEncoding, Trigger, View, VirtualRows, VirtualTable,
};
use outgrow::journal::{Event, Run};
use outgrow::mapping::CounterExample;
use outgrow::plan::{
    Action, ColumnDecision, ColumnPlan, Compare, ComputedColumn, ConflictClause, ForeignKeyProblem, FrameworkReport, GeometryDecision,
    IdentityPlan, Inexact, LeftOut, LongKey, MappedColumn, NullKey, Phase, Plan, PlanReport, Rename, ReplacedVirtualTable, SequencePlan,
    SingleRowTrigger, SkippedVirtualTable, SourceFingerprint, Step, TablePlan, Untranslated, WideRow,
};
use outgrow::postgres::{CheckItem, CheckReport, CheckState};
use outgrow::value::{
    BlobProfile, BooleanForm, ColumnProfile, Conversion, DurationForm, Epoch, Evidence, Fate, Fraction, NumberForm, NumberStyle,
    NumberType, Offset, Reason, RowKey, Rule, Separator, SourceProfile, StringStyle, StringType, TextFault, TextRules, TextShape, TimeForm,
    TimestampForm, UuidForm, ValueMap, ValueRef, Written,
};
use outgrow::verify::{AuditCounts, AuditKind, AuditLine, SchemaAudit, Standing, Verdict};
use serde_json::json;

fn row(number: i64) -> RowKey {
    RowKey::of(&[ValueRef::Integer(number)])
}

fn evidence(count: u64) -> Evidence {
    Evidence { count, samples: vec![row(1), RowKey::of(&[ValueRef::Text(b"a"), ValueRef::Null])] }
}

fn time() -> TimeForm {
    TimeForm { seconds: true, fraction: Fraction::Digits { count: 3, trailing_zero: true } }
}

fn timestamp(offset: Offset) -> TimestampForm {
    TimestampForm { separator: Separator::T, time: time(), offset }
}

pub(super) fn fractions() -> Vec<Fraction> {
    let (count, trailing_zero) = (6, false);
    vec![
        Fraction::None,
        Fraction::Fixed(1),
        Fraction::Digits { count, trailing_zero },
        Fraction::DigitsOrNone { count, trailing_zero },
        Fraction::Trimmed,
    ]
}

pub(super) fn shapes() -> Vec<TextShape> {
    vec![
        TextShape::Empty,
        TextShape::Date,
        TextShape::Time(time()),
        TextShape::Timestamp(timestamp(Offset::Minutes { east: -210, colon: true, space: false })),
        TextShape::Uuid(UuidForm::SimpleUpper),
        TextShape::Number(NumberForm::Real),
        TextShape::HexBytes,
        TextShape::Json,
        TextShape::Plain,
        TextShape::Nul,
        TextShape::InvalidUtf8,
    ]
}

pub(super) fn conversions() -> Vec<Conversion> {
    let rules = TextRules { nul: TextFault::Replace, invalid_utf8: TextFault::Strip };
    let mut all = vec![
        Conversion::IntegerToBigint,
        Conversion::IntegerToBoolean,
        Conversion::RealToDouble,
        Conversion::NumberToDouble,
        Conversion::NumberToNumeric,
        Conversion::NumberToDecimal { precision: 10, scale: 2 },
        Conversion::TextToText(TextRules::default()),
        Conversion::TextToJson,
        Conversion::TextToDate,
        Conversion::TextToTime(time()),
        Conversion::TextToTimestamp(timestamp(Offset::Naive)),
        Conversion::TextToTimestamptz(timestamp(Offset::Z)),
        Conversion::TextToBytea,
        Conversion::BlobToBytea,
        Conversion::BlobToText,
        Conversion::BlobToUuid,
        Conversion::AnyToText(rules),
        Conversion::AnyToString { to: StringType::Citext, style: StringStyle::Text, rules },
        Conversion::AnyToNumber { to: NumberType::Decimal { precision: 1_000, scale: -1_000 }, style: NumberStyle::Affine },
    ];
    all.extend(Conversion::samples().into_iter().filter(|conversion| {
        matches!(
            conversion,
            Conversion::AnyToNumber { .. }
                | Conversion::AnyToBoolean(_)
                | Conversion::AnyToString { .. }
                | Conversion::AnyToBytea { .. }
                | Conversion::AnyToJson { .. }
                | Conversion::AnyToUuid { .. }
                | Conversion::TextToArray(_)
                | Conversion::TextToAddress(_)
        )
    }));
    all.extend(Epoch::ALL.map(Conversion::IntegerToTimestamptz));
    let forms = [
        UuidForm::Hyphenated,
        UuidForm::HyphenatedUpper,
        UuidForm::HyphenatedDigits,
        UuidForm::Simple,
        UuidForm::SimpleUpper,
        UuidForm::SimpleDigits,
    ];
    all.extend(forms.map(Conversion::TextToUuid));
    all.extend(Conversion::samples().into_iter().filter(|conversion| matches!(conversion, Conversion::AnyToMoment(_))));
    all
}

pub(super) fn fates() -> Vec<Fate> {
    let mut all = vec![Fate::Exact];
    all.extend(Rule::ALL.map(Fate::Normalised));
    all.extend(Reason::ALL.map(Fate::Quarantined));
    all
}

fn table(rowid: RowidKind, set: bool) -> Table {
    let text = |text: &str| set.then(|| text.to_owned());
    Table {
        name: "grades".to_owned(),
        sql: "CREATE TABLE grades (…)".to_owned(),
        columns: vec![Column {
            name: "mark".to_owned(),
            declared: "REAL".to_owned(),
            affinity: Affinity::Real,
            not_null: set,
            default: text("0"),
            generated: set.then_some(GeneratedKind::Stored),
            collation: "BINARY".to_owned(),
        }],
        primary_key: set.then(|| PrimaryKey { columns: vec!["id".to_owned()] }),
        rowid,
        strict: set,
        autoincrement: set,
        foreign_keys: vec![ForeignKey {
            id: 0,
            parent: "students".to_owned(),
            columns: vec![ForeignKeyColumn { child: "student_id".to_owned(), parent: text("id") }],
            on_delete: ForeignKeyAction::SetNull,
            on_update: ForeignKeyAction::NoAction,
            deferral: Deferral::Deferred,
        }],
        indexes: vec![Index {
            name: "by_mark".to_owned(),
            sql: text("CREATE INDEX by_mark ON grades(mark)"),
            unique: set,
            origin: IndexOrigin::PrimaryKey,
            partial: set,
            parts: vec![IndexPart { column: text("mark"), descending: set, collation: "NOCASE".to_owned() }],
        }],
        left_out: Vec::new(),
        rows: None,
    }
}

fn virtual_table(rows: VirtualRows) -> VirtualTable {
    VirtualTable {
        name: "search".to_owned(),
        module: "fts5".to_owned(),
        sql: "CREATE VIRTUAL TABLE search …".to_owned(),
        arguments: vec![
            ModuleArgument { words: vec!["body".to_owned(), "UNINDEXED".to_owned()], value: None },
            ModuleArgument { words: vec!["content".to_owned()], value: Some(vec![String::new()]) },
        ],
        shadow_tables: vec!["search_data".to_owned()],
        rows,
    }
}

fn virtual_rows() -> Vec<VirtualRows> {
    let text = str::to_owned;
    vec![
        VirtualRows::Own,
        VirtualRows::Elsewhere { table: text("notes"), rowid: text("id"), columns: vec![text("body")] },
        VirtualRows::Geometry { table: text("roads"), column: text("geom") },
        VirtualRows::Nowhere,
        VirtualRows::Unread { reason: text("no such tokenizer: icu"), kept: vec![text("search_content")] },
    ]
}

fn geometry_formats() -> [GeometryFormat; 2] {
    [GeometryFormat::GeoPackage, GeometryFormat::Spatialite]
}

fn geometry_column(format: GeometryFormat) -> GeometryColumn {
    GeometryColumn { table: "roads".to_owned(), column: "geom".to_owned(), format, kind: "POINT".to_owned(), srid: -1 }
}

pub(super) fn catalog() -> SourceCatalog {
    SourceCatalog {
        file: FileFacts {
            bytes: 4096,
            page_bytes: 4096,
            free_pages: 0,
            encoding: TextEncoding::Utf16Le,
            journal_mode: JournalMode::Wal,
            user_version: -1,
            application_id: 0,
            schema_version: 7,
            auto_vacuum: 0,
            sqlite_version: "3.50.0".to_owned(),
        },
        tables: vec![
            table(RowidKind::Hidden { access: Some("rowid".to_owned()) }, true),
            table(RowidKind::Hidden { access: None }, false),
            table(RowidKind::Alias { column: "id".to_owned() }, true),
            table(RowidKind::None, true),
        ],
        views: vec![View { name: "v".to_owned(), sql: "CREATE VIEW v AS …".to_owned(), columns: vec!["a".to_owned()] }],
        triggers: vec![Trigger { name: "t".to_owned(), table: "grades".to_owned(), sql: "CREATE TRIGGER t …".to_owned() }],
        virtual_tables: virtual_rows().into_iter().map(virtual_table).collect(),
        geometry_columns: geometry_formats().map(geometry_column).into(),
        sequences: BTreeMap::from([("grades".to_owned(), i64::MAX)]),
        left_out: Vec::new(),
        framework: FrameworkState { applied: BTreeMap::from([("laravel".to_owned(), ["0001_create_users".to_owned()].into())]) },
    }
}

pub(super) fn profile() -> SourceProfile {
    let mut column = ColumnProfile::default();
    for value in [ValueRef::Null, ValueRef::Integer(i64::MIN), ValueRef::Real(-0.5), ValueRef::Text(b"\"\\u0000\""), ValueRef::Blob(b"\0")]
    {
        column.observe(value, &|| row(1));
    }
    column.texts.booleans = BooleanForm::TEXTS.into_iter().map(|form| (form, 1)).collect();
    column.texts.shapes = shapes().into_iter().map(|shape| (shape, evidence(1))).collect();
    column.texts.moments = [(Written::CompactDate, evidence(1)), (Written::Duration(DurationForm::Iso), evidence(2))].into();
    column.blobs = BlobProfile { not_text: evidence(1), ..column.blobs };
    let columns = BTreeMap::from([("mark".to_owned(), column), ("empty".to_owned(), ColumnProfile::default())]);
    // The types of a source's profile are named through their parent: all of them can be read back.
    let document = json!({
        "tables": { "grades": {
            "rows": 5, "cells": 10, "columns": columns, "unreadable": { "computed": "no such function: slug" }, "ill_formed_utf16": { "mark": evidence(1) }, "digest": "00ff",
            "key_nulls": evidence(1), "min_rowid": 1, "max_rowid": 5,
        }, "empty": {
            "rows": 0, "cells": 0, "columns": {}, "unreadable": {}, "ill_formed_utf16": {}, "digest": "00", "key_nulls": Evidence::default(), "min_rowid": null, "max_rowid": null,
        } },
        "integrity": ["row 3 missing from index by_mark"],
        "orphans": [{
            "table": "grades", "foreign_key": 0, "parent": "students", "columns": ["student_id"], "rows": evidence(4),
            "transitive": evidence(1), "transitive_tables": { "notes": evidence(1) },
        }],
        "foreign_key_problems": [
            { "table": "grades", "foreign_key": 1, "parent": "teachers", "problem": "no such table" },
            { "table": "grades", "foreign_key": null, "parent": null, "problem": "foreign key mismatch" },
        ],
        "broken_checks": [
            { "table": "grades", "check": 0, "name": null, "condition": "mark > 0", "rows": evidence(1) },
            { "table": "grades", "check": 1, "name": "marked", "condition": "mark < 7", "rows": evidence(1) },
        ],
    });
    serde_json::from_value(document).unwrap()
}

fn orphan_keys() -> Vec<OrphanKey> {
    let columns = vec![ForeignKeyColumn { child: "student_id".to_owned(), parent: Some("id".to_owned()) }];
    let fates = [OrphanFate::Stay, OrphanFate::HeldOut, OrphanFate::Null { columns: vec!["student_id".to_owned()] }];
    let key = |fate| OrphanKey { foreign_key: 0, parent: "students".to_owned(), columns: columns.clone(), fate };
    fates.into_iter().map(key).collect()
}

fn table_plan(identity: RowIdentity, compare: Compare, set: bool) -> TablePlan {
    let text = |text: &str| set.then(|| text.to_owned());
    let column = |conversion| ColumnPlan {
        source: "mark".to_owned(),
        target: "mark".to_owned(),
        conversion,
        values: set.then(|| ValueMap::of_labels(&["new".to_owned(), "paid".to_owned()])),
        empty_is_null: set,
        not_null: set,
        default: text("0"),
        generated: text("a + b"),
        identity: set.then(|| IdentityPlan { sequence: "grades_id_seq".to_owned(), next: 18 }),
    };
    TablePlan {
        source: "grades".to_owned(),
        target: "grades".to_owned(),
        columns: conversions().into_iter().map(column).collect(),
        identity,
        compare,
        rows: 5,
        rowid: text("id"),
        longest_row: 80,
        rows_where: text("mark > 0"),
        left_out: text("note").into_iter().collect(),
        orphans: if set { orphan_keys() } else { Vec::new() },
        held_out: u64::from(set),
    }
}

pub(super) fn plan() -> Plan {
    let step = |phase, action| Step {
        id: format!("step:{phase}"),
        phase,
        table: Some("grades".to_owned()),
        object: "index by_mark".to_owned(),
        action,
    };
    let run = |phase| step(phase, Action::Run { sql: vec!["CREATE …".to_owned()], optional: true });
    let mut steps: Vec<Step> = Phase::ALL.into_iter().map(run).collect();
    steps.push(step(Phase::Data, Action::Copy { table: "grades".to_owned() }));
    Plan {
        id: serde_json::from_value(json!("ab".repeat(32))).unwrap(),
        format: 1,
        source: SourceFingerprint { schema: "1c".repeat(32), content: "2d".repeat(32) },
        server_major: 15,
        schema: "public".to_owned(),
        tables: vec![
            table_plan(RowIdentity::Columns(vec!["id".to_owned()]), Compare::Ordered(vec![0]), true),
            table_plan(RowIdentity::Rowid("_rowid_".to_owned()), Compare::Multiset, false),
            table_plan(RowIdentity::Position, Compare::Multiset, false),
        ],
        left_out: vec!["log".to_owned()],
        existing: None,
        sequences: vec![SequencePlan { feeds: None, schema: "public".to_owned(), name: "invoices".to_owned(), next: 8, max: i64::MAX }],
        relations: ["grades".to_owned(), "by_mark".to_owned()].into(),
        steps,
    }
}

fn replaced_virtual_table(set: bool) -> ReplacedVirtualTable {
    ReplacedVirtualTable {
        name: "search".to_owned(),
        module: "fts5".to_owned(),
        replacement: "a view of notes".to_owned(),
        query: set.then(|| "search.outgrow_fts @@ …".to_owned()),
        notes: vec!["accents count".to_owned()],
        triggers: vec!["notes_ai".to_owned()],
        original: "CREATE VIRTUAL TABLE …".to_owned(),
    }
}

fn geometry_decision(format: GeometryFormat, set: bool) -> GeometryDecision {
    GeometryDecision {
        table: "roads".to_owned(),
        column: "geom".to_owned(),
        target: "geom".to_owned(),
        bytes: set,
        format,
        kind: "POINT".to_owned(),
        srid: 4326,
        index: set.then(|| "rtree_roads_geom".to_owned()),
        triggers: vec!["rtree_roads_geom_insert".to_owned()],
    }
}

pub(super) fn plan_report() -> PlanReport {
    PlanReport {
        existing: None,
        framework: Some(FrameworkReport { id: "laravel".to_owned(), name: "Laravel".to_owned(), named: false, types: true }),
        columns: vec![ColumnDecision {
            table: "grades".to_owned(),
            column: "mark".to_owned(),
            declared: "REAL".to_owned(),
            conversion: Conversion::RealToDouble,
            rule: "real".to_owned(),
            because: "5 reals, 0 exceptions".to_owned(),
            counter_examples: vec![CounterExample { what: "2 texts".to_owned(), evidence: evidence(2) }],
            inexact: fates().into_iter().map(|fate| Inexact { fate, evidence: evidence(1) }).collect(),
            collation: Some("NOCASE".to_owned()),
            nulls_against_declaration: 1,
            unreadable_json: Evidence::default(),
        }],
        renames: vec![Rename { what: "table".to_owned(), source: "Grades".to_owned(), target: "grades".to_owned(), chosen: true }],
        untranslated: vec![Untranslated {
            kind: "view".to_owned(),
            name: "v".to_owned(),
            construct: "julianday()".to_owned(),
            reason: "PostgreSQL has nothing like it".to_owned(),
            original: "CREATE VIEW v AS …".to_owned(),
        }],
        foreign_keys: vec![ForeignKeyProblem { place: "a.b → c.d".to_owned(), reason: "no unique key".to_owned() }],
        null_keys: vec![NullKey { table: "tags".to_owned(), rows: 2 }],
        virtual_tables: vec![SkippedVirtualTable {
            name: "search".to_owned(),
            module: "fts5".to_owned(),
            shadow_tables: vec!["search_data".to_owned()],
            reason: "it keeps no text".to_owned(),
            triggers: vec!["notes_ai".to_owned()],
            original: "CREATE VIRTUAL TABLE …".to_owned(),
        }],
        replaced_virtual_tables: [true, false].map(replaced_virtual_table).into(),
        geometry_columns: geometry_formats()
            .into_iter()
            .flat_map(|format| [true, false].map(|set| geometry_decision(format, set)))
            .collect(),
        conflict_clauses: vec![ConflictClause { table: "tags".to_owned(), clause: "UNIQUE (u) ON CONFLICT REPLACE".to_owned() }],
        value_maps: vec![MappedColumn {
            table: "grades".to_owned(),
            column: "state".to_owned(),
            mapped: BTreeMap::from([("new".to_owned(), 3)]),
            unmapped: evidence(1),
            reversible: true,
        }],
        left_out: vec![LeftOut { what: "table log".to_owned(), count: 3, reason: "old".to_owned() }],
        long_keys: vec![LongKey {
            table: "tags".to_owned(),
            index: "index by_url".to_owned(),
            unique: true,
            bytes: 5400,
            instead: "no index".to_owned(),
        }],
        wide_rows: vec![WideRow { table: "tags".to_owned(), columns: 1700, bytes: 20_000 }],
        single_row_triggers: vec![SingleRowTrigger {
            trigger: "one_default".to_owned(),
            table: "tags".to_owned(),
            construct: "AFTER trigger that reads its own table".to_owned(),
            reason: "PostgreSQL runs it later".to_owned(),
        }],
        computed_columns: vec![ComputedColumn { table: "tags".to_owned(), column: "year".to_owned() }],
    }
}

pub(super) fn runs() -> Vec<Run> {
    let run = |set: bool| {
        let text = |text: &str| set.then(|| text.to_owned());
        Run {
            id: 1,
            verb: "migrate".to_owned(),
            version: "0.1.0".to_owned(),
            source: "app.db".to_owned(),
            target: "ada@db:5432/app".to_owned(),
            plan: text("abcd"),
            started_at: "2026-11-21T08:49:07.123Z".to_owned(),
            ended_at: text("2026-11-21T08:50:07Z"),
            exit_code: set.then_some(3),
            ending: text("blocked"),
            events: vec![Event {
                at: "2026-11-21T08:49:08Z".to_owned(),
                step: "copy:grades".to_owned(),
                kind: "already-done".to_owned(),
                seconds: set.then_some(0.5),
                detail: json!({ "rows": 5 }),
            }],
        }
    };
    vec![run(true), run(false)]
}

pub(super) fn check_report() -> CheckReport {
    let states = [CheckState::Ok, CheckState::Unknown, CheckState::Warning, CheckState::Failed];
    let item = |state| CheckItem { id: "encoding", state, meaning: "UTF8 holds every text".to_owned() };
    CheckReport {
        target: "ada@db:5432/app".to_owned(),
        schema: "public".to_owned(),
        items: states.map(item).to_vec(),
        notes: vec!["PGSSLMODE is `require`".to_owned()],
    }
}

/// An audit of the schema, with a line of every standing.
pub(crate) fn audit() -> SchemaAudit {
    let standings = [Standing::Missing, Standing::Changed, Standing::NotCompared, Standing::Refused, Standing::Warning, Standing::Note];
    let lines = standings.map(|standing| AuditLine {
        kind: AuditKind::Index,
        name: "grades_student_id_index".to_owned(),
        standing,
        expected: (standing == Standing::Missing).then(|| "CREATE INDEX".to_owned()),
        found: None,
    });
    let kinds = [
        AuditKind::Table,
        AuditKind::Column,
        AuditKind::PrimaryKey,
        AuditKind::Unique,
        AuditKind::Index,
        AuditKind::Check,
        AuditKind::ForeignKey,
        AuditKind::View,
        AuditKind::Rule,
        AuditKind::Trigger,
        AuditKind::Function,
        AuditKind::Sequence,
        AuditKind::NextValue,
        AuditKind::Statistics,
        AuditKind::Migrations,
        AuditKind::Step,
    ];
    SchemaAudit {
        verdict: Verdict::Mismatch,
        plan: "ab".repeat(32),
        schema: "public".to_owned(),
        own: true,
        kinds: kinds.map(|kind| (kind, AuditCounts { looked_at: 2, as_expected: 2, ..AuditCounts::default() })).into(),
        lines: lines.into(),
        seconds: 0.2,
    }
}
