//! Where an alias, a `.forward` file or a map leads: the lists of aliases(5) and virtual(5).
//!
//! Way in: [`read`]. Total: whatever is written leads somewhere, if only to a local name.

/// One destination.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Target {
    /// An address, or a local name without `@`; lower case.
    Address(String),
    /// `|command`: what it does with the mail is not ours to know.
    Command(String),
    /// `/file`: stays on this machine.
    File(String),
    /// `:include:/file`: a file with more destinations.
    Include(String),
}

/// Destinations separated by commas, quoted or not.
pub(super) fn read(list: &str) -> Vec<Target> {
    let mut targets = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for c in list.chars().chain([',']) {
        match c {
            _ if escaped => {
                word.push(c);
                escaped = false;
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ',' | '\n' if !quoted => {
                targets.extend(target(&word));
                word.clear();
            }
            _ => word.push(c),
        }
    }
    targets.extend(target(&word));
    targets
}

/// The lines of a `.forward` or an include file: lists, comments between them.
pub(super) fn read_lines(text: &str) -> Vec<(usize, Vec<Target>)> {
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim_start().starts_with('#'));
    let lists = lines.map(|(at, line)| (at.saturating_add(1), read(line)));
    lists.filter(|(_, targets)| !targets.is_empty()).collect()
}

fn target(word: &str) -> Option<Target> {
    let word = word.trim();
    if let Some(command) = word.strip_prefix('|') {
        return Some(Target::Command(command.trim().to_owned()));
    }
    if word.get(..INCLUDE.len()).is_some_and(|start| start.eq_ignore_ascii_case(INCLUDE)) {
        let path = word.get(INCLUDE.len()..).unwrap_or_default();
        return Some(Target::Include(path.trim().to_owned()));
    }
    if word.starts_with('/') && !word.contains('@') {
        return Some(Target::File(word.to_owned()));
    }
    // `Name <address>`; a backslash keeps a name from being looked up again.
    let address = word.rsplit_once('<').map_or(word, |(_, rest)| rest.trim_end_matches('>'));
    let address = address.trim().trim_start_matches('\\').to_lowercase();
    (!address.is_empty()).then_some(Target::Address(address))
}

const INCLUDE: &str = ":include:";

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_kind() {
        let list = "Taro@Example.com, \\jiro, \"|/usr/bin/vacation -a, jiro\", |cat, /var/mail/x, \
                    :include:/etc/list, Taro <a@b.example>, , \"hanako@b.example\"";
        let address = |a: &str| Target::Address(a.into());
        let expected = [
            address("taro@example.com"),
            address("jiro"),
            Target::Command("/usr/bin/vacation -a, jiro".into()),
            Target::Command("cat".into()),
            Target::File("/var/mail/x".into()),
            Target::Include("/etc/list".into()),
            address("a@b.example"),
            address("hanako@b.example"),
        ];
        assert_eq!(read(list), expected);
    }

    #[test]
    fn lines_with_comments() {
        let lines = read_lines("# a@b.example\n\na@c.example,\nb\n");
        let address = |a: &str| Target::Address(a.into());
        assert_eq!(lines, [(3, vec![address("a@c.example")]), (4, vec![address("b")])]);
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "(\"|\\\\|,|\\||:include:|<|\n|\\PC){0,30}") {
            let _ = read_lines(&text);
        }
    }
}
