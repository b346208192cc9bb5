//! The kinds of file that are told apart, and what each is to those who receive it.
//!
//! Plain data: [`super::magic`] finds the kind, nothing here looks at content. A kind is a program
//! where opening it runs what the sender wrote, whatever it is otherwise.

/// What a file is by its content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// ACE archive.
    Ace,
    /// Android package.
    Apk,
    /// ARJ archive.
    Arj,
    /// Sound: MP3, WAV, Ogg, FLAC.
    Audio,
    /// Windows bitmap.
    Bmp,
    /// bzip2.
    Bzip2,
    /// Microsoft cabinet.
    Cab,
    /// Compiled HTML help; it can run programs when opened.
    Chm,
    /// Unix `compress`.
    Compress,
    /// OLE compound file of no kind told apart here.
    Compound,
    /// Shortcut of Linux desktops.
    DesktopEntry,
    /// Android or Dalvik byte code.
    Dex,
    /// OOXML word processor document.
    Docx,
    /// Image of a disk with a partition table, or of a volume that is not read (NTFS, exFAT).
    Disk,
    /// Program for DOS or 16-bit Windows.
    DosProgram,
    /// Program for Linux and other Unix systems.
    Elf,
    /// Script encoded by Microsoft's script encoder (`#@~^`).
    EncodedScript,
    /// OOXML document encrypted with a password.
    EncryptedOffice,
    /// Electronic book.
    Epub,
    /// Excel 97–2003 workbook.
    Excel,
    /// Image of a FAT file system.
    Fat,
    /// GIF picture.
    Gif,
    /// gzip.
    Gzip,
    /// HEIF or AVIF picture.
    Heif,
    /// HTML application; runs as a program.
    Hta,
    /// HTML page.
    Html,
    /// Windows icon or cursor.
    Icon,
    /// Internet shortcut (`.url`).
    InternetShortcut,
    /// ISO 9660 disk image.
    Iso9660,
    /// Java archive.
    Jar,
    /// Java byte code.
    JavaClass,
    /// JPEG picture.
    Jpeg,
    /// Windows library description (`.library-ms`): opens a folder of someone else's server.
    LibraryMs,
    /// Windows shortcut (MS-SHLLINK).
    Lnk,
    /// LHA archive.
    Lzh,
    /// Program for macOS.
    MachO,
    /// Mail message as text.
    Mail,
    /// Web page saved as one file.
    Mht,
    /// Outlook message.
    Msg,
    /// Windows installer package, patch or transform.
    Msi,
    /// Windows application package.
    Msix,
    /// OpenDocument.
    Odf,
    /// OneNote section or table of contents.
    OneNote,
    /// OOXML of another kind (drawing, printing).
    Ooxml,
    /// PDF.
    Pdf,
    /// Windows program (PE).
    Pe,
    /// OpenPGP: message, key or signature.
    Pgp,
    /// CMS, S/MIME: signed or enveloped.
    Pkcs7,
    /// PNG picture.
    Png,
    /// PowerPoint 97–2003 presentation.
    PowerPoint,
    /// OOXML presentation.
    Pptx,
    /// RAR archive.
    Rar,
    /// Registry entries to be merged.
    RegistryFile,
    /// RTF.
    Rtf,
    /// Script with an interpreter line (`#!`).
    Script,
    /// Saved search (`.search-ms`) or search connector.
    SearchMs,
    /// Windows settings shortcut (`.settingcontent-ms`); starts any program.
    SettingContentMs,
    /// 7z archive.
    SevenZip,
    /// SVG drawing.
    Svg,
    /// tar archive.
    Tar,
    /// Text of no kind told apart here.
    Text,
    /// TIFF picture.
    Tiff,
    /// Outlook's `winmail.dat`.
    Tnef,
    /// UDF disk image.
    Udf,
    /// Nothing the table knows.
    #[default]
    Unknown,
    /// uuencoded file.
    Uuencode,
    /// VHD disk image.
    Vhd,
    /// VHDX disk image.
    Vhdx,
    /// Film: MP4, AVI, Matroska.
    Video,
    /// WebP picture.
    WebP,
    /// Word 97–2003 document.
    Word,
    /// OOXML workbook.
    Xlsx,
    /// XML of no kind told apart here.
    Xml,
    /// xz.
    Xz,
    /// ZIP archive.
    Zip,
    /// Zstandard.
    Zstd,
}

