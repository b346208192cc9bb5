//! Public bodies of Japan that a line names, and whether they exist.
//!
//! Way in: [`doubtful`], over one line of a signature. Bodies are found by how their names end (省,
//! 庁, 県, 局, 市役所) or begin (独立行政法人), and looked up in the lists of `sekisho-config`. Only
//! public bodies are judged: companies and associations stand in no list. When in doubt a name is
//! let pass: foreign bodies, what once was (旧, 元), departments below a real body, samples.

mod run;
#[cfg(test)]
mod tests;

use sekisho_config::Lists;

use run::Run;

/// A public body that is named and does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// The name as it was read.
    pub name: String,
    /// What is wrong with it.
    pub kind: Kind,
}

/// What is wrong with a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It existed, until this day (year-month-day).
    Abolished(String),
    /// It is one character away from this body.
    NearMiss(String),
    /// No such body is known.
    Unknown,
}

/// The first public body in `line` (NFKC) that does not exist.
pub fn doubtful(line: &str, lists: &Lists) -> Option<Doubt> {
    if line.len() > LONGEST_LINE || SAMPLES.iter().any(|sample| line.contains(sample)) {
        return None;
    }
    let runs = run::runs(line);
    let is_foreign = ABROAD.iter().any(|country| line.contains(country));
    let look = |at: usize, run: &Run| {
        let after = run::joined(runs.get(at + 1..).unwrap_or_default());
        incorporated(run, &after, lists)
            .or_else(|| (!is_foreign).then(|| ministry(run, &after, lists)).flatten())
            .or_else(|| (!is_foreign).then(|| prefecture(run, lists)).flatten())
            .or_else(|| regional_bureau(run, lists))
            .or_else(|| town_hall(run, lists))
            .or_else(|| near_miss(run, lists))
    };
    runs.iter().take(MOST_RUNS).enumerate().find_map(|(at, run)| look(at, run))
}

/// Longest line looked at, in bytes; longer ones are prose.
const LONGEST_LINE: usize = 300;

const MOST_RUNS: usize = 24;

/// Names that say of themselves that they are none.
const SAMPLES: [&str; 5] = ["サンプル", "テスト", "見本", "架空", "ダミー"];

/// What follows a legal form of the state: 独立行政法人情報処理推進機構.
fn incorporated(run: &Run, after: &str, lists: &Lists) -> Option<Doubt> {
    let (form, at) = FORMS.iter().find_map(|form| run.find(form).map(|at| (*form, at)))?;
    if run.before(at).ends_with("地方") {
        return None;
    }
    let rest = format!("{}{after}", run.from(at + form.chars().count()));
    let name = Run::new(&rest);
    let prefixes = || (2..=name.len().min(LONGEST_NAME)).rev().map(|end| name.before(end));
    if prefixes().any(|prefix| lists.public_bodies.contains(prefix)) {
        return None;
    }
    if let Some((name, day)) = prefixes().find_map(|p| Some((p, lists.abolished(p)?))) {
        return Some(Doubt::abolished(format!("{form}{name}"), day));
    }
    let plain = rest.replace('・', "");
    let is_plain =
        |body: &String| body.contains('・') && plain.starts_with(&body.replace('・', ""));
    if lists.public_bodies.iter().any(is_plain) {
        return None;
    }
    let own = run.from(at + form.chars().count());
    let shown = if own.is_empty() { name.before(name.len().min(LONGEST_SHOWN)) } else { own };
    (shown.chars().count() >= 4).then(|| Doubt::unknown(format!("{form}{shown}")))
}

const FORMS: [&str; 4] = ["独立行政法人", "国立研究開発法人", "国立大学法人", "(独)"];
const LONGEST_NAME: usize = 32;
const LONGEST_SHOWN: usize = 16;

