//! One file per indicator. This list is kept equal to the folder by `tests/catalogue.rs`.

mod addressed_by_address;
mod adult_or_miracle_offer;
mod archive_limit;
mod attachment_present;
mod authentication_failed;
mod charge_to_call_about;
mod command_in_document;
mod disguised_icon;
mod disk_image;
mod display_name_other_address;
mod display_name_other_organisation;
mod double_extension;
mod encrypted_archive;
mod executable_attachment;
mod extortion_threat;
mod first_contact;
mod foreign_domain_link;
mod foreign_han;
mod foreign_mail_software;
mod free_hosting_link;
mod free_mail_sender;
mod hidden_text;
mod hotlinked_picture;
mod html_attachment;
mod html_form;
mod html_smuggling;
mod invented_mail_software;
mod invisible_characters;
mod ip_address_link;
mod link_text_differs;
mod links_elsewhere;
mod lookalike_sender_domain;
mod lookalike_url;
mod macro_document;
mod malformed_from;
mod malware_found;
mod mixed_script_words;
mod onenote_attachment;
mod opaque_link;
mod outdated_mail_software;
mod own_domain_from_outside;
mod padded_file_name;
mod picture_for_text;
mod qr_code_link;
mod random_link_domain;
mod random_sender_domain;
mod recipients_undisclosed;
mod redirector_link;
mod remote_template;
mod reply_to_free_mail;
mod reply_to_nothing;
mod reply_to_other_domain;
mod rlo_file_name;
mod sender_clock_abroad;
mod shortcut_attachment;
mod signature_address_differs;
mod signature_fax_as_phone;
mod signature_organisation_unknown;
mod signature_phone_changed;
mod signature_phone_invalid;
mod styled_letters;
mod svg_script;
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
mod threat_of_suspension;
mod throwaway_domain;
mod type_mismatch;
mod unnatural_japanese;
mod userinfo_link;
mod windfall_promise;

use crate::indicator::Indicator;

/// Every indicator, by id.
pub static ALL: &[&Indicator] = &[
    &addressed_by_address::INDICATOR,
    &adult_or_miracle_offer::INDICATOR,
    &archive_limit::INDICATOR,
    &attachment_present::INDICATOR,
    &authentication_failed::INDICATOR,
    &charge_to_call_about::INDICATOR,
    &command_in_document::INDICATOR,
    &disguised_icon::INDICATOR,
    &disk_image::INDICATOR,
    &display_name_other_address::INDICATOR,
    &display_name_other_organisation::INDICATOR,
    &double_extension::INDICATOR,
    &encrypted_archive::INDICATOR,
    &executable_attachment::INDICATOR,
    &extortion_threat::INDICATOR,
    &first_contact::INDICATOR,
    &foreign_domain_link::INDICATOR,
    &foreign_han::INDICATOR,
    &foreign_mail_software::INDICATOR,
    &free_hosting_link::INDICATOR,
    &free_mail_sender::INDICATOR,
    &hidden_text::INDICATOR,
    &hotlinked_picture::INDICATOR,
    &html_attachment::INDICATOR,
    &html_form::INDICATOR,
    &html_smuggling::INDICATOR,
    &invented_mail_software::INDICATOR,
    &invisible_characters::INDICATOR,
    &ip_address_link::INDICATOR,
    &link_text_differs::INDICATOR,
    &links_elsewhere::INDICATOR,
    &lookalike_sender_domain::INDICATOR,
    &lookalike_url::INDICATOR,
    &macro_document::INDICATOR,
    &malformed_from::INDICATOR,
    &malware_found::INDICATOR,
    &mixed_script_words::INDICATOR,
    &onenote_attachment::INDICATOR,
    &opaque_link::INDICATOR,
    &outdated_mail_software::INDICATOR,
    &own_domain_from_outside::INDICATOR,
    &padded_file_name::INDICATOR,
    &picture_for_text::INDICATOR,
    &qr_code_link::INDICATOR,
    &random_link_domain::INDICATOR,
    &random_sender_domain::INDICATOR,
    &recipients_undisclosed::INDICATOR,
    &redirector_link::INDICATOR,
    &remote_template::INDICATOR,
    &reply_to_free_mail::INDICATOR,
    &reply_to_nothing::INDICATOR,
    &reply_to_other_domain::INDICATOR,
    &rlo_file_name::INDICATOR,
    &sender_clock_abroad::INDICATOR,
    &shortcut_attachment::INDICATOR,
    &signature_address_differs::INDICATOR,
    &signature_fax_as_phone::INDICATOR,
    &signature_organisation_unknown::INDICATOR,
    &signature_phone_changed::INDICATOR,
    &signature_phone_invalid::INDICATOR,
    &styled_letters::INDICATOR,
    &svg_script::INDICATOR,
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
    &threat_of_suspension::INDICATOR,
    &throwaway_domain::INDICATOR,
    &type_mismatch::INDICATOR,
    &unnatural_japanese::INDICATOR,
    &userinfo_link::INDICATOR,
    &windfall_promise::INDICATOR,
];
