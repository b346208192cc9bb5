//! Examples first; what surprised gets a name of its own. Then anything at all.

use proptest::prelude::*;

use super::*;

/// Visible text of `html`.
fn visible(html: &str) -> String {
    read(0, html).visible
}

/// What is hidden, as `text [rule]`.
fn hidden(html: &str) -> Vec<String> {
    read(0, html).hidden.iter().map(|h| format!("{} [{}]", h.text, h.why.name())).collect()
}

/// Anchors as `shown -> target`; each range must hold what is shown, but for pictures' texts.
fn anchors(html: &str) -> Vec<String> {
    let view = read(0, html);
    view.anchors.iter().map(|a| format!("{} -> {}", a.shown, a.target)).collect()
}

#[test]
fn text_is_what_a_person_sees() {
    let cases = [
        ("a<b>b</b>c", "abc"),
        ("  a \r\n b\t", "a b"),
        ("a<br>b<BR/><br><br>c", "a\nb\n\nc"),
        ("<p>a</p><p>b</p>", "a\n\nb"),
        ("<div>a<div>b</div></div>c", "a\nb\nc"),
        ("<ul><li>a<li>b</ul>", "a\nb"),
        ("<table><tr><td>TEL</td><td>03</td></tr><tr><td>x</table>y", "TEL\t03\nx\ny"),
        ("<title>t</title><style>s{}</style><script>'</p>'</script>v", "v"),
        ("<template>t<p>u</p></template>v", "v"),
        ("a<!-- b --><!--[if mso]><p>c</p><![endif]-->d<![if !mso]>e<![endif]>", "ade"),
        ("&lt;form&gt;&nbsp;&amp;&#x3042;", "<form>\u{A0}&あ"),
        ("<pre>a  b\n c</pre>", "a  b\n c"),
        ("<textarea><a href=x>y</a></textarea>", "<a href=x>y</a>"),
        ("<noscript>a</noscript>b", "ab"),
        ("1 < 2 and 3", "1 < 2 and 3"),
        ("a<wbr>b", "ab"),
        ("", ""),
        ("<", "<"),
        ("<a", ""),
    ];
    for (html, expected) in cases {
        assert_eq!(visible(html), expected, "{html}");
    }
}

#[test]
fn hidden_text_is_told_apart_with_its_rule() {
    let html = "<div style='display:none'>a <b>b</b></div>c\
        <span hidden>d</span><font color=white>e</font>\
        <table bgcolor=#000><tr><td><font color=white>f</font><font color=black>g</font></table>";
    assert_eq!(visible(html), "c\nf");
    let expected = [
        "a b [display:none]",
        "d [hidden attribute]",
        "e [colour of the background]",
        "g [colour of the background]",
    ];
    assert_eq!(hidden(html), expected);
}

#[test]
fn what_hides_can_be_undone_inside_where_css_says_so() {
    let shown_again = "<div style='visibility:hidden'>a<p style='visibility:visible'>b</p></div>";
    assert_eq!(
        (visible(shown_again), hidden(shown_again)),
        ("b".into(), vec!["a [visibility:hidden]".into()])
    );
    let gone = "<div style='display:none'>a<p style='display:block'>b</p></div>";
    assert_eq!(visible(gone), "");
    let spacing = "<td style='font-size:0'> <span style='font-size:14px'>a</span> </td>";
    assert_eq!((visible(spacing), hidden(spacing)), ("a".into(), vec![]));
}

#[test]
fn hiding_ends_where_a_browser_ends_it() {
    let cases = [
        // End tags that may be left out.
        ("<table><tr><td style=display:none>a<td>b<tr><td>c</table>", "b\nc"),
        ("<ul><li style=display:none>a<li>b</ul>", "b"),
        ("<p style=display:none>a<p>b", "b"),
        ("<p style=display:none>a<div>b</div>", "b"),
        // End tags that match nothing, or lie outside the cell.
        ("<div style=display:none>a</span></p>b</div>c", "c"),
        ("<div style=display:none><table><tr><td></div>a</table></div>b", "b"),
        // Formatting closed across a block.
        ("<font color=white><p>a</font>b</p>", "b"),
        ("<x-y style=display:none>a</x-z>b</x-y>c", "c"),
        // Elements that stay open to the end.
        ("<div style=display:none>a", ""),
    ];
    for (html, expected) in cases {
        assert_eq!(visible(html), expected, "{html}");
    }
}

