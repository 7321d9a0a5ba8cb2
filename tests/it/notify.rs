//! Notices, to real servers: what arrives, what is said of what does not, and that nothing waits longer than it may.

pub(crate) mod sinks;

use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use outgrow::journal::{Journal, WorkDirectory, last_run};
use outgrow::notify::{Delivery, FIELDS, Facts, Notice, Notices, Preview, Problem, Sent, Ticker, default_template};
use outgrow::plan::Policy;
use serde_json::json;

use crate::program::Program;
use crate::schema::assert_valid;
use sinks::{Authority, Security, Sink};

const HEAD: &str = "[notices]\napplication = \"Ward OPS\"\nlead = \"Ada\"\ncontact = \"#ops\"\n";

/// What `notify --json` prints, with everything in it, and with nothing.
pub(crate) fn samples() -> Vec<serde_json::Value> {
    let delivery = Delivery { channel: "ops".to_owned(), kind: "webhook".to_owned(), ok: false, seconds: 0.5, why: Some("…".to_owned()) };
    let sent = Sent {
        notice: "start".to_owned(),
        at: "2026-03-01T18:00:00Z".to_owned(),
        subject: "…".to_owned(),
        fallback: None,
        deliveries: vec![delivery],
    };
    let letter = outgrow::notify::Letter { subject: "…".to_owned(), body: "…".to_owned() };
    let preview = Preview { channel: "ops".to_owned(), kind: "file".to_owned(), letter };
    let problem = Problem { channel: None, why: "…".to_owned() };
    let format = outgrow::report::DOCUMENT_FORMAT;
    vec![
        json!({ "format": format, "notice": "start", "previews": [], "fallback": null, "problems": [], "sent": sent }),
        json!({ "format": format, "notice": "start", "previews": [preview], "fallback": "…", "problems": [problem], "sent": null }),
    ]
}

fn notices(text: &str, directory: &std::path::Path, variables: &[(&str, &str)]) -> Notices {
    let policy = Policy::parse(&format!("{HEAD}{text}")).unwrap().notices;
    let variable = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Notices::new(&policy, directory, &variable)
}

fn facts() -> Facts {
    Facts { state: Some("loading".to_owned()), reason: Some("<!channel> a & b".to_owned()), ..Facts::default() }
}

fn only(sent: &Sent) -> &Delivery {
    assert_eq!(sent.deliveries.len(), 1, "{sent:?}");
    &sent.deliveries[0]
}

#[tokio::test]
async fn a_webhook_gets_json_and_its_address_is_never_shown() {
    let (sink, directory) = (Sink::http(Security::Plain, 200), tempfile::tempdir().unwrap());
    let url = format!("http://127.0.0.1:{}/hook/T0PS3CRET", sink.port);
    let text = "[[notices.channel]]\nname = \"ops\"\nkind = \"webhook\"\nurl-from = \"HOOK\"\n";
    let notices = notices(text, directory.path(), &[("HOOK", &url)]);
    let sent = notices.send(Notice::Rollback, &facts()).await;
    assert!(only(&sent).ok && sent.is_delivered(), "{sent:?}");
    let received = sink.received();
    let (head, body) = received[0].split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("POST /hook/T0PS3CRET HTTP/1.1") && head.to_lowercase().contains("content-type: application/json"), "{head}");
    let document: serde_json::Value = serde_json::from_str(body).unwrap();
    assert_eq!(document.as_object().unwrap().len(), 1);
    let said = document["text"].as_str().unwrap();
    assert!(
        said.starts_with("Move taken back: Ward OPS runs on SQLite again\n\n") && said.contains("&lt;!channel&gt; a &amp; b"),
        "{said}"
    );
    // The preview is exactly what went out.
    let at = sent.at.parse().unwrap();
    let (previews, fallback) = notices.preview(Notice::Rollback, &Facts { at: Some(at), ..facts() }).unwrap();
    assert_eq!((previews[0].letter.text().as_str(), fallback), (said, None));
    // Nowhere a word of the address: not in a debug text, a report or the journal.
    let journal = Journal::begin(&WorkDirectory::hold(&directory.path().join("work")).unwrap(), "notify", "", "").unwrap();
    sent.note(&journal).unwrap();
    journal.end(outgrow::error::Outcome::Done).unwrap();
    let noted = last_run(&directory.path().join("work")).unwrap().unwrap();
    assert_eq!(noted.events[0].step, "notice:rollback");
    assert_eq!(noted.events[0].detail["deliveries"][0]["channel"], "ops");
    for shown in [format!("{notices:?}"), format!("{sent:?}"), format!("{noted:?}")] {
        assert!(!shown.contains("T0PS3CRET"), "{shown}");
    }
}

