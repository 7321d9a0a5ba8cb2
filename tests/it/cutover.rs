//! The move of a running application, and its way back: nothing lost, files as they were, and up on one side.

mod failures;
mod observer;
mod runbooks;
mod scene;

use std::time::Duration;

use scene::Scene;

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
    scene.nothing_is_lost();

    let third = scene.cutover(&[]).expect(0);
    assert!(third.out.contains("done"), "{}", third.out);
    assert_eq!(scene.side(), "pgsql");
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
    let scene = Scene::new("cutover_smoke", "[[smoke]]\nname = \"is not there\"\nrun = [\"sh\", \"-c\", \"test \\\"$PGDATABASE\\\" = '' \"]\n");
    let before = scene.environment_file();
    scene.rehearsed();
    let failed = scene.cutover(&[]).expect(3);
    assert!(failed.out.contains("failed at smoke and taken back"), "{}", failed.out);
    assert_eq!((scene.side(), scene.environment_file()), ("sqlite".to_owned(), before));
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
