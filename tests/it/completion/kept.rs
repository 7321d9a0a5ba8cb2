//! The files in the work directory.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use outgrow::plan::Side;
use outgrow::report::{keep_completion, keep_incident, last_completion, last_incident, write_json};

use super::{cutover, policy, record, report_of_move, rollback};

fn names(directory: &std::path::Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

#[test]
fn a_rollback_writes_its_own_and_that_of_the_cutover_anew() {
    let work = tempfile::tempdir().unwrap();
    let directory = work.path();
    assert_eq!(keep_completion(directory, &policy()).unwrap(), None);
    assert_eq!(last_completion(directory).unwrap(), None);
    assert!(names(directory).is_empty());

    let keep_record = |side: Side, courses| {
        record(side, courses).keep(directory).unwrap();
    };
    keep_record(Side::Target, vec![cutover()]);
    let file = fs::File::create(directory.join("report.json")).unwrap();
    write_json(&report_of_move().report, file).unwrap();
    let page = keep_completion(directory, &policy()).unwrap().unwrap();
    assert!(fs::read_to_string(page).unwrap().contains("Moved"));
    assert_eq!(keep_incident(directory, &policy()).unwrap(), None);
    let first = last_completion(directory).unwrap().unwrap();
    assert!(first.moved.is_some());

    // A rehearsal since has replaced the report of the move.
    fs::write(directory.join("report.json"), serde_json::to_vec(&crate::page::full()).unwrap()).unwrap();
    keep_record(Side::Source, vec![cutover(), rollback()]);
    keep_completion(directory, &policy()).unwrap().unwrap();
    keep_incident(directory, &policy()).unwrap().unwrap();
    let (again, incident) = (last_completion(directory).unwrap().unwrap(), last_incident(directory).unwrap().unwrap());
    assert_eq!((again.verdict.as_str(), &again.moved), ("Moved, and taken back", &first.moved));
    assert_eq!((incident.course.as_str(), &incident.moved), ("20261121T094900Z", &first.moved));
    let written = ["completion.html", "completion.json", "completion.md"].map(ToOwned::to_owned).to_vec();
    let incidents = written.iter().map(|name| name.replace("completion", "incident-20261121T094900Z"));
    let expected: Vec<String> = written.iter().cloned().chain(incidents).collect();
    let there: Vec<String> = names(directory).into_iter().filter(|name| name != "report.json" && name != "runbook.json").collect();
    assert_eq!(there, expected);
    for name in there {
        assert_eq!(fs::metadata(directory.join(&name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn a_report_that_can_not_be_written_leaves_the_last_one() {
    let work = tempfile::tempdir().unwrap();
    let directory = work.path();
    record(Side::Target, vec![cutover()]).keep(directory).unwrap();
    keep_completion(directory, &policy()).unwrap().unwrap();
    let before = fs::read(directory.join("completion.json")).unwrap();
    // What stands in the way of its draft.
    fs::create_dir(directory.join("completion.partial")).unwrap();
    let refused = keep_completion(directory, &policy()).unwrap_err();
    assert!(refused.to_string().contains("completion"), "{refused}");
    assert_eq!(fs::read(directory.join("completion.json")).unwrap(), before);
}
