//! The whole of a reading: files in, settings or every mistake out.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use proptest::prelude::*;

use super::*;

/// Reads one file; `expected` is every problem as the administrator sees it.
#[track_caller]
fn check(file: &str, text: &str, expected: &[&str]) {
    let problems = from_texts(&[(file, text)]).err().unwrap_or_default();
    let shown: Vec<String> = problems.iter().map(Problem::to_string).collect();
    assert_eq!(shown, expected, "{file}:\n{text}");
}

/// Settings of one file that has no mistakes.
#[track_caller]
fn settings_of(file: &str, text: &str) -> Settings {
    from_texts(&[(file, text)]).unwrap_or_else(|problems| {
        let shown: Vec<String> = problems.iter().map(Problem::to_string).collect();
        panic!("{file}: {shown:#?}")
    })
}

/// A sample with its settings that are off switched on: `#key` is one, `# prose` is not. Where the
/// live key stands before, the example takes its place.
fn uncommented(sample: &str) -> String {
    let mut lines: Vec<&str> = Vec::new();
    for line in sample.lines() {
        let bare = line.strip_prefix('#').filter(|l| !l.is_empty() && !l.starts_with(' '));
        let key = bare.and_then(|b| b.split_once(" = ")).map(|(key, _)| key);
        if lines.last().is_some_and(|last| key.is_some() && key == last.split(" = ").next()) {
            lines.pop();
        }
        lines.push(bare.unwrap_or(line));
    }
    lines.join("\n")
}

#[test]
fn shipped_files_are_the_defaults() {
    let files: Vec<_> = samples().collect();
    assert_eq!(from_texts(&files).unwrap(), Settings::default());
}

#[test]
fn shipped_defaults_in_full() {
    let settings = Settings::default();
    // Lists are files of their own, and `model/store.rs` has its part.
    let (lists, store) = (settings.lists.clone(), settings.store.clone());
    let loopback = [([127, 0, 0, 0].into(), 8), (IpAddr::from([0u16, 0, 0, 0, 0, 0, 0, 1]), 128)];
    let expected = Settings {
        filter: Filter {
            mode: Mode::Enforce,
            listen: vec![Listen::Inet { host: "127.0.0.1".into(), port: 8899 }],
            socket_mode: 0o660,
            socket_group: None,
            own_domains: vec![],
            own_networks: loopback.map(|(address, prefix)| Network { address, prefix }).to_vec(),
            partner_domains: vec![],
            on_failure: OnFailure {
                judging: FailureReply::Tempfail,
                limits: FailureReply::Tempfail,
                action: FailureReply::Tempfail,
                scanner: FailureReply::Tempfail,
            },
            state_dir: None,
            limits: Limits {
                connections: 200,
                idle: Duration::from_secs(7500),
                headers: 1000,
                header_bytes: 1 << 20,
                recipients: 10_000,
                body_bytes: 100 << 20,
                bytes_in_flight: 512 << 20,
                opened_at_once: 4,
                parts: 1000,
                depth: 20,
                members: 1000,
                inflated_bytes: 100 << 20,
                work: 400_000_000,
                text_bytes: 4 << 20,
                links: 1000,
            },
            log: Log::Auto,
        },
        thresholds: Thresholds { tag: Some(20), banner: Some(40), hold: Some(100), reject: None },
        weights: Default::default(),
        caps: Default::default(),
        actions: Actions {
            language: Language::Both,
            banner: true,
            banner_reasons: 3,
            banner_contact: String::new(),
            subject_tag: String::new(),
            html_to_text: HtmlToText::Off,
        },
        senders: Senders::default(),
        authentication: Authentication {
            check: true,
            trusted_authserv_ids: vec![],
            deadline: Duration::from_secs(5),
            name_servers: vec![],
        },
        scanner: Scanner { clamd: None, deadline: Duration::from_secs(30), max_bytes: 25 << 20 },
        outbound: Outbound {
            profile: Profile::Company,
            rulings: Default::default(),
            broadcast: Broadcast { shown: 5, organisations: None },
            persons: 10,
            password_window: Duration::from_secs(7 * 24 * 3600),
            exempt: Exempt::default(),
            partners: vec![],
            partners_only: vec![],
            notify_sender: false,
            transport_mark: String::new(),
            internal: false,
        },
        notify: settings.notify.clone(),
        records: settings.records.clone(),
        hold: settings.hold.clone(),
        store,
        lists,
    };
    assert_eq!(settings, expected);
}

