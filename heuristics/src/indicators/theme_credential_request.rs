//! Wants ID, password, card or account data entered or confirmed.
//!
//! A bank, a shop or "the administrator" says that an account, a card or a mailbox is suspended,
//! full or misused, and that one must log in and confirm. Innocent services do write when a card
//! expires or a log-in is unusual; what they answer (a reset that was asked for, a registration) is
//! left out. Needs neither link nor file, since many ask for the password by return. Dodged by
//! pictures of text, and by stories that no list knows yet.

use crate::facts::Facts;
use crate::indicator::{Evidence, Group, Indicator, Words};
use crate::lexicon::home::{leads_home, shows_a_sample};
use crate::lexicon::theme::{Reach, find};
use crate::message::Message;

pub(super) static INDICATOR: Indicator = Indicator {
    id: "theme-credential-request",
    clause: Some("theme-6"),
    group: Group::Theme,
    // The aim of most phishing; honest services ask as well, so never alone.
    points: 25,
    says: Words {
        ja: "アカウントやカードの停止・異常などを理由に、ログインや情報の入力・確認を求めて\
             います（「{words}」）。",
        en: "The mail asks you to log in or to enter or confirm account, card or personal \
             data (“{words}”).",
    },
    means: Words {
        ja: "「アカウントを停止した」「不正利用を検知した」「容量が上限に達した」などと不安\
             をあおり、ID、パスワード、カード番号などを入力させるのは、フィッシングの典型的\
             な手口です。実在のサービスが同じような通知を送ることもあります。メールのリンク\
             は開かず、いつも使っているブックマークや公式アプリから確認してください。",
        en: "To say that an account is suspended, a card misused or a mailbox full, and to \
             have ID, password or card number entered, is the usual way of phishing. Real \
             services send such notices too. Do not follow the link; open the service from \
             your own bookmark or its app and look there.",
    },
    look,
};

fn look(mail: &Message<'_>, facts: &Facts<'_>) -> Option<Evidence> {
    find(mail, facts, "credential-request", Reach::Anybody)
        .filter(|_| !leads_home(mail, facts) && !shows_a_sample(mail))
}

#[cfg(test)]
mod tests {
    use super::INDICATOR;
    use crate::indicator::check::{fires, look_with, silent};
    use crate::lexicon::theme::letter;