#[test]
fn a_link_is_seen_in_its_own_colour() {
    let html = "<div style='color:#fff'>a<a href=x>b</a></div>";
    assert_eq!(
        (visible(html), hidden(html)),
        ("b".into(), vec!["a [colour of the background]".into()])
    );
}

#[test]
fn text_hidden_in_outlook_alone_is_both_seen_and_hidden() {
    let html = "<p style='mso-hide:all'>a</p>";
    assert_eq!((visible(html), hidden(html)), ("a".into(), vec!["a [mso-hide]".into()]));
}

#[test]
fn anchors_show_what_a_person_sees() {
    let cases: [(&str, &[&str]); 11] = [
        (
            "<a href='https://a.example/'> https://b.example <b>x</b></a>",
            &["https://b.example x -> https://a.example/"],
        ),
        ("<a href=x>a<br>b<div>c</div></a>", &["a b c -> x"]),
        ("<a href=x><img src=i alt='logo 1'></a>", &["logo 1 -> x"]),
        ("<a href=x>a<span style=display:none>b</span></a>", &["a -> x"]),
        ("<a name=x>a</a>", &[]),
        ("<a href=x>a<a href=y>b</a>", &["a -> x", "b -> y"]),
        ("<a href=x>a", &["a -> x"]),
        ("<table><tr><td><a href=x>a<td>b</table>", &["a -> x"]),
        ("<p><a href=x>a</p><p>b</a>c</p>", &["a b -> x"]),
        ("<a href='java&#115;cript&colon;x' href=y>a</a>", &["a -> javascript:x"]),
        ("<map><area href=x alt=a></map>", &["a -> x"]),
    ];
    for (html, expected) in cases {
        assert_eq!(anchors(html), expected, "{html}");
    }
}

#[test]
fn ranges_point_into_the_visible_text() {
    let view = read(0, "<p>見る</p> <a href=x> a b</a> <a href=y><img alt=z></a>c<a href=w>d</a>");
    let texts: Vec<&str> = view.anchors.iter().map(|a| &view.visible[a.range.clone()]).collect();
    assert_eq!(texts, ["a b", "", "d"]);
    assert_eq!(view.visible, "見る\n\na b cd");
}

#[test]
fn forms_and_their_controls() {
    let html = "<form action='https://a.example/?a&amp;b'><input name=u><input type=PASSWORD>\
        <form action=inner><textarea></textarea></form><select></select>\
        <form id=f></form><input form=f type=email>\
        <button formaction='//b.example/'>go</button>";
    let expected = [
        Form {
            action: "https://a.example/?a&b".into(),
            inputs: ["text", "password", "textarea"].map(str::to_owned).to_vec(),
            control: false,
        },
        Form { action: String::new(), inputs: vec!["email".into()], control: false },
        Form { action: "//b.example/".into(), inputs: vec!["submit".into()], control: true },
    ];
    assert_eq!(read(0, html).forms, expected);
}

#[test]
fn pictures_fonts_base_and_meta() {
    let html = "<base href='https://a.example/'><base href=no>\
        <meta http-equiv=refresh content='0;url=https://b.example/'>\
        <meta http-equiv=content-type content='text/html; charset=Shift_JIS'>\
        <body background=bg.png style='font-family:\"MS Gothic\",Arial'>\
        <img src='https://c.example/p.gif'><td style='background:url(&quot;d.png&quot;)'>\
        <font face=\"SimSun, Arial\">";
    let view = read(3, html);
    assert_eq!(view.part, 3);
    assert_eq!(view.base.as_deref(), Some("https://a.example/"));
    assert_eq!(view.refresh.as_deref(), Some("https://b.example/"));
    assert_eq!(view.meta_charset.as_deref(), Some("shift_jis"));
    assert_eq!(view.images, ["bg.png", "https://c.example/p.gif", "d.png"]);
    assert_eq!(view.fonts, ["MS Gothic", "Arial", "SimSun"]);
}

