//! Makes the table by which icons are recognised, and the page that says how well.
//!
//! `cargo run --release -p sekisho-corpus --bin icon-model -- [--icons FOLDER] [--cache FOLDER]
//! [--list]`. Needs the Debian packages that `heuristics/ICONS.md` names, and librsvg2-bin. Writes
//! `heuristics/data/icons.bin` and `heuristics/ICONS.md`; `--list` prints what is mistaken.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use sekisho_corpus::icons::forest::{self, Plan, Tree};
use sekisho_corpus::icons::render::Renderer;
use sekisho_corpus::icons::report::{self, Judged};
use sekisho_corpus::icons::themes::{self, FAMILIES};
use sekisho_corpus::icons::{NONE, Sample, class_name, drawn};
use sekisho_heuristics::container::icon::forest::votes;

const PLAN: Plan = Plan { trees: 80, drawn: 8000, tried: 40, depth: 14, leaf: 4 };

/// Rounds in which the families that are learnt from take turns in being left out.
const FOLDS: usize = 4;

/// False alarms allowed on applications of families that were left out.
const FALSE_ALARMS: f64 = 0.025;

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            let _ = writeln!(std::io::stderr(), "icon-model: {why}");
            ExitCode::from(2)
        }
    }
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let heuristics = Path::new(env!("CARGO_MANIFEST_DIR")).join("../heuristics");
    let mut icons = PathBuf::from("/usr/share/icons");
    let mut cache = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/icons");
    let mut is_listed = false;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        match argument.as_str() {
            "--icons" => icons = value()?.into(),
            "--cache" => cache = value()?.into(),
            "--list" => is_listed = true,
            other => return Err(format!("no such argument: {other}")),
        }
    }
    let samples = collect(&icons, &Renderer::new(&cache)?);
    let (kept_back, learnt): (Vec<Sample>, Vec<Sample>) =
        samples.into_iter().partition(|s| FAMILIES.get(s.family).is_some_and(|f| f.kept_back));
    tell(&format!("{} pictures to learn from, {} kept back", learnt.len(), kept_back.len()));
    let all: Vec<&Sample> = learnt.iter().collect();
    let trees = forest::grow(&all, FAMILIES.len(), PLAN);
    let crossed = crossed(&learnt);
    let needed = report::needed_for(&crossed, FALSE_ALARMS);
    let table = forest::table(&trees, needed);
    let seen: std::collections::HashSet<&[u8]> =
        learnt.iter().map(|s| s.features.as_slice()).collect();
    let tested: Vec<Judged<'_>> = kept_back
        .iter()
        .filter(|s| !seen.contains(s.features.as_slice()))
        .map(|s| Judged { sample: s, votes: votes(&table, &s.features) })
        .collect();
    let page = page(&crossed, &tested, &learnt, needed, &trees, table.len());
    let write = |path: PathBuf, bytes: &[u8]| {
        std::fs::write(&path, bytes).map_err(|e| format!("{}: {e}", path.display()))
    };
    write(heuristics.join("data/icons.bin"), &table)?;
    write(heuristics.join("ICONS.md"), page.as_bytes())?;
    tell(&page);
    if is_listed {
        for needed in (90..230).step_by(10) {
            let share = f32::from(needed as u8) / 255.0;
            let of = |j: &[Judged<'_>]| {
                (
                    report::icons(j, share, report::is_own).share(),
                    report::icons(j, share, |s| s.class != NONE).share(),
                )
            };
            let ((a, b), (c, d)) = (of(&crossed), of(&tested));
            tell(&format!(
                "{needed}: crossed {:.2} {:.1}   kept back {:.2} {:.1}",
                a * 100.,
                b * 100.,
                c * 100.,
                d * 100.
            ));
        }
        list(&tested, f32::from(needed) / 255.0);
        list(&crossed, f32::from(needed) / 255.0);
    }
    Ok(())
}

