//! What administrators write: types, checks, shipped defaults and lists.
//!
//! Way in: [`Settings::default`] for the shipped defaults, [`read`] for a folder of TOML files over
//! them. This package knows no indicator: ids are checked by whoever has the catalogue.

#![allow(missing_docs)]

mod model;
mod problem;

pub use model::*;
pub use problem::{Problem, suggestion};

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            filter: Filter {
                mode: Mode::Enforce,
                listen: vec![Listen::Inet { host: "127.0.0.1".into(), port: 8899 }],
                socket_mode: 0o660,
                socket_group: None,
                own_domains: vec![],
                own_networks: vec![],
                partner_domains: vec![],
                on_failure: OnFailure {
                    judging: FailureReply::Tempfail,
                    limits: FailureReply::Tempfail,
                    action: FailureReply::Tempfail,
                },
                state_dir: None,
                limits: Limits {
                    connections: 200,
                    idle: std::time::Duration::from_secs(7500),
                    headers: 1000,
                    header_bytes: 1 << 20,
                    recipients: 10_000,
                    body_bytes: 100 << 20,
                    parts: 1000,
                    depth: 20,
                    members: 1000,
                    inflated_bytes: 100 << 20,
                    text_bytes: 4 << 20,
                    links: 1000,
                },
                log: Log::Auto,
            },
            thresholds: Thresholds {
                tag: Some(20),
                banner: Some(40),
                hold: Some(100),
                reject: None,
            },
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
                deadline: std::time::Duration::from_secs(5),
                name_servers: vec![],
            },
            lists: Lists::default(),
        }
    }
}