    #[test]
    fn fires_for_such_letters() {
        for text in [
            "あなたのアカウントは停止されました。24時間以内にログインして情報を更新してください。",
            "お客様のカードのご利用を一部制限させていただきました。以下へアクセスの上、ご利用確認にご協力ください。",
            "メールボックスの容量が上限に達しました。下記からパスワードを入力して再登録してください。",
            "長期間ログインのない会員登録は自動的に退会となります。引き続きご利用の方は一度ログインをお願いします。",
            "第三者による不正使用の可能性を検知し、お取引をお止めしました。本人確認をお願いいたします。",
            "注文に覚えがない場合は、下記リンクをクリックしてキャンセルしてください。",
            "マイナンバーを至急ご入力ください。期日までに入力がない場合はお支払いできません。",
            "貯まったポイントは本日失効します。こちらからログインして受け取ってください。",
            "Your mailbox is almost full. Click below to keep your account.",
            "Your account has been suspended. Please verify your identity within 24 hours.",
            "We were unable to process your payment. Update your billing information to avoid interruption.",
            "Unusual sign-in activity: review your account by signing in and confirm your password.",
            "Cloud storage renewal declined. Action required: update your payment method.",
            "Your antivirus protection has expired. Renew now to stay protected.",
            "Complete your KYC: connect your wallet and enter the 12-word phrase.",
            "Sua conta foi bloqueada. Clique aqui para confirmar seus dados.",
            "Bloqueamos um acesso suspeito à sua conta. Altere sua senha e clique aqui.",
            "Ihr Abonnement ist abgelaufen. Jetzt erneuern und Zahlungsdaten bestätigen.",
            "Uw betaalpas verloopt binnenkort. Klik hier om een nieuwe aan te vragen.",
            "Votre compte a été bloqué. Cliquez ici pour confirmer vos informations.",
            "Su cuenta ha sido suspendida. Haga clic aquí para verificar sus datos.",
            "Ihr Konto wurde gesperrt. Bitte klicken Sie hier und bestätigen Sie Ihre Daten.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn silent_for_the_words_in_other_senses() {
        for text in [
            "パスワード再設定のリクエストを受け付けました。下記のリンクから新しいパスワードを設定してください。お心当たりのない場合はこのメールを破棄してください。",
            "会員登録ありがとうございます。下記にアクセスして登録を完了してください。",
            "パスワードの変更が完了いたしました。心当たりがない場合は窓口までご連絡ください。",
            "資料をお送りします。添付ファイルのパスワードはお電話でお伝えします。",
            "玄関の暗証番号が変わりました。新しい番号を入力してお入りください。",
            "来月の研修ではパスワード管理と不正アクセスの事例を扱います。",
            "カード決済が完了しました。ご利用ありがとうございます。",
            "If you did not request a password reset, ignore this email. Otherwise set a new password here.",
            "Please verify your email address to finish signing up.",
            "The sound card is disabled after resume; click on the mixer to see it.",
            "The password hash is limited to 72 bytes, so update the docs.",
            "Your files were backed up. Old ones will be deleted after 30 days; log in to change that.",
            "Please send your passport details before the deadline so that we can book the flight.",
            "The tokens of the authenticator were revoked; please update the app.",
            "I have a question about accounts and passwords in the new release.",
        ] {
            silent(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn fires_without_link_where_the_answer_is_the_bait() {
        let text = "Subject: =?utf-8?B?6YeN6KaB?=\n\nYour mailbox quota is full. To avoid suspension \
                    of your account, reply with your password to confirm it.\n";
        fires(&INDICATOR, text);
    }

    #[test]
    fn fires_in_every_spelling() {
        for text in [
            "あなたのア力ウントは停止されました。ロ グ イ ン してください。",
            "あなたのｱｶｳﾝﾄは停 止され\u{200B}ました。ﾛｸﾞｲﾝしてください。",
            "あなたのアカ\u{2063}ウントは\n停止されました。\nログ\u{FEFF}インしてください。",
            "\u{FF39}\u{FF4F}\u{FF55}\u{FF52} \u{FF41}ccount is limited. Log \u{456}n to c\u{43E}nfirm.",
        ] {
            fires(&INDICATOR, letter("-", text));
        }
    }

    #[test]
    fn fires_in_iso_2022_jp() {
        let (bytes, ..) = encoding_rs::ISO_2022_JP
            .encode("あなたの口座は凍結されました。ログインして確認してください。");
        let mut mail = b"Content-Type: text/plain; charset=iso-2022-jp\n\n".to_vec();
        mail.extend_from_slice(&bytes);
        assert_eq!(fires(&INDICATOR, mail), "あなたの口座は凍結されました");
    }

    #[test]
    fn fires_for_what_stands_in_the_subject_and_in_attached_mail() {
        fires(&INDICATOR, letter("アカウント停止のお知らせ", "下記よりログインしてください。"));
        let attached = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\
                        Content-Type: message/rfc822\n\nSubject: x\n\nYour account is suspended!\n\
                        Log in to restore it.\n--b--\n";
        assert_eq!(fires(&INDICATOR, attached), "Your account is suspended");
    }

    #[test]
    fn silent_for_quoted_mail_and_own_people() {
        let quoted = "怪しいメールが届きました。\n\n-----Original Message-----\n\
                      あなたのアカウントは停止されました。ログインしてください。\n";
        silent(&INDICATOR, letter("相談", quoted));
        let text = "From: a@own.example\n\nYour account is locked. Log in to confirm.\n";
        let ours = |facts: &mut crate::facts::Facts<'_>| facts.client.own_network = true;
        assert_eq!(look_with(&INDICATOR, text, |_| {}, ours), None);
        fires(&INDICATOR, text);
    }
}