#[test]
fn one_message_must_find_room_in_flight() {
    let read = |text| from_texts(&[("filter.toml", text)]);
    let text = "[limits]\nbody_bytes = \"1GiB\"\n";
    let problems: Vec<String> = read(text).unwrap_err().iter().map(ToString::to_string).collect();
    assert_eq!(
        problems,
        ["filter.toml:1: limits.bytes_in_flight: 536870912 is below header_bytes + body_bytes \
          (1074790400): a message of that size could never come in"]
    );
    let text = "[limits]\nbody_bytes = \"1GiB\"\nbytes_in_flight = \"2GiB\"\n";
    assert_eq!(read(text).unwrap().filter.limits.bytes_in_flight, 2 << 30);
}

#[test]
fn examples_in_the_samples_are_valid() {
    let texts: Vec<_> = samples().map(|(name, text)| (name, uncommented(text))).collect();
    let files: Vec<_> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let settings = from_texts(&files).unwrap();
    assert_eq!(settings.senders.trusted.len(), 1);
    assert_eq!(settings.senders.exceptions.len(), 1);
    assert_eq!(settings.filter.own_domains.len(), 2);
    assert_eq!(settings.weights.len(), 2);
}

/// A key nobody knows, put into every table of every sample, makes the reader list what it knows.
#[test]
fn every_known_key_stands_in_a_sample() {
    let mut tables = 0;
    for (name, sample) in samples().filter(|(name, _)| *name != "weights.toml") {
        let text = uncommented(sample);
        let headers = text.lines().enumerate().filter(|(_, line)| line.starts_with('['));
        let places: Vec<usize> = [0].into_iter().chain(headers.map(|(at, _)| at + 1)).collect();
        for place in places {
            let mut lines: Vec<&str> = text.lines().collect();
            lines.insert(place, "zzzzzzzzzzzzzzzzzzzzzzzzzz = 1");
            let problems = from_texts(&[(name, &lines.join("\n"))]).unwrap_err();
            // Tables of ids take any key.
            let Some((_, known)) = problems[0].message.split_once("known here: ") else {
                assert_eq!(lines[place.max(1) - 1], "[rulings]", "{name}");
                continue;
            };
            for key in known.split(", ") {
                let stands = |line: &str| {
                    line.starts_with(&format!("{key} = ")) || line.trim_matches(['[', ']']) == key
                };
                assert!(text.lines().any(stands), "{name} says nothing of {key}");
            }
            tables += 1;
        }
    }
    assert_eq!(tables, 33);
}

#[test]
fn samples_say_everything_in_two_languages() {
    for (name, text) in samples() {
        let japanese = |line: &str| line.chars().any(|c| ('\u{3041}'..='\u{30fe}').contains(&c));
        let mut comment = String::new();
        for line in text.lines() {
            match line {
                "" => comment.clear(),
                _ if line.starts_with("# ") || line == "#" => comment += line,
                _ if line.starts_with('#') => {}
                key => assert!(japanese(&comment), "{name}: {key} has no Japanese sentence"),
            }
        }
    }
}

#[test]
fn nothing_written_is_the_defaults() {
    assert_eq!(from_texts(&[]).unwrap(), Settings::default());
    for (name, _) in samples() {
        assert_eq!(settings_of(name, ""), Settings::default(), "{name}");
    }
}