#[tokio::test]
async fn mail_goes_out_plain_and_encrypted() {
    let (authority, directory) = (Authority::new("known"), tempfile::tempdir().unwrap());
    std::fs::write(directory.path().join("root.pem"), authority.pem()).unwrap();
    let config = authority.server("localhost");
    for (tls, security) in
        [("none", Security::Plain), ("starttls", Security::Starttls(Arc::clone(&config))), ("tls", Security::Tls(Arc::clone(&config)))]
    {
        let sink = Sink::smtp(security);
        let login =
            if tls == "none" { "" } else { "user-from = \"USER\"\npassword-from = \"PASSWORD\"\nroot-certificates = \"root.pem\"\n" };
        let text = format!(
            "[[notices.channel]]\nname = \"all\"\nkind = \"email\"\nhost = \"localhost\"\nport = {}\ntls = \"{tls}\"\n\
             from = \"Ward OPS <ops@ward.example>\"\nto = [\"one@ward.example\", \"two@ward.example\"]\n{login}",
            sink.port
        );
        let notices = notices(&text, directory.path(), &[("USER", "outgrow"), ("PASSWORD", "pa55word")]);
        let sent = notices.send(Notice::Completion, &Facts { details: vec!["größer: 5 €".to_owned()], ..Facts::default() }).await;
        assert!(only(&sent).ok, "{tls}: {sent:?}");
        let received = sink.received().concat();
        for part in ["MAIL FROM:<ops@ward.example>", "RCPT TO:<one@ward.example>", "RCPT TO:<two@ward.example>"] {
            assert!(received.contains(part), "{tls}: {part} in {received}");
        }
        assert!(received.contains("Subject: Move complete: Ward OPS now runs on PostgreSQL"), "{tls}: {received}");
        assert!(received.contains("gr=C3=B6=C3=9Fer") || received.contains("größer"), "{tls}: {received}");
        if tls == "none" {
            assert!(!received.contains("AUTH"), "{received}");
        } else {
            assert!(received.contains("AUTH PLAIN"), "{tls}: {received}");
            // With STARTTLS, nothing but the wish for it is said in plain text.
            let plain = received.split_once("(encrypted)").map_or("", |(plain, _)| plain);
            assert!(!plain.contains("MAIL") && !plain.contains("AUTH"), "{tls}: {received}");
        }
        for shown in [format!("{notices:?}"), format!("{sent:?}")] {
            assert!(!shown.contains("pa55word"), "{shown}");
        }
    }
}

