//! What the README shows is what the program prints.

use crate::program::Program;

/// The text with everything cut out that differs from run to run: times, the server's version and place, its sizes.
fn timeless(text: &str) -> String {
    let line = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let mut kept = Vec::new();
        for (index, word) in words.iter().enumerate() {
            let is_time = words.get(index + 1) == Some(&"s") && word.parse::<f64>().is_ok();
            let is_size =
                words.get(index + 1) == Some(&"MB") && words.get(index + 2) == Some(&"of") && words.get(index + 3) != Some(&"SQLite");
            kept.push(if is_time || is_size { "…" } else { word });
        }
        let line = kept.join(" ");
        if line.starts_with("PostgreSQL") { "PostgreSQL, disposable".to_owned() } else { line }
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n").trim().to_owned()
}

/// The sessions of a page: each command with what it prints.
fn sessions(page: &str) -> Vec<(String, String)> {
    let mut sessions: Vec<(String, String)> = Vec::new();
    let mut inside = false;
    for line in page.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            sessions.push((command.to_owned(), String::new()));
        } else if inside {
            let (_, out) = sessions.last_mut().unwrap();
            out.push_str(line);
            out.push('\n');
        }
    }
    sessions
}

#[test]
fn the_sessions_of_the_readme_are_real() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let sessions = sessions(&page);
    assert!(!sessions.is_empty(), "the README shows no session");
    let program = Program::new();
    for (command, shown) in sessions {
        let arguments: Vec<&str> = command.strip_prefix("outgrow ").unwrap().split_whitespace().collect();
        let ended = program.run(&arguments).expect(0);
        assert_eq!(timeless(&ended.out), timeless(&shown), "`{command}` prints something else:\n{}", ended.out);
    }
}

#[test]
fn the_commands_of_the_readme_exist() {
    let page = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md")).unwrap();
    let mut tried = 0;
    for (_, after) in page.match_indices("| `outgrow ").map(|(at, prefix)| page.split_at(at + prefix.len())) {
        let verb = after.split([' ', '`']).next().unwrap();
        Program::new().run(&[verb, "--help"]).expect(0);
        tried += 1;
    }
    assert!(tried > 5, "the README's table of verbs is gone");
}