#[test]
fn a_key_overlays_and_its_neighbours_stay() {
    let settings = settings_of("filter.toml", "mode = 'observe'\n[limits]\nlinks = 5\n");
    let mut expected = Settings::default();
    expected.filter.mode = Mode::Observe;
    expected.filter.limits.links = 5;
    assert_eq!(settings, expected);
}

#[test]
fn filter_values() {
    let text = "
        listen = ['unix:/run/sekisho/milter.sock', 'inet:[::1]:8899']
        socket_group = 'postfix'
        own_domains = ['Example.JP', '日本語.jp']
        own_networks = ['192.0.2.0/24']
        state_dir = '/var/lib/sekisho'
        log = 'json'
        [on_failure]
        limits = 'hold'
        [limits]
        idle = '2h'
        body_bytes = 1048576
    ";
    let filter = settings_of("filter.toml", text).filter;
    let v6 = Listen::Inet { host: "::1".into(), port: 8899 };
    assert_eq!(filter.listen, [Listen::Unix("/run/sekisho/milter.sock".into()), v6]);
    assert_eq!(filter.socket_group.as_deref(), Some("postfix"));
    assert_eq!(filter.own_domains, ["example.jp", "xn--wgv71a119e.jp"]);
    assert_eq!(filter.own_networks, [Network { address: [192, 0, 2, 0].into(), prefix: 24 }]);
    assert_eq!(filter.state_dir, Some(PathBuf::from("/var/lib/sekisho")));
    assert_eq!(filter.log, Log::Json);
    assert_eq!(filter.on_failure.limits, FailureReply::Hold);
    assert_eq!(filter.limits.idle, Duration::from_secs(7200));
    assert_eq!(filter.limits.body_bytes, 1 << 20);
}

#[test]
fn every_mistake_at_once() {
    check(
        "filter.toml",
        "mode = 'observ'\n\
         own_domain = ['example.jp']\n\
         own_networks = [\n  '192.0.2.1/24',\n  'x',\n]\n\
         state_dir = 'var'\n\
         [limit]\n\
         [limits]\n\
         depth = 0\n\
         links = 'many'\n\
         [on_failure]\n\
         judging = 'discard'\n",
        &[
            "filter.toml:1: mode: \"observ\" is not known; did you mean \"observe\"? allowed are \
             \"enforce\", \"observe\"",
            "filter.toml:2: own_domain: unknown key; did you mean own_domains?",
            "filter.toml:4: own_networks: \"192.0.2.1/24\" has bits set behind its prefix; did you \
             mean \"192.0.2.0/24\"?",
            "filter.toml:5: own_networks: \"x\" is not a network; allowed are \"192.0.2.0/24\", \
             \"2001:db8::/32\" and single addresses",
            "filter.toml:7: state_dir: \"var\" is not an absolute path; it must begin with \"/\"",
            "filter.toml:8: limit: unknown table; did you mean limits?",
            "filter.toml:10: limits.depth: must be an integer from 1 to 100",
            "filter.toml:11: limits.links: must be an integer from 1 to 100000, not a string",
            "filter.toml:13: on_failure.judging: \"discard\" is not known; allowed are \"accept\", \
             \"hold\", \"tempfail\"",
        ],
    );
}

#[test]
fn mistakes_of_several_files_come_together() {
    let problems = from_texts(&[
        ("weights.toml", "[weights]\nhtml-form = 101\n"),
        ("actions.toml", "banner = 1\n"),
        ("treshold.toml", ""),
    ]);
    let shown: Vec<String> = problems.unwrap_err().iter().map(Problem::to_string).collect();
    let expected = [
        "actions.toml:1: banner: must be true or false, not an integer",
        "treshold.toml: no such configuration file; did you mean thresholds.toml?",
        "weights.toml:2: weights.html-form: must be an integer from 0 to 100; or \"off\"",
    ];
    assert_eq!(shown, expected);
}