/// Every sample; families are drawn at the same time.
fn collect(icons: &Path, renderer: &Renderer) -> Vec<Sample> {
    let families: Vec<usize> = (1..FAMILIES.len()).collect();
    let work = |part: usize| {
        let mine = families.iter().filter(move |&&f| f % 2 == part);
        mine.flat_map(|&f| themes::samples(icons, f, renderer)).collect::<Vec<_>>()
    };
    let mut samples = std::thread::scope(|scope| {
        let other = scope.spawn(|| work(1));
        let mut samples = work(0);
        samples.extend(other.join().unwrap_or_default());
        samples
    });
    samples.extend(drawn::samples(renderer));
    samples.sort_by(|a, b| (a.family, &a.icon, a.side).cmp(&(b.family, &b.icon, b.side)));
    samples
}

/// What forests grown without the family of a picture say of it, in [`FOLDS`] rounds.
fn crossed(learnt: &[Sample]) -> Vec<Judged<'_>> {
    let rounds = (0..FOLDS).flat_map(|fold| {
        let (out, others): (Vec<&Sample>, Vec<&Sample>) =
            learnt.iter().partition(|s| s.family != 0 && s.family % FOLDS == fold);
        let table = forest::table(&forest::grow(&others, FAMILIES.len(), PLAN), 0);
        let out = out.into_iter().filter(|s| !s.is_varied);
        out.map(|s| Judged { sample: s, votes: votes(&table, &s.features) }).collect::<Vec<_>>()
    });
    rounds.collect()
}

fn page(
    crossed: &[Judged<'_>],
    tested: &[Judged<'_>],
    learnt: &[Sample],
    needed: u8,
    trees: &[Tree],
    bytes: usize,
) -> String {
    let share = f32::from(needed) / 255.0;
    let alarms = report::icons(tested, share, report::is_own);
    let recall = report::icons(tested, share, |s| s.class != NONE);
    let mut out = format!(
        "# How well disguised icons are recognised\n\n\
         Written by `cargo run --release -p sekisho-corpus --bin icon-model`; not edited by hand. The program turns icons\n\
         into numbers (`container::icon::features`), grows a forest of {} trees from them ({} nodes, {} kB,\n\
         `data/icons.bin`) and measures it. A picture is taken for a document, folder … where at least {:.0} % of the votes\n\
         are not for \"none of them\"; the share is chosen so that at most {:.1} % of the applications of themes that were\n\
         left out in turn are taken for something (below).\n\n\
         ## On themes that were kept back wholly\n\n\
         {} of {} icons of documents, folders … are recognised in at least one size ({:.1} %); {} of {} icons of\n\
         applications are taken for something in at least one size ({:.1} %). File managers, editors, viewers, packers\n\
         and office programs, whose own icon often shows a folder or a sheet, are counted apart. No picture of these themes\n\
         was learnt from, but the plan of the forest, the weight of the drawings and the allowed false alarms were settled\n\
         after looking at these figures, so they flatter; those of the themes left out in turn are the cautious ones.\n\n",
        trees.len(),
        trees.iter().map(|t| t.len()).sum::<usize>(),
        bytes / 1000,
        share * 100.0,
        FALSE_ALARMS * 100.0,
        recall.taken,
        recall.all,
        100.0 * recall.share(),
        alarms.taken,
        alarms.all,
        100.0 * alarms.share(),
    );
    out.push_str(&report::by_family(tested, share));
    out.push_str("\nWhat each picture is taken for:\n\n");
    out.push_str(&report::confusion(tested, share));
    out.push_str(
        "\n## On the others, left out in turn\n\nEach picture is judged by a forest grown without a quarter of the families, its own among them.\n\n",
    );
    out.push_str(&report::by_family(crossed, share));
    out.push('\n');
    out.push_str(&report::confusion(crossed, share));
    let _ = write!(out, "\n## Themes\n\n{} pictures were learnt from.\n\n", learnt.len());
    for family in FAMILIES {
        let role = if family.kept_back { "kept back" } else { "learnt from" };
        let _ = writeln!(out, "- {} ({}): {role}", family.name, family.from);
    }
    out
}

fn list(judged: &[Judged<'_>], needed: f32) {
    for j in judged {
        let class = j.class(needed);
        if (class == NONE) != (j.sample.class == NONE) {
            tell(&format!(
                "{} {}: {} taken for {} ({:.2})",
                j.sample.icon,
                j.sample.side,
                class_name(j.sample.class),
                class_name(class),
                1.0 - j.votes.first().copied().unwrap_or_default(),
            ));
        }
    }
}

fn tell(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