/// A ministry or agency, and the bureau of one: 総務省情報流通行政局.
fn ministry(run: &Run, after: &str, lists: &Lists) -> Option<Doubt> {
    for (at, sign) in run.signs(&['省', '庁', '府']) {
        let name = run.before(at + 1);
        let rest = run.from(at + 1);
        if NO_BODY_AFTER.iter().any(|word| rest.starts_with(word)) || run::is_of_old(name) {
            continue;
        }
        if let Some(known) =
            run::longest_ending(name, |ending| lists.public_bodies.contains(ending))
        {
            let before = name.strip_suffix(known).unwrap_or_default();
            if known != "検察庁" && (MAKES_ANOTHER.contains(&before) || is_region(before, lists))
            {
                return Some(Doubt::unknown(name.to_owned()));
            }
            match bureau(known, &format!("{rest}{after}"), lists) {
                Some(doubt) => return Some(doubt),
                None => continue,
            }
        }
        if let Some(ending) = run::longest_ending(name, |ending| lists.abolished(ending).is_some())
        {
            let before = name.strip_suffix(ending).unwrap_or_default();
            let day = lists.abolished(ending)?;
            return (!run::is_of_old(before)).then(|| Doubt::abolished(ending.to_owned(), day));
        }
        let stem = run::stem(name);
        let is_word = ORDINARY.iter().any(|word| name.ends_with(word));
        let holds_katakana = stem.chars().any(run::is_katakana);
        // 山田省吾 is a person.
        let goes_on = rest.is_empty() || rest.contains(OF_BODIES);
        let is_other = sign == '府' || is_word || !goes_on || holds_katakana && sign == '省';
        if !is_other && (3..=LONGEST_MINISTRY).contains(&stem.chars().count()) {
            return Some(Doubt::unknown(stem.to_owned()));
        }
    }
    None
}

const LONGEST_MINISTRY: usize = 12;

/// What follows in the names of departments and offices.
const OF_BODIES: [char; 9] = ['局', '部', '課', '室', '官', '係', '院', '所', '長'];

/// What follows 省 or 庁 where no body is meant: 省略, 省エネ, 庁舎.
const NO_BODY_AFTER: [&str; 13] =
    ["略", "エネ", "力", "電", "資源", "人", "スペース", "令", "内", "舎", "メモリ", "み", "く"];

/// Words that end like a ministry or an agency, and provinces of China.
const ORDINARY: [&str; 62] = [
    "帰省",
    "反省",
    "内省",
    "自省",
    "猛省",
    "三省",
    "不省",
    "各省",
    "他省",
    "同省",
    "本省",
    "両省",
    "府省",
    "関係省",
    "官庁",
    "省庁",
    "官公庁",
    "府庁",
    "県庁",
    "都庁",
    "道庁",
    "市庁",
    "区庁",
    "支庁",
    "登庁",
    "退庁",
    "入庁",
    "来庁",
    "開庁",
    "閉庁",
    "本庁",
    "検察庁",
    "在庁",
    "各庁",
    "他庁",
    "貴庁",
    "教皇庁",
    "法王庁",
    "河北省",
    "山西省",
    "遼寧省",
    "吉林省",
    "黒竜江省",
    "黒龍江省",
    "江蘇省",
    "浙江省",
    "安徽省",
    "福建省",
    "江西省",
    "山東省",
    "河南省",
    "湖北省",
    "湖南省",
    "広東省",
    "海南省",
    "貴州省",
    "陝西省",
    "甘粛省",
    "青海省",
    "台湾省",
    "四川省",
    "雲南省",
];

/// The bureau that follows a ministry whose bureaus are listed.
fn bureau(ministry: &str, after: &str, lists: &Lists) -> Option<Doubt> {
    let rest = Run::new(after.strip_prefix("大臣官房").unwrap_or(after));
    let (at, _) = rest.signs(&['局']).next().filter(|(at, _)| *at <= LONGEST_BUREAU)?;
    let name = rest.before(at + 1);
    let is_department = name.contains(['課', '室', '部', '省', '庁', '院']);
    if is_department || NO_BUREAUS.iter().any(|word| name.ends_with(word)) {
        return None;
    }
    let whole = format!("{ministry}{name}");
    if lists.public_bodies.contains(&whole)
        || run::longest_ending(name, |ending| lists.public_bodies.contains(ending)).is_some()
    {
        return None;
    }
    if let Some(day) = lists.abolished(&whole).or_else(|| lists.abolished(name)) {
        return Some(Doubt::abolished(whole.clone(), day));
    }
    // 水大気環境局 is 水・大気環境局.
    let plain = whole.replace('・', "");
    let mut of_ministry = lists
        .public_bodies
        .range(ministry.to_owned()..)
        .take_while(|n| n.starts_with(ministry))
        .filter(|n| n.ends_with('局'))
        .peekable();
    of_ministry.peek()?;
    (!of_ministry.any(|n| n.replace('・', "") == plain)).then(|| Doubt::unknown(whole))
}