#[test]
fn what_is_no_toml_is_said_once_a_line_and_the_rest_is_read() {
    check(
        "filter.toml",
        "mode = observe\nlog = 'jsno'\nlog = 'text'\n",
        &[
            "filter.toml:1: not TOML: string values must be quoted, expected literal string",
            "filter.toml:2: log: \"jsno\" is not known; did you mean \"json\"? allowed are \"auto\", \
             \"json\", \"journald\", \"text\"",
            "filter.toml:3: not TOML: duplicate key",
        ],
    );
}

#[test]
fn tables_in_the_wrong_form() {
    check(
        "filter.toml",
        "on_failure = 'hold'\nlisten = 'inet:localhost:1'\n",
        &[
            "filter.toml:1: on_failure: must be a table, [on_failure], not a string",
            "filter.toml:2: listen: must be an array, [...], not a string",
        ],
    );
    check(
        "filter.toml",
        "listen = []\n",
        &["filter.toml:1: listen: must name at least one socket"],
    );
    check(
        "senders.toml",
        "trusted = 1\nexceptions = ['a@example.jp']\n",
        &[
            "senders.toml:1: trusted: must be a list of tables, each headed [[trusted]]",
            "senders.toml:2: exceptions: must be a table, not a string",
        ],
    );
    check(
        "thresholds.toml",
        "banner = 10\n",
        &["thresholds.toml:1: banner: unknown key; known here: thresholds"],
    );
}

#[test]
fn nothing_stands_twice() {
    check(
        "filter.toml",
        "own_domains = ['example.jp', 'EXAMPLE.jp']\n",
        &["filter.toml:1: own_domains: stands here twice"],
    );
}

#[track_caller]
fn check_thresholds(text: &str, expected: [Option<u16>; 4]) {
    let Thresholds { tag, banner, hold, reject } =
        settings_of("thresholds.toml", &format!("[thresholds]\n{text}")).thresholds;
    assert_eq!([tag, banner, hold, reject], expected, "{text}");
}

#[test]
fn written_thresholds_move_the_shipped_ones() {
    check_thresholds("", [Some(20), Some(40), Some(100), None]);
    check_thresholds("banner = 10", [Some(10), Some(10), Some(100), None]);
    check_thresholds("tag = 60", [Some(60), Some(60), Some(100), None]);
    check_thresholds("banner = 'off'", [Some(20), None, Some(100), None]);
    check_thresholds("reject = 30", [Some(20), Some(30), Some(30), Some(30)]);
    check_thresholds("hold = 'off'\nreject = 90", [Some(20), Some(40), None, Some(90)]);
    check_thresholds("tag = 0\nbanner = 0", [Some(0), Some(0), Some(100), None]);
}

#[test]
fn written_thresholds_ascend() {
    check(
        "thresholds.toml",
        "[thresholds]\ntag = 50\nbanner = 'off'\nhold = 30\nreject = 'of'\n",
        &[
            "thresholds.toml:4: thresholds.hold: 30 is below tag (50); thresholds ascend: tag <= \
             banner <= hold <= reject, those that are \"off\" left out",
            "thresholds.toml:5: thresholds.reject: \"of\" is not known; allowed are an integer from \
             0 to 1000 and \"off\"",
        ],
    );
}

#[test]
fn weights_and_caps_keep_their_places() {
    let text = "[weights]\nhtml-form = 'off'\nfree-mail-sender = 5\n[caps]\nsender = 40\n";
    let settings = settings_of("weights.toml", text);
    let place = |line| Place { file: "weights.toml".into(), line };
    let weights = [
        ("free-mail-sender".to_owned(), Weight { points: Some(5), place: place(3) }),
        ("html-form".to_owned(), Weight { points: None, place: place(2) }),
    ];
    assert_eq!(settings.weights, weights.into());
    assert_eq!(settings.caps, [("sender".to_owned(), Cap { points: 40, place: place(5) })].into());
}

