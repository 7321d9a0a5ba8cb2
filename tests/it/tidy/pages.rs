//! Every verb, rule, check, gate and preset has its page and its golden case; the pages agree with the program.
//!
//! The pages of rules, checks, gates and presets are what `outgrow explain` says: `cargo x docs` writes them.

use std::borrow::Cow;
use std::fmt::Write as _;

use outgrow::error::ExitCode;
use outgrow::gate::{GATES, READINESS};
use outgrow::mapping::RULES;
use outgrow::preset::PRESETS;
use outgrow::verify::CHECKS;

use super::{exists, files, read, report, root};

/// A room whose things are one file and one line in a list each.
struct Shelf {
    /// Where their files are.
    folder: &'static str,
    /// How their golden cases begin; none where their evidence is more than a database, and tests in the room hold their cases.
    golden: Option<&'static str>,
    /// The folder of their pages.
    pages: &'static str,
    /// What is said above the list of them.
    title: &'static str,
    /// Each one's id, title and explanation, in the order of the program's list.
    things: Vec<(&'static str, &'static str, Cow<'static, str>)>,
    /// Whether each has a case in which it has nothing to say, `…-passes`.
    has_passing: bool,
}

fn shelves() -> [Shelf; 5] {
    [
        Shelf {
            folder: "src/mapping/rules",
            golden: Some("mapping"),
            pages: "mapping",
            title: "Mapping rules choose each column's type and conversion. They are asked in this order; the first that fits decides.",
            things: RULES.iter().map(|rule| (rule.id, "a mapping rule", rule.explain.into())).collect(),
            has_passing: false,
        },
        Shelf {
            folder: "src/gate/gates",
            golden: Some("gate"),
            pages: "gates",
            title: "Gates look at a plan before it is carried out. What they find stops the move, has to be decided, or is only told.",
            things: GATES.iter().map(|gate| (gate.id, gate.title, gate.explain.into())).collect(),
            has_passing: true,
        },
        Shelf {
            folder: "src/gate/readiness",
            golden: None,
            pages: "readiness",
            title: "Readiness gates look at everything around the plan before a cutover. What is not right, or could not be found out, keeps it \
                    from beginning. `outgrow gate` lists them with their evidence.",
            things: READINESS.iter().map(|gate| (gate.id, gate.title, gate.explain.into())).collect(),
            has_passing: false,
        },
        Shelf {
            folder: "src/verify",
            golden: Some("verify"),
            pages: "checks",
            title: "Checks of the verification, besides that of every cell.",
            things: CHECKS.iter().map(|check| (check.name, "a check of the verification", check.explain.into())).collect(),
            has_passing: false,
        },
        Shelf {
            folder: "src/preset",
            golden: Some("preset"),
            pages: "presets",
            title: "Frameworks that are recognised by what their migrations leave behind. The first that fits is named.",
            things: PRESETS.iter().map(|preset| (preset.id, preset.name, preset.described().into())).collect(),
            has_passing: true,
        },
    ]
}

const VERBS: &[&str] = &[
    "rehearse",
    "inspect",
    "plan",
    "migrate",
    "migrations",
    "verify",
    "gate",
    "replicate",
    "cutover",
    "rollback",
    "check",
    "backup",
    "restore",
    "watch",
    "status",
    "report",
    "notify",
    "sign-off",
    "roles",
    "teardown",
    "explain",
    "init",
    "completions",
    "man",
    "demo",
];

fn file(shelf: &Shelf, id: &str) -> String {
    format!("{}/{}.rs", shelf.folder, id.replace('-', "_"))
}

/// What a page says.
fn page(shelf: &Shelf, (id, title, explain): &(&str, &str, Cow<'_, str>)) -> String {
    let mut text = format!("# {id}\n\n**{title}**\n\n{explain}\n");
    let Some(golden) = shelf.golden else {
        write!(text, "\nThe words are those of `{}`: mend them there, and run `cargo x docs`.\n", file(shelf, id)).unwrap();
        return text;
    };
    text.push_str("\n## Seen in\n");
    let mut case = |name: &str, what: &str| {
        let folder = format!("../../../tests/golden/{name}");
        write!(text, "\n- {what}: [the database]({folder}/source.sql), [what comes of it]({folder}/expected.txt)").unwrap();
    };
    case(&format!("{golden}-{id}"), "a case that shows it");
    if shelf.has_passing {
        case(&format!("{golden}-{id}-passes"), "one in which it has nothing to say");
    }
    write!(text, "\n\nThe words are those of `{}`: mend them there, and run `cargo x docs`.\n", file(shelf, id)).unwrap();
    text
}

fn list(shelf: &Shelf) -> String {
    let mut text = format!("# {}\n\n{}\n\n", shelf.pages, shelf.title);
    for (id, title, _) in &shelf.things {
        writeln!(text, "- [`{id}`]({id}.md): {title}").unwrap();
    }
    text
}

#[test]
fn each_rule_check_gate_and_preset_has_its_page_and_its_golden_case() {
    let update = crate::fixture::environment("OUTGROW_UPDATE").is_some();
    let (mut looked_at, mut complaints) = (0, Vec::new());
    for shelf in shelves() {
        let folder = format!("docs/reference/{}", shelf.pages);
        let mut pages = vec![(format!("{folder}/README.md"), list(&shelf))];
        for thing in &shelf.things {
            let id = thing.0;
            pages.push((format!("{folder}/{id}.md"), page(&shelf, thing)));
            let case = shelf.golden.map(|golden| format!("tests/golden/{golden}-{id}"));
            let passing = case.as_ref().filter(|_| shelf.has_passing).map(|case| format!("{case}-passes/source.sql"));
            let shown = case.map(|case| format!("{case}/source.sql"));
            for wanted in [file(&shelf, id)].into_iter().chain(shown).chain(passing) {
                if !exists(&wanted) {
                    complaints.push(format!("`{id}` has no {wanted}"));
                }
            }
        }
        for (path, text) in &pages {
            looked_at += 1;
            if update {
                std::fs::create_dir_all(root().join(&folder)).unwrap();
                std::fs::write(root().join(path), text).unwrap();
            }
            if !exists(path) || read(path) != *text {
                complaints.push(format!("{path} is not what the program says: run `cargo x docs`"));
            }
        }
        let known = |path: &str| pages.iter().any(|(page, _)| page == path);
        for stray in files(&[&folder], &[".md"]).into_iter().filter(|file| !known(&file.path)) {
            complaints.push(format!("{}: nothing of that name is in {}", stray.path, shelf.folder));
        }
    }
    report(looked_at, &complaints);
}

#[test]
fn each_file_of_a_shelf_is_in_its_list() {
    let (mut looked_at, mut complaints) = (0, Vec::new());
    // The room of verification and that of presets hold other files too; theirs are found by what they declare.
    for (shelf, mark) in shelves().iter().zip(["RULE: MappingRule", "GATE: Gate", "GATE: ReadinessGate", "CHECK: Check", "PRESET: Preset"])
    {
        for file in files(&[shelf.folder], &[".rs"]).iter().filter(|file| file.text.contains(&format!("const {mark}"))) {
            looked_at += 1;
            let id = file.path.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs").replace('_', "-");
            if !shelf.things.iter().any(|(known, _, _)| *known == id) {
                complaints.push(format!("{}: no list names `{id}`", file.path));
            }
        }
    }
    report(looked_at, &complaints);
}

#[test]
fn each_verb_has_its_page() {
    let verbs: Vec<&str> = VERBS.iter().copied().filter(|verb| exists(&format!("src/cli/{}.rs", verb.replace('-', "_")))).collect();
    let complaints: Vec<String> = verbs
        .iter()
        .filter(|verb| !exists(&format!("docs/reference/{verb}.md")))
        .map(|verb| format!("src/cli has `{verb}`, but there is no docs/reference/{verb}.md"))
        .collect();
    report(verbs.len(), &complaints);
}

#[test]
fn each_page_is_reached_from_the_index() {
    let pages = files(&["docs"], &[".md"]);
    let index = read("docs/README.md");
    // The pages of one shelf stand in a folder; the index names the folder.
    let complaints: Vec<String> = pages
        .iter()
        .filter_map(|page| page.path.strip_prefix("docs/"))
        .filter(|path| *path != "README.md" && !index.contains(&format!("({path})")))
        .filter(|path| {
            !shelves().iter().any(|shelf| {
                path.starts_with(&format!("reference/{}/", shelf.pages)) && index.contains(&format!("(reference/{}/", shelf.pages))
            })
        })
        .map(|path| format!("docs/README.md does not lead to {path}"))
        .collect();
    report(pages.len(), &complaints);
}

#[test]
fn links_between_pages_lead_somewhere() {
    let (mut links, mut complaints) = (0, Vec::new());
    for page in files(&["docs", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md"], &[".md"]) {
        let folder = page.path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        for (at, _) in page.text.match_indices("](") {
            let rest = &page.text[at + 2..];
            let link = rest.split([')', '#']).next().unwrap_or_default();
            if link.is_empty() || link.contains("://") {
                continue;
            }
            links += 1;
            if !exists(&format!("{folder}{link}")) {
                complaints.push(format!("{}: `{link}` is not there", page.path));
            }
        }
    }
    report(links, &complaints);
}

#[test]
fn the_page_of_exit_codes_names_each_of_them_once() {
    use ExitCode as Code;
    let codes = [
        Code::Done,
        Code::Bug,
        Code::Usage,
        Code::Blocked,
        Code::Mismatch,
        Code::Inconclusive,
        Code::SourceUnavailable,
        Code::TargetUnavailable,
        Code::Interrupted,
        Code::Locked,
    ];
    let page = read("docs/reference/exit-codes.md");
    for code in codes {
        let row = format!("| {} |", code.number());
        assert_eq!(page.lines().filter(|line| line.starts_with(&row)).count(), 1, "{code:?}: `{row}`");
    }
}
