//! Reads what forwards from the disk, as [`Hop`]s. Problems are collected beside them: one file that
//! cannot be read hides no other.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::paths::{Hop, INCLUDE};
use super::sieve;
use super::table::{self, Line};
use super::target::{self, Target};

/// What was read so far.
#[derive(Default)]
pub(super) struct Sources {
    /// Everything that sends mail on.
    pub(super) hops: Vec<Hop>,
    /// What could not be read, for people.
    pub(super) problems: Vec<String>,
    included: HashSet<String>,
}

impl Sources {
    /// The tables that main.cf names.
    pub(super) fn postfix(&mut self, dir: Option<&Path>) {
        let shipped = Path::new(POSTFIX_DIR);
        let asked = if dir.is_none() { ask_postconf() } else { None };
        let text = match asked {
            Some(text) => text,
            None => {
                let path = dir.unwrap_or(shipped).join("main.cf");
                let Some(text) = self.text(&path) else { return };
                text
            }
        };
        let dir = dir.unwrap_or(shipped).display().to_string();
        let settings = table::settings(&text, &dir);
        for (name, form) in TABLES {
            let tables = settings.get(name).map(String::as_str).unwrap_or_default();
            let mut seen = HashSet::new();
            for table in tables.split([',', ' ', '\t']).filter(|t| !t.is_empty()) {
                if seen.insert(table) {
                    self.table(name, table, form);
                }
            }
        }
        for name in ["always_bcc", "luser_relay"] {
            let value = settings.get(name).map(String::as_str).unwrap_or_default();
            self.add(name, target::read(value), &format!("main.cf: {name}"));
        }
    }

    /// The `.forward` files below home folders, or those of /etc/passwd.
    pub(super) fn homes(&mut self, roots: &[PathBuf]) {
        let mut homes = Vec::new();
        for root in roots {
            for home in self.entries(root).into_iter().filter(|entry| entry.is_dir()) {
                let user = home.file_name().map(|name| name.to_string_lossy().to_lowercase());
                homes.push((user.unwrap_or_default(), home));
            }
        }
        if roots.is_empty()
            && let Some(text) = self.text(Path::new(PASSWD))
        {
            homes = passwd(&text);
        }
        for (user, home) in homes {
            let path = home.join(".forward");
            match read(&path) {
                Ok(text) => self.lists(&user, &text, &path),
                Err(e) if is_missing(&e) => {}
                Err(e) => self.problems.push(format!("{}: {e}", path.display())),
            }
        }
    }

    /// A Sieve script, or a folder of them.
    pub(super) fn sieve(&mut self, path: &Path) {
        if !path.is_dir() {
            self.script(path);
            return;
        }
        let mut folders = vec![(path.to_owned(), 0)];
        while let Some((folder, depth)) = folders.pop() {
            for entry in self.entries(&folder) {
                // Links to folders are not followed, so that no circle is walked.
                let is_folder = entry.symlink_metadata().is_ok_and(|meta| meta.is_dir());
                if is_folder && depth < MAX_DEPTH {
                    folders.push((entry, depth + 1));
                } else if entry.extension().is_some_and(|e| e.eq_ignore_ascii_case("sieve"))
                    && !entry.is_dir()
                {
                    self.script(&entry);
                }
            }
        }
    }

    fn script(&mut self, path: &Path) {
        let Some(text) = self.text(path) else { return };
        let shown = path.display().to_string();
        for redirect in sieve::redirects(&text) {
            let to = vec![Target::Address(redirect.to)];
            self.add(&shown, to, &format!("{shown}:{}", redirect.line));
        }
    }

    /// One table of a setting: `hash:/etc/aliases`.
    fn table(&mut self, setting: &str, written: &str, form: Form) {
        let bare = written.strip_prefix("proxy:").unwrap_or(written);
        let (kind, path) = bare.split_once(':').unwrap_or(("hash", bare));
        let lines: fn(&str) -> Vec<Line> = match (kind, form) {
            ("static", _) => {
                self.add("*", target::read(path), &format!("main.cf: {setting}"));
                return;
            }
            ("regexp" | "pcre", _) => table::patterns,
            ("hash" | "lmdb" | "btree" | "dbm" | "cdb" | "texthash" | "sdbm", Form::Aliases) => {
                table::aliases
            }
            ("hash" | "lmdb" | "btree" | "dbm" | "cdb" | "texthash" | "sdbm", _) => table::map,
            _ => {
                self.problems.push(format!("{setting}: {written}: cannot be read as a text"));
                return;
            }
        };
        let path = Path::new(path);
        let Some(text) = self.text(path) else { return };
        for line in lines(&text) {
            let place = format!("{}:{}", path.display(), line.number);
            let from = match form {
                Form::Aliases | Form::Map => line.key,
                Form::Bcc => format!("{setting}: {}", line.key),
            };
            self.add(&from, target::read(&line.value), &place);
        }
    }

