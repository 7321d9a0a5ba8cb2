//! The JSON documents are a contract: what the program prints fits its schema, and the schemas let nothing else pass.

mod change_set;
mod completion;
mod courses;
mod documents;
mod existing;
mod readiness;

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::{Registry, Validator};
use outgrow::error::ErrorKind;
use outgrow::plan::{Phase, PlanReport};
use outgrow::report::DOCUMENT_FORMAT;
use outgrow::value::{Conversion, Fate, Fraction, TextShape};
use serde_json::{Value, json};

use documents::{catalog, check_report, conversions, fates, fractions, plan, plan_report, profile, runs, shapes};

use crate::page::{bare, clean, full};

const SHARED: &str = "definitions";
/// Objects whose keys are names of the user's, not fields of ours.
const MAPS: &[&str] = &[
    "normalised",
    "quarantined",
    "sequences",
    "transitive_tables",
    "unreadable",
    "ill_formed_utf16",
    "tables",
    "columns",
    "pairs",
    "applied",
    "kinds",
    "replaced",
    "mapped",
];

/// Fails unless the document fits the schema of this verb (or of `error`).
pub(crate) fn assert_valid(verb: &str, document: &Value) {
    let schema = schema_of(verb);
    let complaints: Vec<String> = schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(complaints.is_empty(), "the document of {verb} doesn't fit docs/schema/{verb}.json:\n{}", complaints.join("\n"));
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schema")
}

fn read(name: &str) -> Value {
    serde_json::from_slice(&fs::read(folder().join(name).with_extension("json")).unwrap()).unwrap()
}

/// A validator of this schema, with the shared definitions beside it as they lie in the folder.
fn validator(schema: &Value) -> Validator {
    // The report of a cutover holds that of its move.
    let beside = [SHARED, "migrate"]
        .into_iter()
        .fold(Registry::new(), |registry, name| registry.add(format!("file:///schema/{name}.json"), read(name)).unwrap());
    let registry = beside.prepare().unwrap();
    jsonschema::options().with_base_uri("file:///schema/document.json").with_registry(&registry).build(schema).unwrap()
}

fn schema_of(verb: &str) -> Validator {
    validator(&read(verb))
}

fn definition(name: &str) -> Validator {
    validator(&json!({ "$schema": "https://json-schema.org/draft/2020-12/schema", "$ref": format!("{SHARED}.json#/$defs/{name}") }))
}

/// Documents as each verb prints them, with everything that may be absent both there and not.
/// The document as the program prints it.
fn formatted(mut document: Value) -> Value {
    document["format"] = json!(DOCUMENT_FORMAT);
    document
}

fn samples() -> Vec<(&'static str, Value)> {
    let moved = |verb: &str, mut report: outgrow::report::MoveReport| {
        verb.clone_into(&mut report.verb);
        formatted(serde_json::to_value(report).unwrap())
    };
    let inspection = |framework: Option<&str>| {
        json!({
            "format": DOCUMENT_FORMAT, "source": "app.db", "access": "read in place", "framework": framework,
            "catalog": catalog(), "profile": profile(),
        })
    };
    let more = [("notify", crate::notify::samples()), ("sign-off", crate::sign_off::samples()), ("roles", crate::roles::samples())];
    let of_rooms = more.into_iter().flat_map(|(verb, samples)| samples.into_iter().map(move |sample| (verb, sample)));
    let mut all = vec![
        ("rehearse", moved("rehearse", full())),
        ("rehearse", moved("rehearse", clean())),
        ("rehearse", moved("rehearse", bare())),
        ("migrate", moved("migrate", full())),
        ("migrate", moved("migrate", bare())),
        ("inspect", inspection(Some("Laravel"))),
        ("inspect", inspection(None)),
        ("plan", json!({ "format": DOCUMENT_FORMAT, "plan": plan(), "report": plan_report(), "findings": full().findings })),
        ("plan", json!({ "format": DOCUMENT_FORMAT, "plan": existing::plan(), "report": existing::report(), "findings": [] })),
        ("plan", json!({ "format": DOCUMENT_FORMAT, "plan": plan(), "report": PlanReport::default(), "findings": [] })),
        ("verify", formatted(serde_json::to_value(full().verification.unwrap()).unwrap())),
        ("verify-schema", formatted(serde_json::to_value(documents::audit()).unwrap())),
        ("migrations", formatted(serde_json::to_value(full().migrations.unwrap()).unwrap())),
        ("migrations", formatted(serde_json::to_value(clean().migrations.unwrap()).unwrap())),
        ("check", formatted(serde_json::to_value(check_report()).unwrap())),
        ("gate", readiness::gates(Some("app@db.example:5432/school"), Some("8d1e0c52aa41"))),
        ("gate", readiness::gates(None, None)),
        (
            "status",
            json!({ "format": DOCUMENT_FORMAT, "work-directory": ".outgrow", "unfinished": true, "application": null, "runs": runs() }),
        ),
        ("changes", serde_json::to_value(change_set::change_set(true)).unwrap()),
        ("changes", serde_json::to_value(change_set::change_set(false)).unwrap()),
        ("init", json!({ "format": DOCUMENT_FORMAT, "file": "outgrow.toml", "tables": 158, "to-decide": 3 })),
        ("explain", json!({ "format": DOCUMENT_FORMAT, "id": "orphan-rows", "title": "rows whose parent is missing", "text": "…" })),
        (
            "error",
            json!({ "format": DOCUMENT_FORMAT, "error": "failed to open app.db: it is empty", "kind": "source-empty", "exit-code": 6, "hints": ["…"] }),
        ),
    ];
    all.extend(crate::backup::samples().into_iter().map(|(verb, document)| (verb, formatted(document))));
    all.extend(of_rooms);
    all.extend(courses::samples());
    all.extend(completion::samples().into_iter().map(|report| ("completion", formatted(report))));
    all
}

