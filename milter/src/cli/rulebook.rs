//! The rules for outgoing mail, shown: the table of what is in force, and one rule explained.
//!
//! The default of a rule is what the profile in force does; `yours` is what `outbound.toml` says,
//! table `[rulings]`.

use comfy_table::{ContentArrangement, Table, presets};
use sekisho_config::{Outbound, Profile, Ruling};
use sekisho_heuristics::outbound::rule::Rule;
use sekisho_heuristics::outbound::rules::ALL;
use sekisho_heuristics::policy::Policy;

/// The rule of this id.
pub(super) fn find(id: &str) -> Option<&'static Rule> {
    ALL.iter().copied().find(|rule| rule.id == id)
}

/// Ids of all rules.
pub(super) fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|rule| rule.id)
}

/// Every rule with its ruling: the profile's, yours, effective.
pub(super) fn table(policy: &Policy) -> Table {
    let profile = policy.settings().outbound.profile.name();
    let mut table = Table::new();
    table
        .load_style(presets::UTF8_HORIZONTAL_ONLY)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_header(["rule for outgoing mail", "clause", profile, "yours", "effective"]);
    for rule in ALL {
        let Rulings { default, yours, effective } = Rulings::of(rule, policy);
        table.add_row([rule.id, rule.clause.unwrap_or(NONE), default, yours, effective]);
    }
    table
}

/// What one rule means, asks for and does.
pub(super) fn explanation(rule: &Rule, policy: &Policy) -> String {
    let clause = rule.clause.map_or_else(
        || "none (beyond the rule books)".to_owned(),
        |clause| format!("{clause} of the rule books, for outgoing mail"),
    );
    let profiles = Profile::ALL
        .map(|profile| format!("{} {}", profile.name(), rule.rulings.of(profile).name()))
        .join(", ");
    let Rulings { default, yours, effective } = Rulings::of(rule, policy);
    let profile = policy.settings().outbound.profile.name();
    let allowed: Vec<&str> = Ruling::ALL
        .into_iter()
        .filter(|ruling| *ruling != Ruling::Convert || rule.converts)
        .map(Ruling::name)
        .collect();
    format!(
        "{id}\n\n  clause    {clause}\n  rulings   {profiles}\n  in force  profile {profile} {default}, \
         yours {yours}, effective {effective}\n  allowed   {allowed}\n\n\
         日本語\n  {says_ja}\n  {advice_ja}\n  {means_ja}\n\n\
         English\n  {says_en}\n  {advice_en}\n  {means_en}\n",
        id = rule.id,
        allowed = allowed.join(", "),
        says_ja = rule.says.ja,
        advice_ja = rule.advice.ja,
        means_ja = rule.means.ja,
        says_en = rule.says.en,
        advice_en = rule.advice.en,
        means_en = rule.means.en,
    )
}

/// Whose rule book is in force and within what bounds, as lines that stand below each other.
pub(super) fn in_force(policy: &Policy) -> String {
    let outbound = &policy.settings().outbound;
    let Outbound { broadcast, persons, exempt, partners, .. } = outbound;
    let organisations = match broadcast.organisations {
        Some(most) => format!("at most {most} external organisations"),
        None => "any number of organisations".to_owned(),
    };
    let exempt = match (exempt.senders.len(), exempt.networks.len()) {
        (0, 0) => "no mail".to_owned(),
        (senders, 0) => format!("{senders} sender(s)"),
        (0, networks) => format!("{networks} network(s)"),
        (senders, networks) => format!("{senders} sender(s) in {networks} network(s)"),
    };
    let only: Vec<&str> = outbound.partners_only.iter().map(|class| class.name()).collect();
    let only = if only.is_empty() { "no class".to_owned() } else { only.join(", ") };
    let mark = match outbound.transport_mark.as_str() {
        "" => "not marked for TLS".to_owned(),
        name => format!("marked for TLS by {name}"),
    };
    let yes_or_no = |set: bool| if set { "yes" } else { "no" };
    format!(
        "  profile      {profile}\n  rules        {active} of {all} looked at\n  \
         broadcasts   To and Cc may show at most {shown} external addresses, {organisations}\n  \
         persons      a list of {persons} or more may not leave\n  \
         exempt       {exempt}; internal mail judged: {internal}\n  \
         partners     {partners} agreement(s); for partners only: {only}\n  \
         confidential {mark}\n  senders      told of a refusal by mail too: {notify}\n",
        profile = outbound.profile.name(),
        active = policy.rules().len(),
        all = ALL.len(),
        shown = broadcast.shown,
        internal = yes_or_no(outbound.internal),
        partners = partners.len(),
        notify = yes_or_no(outbound.notify_sender),
    )
}

/// What is done where a rule speaks.
struct Rulings {
    default: &'static str,
    yours: &'static str,
    effective: &'static str,
}

impl Rulings {
    fn of(rule: &Rule, policy: &Policy) -> Rulings {
        let outbound = &policy.settings().outbound;
        Rulings {
            default: rule.rulings.of(outbound.profile).name(),
            yours: outbound.rulings.get(rule.id).map_or(NONE, |own| own.ruling.name()),
            effective: policy.ruling(rule.id).unwrap_or(Ruling::Off).name(),
        }
    }
}

/// What stands where nothing is set.
const NONE: &str = "–";