    fn add(&mut self, from: &str, targets: Vec<Target>, place: &str) {
        for to in targets {
            let include = match &to {
                Target::Include(path) => Some(path.clone()),
                _ => None,
            };
            self.hops.push(Hop { from: from.to_owned(), to, place: place.to_owned() });
            if let Some(path) = include.filter(|path| self.included.insert(path.clone()))
                && self.included.len() <= MAX_INCLUDES
            {
                self.include(&path);
            }
        }
    }

    fn include(&mut self, path: &str) {
        let mut waiting = vec![path.to_owned()];
        while let Some(path) = waiting.pop() {
            let Some(text) = self.text(Path::new(&path)) else { continue };
            for (line, targets) in target::read_lines(&text) {
                for to in targets {
                    if let Target::Include(next) = &to
                        && self.included.len() < MAX_INCLUDES
                        && self.included.insert(next.clone())
                    {
                        waiting.push(next.clone());
                    }
                    let from = format!("{INCLUDE}{path}");
                    self.hops.push(Hop { from, to, place: format!("{path}:{line}") });
                }
            }
        }
    }

    fn lists(&mut self, user: &str, text: &str, path: &Path) {
        for (line, targets) in target::read_lines(text) {
            self.add(user, targets, &format!("{}:{line}", path.display()));
        }
    }

    /// The text of a file; a problem where it cannot be read.
    fn text(&mut self, path: &Path) -> Option<String> {
        read(path).map_err(|e| self.problems.push(format!("{}: {e}", path.display()))).ok()
    }

    /// What a folder holds, sorted.
    fn entries(&mut self, folder: &Path) -> Vec<PathBuf> {
        let read = std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>);
        match read {
            Ok(entries) => {
                let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
                paths.sort();
                paths
            }
            Err(e) => {
                self.problems.push(format!("{}: {e}", folder.display()));
                Vec::new()
            }
        }
    }
}

/// What `postconf -x` says of the tables, in the form of main.cf; `None` where there is none.
fn ask_postconf() -> Option<String> {
    let names = TABLES.iter().map(|(name, _)| *name).chain(["always_bcc", "luser_relay"]);
    let answer = Command::new("postconf").arg("-x").args(names).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).into_owned())
}

/// Users and their homes (passwd(5)), each home once.
fn passwd(text: &str) -> Vec<(String, PathBuf)> {
    let mut seen = HashSet::new();
    let user = |line: &str| {
        let mut fields = line.split(':');
        let (name, home) = (fields.next()?, fields.nth(4)?);
        let home = PathBuf::from(home);
        (home.is_absolute()).then(|| (name.to_lowercase(), home))
    };
    text.lines().filter_map(user).filter(|user| seen.insert(user.clone())).collect()
}

fn read(path: &Path) -> io::Result<String> {
    let file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no file"));
    }
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "is too large"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// No file there, as with most homes.
fn is_missing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// How a setting's tables are written.
#[derive(Clone, Copy)]
enum Form {
    /// aliases(5).
    Aliases,
    /// Addresses that get a copy of another's mail.
    Bcc,
    /// virtual(5).
    Map,
}

/// The settings of postconf(5) that send mail on.
const TABLES: [(&str, Form); 6] = [
    ("alias_maps", Form::Aliases),
    ("virtual_alias_maps", Form::Map),
    ("canonical_maps", Form::Map),
    ("recipient_canonical_maps", Form::Map),
    ("recipient_bcc_maps", Form::Bcc),
    ("sender_bcc_maps", Form::Bcc),
];

const POSTFIX_DIR: &str = "/etc/postfix";
const PASSWD: &str = "/etc/passwd";

/// Bytes read of one file.
const LARGEST: u64 = 64 << 20;

/// Include files that are opened.
const MAX_INCLUDES: usize = 1000;

