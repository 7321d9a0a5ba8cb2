//! Every id that the program prints is explained.

use outgrow::gate::{GATES, READINESS};
use outgrow::mapping::RULES;
use outgrow::plan::DECIDERS;
use outgrow::preset::PRESETS;
use outgrow::value::{Reason, Rule};
use outgrow::verify::CHECKS;

use crate::program::Program;

#[test]
fn every_id_has_its_page() {
    let program = Program::new();
    let listed = program.run(&["explain"]).expect(0).out;
    let all = program.run(&["explain", "--json"]).expect(0).document();
    let mut ids: Vec<&str> = GATES.iter().map(|gate| gate.id).collect();
    ids.extend(READINESS.iter().map(|gate| gate.id));
    ids.extend(RULES.iter().map(|rule| rule.id));
    ids.extend(DECIDERS.iter().map(|decider| decider.id));
    ids.extend(CHECKS.iter().map(|check| check.name));
    ids.extend(PRESETS.iter().map(|preset| preset.id));
    ids.extend(Rule::ALL.into_iter().map(Rule::id));
    ids.extend(Reason::ALL.into_iter().map(Reason::id));
    for id in ids {
        let page = program.run(&["explain", id]).expect(0).out;
        let (_, text) = page.split_once("\n\n").unwrap_or_else(|| panic!("{page}"));
        assert!(page.starts_with(&format!("{id}: ")) && text.len() > 80, "{page}");
        assert!(listed.lines().any(|line| line.split_whitespace().next() == Some(id)), "{id} is not listed in\n{listed}");
        assert!(all.to_string().contains(&format!("\"{id}\"")), "{id} is not in {all}");
    }
}

#[test]
fn the_sentences_of_rules_and_reasons_stand_on_their_pages() {
    let program = Program::new();
    let flat = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let meanings = Rule::ALL.into_iter().map(|rule| (rule.id(), rule.meaning()));
    for (id, meaning) in meanings.chain(Reason::ALL.into_iter().map(|reason| (reason.id(), reason.meaning()))) {
        let page = program.run(&["explain", id]).expect(0).out;
        assert!(flat(&page).contains(&flat(meaning)), "{page}");
        assert!(page.contains("**Choices.**"), "{page}");
    }
}

/// What stands for a mapping rule in the plans of all golden cases, which hold every way to decide.
#[test]
fn whoever_chose_a_type_is_known() {
    let known = |id: &str| RULES.iter().any(|rule| rule.id == id) || DECIDERS.iter().any(|decider| decider.id == id);
    let mut seen = std::collections::BTreeSet::new();
    for case in std::fs::read_dir("tests/golden").unwrap() {
        let Ok(text) = std::fs::read_to_string(case.unwrap().path().join("expected.txt")) else { continue };
        let lines: Vec<&str> = text.lines().collect();
        // Each column's line is followed by the one that says who chose, and why.
        for pair in lines.windows(2).filter(|pair| pair[0].starts_with("  ") && !pair[0].starts_with("   ") && pair[0].contains(" → ")) {
            let Some(rest) = pair[1].strip_prefix("    ") else { continue };
            let Some((id, _)) = rest.split_once(": ") else { continue };
            assert!(known(id), "`{id}` in {pair:?}");
            seen.insert(id.to_owned());
        }
    }
    for decider in DECIDERS {
        assert!(seen.contains(decider.id), "no golden case shows {}", decider.id);
    }
}
