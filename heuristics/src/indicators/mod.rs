//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod display_name_other_address;
mod double_extension;
mod executable_attachment;
mod free_mail_sender;
mod html_form;
mod ip_address_link;
mod link_text_differs;
mod own_domain_from_outside;
mod padded_file_name;
mod redirector_link;
mod reply_to_other_domain;
mod rlo_file_name;
mod shortcut_attachment;
mod theme_approval_request;
mod theme_credential_request;
mod theme_delivery_or_booking;
mod theme_inquiry;
mod theme_internal_document;
mod theme_interview_request;
mod theme_organisation_notice;
mod theme_public_notice;
mod theme_recruitment;
mod theme_survey;
mod theme_vip_visit;
mod userinfo_link;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &authentication_failed::INDICATOR,
    &display_name_other_address::INDICATOR,
    &double_extension::INDICATOR,
    &executable_attachment::INDICATOR,
    &free_mail_sender::INDICATOR,
    &html_form::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &redirector_link::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &theme_approval_request::INDICATOR,
    &theme_credential_request::INDICATOR,
    &theme_delivery_or_booking::INDICATOR,
    &theme_inquiry::INDICATOR,
    &theme_internal_document::INDICATOR,
    &theme_interview_request::INDICATOR,
    &theme_organisation_notice::INDICATOR,
    &theme_public_notice::INDICATOR,
    &theme_recruitment::INDICATOR,
    &theme_survey::INDICATOR,
    &theme_vip_visit::INDICATOR,
    &userinfo_link::INDICATOR,
];
