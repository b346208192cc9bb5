//! What the other commands say.

use std::fs;
use std::path::Path;
use std::process::Command;

use sekisho_tests::sekisho::Sekisho;

use crate::{sekisho, text};

/// Standard output, standard error and exit status.
fn run(arguments: &[&str]) -> (String, String, i32) {
    let output = sekisho(arguments, Path::new("."), b"");
    (text(&output.stdout), text(&output.stderr), output.status.code().unwrap())
}

#[test]
fn explain_tells_clause_points_and_both_languages() {
    let (shown, _, code) = run(&["explain", "double-extension"]);
    assert_eq!(code, 0);
    for word in ["attachment-5", "default 45", "日本語", "English", "拡張子"] {
        assert!(shown.contains(word), "{word:?} is not in\n{shown}");
    }
}

#[test]
fn explain_tells_what_signs_earn_by_standing_together() {
    let (shown, _, code) = run(&["explain", "theme-by-stranger"]);
    assert_eq!(code, 0);
    for word in ["group theme", "first-contact", "default 5", "日本語", "English"] {
        assert!(shown.contains(word), "{word:?} is not in\n{shown}");
    }
}

#[test]
fn an_unknown_indicator_is_answered_with_the_nearest() {
    let (_, said, code) = run(&["explain", "double-extention"]);
    assert_eq!(code, 2);
    assert!(said.contains("did you mean double-extension?"), "{said}");
}

#[test]
fn indicators_show_default_yours_and_effective_points() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("weights.toml"),
        "[weights]\nhtml-form = 7\nrlo-file-name = \"off\"\ntheme-by-stranger = 2\n",
    )
    .unwrap();
    let (shown, _, code) = run(&["indicators", "--config", folder.path().to_str().unwrap()]);
    assert_eq!(code, 0);
    let row = |id: &str| -> Vec<String> {
        let line = shown.lines().find(|l| l.contains(id)).unwrap();
        line.split_whitespace().map(str::to_owned).collect()
    };
    assert_eq!(row("html-form")[3..], ["10", "7", "7"]);
    assert_eq!(row("rlo-file-name")[3..], ["60", "off", "off"]);
    assert_eq!(row("theme-by-stranger")[3..], ["5", "2", "2"]);
    assert_eq!(row("padded-file-name")[3..], ["45", "–", "45"]);
}

#[test]
fn explain_tells_a_rules_clause_rulings_and_both_languages() {
    let folder = tempfile::tempdir().unwrap();
    let outbound = "[policy]\nprofile = \"isms\"\n[rulings]\ntop-secret-leaving = \"hold\"\n";
    fs::write(folder.path().join("outbound.toml"), outbound).unwrap();
    let config = folder.path().to_str().unwrap();
    let (shown, _, code) = run(&["explain", "top-secret-leaving", "--config", config]);
    assert_eq!(code, 0);
    for words in [
        "clause    top-secret of the rule books",
        "rulings   company hold, isms reject, foundation reject\n",
        "in force  profile isms reject, yours hold, effective hold\n",
        "allowed   off, warn, hold, reject\n",
        "日本語",
        "責任者にご相談ください。",
        "English",
        "ask the person in charge.",
    ] {
        assert!(shown.contains(words), "{words:?} is not in\n{shown}");
    }
}

#[test]
fn an_unknown_rule_is_answered_with_the_nearest() {
    let (_, said, code) = run(&["explain", "top-secret-leafing"]);
    let expected = "no such indicator or rule \"top-secret-leafing\"; did you mean \
                    top-secret-leaving?\n";
    assert_eq!((said, code), (format!("sekisho: {expected}"), 2));
    let folder = tempfile::tempdir().unwrap();
    let write = |text: &str| fs::write(folder.path().join("outbound.toml"), text).unwrap();
    write("[rulings]\ntop-secret-leafing = \"hold\"\ntop-secret-leaving = \"convert\"\n");
    let (_, said, code) = run(&["check-config", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    let unknown = "outbound.toml:2: top-secret-leafing: no such rule \"top-secret-leafing\"; did you \
                   mean top-secret-leaving?";
    assert!(said.contains(unknown), "{said}");
    assert!(said.contains("outbound.toml:3: top-secret-leaving: no clause says how"), "{said}");
}

#[test]
fn indicators_and_check_config_show_what_is_done_for_each_rule() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join("outbound.toml"),
        "[policy]\nprofile = \"foundation\"\n[broadcast]\nshown = 3\n[rulings]\n\
         broadcast-recipients-exposed = \"convert\"\nlookalike-recipient = \"off\"\n",
    )
    .unwrap();
    let config = folder.path().to_str().unwrap();
    let (listed, _, code) = run(&["indicators", "--config", config]);
    assert_eq!(code, 0);
    let (checked, _, code) = run(&["check-config", config]);
    assert_eq!(code, 0);
    for shown in [&listed, &checked] {
        let row = |id: &str| -> Vec<String> {
            let line = shown.lines().find(|l| l.contains(id)).unwrap();
            line.split_whitespace().map(str::to_owned).collect()
        };
        let converted = ["broadcast-by-bcc", "reject", "convert", "convert"];
        assert_eq!(row("broadcast-recipients-exposed")[1..], converted);
        assert_eq!(row("lookalike-recipient")[1..], ["misdelivery", "reject", "off", "off"]);
        assert_eq!(row("top-secret-leaving")[1..], ["top-secret", "reject", "–", "reject"]);
    }
    assert!(checked.contains("profile      foundation\n"), "{checked}");
    assert!(checked.contains("may show at most 3 external addresses"), "{checked}");
}

