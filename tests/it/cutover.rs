//! The move of a running application, and its way back: nothing lost, files as they were, and up on one side.

mod failures;
mod observer;
mod runbooks;
mod scene;

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use scene::Scene;
use serde_json::json;

use crate::schema::assert_valid;

/// The steps that a cutover of the scene takes.
const STEPS: [&str; 9] = ["notice-start", "stop:1", "freeze", "backup", "migrate", "mark", "switch", "start:1", "smoke"];

#[test]
fn an_application_is_moved_and_taken_back_and_moved_again() {
    let scene = Scene::new("cutover_and_back", "");
    let before = scene.environment_file();
    scene.rehearsed();

    let moved = scene.cutover(&[]).expect(0);
    assert!(moved.out.contains("done: the application is on PostgreSQL"), "{}", moved.out);
    for step in STEPS {
        assert!(moved.out.contains(step), "{step}\n{}", moved.out);
    }
    assert_eq!(scene.side(), "pgsql");
    assert!(moved.out.contains("completion.html"), "{}", moved.out);
    told_of_the_move(&scene);
    scene.nothing_is_lost();
    assert!(scene.environment_file().contains("DB_CONNECTION=pgsql"), "{}", scene.environment_file());
    // Whoever has not heard of the move is refused, and not lost.
    let stray = rusqlite::Connection::open(scene.source()).unwrap().execute("insert into notes(body) values('stray')", []);
    assert!(stray.unwrap_err().to_string().contains("outgrow"), "the source takes writes");
    // A second run finds the application where it is.
    let again = scene.cutover(&[]).expect(2);
    assert!(again.err.contains("on PostgreSQL already"), "{}", again.err);

    scene.write("on the target");
    std::thread::sleep(Duration::from_millis(300));
    let back = scene.rollback(&["--reason", "a test of the way back"]).expect(0);
    assert!(back.out.contains("written to PostgreSQL since the cutover"), "{}", back.out);
    assert!(back.out.contains("dropped:"), "{}", back.out);
    assert_eq!(scene.side(), "sqlite");
    assert_eq!(scene.environment_file(), before);
    assert!(back.out.contains("incident-"), "{}", back.out);
    told_of_the_way_back(&scene);
    scene.nothing_is_lost();

    let third = scene.cutover(&[]).expect(0);
    assert!(third.out.contains("done"), "{}", third.out);
    assert_eq!(scene.side(), "pgsql");
}

/// The report of the cutover has everything that its steps have left.
fn told_of_the_move(scene: &Scene) {
    for extension in ["json", "md", "html"] {
        let mode = std::fs::metadata(scene.work(&format!("completion.{extension}"))).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{extension}");
    }
    assert!(!scene.work("completion.partial").exists());
    let report = scene.report(&["--completion", "--json"]).expect(0).document();
    assert_valid("completion", &report);
    assert_eq!((&report["verdict"], &report["side"], &report["tone"]), (&json!("Moved"), &json!("target"), &json!("good")));
    assert!(report["moved"]["source"]["rows"].as_u64().unwrap() >= 1000, "{}", report["moved"]["source"]);
    let steps: Vec<&str> = report["courses"][0]["steps"].as_array().unwrap().iter().filter_map(|step| step["id"].as_str()).collect();
    assert!(STEPS.iter().all(|step| steps.contains(step)), "{steps:?}");
    let length = |field: &str| report[field].as_array().unwrap().len();
    assert_eq!((length("hooks"), length("smoke"), length("changes"), length("backups"), length("restarts")), (2, 1, 1, 1, 0));
    assert_eq!((&report["backups"][0]["test"], &report["smoke"][0]["passed"]), (&json!("match"), &json!(true)));
    assert!(length("gates") > 10, "{}", report["gates"]);
    let shown = scene.report(&["--completion", "--markdown"]).expect(0);
    assert!(shown.out.contains("# Cutover of app.db to PostgreSQL"), "{}", shown.out);
    assert!(scene.report(&["--completion", "--html"]).expect(0).out.contains("<!doctype html>"));
    let none = scene.report(&["--incident"]).expect(2);
    assert!(none.err.contains("holds none of a rollback"), "{}", none.err);
}

/// The report of the way back says what is not in SQLite, and that of the cutover that it was taken back.
fn told_of_the_way_back(scene: &Scene) {
    let incident = scene.report(&["--incident", "--json"]).expect(0).document();
    assert_valid("completion", &incident);
    assert_eq!(
        (&incident["kind"], &incident["verdict"], &incident["side"]),
        (&json!("incident"), &json!("Back on SQLite"), &json!("source"))
    );
    let back = &incident["way-back"];
    assert_eq!((&back["cause"], &back["by"], &back["exported"]), (&json!("a test of the way back"), &json!("Ada"), &json!(true)));
    assert_eq!((&back["written"][0]["table"], &back["written"][0]["exact"]), (&json!("notes"), &json!(true)));
    assert!(back["written"][0]["inserted"].as_u64().unwrap() > 0, "{back}");
    assert!(Path::new(back["directory"].as_str().unwrap()).join(back["apply"].as_str().unwrap()).exists(), "{back}");
    assert_eq!(back["reverted"][0]["how"], json!("exactly"));
    let completion = scene.report(&["--completion", "--json"]).expect(0).document();
    assert_eq!((&completion["verdict"], &completion["side"]), (&json!("Moved, and taken back"), &json!("source")));
    assert_eq!(completion["moved"], incident["moved"]);
}

