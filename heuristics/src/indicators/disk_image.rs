//! The image of a disk comes along, whatever it is called.
//!
//! A double click mounts it as a drive, and the programs and shortcuts on it start without the
//! warning that files from the internet get. Hardly anybody sends one by mail: software makers and
//! measuring laboratories do now and then.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "disk-image",
    clause: None,
    group: Group::Attachment,
    // Nearly no business mail has one: asks for care alone, and with a program on it holds.
    points: 45,
    says: Words {
        ja: "添付ファイル「{file}」はディスクイメージです（{what_ja}）。開くとドライブとして接続されます。",
        en: "The attached file \"{file}\" is the image of a disk ({what_en}); opening it mounts it as a drive.",
    },
    means: Words {
        ja: "ディスクイメージ（ISO、IMG、VHDなど）は、ダブルクリックするとドライブとして開きます。その中の\
             プログラムやショートカットには、インターネットから届いたファイルに対する警告が表示されない\
             ことがあるため、攻撃によく使われます。業務でメールに添付されることはほとんどありません。\
             開く前に、送信者へ電話などで確認してください。",
        en: "An image of a disk (ISO, IMG, VHD and others) opens as a drive on a double click. What is on \
             it may start without the warning that files from the internet get, which is why \
             attackers use them. There is hardly a reason to send one by mail: ask the sender by \
             telephone before you open it.",
    },
    look,
};

fn look(mail: &Message<'_>, _facts: &Facts<'_>) -> Option<Evidence> {
    let all = mail.attachments();
    let image = all.iter().find(|file| file.kind.is_disk_image())?;
    let path = image.path(all, None);
    let shown = format!("{path} ({})", image.kind.name());
    let evidence = Evidence::new(shown).with("file", path);
    Some(evidence.with("what_ja", image.kind.name_ja()).with("what_en", image.kind.name()))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::container::samples::unpacked_sample;
    use crate::container::zip_writer::{File, zip};
    use crate::indicator::check::{fires, silent};
    use crate::message::files::samples::attached;

    #[track_caller]
    fn check(mail: impl AsRef<[u8]>, expected: &str) {
        assert_eq!(fires(&INDICATOR, mail), expected);
    }

    #[test]
    fn fires_by_content_under_any_name() {
        check(
            attached("請求書.iso", &unpacked_sample!("joliet.iso")),
            "請求書.iso (ISO disk image)",
        );
        check(attached("請求書.pdf", &unpacked_sample!("udf.iso")), "請求書.pdf (UDF disk image)");
        check(attached("a.img", &unpacked_sample!("fat12.img")), "a.img (FAT disk image)");
        check(
            attached("", &unpacked_sample!("dynamic.vhd")),
            "(application/octet-stream) (VHD disk image)",
        );
        check(attached("b", &unpacked_sample!("fixed.vhd")), "b (VHD disk image)");
        check(attached("a.txt", b"vhdxfile\0"), "a.txt (VHDX disk image)");
    }

    #[test]
    fn fires_inside_archives() {
        let bytes = zip(&[File::new("b.dat", &unpacked_sample!("plain.iso")).deflated()]);
        check(attached("a.zip", &bytes), "a.zip › b.dat (ISO disk image)");
    }

    #[test]
    fn fires_for_what_begins_as_a_document_and_is_mounted_by_its_name() {
        let mut disk = unpacked_sample!("joliet.iso");
        disk[..9].copy_from_slice(b"%PDF-1.7\n");
        check(attached("a.iso", &disk), "a.iso (ISO disk image)");
        let stored = zip(&[File::new("b.img", &disk)]);
        check(attached("a.zip", &stored), "a.zip › b.img (ISO disk image)");
        let packed = zip(&[File::new("b.img", &disk).deflated()]);
        check(attached("a.zip", &packed), "a.zip › b.img (ISO disk image)");
        silent(&INDICATOR, attached("a.pdf", &disk));
    }

    #[test]
    fn silent_for_words_in_names() {
        silent(&INDICATOR, attached("ISO9001認証.pdf", b"%PDF-1.7"));
        silent(&INDICATOR, attached("a.iso", b"text"));
        silent(&INDICATOR, attached("vhd.txt", b"conectix is a name"));
        silent(&INDICATOR, "Subject: a.iso\n\nISO 9660, UDF, VHDX");
    }
}