/// Folders within folders that are opened for scripts.
const MAX_DEPTH: usize = 20;

#[cfg(test)]
mod tests {
    use super::super::paths;
    use super::*;
    use std::fs;

    /// The paths that leave, each `from > via > to (place)`, and the problems, without the folder.
    fn audit(folder: &Path, files: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let root = folder.display().to_string();
        for (name, text) in files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text.replace("ROOT", &root)).unwrap();
        }
        let mut sources = Sources::default();
        sources.postfix(Some(folder));
        sources.homes(&[folder.join("home")]);
        sources.sieve(&folder.join("sieve"));
        let shown = |p: paths::Path| {
            let steps = [vec![p.from], p.via, vec![p.to]].concat().join(" > ");
            let mark = if p.leaves { "" } else { " ?" };
            format!("{steps}{mark} ({})", p.place).replace(&format!("{root}/"), "")
        };
        let found = paths::leaving(&sources.hops, &["own.example".to_owned()]);
        let problems = sources.problems.iter().map(|p| p.replace(&format!("{root}/"), ""));
        (found.into_iter().map(shown).collect(), problems.collect())
    }

    #[test]
    fn every_source_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            (
                "main.cf",
                "alias_maps = hash:ROOT/aliases, lmdb:$config_directory/more\n\
                 virtual_alias_maps = proxy:hash:ROOT/virtual\n  regexp:ROOT/patterns\n\
                 recipient_bcc_maps = hash:ROOT/bcc\nalways_bcc = log@archive.example\n",
            ),
            ("aliases", "root: taro\nlist: :include:ROOT/list\nfax: \"|fax -s\"\nme: me\n"),
            ("more", "jiro: Jiro@Gmail.com\n"),
            ("list", "# members\nx@example.com\n:include:ROOT/list\nhanako@own.example\n"),
            ("virtual", "info@own.example taro@own.example, jiro@own.example\n"),
            ("patterns", "/^sales@/ y@example.com\n"),
            ("bcc", "boss@own.example boss@example.net\n"),
            ("home/taro/.forward", "\\taro, taro@docomo.ne.jp\n"),
            ("home/jiro/mail", ""),
            ("sieve/hanako/main.sieve", "require \"copy\";\nredirect :copy \"h@icloud.com\";\n"),
            ("sieve/hanako/notes.txt", "redirect \"n@icloud.com\";"),
        ];
        let (found, problems) = audit(folder.path(), &files);
        assert_eq!(problems, Vec::<String>::new());
        let expected = [
            "root > taro > taro@docomo.ne.jp (home/taro/.forward:1)",
            "list > :include:list > x@example.com (list:2)",
            "fax > |fax -s ? (aliases:3)",
            "jiro > jiro@gmail.com (more:1)",
            "info@own.example > taro@own.example > taro@docomo.ne.jp (home/taro/.forward:1)",
            "info@own.example > jiro@own.example > jiro@gmail.com (more:1)",
            "/^sales@/ > y@example.com (patterns:1)",
            "recipient_bcc_maps: boss@own.example > boss@example.net (bcc:1)",
            "always_bcc > log@archive.example (main.cf: always_bcc)",
            "taro > taro@docomo.ne.jp (home/taro/.forward:1)",
            "sieve/hanako/main.sieve > h@icloud.com (sieve/hanako/main.sieve:2)",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_read_is_told_and_hides_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let files = [
            ("main.cf", "alias_maps = hash:ROOT/none ldap:ROOT/l hash:ROOT/aliases\n"),
            ("aliases", "a: :include:ROOT/gone, a@example.com\n"),
            ("home/taro/.forward/x", ""),
        ];
        let (found, problems) = audit(folder.path(), &files);
        assert_eq!(found, ["a > a@example.com (aliases:1)"]);
        let starts: Vec<_> = problems.iter().map(|p| p.split(": ").next().unwrap()).collect();
        assert_eq!(starts, ["none", "alias_maps", "gone", "home/taro/.forward", "sieve"]);
    }

    #[test]
    fn homes_of_passwd() {
        let text =
            "root:x:0:0:root:/root:/bin/sh\nbad\nTaro:x:1:1::/people/taro:/bin/sh\nn:x:1:1:::\n";
        let user = |name: &str, home: &str| (name.to_owned(), PathBuf::from(home));
        assert_eq!(passwd(text), [user("root", "/root"), user("taro", "/people/taro")]);
    }
}