const LONGEST_BUREAU: usize = 14;

/// What ends like a bureau and is none of a ministry.
const NO_BUREAUS: [&str; 11] =
    ["事務局", "薬局", "郵便局", "当局", "本局", "支局", "総局", "部局", "内局", "外局", "放送局"];

/// A prefecture, its office or its police.
fn prefecture(run: &Run, lists: &Lists) -> Option<Doubt> {
    if let Some(at) = run.find("東京都警") {
        return Some(Doubt::near_miss(run.from(at).to_owned(), "警視庁"));
    }
    for (at, _) in run.signs(&['県']) {
        let (name, rest) = (run.before(at + 1), run.from(at + 1));
        let is_end =
            rest.is_empty() || PREFECTURE_GOES_ON.iter().any(|word| rest.starts_with(word));
        let is_known =
            run::longest_ending(name, |ending| lists.public_bodies.contains(ending)).is_some();
        let is_word = NO_PREFECTURES.iter().any(|word| name.ends_with(word));
        let stem = run::stem(name);
        let is_name =
            (3..=5).contains(&stem.chars().count()) && !stem.chars().any(run::is_katakana);
        if is_end && is_name && !is_known && !is_word && !run::is_of_old(name) {
            return Some(Doubt::unknown(stem.to_owned()));
        }
    }
    // 神奈川件警察本部: no prefecture at all before the police.
    let at = run.find("警察本部").filter(|at| *at > 0)?;
    let (name, whole) = (run.before(at), run.before(at + 4));
    let is_known = |ending: &str| lists.public_bodies.contains(ending);
    let is_police = [name, whole].iter().any(|n| run::longest_ending(n, is_known).is_some());
    let is_name = (2..=6).contains(&run::stem(name).chars().count());
    (!is_police && is_name && !run::is_of_old(name)).then(|| Doubt::unknown(whole.to_owned()))
}

/// What follows a prefecture's name in the names of its offices.
const PREFECTURE_GOES_ON: [&str; 8] =
    ["庁", "警", "知事", "議会", "教育委員会", "総務部", "税事務所", "土木"];

/// Words that end like a prefecture, and counties of Taiwan.
const NO_PREFECTURES: [&str; 25] = [
    "道府県",
    "府県",
    "各県",
    "隣県",
    "近県",
    "他県",
    "全県",
    "両県",
    "当県",
    "同県",
    "本県",
    "自県",
    "彰化県",
    "新竹県",
    "苗栗県",
    "南投県",
    "雲林県",
    "嘉義県",
    "屏東県",
    "宜蘭県",
    "花蓮県",
    "台東県",
    "澎湖県",
    "金門県",
    "置県",
];

/// A bureau of a region, which is named like one and does not exist: 東海国税局.
fn regional_bureau(run: &Run, lists: &Lists) -> Option<Doubt> {
    let (kind, at) = REGIONAL.iter().find_map(|kind| run.find(kind).map(|at| (*kind, at)))?;
    let head = run.before(at);
    let name = run.before(at + kind.chars().count());
    if run::is_of_old(name)
        || run::longest_ending(name, |ending| lists.public_bodies.contains(ending)).is_some()
    {
        return None;
    }
    if let Some(ending) = run::longest_ending(name, |ending| lists.abolished(ending).is_some()) {
        return Some(Doubt::abolished(ending.to_owned(), lists.abolished(ending)?));
    }
    (is_region(head, lists) || head == "日本").then(|| Doubt::unknown(name.to_owned()))
}

/// Whether `name` is a region, a prefecture or a city, without what kind it is.
fn is_region(name: &str, lists: &Lists) -> bool {
    !name.is_empty()
        && (REGIONS.contains(&name)
            || lists.municipalities.contains(&format!("{name}市"))
            || ["都", "府", "県"]
                .iter()
                .any(|s| lists.public_bodies.contains(&format!("{name}{s}"))))
}

/// What makes another name out of a ministry's: 国際防衛省.
const MAKES_ANOTHER: [&str; 4] = ["国際", "全国", "中央", "新"];