#[test]
fn commented_and_escaped_tags_are_none() {
    let view = read(0, "<!--<form><a href=x>--> &lt;form action=x&gt; <title><form></title>");
    assert_eq!((view.forms, view.anchors), (vec![], vec![]));
}

#[test]
fn names_too_long_are_no_other_names() {
    let long =
        format!("<a{0} href=x>b</a{0}><p {0}style=display:none hidden{0}>c", "x".repeat(100));
    let view = read(0, &long);
    assert_eq!((view.visible.as_str(), view.anchors.len()), ("b\n\nc", 0));
}

#[test]
fn depth_and_counts_are_bounded() {
    let deep = "<div>".repeat(200_000);
    assert_eq!(visible(&format!("{deep}x")), "x");
    let hide = format!("{deep}<p style=display:none>a</p>b");
    assert_eq!(visible(&hide), "b");
    let many = "<a href=x>a</a><p hidden>h</p><img src=i><form></form>".repeat(MAX_ANCHORS + 7);
    let view = read(0, &many);
    assert_eq!(view.anchors.len(), MAX_ANCHORS);
    assert_eq!(view.hidden.len(), MAX_HIDDEN);
    assert_eq!(view.images.len(), MAX_IMAGES);
    assert_eq!(view.forms.len(), MAX_FORMS);
    let swallowed = format!("<a href=x>{}", "word ".repeat(100_000));
    assert!(anchors(&swallowed)[0].len() <= MAX_SHOWN + 16);
}

/// Whatever is read, the view is whole: ranges ascend and lie on character boundaries.
fn survives(bytes: &[u8]) {
    let _ = meta_charset(bytes);
    let view = read(0, &String::from_utf8_lossy(bytes));
    let mut last = 0;
    for anchor in &view.anchors {
        assert!(anchor.range.start >= last && anchor.range.end >= anchor.range.start);
        assert!(view.visible.get(anchor.range.clone()).is_some());
        last = anchor.range.end;
    }
}

#[test]
fn awkward_inputs() {
    let cases: [&[u8]; 10] = [
        b"\0<\0a\0 \0href\0=\0x>\0",
        b"<a href=\"",
        b"</></a></p><//><?x><!x><!-->--!>-",
        b"<a href='&#xD800;&#x110000;&#99999999999;&notit;'>",
        b"<svg><a xlink:href=x><style></svg>",
        b"<p style='font:;:;;\\;/*'>\xFF\xFE",
        b"<p style=\"background:url('a;b:c\"><p style='(((((;)'>",
        b"<table><a href=x><tr><td></a></table></td></tr><a>",
        b"<b><i><p></b></i></b><td></td></table></html>x</body>",
        b"\xEF\xBB\xBF<meta charset",
    ];
    for case in cases {
        survives(case);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn any_bytes_give_a_view(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        survives(&bytes);
    }

    #[test]
    fn any_tags_give_a_view(pieces in prop::collection::vec(piece(), 0..60)) {
        survives(pieces.concat().as_bytes());
    }
}

fn piece() -> impl Strategy<Value = String> {
    let names = [
        "a href=x",
        "p",
        "b",
        "font color=white",
        "div style='display:none'",
        "table",
        "tr",
        "td",
        "li",
        "ul",
        "form",
        "input",
        "script",
        "title",
        "template",
        "span hidden",
        "pre",
        "br",
        "img alt=z",
        "x-y",
        "object",
        "button formaction=q",
        "area href=y",
    ];
    prop_oneof![
        prop::sample::select(names.to_vec()).prop_map(|n| format!("<{n}>")),
        prop::sample::select(names.to_vec())
            .prop_map(|n| format!("</{}>", n.split(' ').next().unwrap_or(n))),
        prop::sample::select(vec!["あ ", " x", "\n", "&amp;", "<", "\u{FEFF}", "<!--", "-->"])
            .prop_map(str::to_owned),
    ]
}