#[test]
fn senders_with_dates_and_patterns() {
    let text = "
[[trusted]]
from = '@Partner.example'
until = 2027-03-31
[[exceptions]]
to = 'Info@example.jp'
indicators = ['html-form']
until = 2027-03-31T00:00:00Z
reason = '試験'
";
    let senders = settings_of("senders.toml", text).senders;
    let trusted = Trusted {
        from: AddressPattern::Domain("partner.example".into()),
        until: Some(1_806_505_199),
        reason: String::new(),
    };
    let exception = Exception {
        from: None,
        to: Some(AddressPattern::Address("info@example.jp".into())),
        indicators: vec!["html-form".into()],
        until: Some(1_806_451_200),
        reason: "試験".into(),
        place: Place { file: "senders.toml".into(), line: 7 },
    };
    assert_eq!(senders, Senders { trusted: vec![trusted], exceptions: vec![exception] });
}

#[test]
fn mistakes_in_senders() {
    check(
        "senders.toml",
        "[[trusted]]\n\
         reason = 'x'\n\
         [[trusted]]\n\
         from = 'a@example.jp'\n\
         [[trusted]]\n\
         from = 'A@example.jp'\n\
         util = 2027-01-01\n\
         [[exceptions]]\n\
         from = 'example.jp'\n\
         indicators = ['*', 'html-form']\n\
         [[exceptions]]\n\
         indicators = ['HTML form']\n\
         [[exceptions]]\n\
         to = '@example.jp'\n\
         until = 2027-02-30\n",
        &[
            "senders.toml:1: trusted.from: is missing",
            "senders.toml:6: trusted.from: is trusted twice",
            "senders.toml:7: trusted.util: unknown key; did you mean until?",
            "senders.toml:9: exceptions.from: \"example.jp\" has no \"@\"; did you mean \
             \"@example.jp\"?; allowed are \"user@example.jp\" and \"@example.jp\" (a domain with \
             its subdomains)",
            "senders.toml:10: exceptions.indicators: \"*\" stands for all; write it alone",
            "senders.toml:11: exceptions.from: an exception is for a sender, a recipient or both; to \
             switch an indicator off for everybody, write \"off\" in weights.toml",
            "senders.toml:12: exceptions.indicators: \"HTML form\" is not an indicator's id; allowed \
             is e.g. \"free-mail-sender\"",
            "senders.toml:13: exceptions.indicators: is missing; name ids, or \"*\" for all",
            "senders.toml:15: not TOML: invalid date, expected day between 01 and 28",
        ],
    );
}

#[test]
fn authentication_values() {
    let text = "
        trusted_authserv_ids = ['MX.example.jp']
        deadline = '1500ms'
        name_servers = ['192.0.2.53']
    ";
    let expected = Authentication {
        check: true,
        trusted_authserv_ids: vec!["mx.example.jp".into()],
        deadline: Duration::from_millis(1500),
        name_servers: vec!["192.0.2.53".into()],
    };
    assert_eq!(settings_of("authentication.toml", text).authentication, expected);
}

#[test]
fn scanner_values() {
    let text = "clamd = 'unix:/run/clamav/clamd.ctl'\ndeadline = 2\nmax_bytes = '1MiB'\n";
    let expected = Scanner {
        clamd: Some(Listen::Unix("/run/clamav/clamd.ctl".into())),
        deadline: Duration::from_secs(2),
        max_bytes: 1 << 20,
    };
    assert_eq!(settings_of("scanner.toml", text).scanner, expected);
}

#[test]
fn lists_are_extended_or_replaced() {
    let shipped = Settings::default().lists.free_mail_domains;
    assert!(shipped.contains("gmail.com"));
    let of = |text| settings_of("lists.toml", text).lists.free_mail_domains;

    assert_eq!(of("free_mail_domains = ['Free.example']"), ["free.example".to_owned()].into());
    assert_eq!(of("free_mail_domains = []"), BTreeSet::new());
    let extended = of("[free_mail_domains]\nextend = true\nadd = ['free.example']\n\
                       remove = ['gmail.com']");
    let mut expected = shipped.clone();
    expected.remove("gmail.com");
    expected.insert("free.example".into());
    assert_eq!(extended, expected);
}