#[test]
fn every_schema_is_one() {
    let mut looked_at = 0;
    for entry in fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        let schema = read(name);
        assert!(jsonschema::draft202012::meta::is_valid(&schema), "{name}");
        assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema", "{name}");
        assert!(name == SHARED || samples().iter().any(|(verb, _)| *verb == name), "no document was tried against {name}");
        looked_at += 1;
    }
    assert_eq!(looked_at, 25);
}

#[test]
fn documents_fit_their_schemas() {
    for (verb, document) in samples() {
        assert_valid(verb, &document);
    }
}

#[test]
fn every_variant_is_known() {
    let fits = |name: &str, values: Vec<Value>| {
        let schema = definition(name);
        assert!(!values.is_empty());
        for value in values {
            assert!(schema.is_valid(&value), "{name}: {value}");
        }
        for stranger in [json!("something-else"), json!({ "something": "else" }), json!(null), json!(7)] {
            assert!(!schema.is_valid(&stranger), "{name}: {stranger}");
        }
    };
    let of = |values: Vec<_>| values.into_iter().map(|value| serde_json::to_value(value).unwrap()).collect();
    fits("conversion", of(conversions().into_iter().map(Variant::Conversion).collect()));
    fits("text-shape", of(shapes().into_iter().map(Variant::Shape).collect()));
    fits("fraction", of(fractions().into_iter().map(Variant::Fraction).collect()));
    fits("fate", of(fates().into_iter().map(Variant::Fate).collect()));
    fits("phase", of(Phase::ALL.into_iter().map(Variant::Phase).collect()));
}

#[derive(serde::Serialize)]
#[serde(untagged)]
enum Variant {
    Conversion(Conversion),
    Shape(TextShape),
    Fraction(Fraction),
    Fate(Fate),
    Phase(Phase),
}

#[test]
fn every_kind_of_error_is_known() {
    let kinds = [
        ErrorKind::Bug,
        ErrorKind::Usage,
        ErrorKind::Policy,
        ErrorKind::SourceMissing,
        ErrorKind::SourceEmpty,
        ErrorKind::SourceNotSqlite,
        ErrorKind::SourceEncrypted,
        ErrorKind::SourceCorrupt,
        ErrorKind::SourceBusy,
        ErrorKind::SourceChanged,
        ErrorKind::TargetUnreachable,
        ErrorKind::TargetAuth,
        ErrorKind::TargetTls,
        ErrorKind::TargetRights,
        ErrorKind::TargetUnfit,
        ErrorKind::TargetLost,
        ErrorKind::TargetBusy,
        ErrorKind::TargetFull,
        ErrorKind::TargetRefused,
        ErrorKind::NoServer,
        ErrorKind::WorkDirectory,
        ErrorKind::BackupPlace,
        ErrorKind::BackupDamaged,
        ErrorKind::Interrupted,
        ErrorKind::Locked,
        ErrorKind::Unforeseen,
    ];
    let listed = read("error")["properties"]["kind"]["enum"].as_array().unwrap().len();
    assert_eq!(listed, kinds.len());
    for kind in kinds {
        let code = kind.policy().exit_code.number();
        assert_valid("error", &json!({ "format": 1, "error": "failed to go on", "kind": kind, "exit-code": code, "hints": [] }));
    }
}

#[test]
fn a_missing_or_an_unknown_field_is_refused() {
    for (verb, document) in samples() {
        let schema = schema_of(verb);
        let mut objects = Vec::new();
        collect(&document, String::new(), &mut objects);
        assert!(!objects.is_empty(), "{verb}: nothing was looked at");
        for pointer in objects {
            let mut more = document.clone();
            more.pointer_mut(&pointer).and_then(Value::as_object_mut).unwrap().insert("stranger".to_owned(), json!(1));
            assert!(!schema.is_valid(&more), "{verb}: an unknown field at {pointer} passes");
            let fields: Vec<String> = document.pointer(&pointer).and_then(Value::as_object).unwrap().keys().cloned().collect();
            for field in fields {
                let mut less = document.clone();
                less.pointer_mut(&pointer).and_then(Value::as_object_mut).unwrap().remove(&field);
                assert!(!schema.is_valid(&less), "{verb}: {pointer} passes without {field}");
            }
        }
    }
}

/// The places of all objects that have fields of ours; one of each list is enough.
fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            let name = at.rsplit('/').next().unwrap_or_default();
            if !MAPS.contains(&name) {
                found.push(at.clone());
            }
            for (field, under) in fields.iter().filter(|(field, _)| *field != "detail") {
                collect(under, format!("{at}/{}", field.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(list) => {
            if let Some(first) = list.first() {
                collect(first, format!("{at}/0"), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[test]
fn another_format_is_refused() {
    for (verb, mut document) in samples() {
        document["format"] = json!(DOCUMENT_FORMAT + 1);
        assert!(!schema_of(verb).is_valid(&document), "{verb}");
    }
}