#[tokio::test]
async fn what_is_not_trusted_gets_nothing_and_says_why() {
    let (authority, stranger, directory) = (Authority::new("known"), Authority::new("strange"), tempfile::tempdir().unwrap());
    std::fs::write(directory.path().join("root.pem"), authority.pem()).unwrap();
    for (config, because) in [(stranger.server("localhost"), "nobody who is trusted"), (authority.server("db.test"), "another name")] {
        let (http, smtp) = (Sink::http(Security::Tls(Arc::clone(&config)), 200), Sink::smtp(Security::Tls(Arc::clone(&config))));
        let starttls = Sink::smtp(Security::Starttls(config));
        let mail = |name: &str, port: u16, tls: &str| {
            format!(
                "[[notices.channel]]\nname = \"{name}\"\nkind = \"email\"\nhost = \"localhost\"\nport = {port}\ntls = \"{tls}\"\n\
                 from = \"a@b.example\"\nto = [\"c@d.example\"]\nroot-certificates = \"root.pem\"\n"
            )
        };
        let text = format!(
            "[[notices.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"https://localhost:{}/\"\nroot-certificates = \"root.pem\"\n{}{}",
            http.port,
            mail("tls", smtp.port, "tls"),
            mail("starttls", starttls.port, "starttls"),
        );
        let sent = notices(&text, directory.path(), &[]).send(Notice::Start, &Facts::default()).await;
        assert_eq!(sent.deliveries.len(), 3);
        for delivery in &sent.deliveries {
            assert!(!delivery.ok && delivery.why.as_ref().unwrap().contains(because), "{delivery:?}");
        }
        assert!(http.received().is_empty() && smtp.received().concat().is_empty());
        assert!(!starttls.received().concat().contains("MAIL"));
    }
    // With the right certificate, the same webhook gets through.
    let http = Sink::http(Security::Tls(authority.server("localhost")), 204);
    let text = format!(
        "[[notices.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl = \"https://localhost:{}/\"\nroot-certificates = \"root.pem\"\n",
        http.port
    );
    let sent = notices(&text, directory.path(), &[]).send(Notice::Start, &Facts::default()).await;
    assert!(only(&sent).ok && http.received().len() == 1, "{sent:?}");
}

#[tokio::test]
async fn channels_that_hang_or_refuse_hold_nobody_up() {
    let directory = tempfile::tempdir().unwrap();
    let (hanging, refusing, moved, mail) =
        (Sink::hanging(), Sink::http(Security::Plain, 500), Sink::http(Security::Plain, 302), Sink::smtp(Security::Plain));
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let hook = |name: &str, port: u16| {
        format!("[[notices.channel]]\nname = \"{name}\"\nkind = \"webhook\"\nurl = \"http://127.0.0.1:{port}/\"\ntimeout = \"1s\"\n")
    };
    let letter = |name: &str, port: u16, to: &str, tls: &str| {
        format!(
            "[[notices.channel]]\nname = \"{name}\"\nkind = \"email\"\nhost = \"127.0.0.1\"\nport = {port}\ntls = \"{tls}\"\nfrom = \"a@b.example\"\n\
             to = [\"{to}\"]\ntimeout = \"1s\"\n"
        )
    };
    let run = |name: &str, text: &str| {
        format!("[[notices.channel]]\nname = \"{name}\"\nkind = \"command\"\nrun = \"{text}\"\nshell = \"sh\"\ntimeout = \"1s\"\n")
    };
    let text = [
        hook("hanging", hanging.port),
        letter("hanging mail", hanging.port, "c@d.example", "none"),
        run("hanging command", "sleep 60"),
        hook("refusing", refusing.port),
        hook("moved", moved.port),
        hook("closed", closed),
        letter("unknown", mail.port, "nobody@d.example", "none"),
        letter("in the clear", mail.port, "c@d.example", "starttls"),
        run("failing", "exit 3"),
        "[[notices.channel]]\nname = \"no directory\"\nkind = \"file\"\nfile = \"none/log\"\n".to_owned(),
        "[[notices.channel]]\nname = \"unset\"\nkind = \"webhook\"\nurl-from = \"NOWHERE\"\n".to_owned(),
        "[[notices.channel]]\nname = \"good\"\nkind = \"file\"\nfile = \"log\"\n".to_owned(),
    ]
    .concat();
    let notices = notices(&text, directory.path(), &[]);
    assert_eq!(notices.problems(), [Problem { channel: Some("unset".to_owned()), why: "the variable NOWHERE is not set".to_owned() }]);
    let began = Instant::now();
    let sent = notices.send(Notice::Failed, &Facts::default()).await;
    assert!(began.elapsed() < Duration::from_secs(8), "all at once, not one after the other: {:?}", began.elapsed());
    let why: Vec<(&str, &str)> = sent.deliveries.iter().map(|one| (one.channel.as_str(), one.why.as_deref().unwrap_or("ok"))).collect();
    for (channel, because) in [
        ("hanging", "did not answer in time"),
        ("hanging mail", "did not answer in time"),
        ("hanging command", "was stopped"),
        ("refusing", "status 500"),
        ("moved", "status 302"),
        ("closed", "connection refused"),
        ("unknown", "code 550"),
        ("in the clear", "no encryption"),
        ("failing", "exit code 3"),
        ("no directory", "not found"),
        ("unset", "NOWHERE"),
        ("good", "ok"),
    ] {
        assert!(why.iter().any(|(name, said)| *name == channel && said.contains(because)), "{channel}: {because} in {why:?}");
    }
    assert!(!sent.is_delivered());
    // A move does not wait even that long.
    let began = Instant::now();
    let posted = notices.post(Notice::Start, Facts::default());
    assert!(began.elapsed() < Duration::from_millis(500));
    assert_eq!(posted.sent().await.unwrap().deliveries.len(), 12);
}