#[test]
fn a_dry_run_shows_the_steps_that_are_taken() {
    let scene = Scene::new("cutover_dry", "");
    let before = scene.environment_file();
    let dry = scene.cutover(&["--dry-run"]).expect(0);
    let shown: Vec<&str> = dry.out.lines().filter_map(|line| line.strip_prefix("  ")?.split_whitespace().next()).collect();
    for step in STEPS {
        assert!(shown.contains(&step), "{step}\n{}", dry.out);
    }
    assert!(dry.out.contains("DB_CONNECTION"), "{}", dry.out);
    assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before));
}

#[test]
fn gates_keep_a_cutover_from_beginning() {
    let scene = Scene::new("cutover_gates", "");
    let kept = scene.cutover(&[]).expect(3);
    assert!(kept.out.contains("rehearsal-stale") && kept.out.contains("backup-missing"), "{}", kept.out);
    assert!(kept.out.contains("not begun: nothing was changed"), "{}", kept.out);
    assert_eq!(scene.side(), "sqlite");
}

#[test]
fn a_smoke_test_that_fails_takes_the_cutover_back() {
    let scene =
        Scene::new("cutover_smoke", "[[smoke]]\nname = \"is not there\"\nrun = [\"sh\", \"-c\", \"test \\\"$PGDATABASE\\\" = '' \"]\n");
    let before = scene.environment_file();
    scene.rehearsed();
    let failed = scene.cutover(&[]).expect(3);
    assert!(failed.out.contains("failed at smoke and taken back"), "{}", failed.out);
    assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before));
    assert!(failed.out.contains("completion.html") && failed.out.contains("incident-"), "{}", failed.out);
    for which in ["--completion", "--incident"] {
        let report = scene.report(&[which, "--json"]).expect(0).document();
        assert_valid("completion", &report);
        assert_eq!(report["smoke"].as_array().unwrap().iter().filter(|test| test["passed"] == json!(false)).count(), 1, "{report}");
        assert_eq!((&report["way-back"]["by"], &report["side"]), (&json!(null), &json!("source")));
    }
    scene.nothing_is_lost();
    scene.write("as before");
}

#[test]
fn a_stop_that_fails_touches_nothing() {
    let scene = Scene::new("cutover_stop", "[[hook]]\nat = \"stop\"\nrun = [\"false\"]\n");
    let before = scene.environment_file();
    scene.rehearsed();
    let failed = scene.cutover(&[]).expect(3);
    assert!(failed.out.contains("failed at stop:2 and taken back"), "{}", failed.out);
    assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before));
    scene.write("as before");
    scene.nothing_is_lost();
}

#[test]
fn it_resumes_from_every_point_of_a_cutover_and_of_a_rollback() {
    let scene = Scene::new("cutover_killed", "[rollback]\ntarget = \"rename\"\n");
    let before = scene.environment_file();
    scene.rehearsed();
    for point in ["runbook.intended", "runbook.acted", "runbook.recorded"] {
        let deaths = scene.killed_at_each_pass(point, Scene::cutover_to);
        assert!(deaths >= STEPS.len(), "{point}: {deaths} deaths");
        assert_eq!(scene.side(), "pgsql", "{point}");
        scene.nothing_is_lost();
        scene.write("on the target");
        let deaths = scene.killed_at_each_pass(point, Scene::rollback_to);
        assert!(deaths >= 6, "{point}: {deaths} deaths");
        assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before.clone()), "{point}");
        scene.nothing_is_lost();
    }
}

#[test]
fn a_way_back_that_stands_still_goes_on_with_the_same_command() {
    let scene = Scene::new("cutover_stuck", "[[smoke]]\nname = \"mended\"\nrun = [\"test\", \"-e\", \"mended\"]\n");
    let before = scene.environment_file();
    scene.rehearsed();
    for _ in 0..2 {
        let stuck = scene.cutover(&[]).expect(8);
        assert!(stuck.err.contains("the way back goes on") && stuck.err.contains("mended"), "{}", stuck.err);
        // The application is up all the same, on the side that it came from.
        assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before.clone()));
    }
    scene.mend();
    let back = scene.cutover(&[]).expect(3);
    assert!(back.out.contains("taken back: the application is on SQLite again"), "{}", back.out);
    scene.nothing_is_lost();
}

#[test]
fn a_target_that_can_not_be_cleared_stays_frozen() {
    let scene = Scene::new("cutover_kept", "");
    scene.rehearsed();
    scene.cutover(&[]).expect(0);
    scene.on_target("create view of_somebody_else as select * from notes").unwrap();
    let back = scene.rollback(&[]).expect(0);
    assert!(back.out.contains("! target") && back.out.contains("of_somebody_else"), "{}", back.out);
    assert_eq!(scene.side(), "sqlite");
    let late = scene.on_target("insert into notes(body) values('late')").unwrap_err();
    assert!(late.contains("outgrow has frozen this database"), "{late}");
}
