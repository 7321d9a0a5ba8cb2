//! What of the policy decides about the data, as one fingerprint.

use sha2::{Digest, Sha256};

use super::{Policy, Said, TargetPolicy};

impl Policy {
    /// The fingerprint of everything that decides what the target will hold: 64 hex digits. What is done around the move
    /// (hooks, checks, waivers and the like) is no part of it, nor is the order or the place of lines in the file.
    pub fn decisions(&self) -> String {
        // Taken apart by name, so that a new field is decided on here too.
        let Self {
            source,
            target,
            rules,
            tables,
            columns,
            foreign_keys,
            types,
            sql,
            sequences,
            references,
            migrations,
            cutover: _,
            rollback: _,
            hooks: _,
            switches: _,
            checks: _,
            smoke: _,
            baseline: _,
            notices: _,
            backup: _,
            sign_offs: _,
            roles: _,
            waivers: _,
        } = self;
        // Whose tables are loaded is seen from the target, and compared as it was found.
        let TargetPolicy { schema, mode: _, names, seeded, counters, expect: _ } = target;
        let decided = (
            (source, schema, names, seeded, counters, rules),
            (said(tables), said(columns), said(foreign_keys), said(types)),
            // Where in the file a reference stands decides nothing.
            (
                sql,
                sequences,
                migrations,
                references.iter().map(|one| (&one.table.name, &one.file, &one.key, one.on_conflict, &one.content)).collect::<Vec<_>>(),
            ),
        );
        Sha256::digest(format!("{decided:?}")).iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

fn said<T>(said: &[Said<T>]) -> Vec<(&str, &T)> {
    said.iter().map(|said| (said.name.as_str(), &said.what)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decisions(text: &str) -> String {
        Policy::parse(text).unwrap().decisions()
    }

    #[test]
    fn what_decides_about_the_data_counts_and_nothing_else() {
        let none = decisions("");
        for around in [
            "\n\n# a comment\n",
            "[cutover]\nbudget = \"5 min\"",
            "[[hook]]\nat = \"stop\"\nrun = [\"true\"]",
            "[[check]]\nname = \"c\"\nrun = [\"true\"]",
            "[[waiver]]\nfinding = \"mixed-types\"\nat = \"*\"\nreason = \"r\"\nby = \"Ada\"",
            "[target]\nmode = \"existing\"\nexpect = { major = 16 }",
        ] {
            assert_eq!(decisions(around), none, "{around}");
        }
        let mut seen = vec![none];
        for decides in [
            "[rules]\norphans = \"not-valid\"",
            "[target]\nschema = \"app\"",
            "[tables.a]\nname = \"b\"",
            "[columns]\n\"a.b\" = { type = \"text\" }",
            "[types]\nmoney = \"numeric(10,2)\"",
        ] {
            let hash = decisions(decides);
            assert!(!seen.contains(&hash), "{decides}");
            assert_eq!(decisions(&format!("# moved down\n\n{decides}")), hash, "{decides}");
            seen.push(hash);
        }
    }
}