#[tokio::test]
async fn commands_and_files_get_the_text() {
    let directory = tempfile::tempdir().unwrap();
    let text = "[[notices.channel]]\nname = \"x\"\nkind = \"command\"\nrun = \"cat > $WHERE; echo $OUTGROW_NOTICE, $OUTGROW_SUBJECT >> $WHERE\"\n\
                shell = \"sh\"\nenvironment = { WHERE = \"got\" }\n[[notices.channel]]\nname = \"log\"\nkind = \"file\"\nfile = \"notices.log\"\n\
                [[notices.channel]]\nname = \"never\"\nkind = \"file\"\nfile = \"never\"\nonly = [\"completion\"]\n";
    let notices = notices(text, directory.path(), &[]);
    for _ in 0..2 {
        let sent = notices.send(Notice::Progress, &facts()).await;
        assert!(sent.is_delivered() && sent.deliveries.len() == 2, "{sent:?}");
    }
    let got = std::fs::read_to_string(directory.path().join("got")).unwrap();
    assert!(
        got.starts_with("The move of Ward OPS goes on: loading\n\n") && got.ends_with("progress, The move of Ward OPS goes on: loading\n"),
        "{got}"
    );
    let log = directory.path().join("notices.log");
    let text = std::fs::read_to_string(&log).unwrap();
    assert_eq!(text.matches("· progress · The move of Ward OPS goes on: loading").count(), 2, "{text}");
    assert_eq!(std::fs::metadata(&log).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(!directory.path().join("never").exists());
    let test = notices.test().await;
    assert!(test.notice == "test" && test.deliveries.len() == 3 && test.is_delivered(), "{test:?}");
    assert!(std::fs::read_to_string(directory.path().join("never")).unwrap().contains("This is a test. Nothing is moved"));
}

#[tokio::test]
async fn a_ticker_tells_again_and_again_until_it_is_stopped() {
    let directory = tempfile::tempdir().unwrap();
    let text = "every = \"100ms\"\n[[notices.channel]]\nname = \"log\"\nkind = \"file\"\nfile = \"log\"\n";
    let notices = notices(text, directory.path(), &[]);
    let (asked, state) = (Arc::new(AtomicU32::new(0)), Arc::new(Mutex::new("loading".to_owned())));
    let (counter, said) = (Arc::clone(&asked), Arc::clone(&state));
    let ticker = Ticker::start(&notices, move || {
        counter.fetch_add(1, Ordering::SeqCst);
        Facts { state: Some(said.lock().unwrap().clone()), ..Facts::default() }
    });
    let wait = async |count: u32| {
        for _ in 0..500 {
            if asked.load(Ordering::SeqCst) >= count {
                return;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("no tick came");
    };
    wait(2).await;
    *state.lock().unwrap() = "comparing".to_owned();
    wait(5).await;
    let mut sent = ticker.sent();
    sent.extend(ticker.stop());
    assert!(sent.len() >= 4 && sent.iter().all(Sent::is_delivered), "{sent:?}");
    assert!(sent.iter().all(|one| one.notice == "progress"));
    assert!(sent[0].subject.ends_with(": loading") && sent.last().unwrap().subject.ends_with(": comparing"), "{sent:?}");
    let before = asked.load(Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(asked.load(Ordering::SeqCst), before, "it goes on after it was stopped");
}

#[test]
fn the_verb_previews_sends_and_tells_what_is_wrong() {
    let program = Program::new();
    let window = "[notices.window]\nstart = \"2026-03-01T22:00:00+04:00\"\nlength = \"60 min\"\n";
    let channels = "[[notices.channel]]\nname = \"log\"\nkind = \"file\"\nfile = \"log\"\n\
                    [[notices.channel]]\nname = \"hook\"\nkind = \"webhook\"\nurl-from = \"HOOK\"\nonly = [\"start\"]\n";
    let write = |policy: &str| std::fs::write(program.path("outgrow.toml"), policy).unwrap();
    program.run(&["notify", "start"]).expect(2);
    write(&format!("{HEAD}{channels}"));
    let refused = program.run(&["notify", "announcement-1-hour", "--preview"]).expect(2);
    assert!(refused.err.contains("[notices.window]"), "{}", refused.err);
    write(&format!("{HEAD}templates = \"own\"\n{window}{channels}"));
    std::fs::create_dir(program.path("own")).unwrap();
    let preview = program.run(&["notify", "announcement-1-hour", "--preview", "--json"]).expect(3).document();
    assert_valid("notify", &preview);
    assert_eq!(preview["problems"], json!([{ "channel": "hook", "why": "the variable HOOK is not set" }]));
    assert_eq!(preview["previews"][0]["channel"], "log");
    assert!(preview["previews"][0]["letter"]["subject"].as_str().unwrap().contains("Sunday 1 March 2026, 22:00 (UTC+04:00)"));
    assert!(!program.path("log").exists() && !program.path(".outgrow").exists(), "a preview leaves nothing behind");
    let sent = program.run(&["notify", "announcement-1-hour", "--json"]).expect(0).document();
    assert_valid("notify", &sent);
    assert_eq!(sent["sent"]["deliveries"][0]["ok"], true);
    assert!(std::fs::read_to_string(program.path("log")).unwrap().contains("Expect up to 60 minutes"));
    let failed = program.run(&["notify", "start", "--at", "2026-03-01T18:00:00Z"]).expect(3);
    assert!(failed.out.contains("NOT delivered: the variable HOOK is not set") && failed.out.contains("delivered\n"), "{}", failed.out);
    let status = program.run(&["status", "--json"]).expect(0).document();
    assert_valid("status", &status);
    assert_eq!(status["runs"][1]["events"][0]["step"], "notice:start");
    // A template that names what there is not is told before, and at the time ours goes out.
    std::fs::write(program.path("own/failed.txt"), "{{ application }}: no\n\n{{ contct }}").unwrap();
    let preview = program.run(&["notify", "failed", "--preview"]).expect(3);
    assert!(preview.out.contains("names `contct`") && preview.out.contains("outgrow's own template is used"), "{}", preview.out);
    let sent = program.run(&["notify", "failed"]).expect(0);
    assert!(sent.out.contains("did not take place") && sent.out.contains("outgrow's own template is used"), "{}", sent.out);
    program.run(&["notify", "begin"]).expect(2);
    program.run(&["notify", "start", "--at", "soon"]).expect(2);
    assert!(program.run(&["notify", "--test"]).expect(3).out.contains("[test] Ward OPS"));
}

#[test]
fn the_page_names_every_notice_and_every_field() {
    let page = include_str!("../../docs/reference/notify.md");
    for notice in Notice::ALL {
        assert!(page.contains(&format!("`{}`", notice.name())), "{}", notice.name());
        assert!(default_template(notice).contains("{{"));
    }
    for (field, _) in FIELDS {
        assert!(page.contains(&format!("| `{field}` |")), "{field}");
    }
}
