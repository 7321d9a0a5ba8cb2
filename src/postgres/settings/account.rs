//! The operating system account that runs the program, for libpq's defaults.
//!
//! Never reads a password database other than the file of accounts.

use std::path::PathBuf;

/// An account as `/etc/passwd` knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) name: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) home: PathBuf,
}

/// The accounts that the machine's file lists; none where there is no such file.
pub(crate) fn accounts() -> Vec<Account> {
    let text = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    text.lines().filter_map(account).collect()
}

/// The account of this process.
pub(crate) fn own() -> Option<Account> {
    let uid = rustix::process::geteuid().as_raw();
    accounts().into_iter().find(|account| account.uid == uid)
}

fn account(line: &str) -> Option<Account> {
    let mut fields = line.split(':');
    let name = fields.next()?.to_owned();
    let uid = fields.nth(1)?.parse().ok()?;
    let gid = fields.next()?.parse().ok()?;
    let home = PathBuf::from(fields.nth(1)?);
    Some(Account { name, uid, gid, home })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart() {
        let account = account("postgres:x:101:104:PostgreSQL administrator,,,:/var/lib/postgresql:/bin/bash").unwrap();
        let home = PathBuf::from("/var/lib/postgresql");
        assert_eq!(account, Account { name: "postgres".to_owned(), uid: 101, gid: 104, home });
        assert_eq!(super::account("broken:x"), None);
    }
}
