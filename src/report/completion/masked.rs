//! Takes out of a command what looks like a secret.

/// Words of a name that says that its value is a secret.
const TELLING: [&str; 7] = ["password", "passwd", "pwd", "secret", "token", "apikey", "api-key"];

fn tells(name: &str) -> bool {
    let name = name.to_lowercase().replace('_', "-");
    TELLING.iter().any(|word| name.contains(word))
}

/// The command in one line, with an ellipsis in the place of each secret.
pub(super) fn command(words: &[String]) -> String {
    let mut shown: Vec<String> = Vec::new();
    let mut is_next_secret = false;
    for word in words {
        let this_is = std::mem::take(&mut is_next_secret);
        if this_is && !word.starts_with('-') {
            shown.push("…".to_owned());
            continue;
        }
        if let Some(name) = header(word) {
            shown.push(format!("{name}: …"));
            continue;
        }
        is_next_secret = word.starts_with('-') && !word.contains('=') && tells(word);
        shown.push(pieces(word));
    }
    shown.join(" ")
}

/// The name of a header that proves who asks.
fn header(word: &str) -> Option<&str> {
    let (name, _) = word.split_once(':')?;
    let lower = name.to_lowercase();
    (["authorization", "cookie"].iter().any(|telling| lower.ends_with(telling))
        || (!lower.contains("//") && !lower.contains(' ') && !lower.contains('=') && tells(&lower)))
    .then_some(name)
}

/// A word may be a whole script for a shell.
fn pieces(word: &str) -> String {
    word.split(' ').map(piece).collect::<Vec<_>>().join(" ")
}

fn piece(piece: &str) -> String {
    if let Some((name, _)) = piece.split_once('=')
        && tells(name)
    {
        return format!("{name}=…");
    }
    without_password(piece).unwrap_or_else(|| piece.to_owned())
}

/// An address without the password in it.
fn without_password(piece: &str) -> Option<String> {
    let (scheme, rest) = piece.split_once("://")?;
    // A password may hold what ends an address elsewhere.
    let (account, _) = rest.rsplit_once('@')?;
    let (user, _) = account.split_once(':')?;
    let behind = rest.get(account.len()..)?;
    Some(format!("{scheme}://{user}:…{behind}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_left_out() {
        for (words, shown) in [
            (&["systemctl", "stop", "app"][..], "systemctl stop app"),
            (&["curl", "--token", "abc", "http://x/y?a=b"], "curl --token … http://x/y?a=b"),
            (&["env", "DB_PASSWORD=hunter2", "run"], "env DB_PASSWORD=… run"),
            (&["psql", "postgres://app:hunter2@db.example/x"], "psql postgres://app:…@db.example/x"),
            (&["sh", "-c", "PGPASSWORD=hunter2 psql postgres://a:b@c:d@e/f"], "sh -c PGPASSWORD=… psql postgres://a:…@e/f"),
            (&["curl", "-H", "Authorization: Bearer abc", "-H", "X-Token: abc"], "curl -H Authorization: … -H X-Token: …"),
            (&["psql", "postgres://app:a/b?c@db.example/x"], "psql postgres://app:…@db.example/x"),
            (&["x", "--password=hunter2", "--api_key", "k"], "x --password=… --api_key …"),
        ] {
            let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
            assert_eq!(command(&words), shown);
        }
    }
}