impl Kind {
    /// Whether it runs when opened: programs, scripts, installers.
    pub fn is_program(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Apk | Chm
                | Dex
                | DosProgram
                | Elf
                | EncodedScript
                | Hta
                | Jar
                | JavaClass
                | MachO
                | Msi
                | Msix
                | Pe
                | RegistryFile
                | Script
                | SettingContentMs
        )
    }

    /// Whether it is a shortcut: opens or starts something that lies elsewhere.
    pub fn is_shortcut(self) -> bool {
        use Kind::*;
        matches!(self, DesktopEntry | InternetShortcut | LibraryMs | Lnk | SearchMs)
    }

    /// Whether it holds files for their own sake; disk images are told by [`Kind::is_disk_image`].
    pub fn is_archive(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Ace | Arj
                | Bzip2
                | Cab
                | Compress
                | Gzip
                | Lzh
                | Rar
                | SevenZip
                | Tar
                | Xz
                | Zip
                | Zstd
        )
    }

    /// Whether it is the image of a disk, which a double click mounts.
    pub fn is_disk_image(self) -> bool {
        use Kind::*;
        matches!(self, Disk | Fat | Iso9660 | Udf | Vhd | Vhdx)
    }

    /// Whether people read it as a document.
    pub fn is_document(self) -> bool {
        use Kind::*;
        matches!(
            self,
            Compound
                | Docx
                | EncryptedOffice
                | Epub
                | Excel
                | Html
                | Mail
                | Mht
                | Msg
                | Odf
                | OneNote
                | Ooxml
                | Pdf
                | PowerPoint
                | Pptx
                | Rtf
                | Text
                | Word
                | Xlsx
                | Xml
        )
    }

    /// Whether it is a picture.
    pub fn is_picture(self) -> bool {
        use Kind::*;
        matches!(self, Bmp | Gif | Heif | Icon | Jpeg | Png | Svg | Tiff | WebP)
    }

    /// Name in English, for sentences and the record.
    pub fn name(self) -> &'static str {
        self.names().1
    }

    /// Name in Japanese, for sentences.
    pub fn name_ja(self) -> &'static str {
        self.names().0
    }

    fn names(self) -> (&'static str, &'static str) {
        use Kind::*;
        match self {
            Ace => ("ACE書庫", "ACE archive"),
            Apk => ("Android用アプリ", "Android application"),
            Arj => ("ARJ書庫", "ARJ archive"),
            Audio => ("音声", "sound"),
            Bmp | Gif | Heif | Icon | Jpeg | Png | Tiff | WebP => ("画像", "picture"),
            Bzip2 => ("bzip2圧縮ファイル", "bzip2 file"),
            Cab => ("CAB書庫", "CAB archive"),
            Chm => ("HTMLヘルプ", "compiled HTML help"),
            Compress => ("compress圧縮ファイル", "compress file"),
            Compound => ("OLE複合ファイル", "OLE compound file"),
            DesktopEntry => ("Linux用ショートカット", "Linux desktop shortcut"),
            Dex => ("Android用プログラム", "Android program"),
            Disk => ("ディスクイメージ", "disk image"),
            Docx | Word => ("Word文書", "Word document"),
            DosProgram => ("DOS用プログラム", "DOS program"),
            Elf => ("Linux用プログラム", "Linux program"),
            EncodedScript => ("エンコードされたスクリプト", "encoded script"),
            EncryptedOffice => ("暗号化されたOffice文書", "encrypted Office document"),
            Epub => ("電子書籍", "electronic book"),
            Excel | Xlsx => ("Excelブック", "Excel workbook"),
            Fat => ("FATディスクイメージ", "FAT disk image"),
            Gzip => ("gzip圧縮ファイル", "gzip file"),
            Hta => ("HTMLアプリケーション", "HTML application"),
            Html => ("HTMLファイル", "HTML page"),
            InternetShortcut => ("インターネットショートカット", "internet shortcut"),
            Iso9660 => ("ISOディスクイメージ", "ISO disk image"),
            Jar => ("Javaプログラム", "Java archive"),
            JavaClass => ("Javaプログラム", "Java program"),
            LibraryMs => ("Windowsライブラリ", "Windows library shortcut"),
            Lnk => ("Windowsショートカット", "Windows shortcut"),
            Lzh => ("LZH書庫", "LZH archive"),
            MachO => ("macOS用プログラム", "macOS program"),
            Mail => ("メール", "mail message"),
            Mht => ("Webアーカイブ", "web archive"),
            Msg => ("Outlookメッセージ", "Outlook message"),
            Msi => ("Windowsインストーラー", "Windows installer"),
            Msix => ("Windowsアプリパッケージ", "Windows application package"),
            Odf => ("OpenDocument文書", "OpenDocument"),
            OneNote => ("OneNoteファイル", "OneNote file"),
            Ooxml => ("Office文書", "Office document"),
            Pdf => ("PDF文書", "PDF document"),
            Pe => ("Windows用プログラム", "Windows program"),
            Pgp => ("OpenPGPデータ", "OpenPGP data"),
            Pkcs7 => ("S/MIMEデータ", "S/MIME data"),
            PowerPoint | Pptx => ("PowerPoint文書", "PowerPoint presentation"),
            Rar => ("RAR書庫", "RAR archive"),
            RegistryFile => ("レジストリ登録ファイル", "registry entries"),
            Rtf => ("RTF文書", "RTF document"),
            Script => ("スクリプト", "script"),
            SearchMs => ("Windows検索ショートカット", "Windows search shortcut"),
            SettingContentMs => ("Windows設定ショートカット", "Windows settings shortcut"),
            SevenZip => ("7z書庫", "7z archive"),
            Svg => ("SVG図面", "SVG drawing"),
            Tar => ("tar書庫", "tar archive"),
            Text => ("テキスト", "text"),
            Tnef => ("Outlook独自形式の添付", "Outlook winmail.dat"),
            Udf => ("UDFディスクイメージ", "UDF disk image"),
            Unknown => ("種類不明のファイル", "unknown"),
            Uuencode => ("uuencodeデータ", "uuencoded file"),
            Vhd => ("VHDディスクイメージ", "VHD disk image"),
            Vhdx => ("VHDXディスクイメージ", "VHDX disk image"),
            Video => ("動画", "film"),
            Xml => ("XMLファイル", "XML file"),
            Xz => ("xz圧縮ファイル", "xz file"),
            Zip => ("ZIP書庫", "ZIP archive"),
            Zstd => ("Zstandard圧縮ファイル", "Zstandard file"),
        }
    }
}