#[test]
fn check_config_reports_every_mistake_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, content: &str| fs::write(folder.path().join(name), content).unwrap();
    write("thresholds.toml", "[thresholds]\nbaner = 40\nhold = \"soon\"\n");
    write("weights.toml", "[weights]\ndouble-extention = 3\n");
    let (_, said, code) = run(&["check-config", folder.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(said.contains("thresholds.toml:2: thresholds.baner"), "{said}");
    assert!(said.contains("did you mean"), "{said}");
    assert!(said.contains("thresholds.toml:3: thresholds.hold"), "{said}");
    // An id that does not exist is told with the others, and alone.
    let unknown = "weights.toml:2: double-extention: no such indicator \"double-extention\"; did \
                   you mean double-extension?";
    assert!(said.contains(unknown), "{said}");
    assert_eq!(said.lines().count(), 3, "{said}");
    write("thresholds.toml", "");
    let (_, said, code) = run(&["check-config", folder.path().to_str().unwrap()]);
    assert_eq!((said, code), (format!("sekisho: {unknown}\n"), 1));
    write("weights.toml", "");
    assert_eq!(run(&["check-config", folder.path().to_str().unwrap()]).2, 0);
}

#[test]
fn what_is_no_regular_file_is_a_mistake_and_keeps_nobody_waiting() {
    let sekisho = Sekisho::start(&[]).unwrap();
    let folder = sekisho.configuration();
    let made = Command::new("mkfifo").arg(folder.join("weights.toml")).status().unwrap();
    assert!(made.success());
    std::os::unix::fs::symlink("/dev/zero", folder.join("lists.toml")).unwrap();
    fs::create_dir(folder.join("actions.toml")).unwrap();
    let (_, said, code) = run(&["check-config", folder.to_str().unwrap()]);
    let mistake = "is no regular file; remove it, or put a file in its place\n";
    let expected: String = ["actions.toml", "lists.toml", "weights.toml"]
        .map(|name| format!("sekisho: {name}: {mistake}"))
        .concat();
    assert_eq!((said, code), (expected, 1));
    sekisho.reload();
    sekisho.logged("weights.toml: is no regular file", 1);
    sekisho.logged("configuration not read again for these mistakes; the old one stays", 1);
}

#[test]
fn check_config_wants_the_folder() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let (_, said, code) = run(&["check-config", file.path().to_str().unwrap()]);
    assert_eq!(code, 1);
    assert!(said.ends_with("is a file; name its folder\n"), "{said}");
}

#[test]
fn the_shipped_samples_are_a_configuration_without_mistakes() {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in sekisho_config::samples() {
        fs::write(folder.path().join(name), content).unwrap();
    }
    let (_, said, code) = run(&["check-config", folder.path().to_str().unwrap()]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn completions_and_manual_pages_come_out() {
    let (shown, _, code) = run(&["completions", "bash"]);
    assert!(code == 0 && shown.contains("_sekisho"));
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(run(&["manual", folder.path().to_str().unwrap()]).2, 0);
    for page in ["sekisho.1", "sekisho-run.1", "sekisho-scan.1"] {
        let text = fs::read_to_string(folder.path().join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}");
    }
}

#[test]
fn on_a_fresh_state_directory_reports_are_empty_and_well() {
    let (shown, said, code) = run(&["report", "monthly", "--month", "2026-10", "--language", "en"]);
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(
        shown.contains("monthly report 2026-10") && shown.contains("Nothing stood out"),
        "{shown}"
    );
    let (shown, _, code) = run(&["report", "monthly", "--format", "html"]);
    assert!(code == 0 && shown.starts_with("<!DOCTYPE html>"), "{shown}");
    let (shown, said, code) = run(&["preview", "--set", "banner=35", "--format", "jsonl"]);
    assert_eq!((code, said.as_str()), (0, ""));
    assert!(shown.contains("\"records\":0"), "{shown}");
}

#[test]
fn what_reports_cannot_do_is_wrong_usage_with_a_hint() {
    let cases = [
        (&["report", "monthly", "--month", "October"][..], "write it like 2026-10"),
        (&["preview", "--set", "baner=35"], "did you mean banner?"),
        (&["preview", "--set", "weights.double-extention=3"], "did you mean double-extension?"),
        (&["preview", "--since", "soon"], "write it like 90m"),
        (&["warn", "Q1"], "there is no record \"Q1\""),
        (&["incident", "Q1"], "there is no record \"Q1\""),
        (&["incident", "Q1", "--known-at", "yesterday"], "neither a day"),
    ];
    for (arguments, hint) in cases {
        let (_, said, code) = run(arguments);
        assert!(code == 2 && said.contains(hint), "{arguments:?}: {code} {said}");
    }
}