/// Kinds of regional bureaus of the state.
const REGIONAL: [&str; 16] = [
    "国税局",
    "労働局",
    "地方法務局",
    "法務局",
    "財務局",
    "総合通信局",
    "経済産業局",
    "通商産業局",
    "地方整備局",
    "地方建設局",
    "農政局",
    "厚生局",
    "出入国在留管理局",
    "入国管理局",
    "運輸局",
    "管区警察局",
];

/// Regions by which such bureaus are named, and others that fit.
const REGIONS: [&str; 19] = [
    "北海道",
    "東北",
    "関東",
    "北関東",
    "南関東",
    "関東信越",
    "甲信越",
    "信越",
    "北陸",
    "中部",
    "東海",
    "近畿",
    "関西",
    "中国",
    "四国",
    "九州",
    "首都圏",
    "東日本",
    "西日本",
];

/// The office of a municipality.
fn town_hall(run: &Run, lists: &Lists) -> Option<Doubt> {
    let (office, at) =
        OFFICES.iter().find_map(|office| run.find(office).map(|at| (*office, at)))?;
    let name = run.before(at + 1);
    let is_municipality = |ending: &str| lists.municipalities.contains(ending);
    let stem = run::stem(name);
    let is_name = (3..=8).contains(&stem.chars().count());
    if !is_name || run::is_of_old(name) || run::longest_ending(name, is_municipality).is_some() {
        return None;
    }
    // Old forms of characters (檮原, 龍ヶ崎) are no other place.
    let folded = run::plain_forms(name);
    let is_variant = lists
        .municipalities
        .iter()
        .any(|known| known.chars().count() >= 3 && folded.ends_with(&run::plain_forms(known)));
    let whole = || run.before(at + office.chars().count()).to_owned();
    (!is_variant).then(|| Doubt::unknown(whole()))
}

const OFFICES: [&str; 4] = ["市役所", "区役所", "町役場", "村役場"];

/// One character away from a ministry, an agency, a bureau, a commission: 厚生労働者.
fn near_miss(run: &Run, lists: &Lists) -> Option<Doubt> {
    let name = run.before(run.len());
    if !(5..=14).contains(&run.len()) || lists.public_bodies.contains(name) {
        return None;
    }
    let last = name.chars().next_back()?;
    let is_close = |body: &&String| {
        // Characters of these names have three bytes each.
        body.len() == name.len()
            && body.ends_with(NEAR_ENDINGS)
            && run::differences(body, name) == Some(1)
            && (body.ends_with(last) || MISTAKEN_LAST.contains(&last))
    };
    let body = lists.public_bodies.iter().find(is_close)?;
    Some(Doubt::near_miss(name.to_owned(), body))
}

/// How the bodies end that are imitated.
const NEAR_ENDINGS: [char; 6] = ['省', '庁', '局', '会', '府', '構'];

/// What is mistaken for 省, 署 and the like at the end; titles (大臣, 委員長) are no mistake.
const MISTAKEN_LAST: [char; 5] = ['者', '署', '所', '少', '首'];

/// Countries and peoples whose bodies are named in Japanese.
const ABROAD: [&str; 45] = [
    "米国",
    "アメリカ",
    "英国",
    "イギリス",
    "フランス",
    "仏国",
    "ドイツ",
    "独国",
    "イタリア",
    "ロシア",
    "中国",
    "中華",
    "韓国",
    "大韓",
    "北朝鮮",
    "台湾",
    "台灣",
    "香港",
    "ベトナム",
    "タイ",
    "インド",
    "カナダ",
    "豪州",
    "オーストラリア",
    "ニュージーランド",
    "シンガポール",
    "マレーシア",
    "フィリピン",
    "ミャンマー",
    "カンボジア",
    "ラオス",
    "モンゴル",
    "ブラジル",
    "メキシコ",
    "スペイン",
    "オランダ",
    "スイス",
    "スウェーデン",
    "ウクライナ",
    "トルコ",
    "サウジ",
    "イスラエル",
    "国防総省",
    "国務省",
    "商務省",
];

impl Doubt {
    fn unknown(name: String) -> Doubt {
        Doubt { name, kind: Kind::Unknown }
    }

    fn abolished(name: String, day: &str) -> Doubt {
        Doubt { name, kind: Kind::Abolished(day.to_owned()) }
    }

    fn near_miss(name: String, real: &str) -> Doubt {
        Doubt { name, kind: Kind::NearMiss(real.to_owned()) }
    }
}