#[test]
fn mistakes_in_lists() {
    check(
        "lists.toml",
        "free_mail_domains = { add = ['free.example'] }\n\
         shortener_hosts = { extend = true, ad = [], add = ['x', 'https://example.jp/'] }\n\
         html_extensions = ['.html']\n\
         document_extensions = 'pdf'\n",
        &[
            "lists.toml:1: free_mail_domains: a table extends; write { extend = true, add = [...], \
             remove = [...] } for the shipped list with changes, or [...] in its place",
            "lists.toml:2: shortener_hosts: unknown key \"ad\"; did you mean add?",
            "lists.toml:2: shortener_hosts: \"x\" is a single label; write a domain such as \
             \"example.jp\"",
            "lists.toml:2: shortener_hosts: \"https://example.jp/\" is not a domain; allowed are \
             names such as \"example.jp\"",
            "lists.toml:3: html_extensions: write \"html\", without the dot",
            "lists.toml:4: document_extensions: must be { extend = true, add = [...], remove = \
             [...] } for the shipped list with changes, or [...] in its place, not a string",
        ],
    );
}

#[test]
fn a_folder_of_files() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(read(dir.path()).unwrap(), Settings::default());

    let write = |name: &str, text: &[u8]| fs::write(dir.path().join(name), text).unwrap();
    write("filter.toml", b"mode = 'observe'\n");
    write("notes.txt", b"not ours");
    write(".#filter.toml", b"an editor's lock");
    write("filter.toml~", b"an editor's copy");
    assert_eq!(read(dir.path()).unwrap().filter.mode, Mode::Observe);

    write("actions.toml", b"# \xe6\x97\xa5\n# \x93\xfa\x96\x7b\n");
    write("wieghts.toml", b"");
    let problems: Vec<_> = read(dir.path()).unwrap_err().iter().map(Problem::to_string).collect();
    let expected = [
        "actions.toml:2: is not UTF-8; save the file as UTF-8",
        "wieghts.toml: no such configuration file; did you mean weights.toml?",
    ];
    assert_eq!(problems, expected);
}

#[test]
fn a_folder_that_is_not_there() {
    let dir = tempfile::tempdir().unwrap();
    let missing = dir.path().join("missing");
    let problems = read(&missing).unwrap_err();
    let start = format!("{}: cannot be read: ", missing.display());
    assert!(problems[0].to_string().starts_with(&start), "{}", problems[0]);
}

/// Must come back, with settings or with problems, whatever the text.
fn fuzz(text: &[u8]) {
    let text = String::from_utf8_lossy(text);
    let files: Vec<_> = samples().map(|(name, _)| (name, text.as_ref())).collect();
    if let Err(problems) = from_texts(&files) {
        assert!(!problems.is_empty());
    }
}

#[test]
fn awkward_texts() {
    let deep = format!("mode = {}", "[".repeat(10_000));
    let dots = format!("a{} = 1", ".a".repeat(10_000));
    let tables = "[[trusted]]\n".repeat(2_000);
    for text in
        ["\u{feff}mode = 'observe'", "\0", "=", "[", "'", "\"\\u{", "a = 1e999", &deep, &dots]
    {
        fuzz(text.as_bytes());
    }
    fuzz(tables.as_bytes());
    fuzz(b"\xff\xfe");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn any_bytes(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz(&text);
    }

    #[test]
    fn mutated_samples(
        file in 0..7usize,
        changes in proptest::collection::vec((any::<prop::sample::Index>(), "[ -~\\n]{0,3}"), 1..8),
    ) {
        let (_, sample) = samples().nth(file).unwrap();
        let mut text = uncommented(sample).into_bytes();
        for (at, with) in changes {
            let at = at.index(text.len());
            text.splice(at..(at + 1).min(text.len()), with.bytes());
        }
        fuzz(&text);
    }
}
