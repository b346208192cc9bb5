//! What packs streams (ISO 32000-1, 7.4): Flate, LZW, run lengths, ASCII digits, and predictors.
//!
//! Each filter gives what it can before damage, at most as much as it is told.

use std::io::Read;

use flate2::bufread::{DeflateDecoder, ZlibDecoder};

use super::object::{Dict, Object, unhexed};

/// Filters of one stream that are followed.
const MOST_FILTERS: usize = 6;

/// What is left after the filters known here.
pub(super) struct Unpacked {
    pub(super) data: Vec<u8>,
    /// The filter that is not one of bytes but of pictures (`DCTDecode`), or is not known here.
    pub(super) left: Option<Vec<u8>>,
    /// More would have come.
    pub(super) is_cut: bool,
}

/// Takes the filters of a stream off its data, giving at most `limit` bytes.
pub(super) fn unpack(dict: &Dict, data: &[u8], limit: usize) -> Unpacked {
    let either = |long, short| dict.value(long).or_else(|| dict.value(short));
    let filters = either("Filter", "F").map(Object::values).unwrap_or_default();
    let parameters = either("DecodeParms", "DP").map(Object::values).unwrap_or_default();
    let mut out = Unpacked { data: Vec::new(), left: None, is_cut: false };
    let mut current: Option<Vec<u8>> = None;
    for (i, filter) in filters.iter().filter_map(Object::name).take(MOST_FILTERS).enumerate() {
        let input = current.as_deref().unwrap_or(data);
        let mut unpacked = match filter {
            b"FlateDecode" | b"Fl" => flate(input, limit),
            b"LZWDecode" | b"LZW" => lzw(input, limit),
            b"RunLengthDecode" | b"RL" => run_lengths(input, limit),
            b"ASCIIHexDecode" | b"AHx" => unhexed(upto(input, b'>')),
            b"ASCII85Decode" | b"A85" => ascii85(input),
            b"Crypt" => continue,
            other => {
                out.left = Some(other.to_vec());
                break;
            }
        };
        out.is_cut |= unpacked.len() > limit;
        unpacked.truncate(limit);
        let parameters = parameters.get(i).and_then(Object::dict);
        current = Some(match parameters {
            Some(parameters) => predicted(unpacked, parameters),
            None => unpacked,
        });
    }
    out.data = current.unwrap_or_else(|| {
        out.is_cut = data.len() > limit;
        data.get(..limit).unwrap_or(data).to_vec()
    });
    out
}

/// Up to one byte more than `limit`, so that it can be told whether there is more.
fn flate(data: &[u8], limit: usize) -> Vec<u8> {
    let most = limit as u64 + 1;
    let mut out = Vec::new();
    // Errors end it where it is, as in viewers.
    let _ = ZlibDecoder::new(data).take(most).read_to_end(&mut out);
    if out.is_empty() {
        let _ =
            DeflateDecoder::new(data.get(2..).unwrap_or_default()).take(most).read_to_end(&mut out);
    }
    out
}

/// LZW with codes of 9 to 12 bits, most significant first, changing early (7.4.4.2).
fn lzw(data: &[u8], limit: usize) -> Vec<u8> {
    const CLEAR: usize = 256;
    const END: usize = 257;
    let mut out: Vec<u8> = Vec::new();
    // Where the sequence of each code stands in `out`, and how long it is.
    let mut table: Vec<(usize, usize)> = Vec::new();
    let (mut bits, mut held, mut width) = (0u32, 0u32, 9u32);
    let mut last: Option<(usize, usize)> = None;
    for &byte in data {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        if held < width {
            continue;
        }
        held -= width;
        let code = (bits >> held & ((1 << width) - 1)) as usize;
        if code == END || out.len() > limit {
            break;
        }
        if code == CLEAR {
            table.clear();
            (width, last) = (9, None);
            continue;
        }
        let start = out.len();
        if let Some((from, length)) = last
            && table.len() < 4096 - 258
        {
            // The sequence before and the first byte of this one, which follows it in `out`.
            table.push((from, length + 1));
        }
        if code < 256 {
            out.push(code as u8);
        } else {
            let Some(&(from, length)) = table.get(code - 258) else { break };
            for i in from..from + length {
                let Some(&byte) = out.get(i) else { break };
                out.push(byte);
            }
        }
        last = Some((start, out.len() - start));
        width = match table.len() + 258 + 1 {
            ..512 => 9,
            512..1024 => 10,
            1024..2048 => 11,
            _ => 12,
        };
    }
    out
}

fn run_lengths(data: &[u8], limit: usize) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, tail)) = rest.split_first() {
        if out.len() > limit {
            break;
        }
        let length = usize::from(length);
        rest = match length {
            128 => break,
            0..128 => {
                let (literal, after) = tail.split_at(tail.len().min(length + 1));
                out.extend_from_slice(literal);
                after
            }
            _ => {
                let Some((&byte, after)) = tail.split_first() else { break };
                out.extend(std::iter::repeat_n(byte, 257 - length));
                after
            }
        };
    }
    out
}

fn ascii85(data: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(data.len() / 5 * 4);
    let (mut value, mut count) = (0u32, 0usize);
    for &byte in upto(data, b'~') {
        match byte {
            b'z' if count == 0 => out.extend([0; 4]),
            b'!'..=b'u' => {
                value = value.wrapping_mul(85).wrapping_add(u32::from(byte - b'!'));
                count += 1;
                if count == 5 {
                    out.extend(value.to_be_bytes());
                    (value, count) = (0, 0);
                }
            }
            _ => {}
        }
    }
    if count > 1 {
        for _ in count..5 {
            value = value.wrapping_mul(85).wrapping_add(84);
        }
        out.extend(value.to_be_bytes().iter().take(count - 1));
    }
    out
}

fn upto(data: &[u8], end: u8) -> &[u8] {
    let data = data.trim_ascii_start();
    // Some writers begin as PostScript does.
    let data = data.strip_prefix(b"<~").unwrap_or(data);
    data.get(..memchr::memchr(end, data).unwrap_or(data.len())).unwrap_or(data)
}

/// Takes a PNG predictor off (7.4.4.4): each row says how it differs from the row above.
fn predicted(data: Vec<u8>, parameters: &Dict) -> Vec<u8> {
    if parameters.count("Predictor").unwrap_or(1) < 10 {
        return data;
    }
    let or = |key, default: usize| parameters.count(key).unwrap_or(default).clamp(1, 1 << 20);
    let bits = or("Colors", 1).saturating_mul(or("BitsPerComponent", 8).min(16));
    let pixel = bits.div_ceil(8).min(64);
    let row = bits.saturating_mul(or("Columns", 1)).div_ceil(8);
    let mut out: Vec<u8> = Vec::with_capacity(data.len());
    let mut above: Vec<u8> = Vec::new();
    for line in data.chunks(row.saturating_add(1)) {
        let Some((&kind, line)) = line.split_first() else { break };
        let mut current: Vec<u8> = Vec::with_capacity(line.len());
        for (i, &byte) in line.iter().enumerate() {
            let before =
                |row: &[u8]| i.checked_sub(pixel).and_then(|i| row.get(i)).copied().unwrap_or(0);
            let up = above.get(i).copied().unwrap_or(0);
            let guess = match kind {
                1 => before(&current),
                2 => up,
                3 => ((u16::from(before(&current)) + u16::from(up)) / 2) as u8,
                4 => paeth(before(&current), up, before(&above)),
                _ => 0,
            };
            current.push(byte.wrapping_add(guess));
        }
        out.extend_from_slice(&current);
        above = current;
    }
    out
}

/// Whichever of left, above and the corner between is nearest to their sum (PNG, 9.4).
fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let [l, u, c] = [left, up, corner].map(i16::from);
    let (to_left, to_up, to_corner) = ((u - c).abs(), (l - c).abs(), (l + u - 2 * c).abs());
    if to_left <= to_up && to_left <= to_corner {
        left
    } else if to_up <= to_corner {
        up
    } else {
        corner
    }
}

#[cfg(test)]
mod tests {
    use super::super::object::Lexer;
    use super::*;
    use flate2::write::ZlibEncoder;
    use proptest::prelude::*;
    use std::io::Write;

    fn run(dict: &str, data: &[u8], limit: usize) -> Unpacked {
        let object = Lexer::new(dict.as_bytes(), 0).object().unwrap();
        unpack(object.dict().unwrap(), data, limit)
    }

    #[track_caller]
    fn check(dict: &str, data: &[u8], expected: &[u8]) {
        let out = run(dict, data, 1000).data;
        assert_eq!(out.escape_ascii().to_string(), expected.escape_ascii().to_string());
    }

    fn deflated(data: &[u8]) -> Vec<u8> {
        let mut encoder = ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn each_filter() {
        check("<<>>", b"plain", b"plain");
        check("<</Filter/FlateDecode>>", &deflated(b"abc"), b"abc");
        check("<</Filter/ASCIIHexDecode>>", b"61 62>63", b"ab");
        check("<</Filter[/ASCII85Decode]>>", b"87cURD]j7BEbo80~>", b"Hello world!");
        check("<</Filter/RunLengthDecode>>", b"\x01ab\xFEc\x80d", b"abccc");
        // The example of the standard, 7.4.4.2.
        let packed = [0x80, 0x0B, 0x60, 0x50, 0x22, 0x0C, 0x0C, 0x85, 0x01];
        check("<</Filter/LZWDecode>>", &packed, b"-----A---B");
        let twice = deflated(&deflated(b"abc"));
        check("<</Filter[/FlateDecode/Fl]>>", &twice, b"abc");
        assert_eq!(run("<</Filter/DCTDecode>>", b"x", 10).left.unwrap(), b"DCTDecode");
    }

    #[test]
    fn predictors() {
        let rows = [1, 1, 1, 1, 2, 1, 1, 1, 4, 1, 1, 1];
        let dict = "<</Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 3>>>>";
        check(dict, &deflated(&rows), &[1, 2, 3, 2, 3, 4, 3, 4, 5]);
    }

    #[test]
    fn a_bomb_gives_what_it_may() {
        let bomb = deflated(&vec![0; 10_000_000]);
        let out = run("<</Filter/FlateDecode>>", &bomb, 1000);
        assert_eq!((out.data.len(), out.is_cut), (1000, true));
        let out = run("<</Filter[/FlateDecode/FlateDecode]>>", &deflated(&bomb), 100_000);
        assert_eq!((out.data.len(), out.is_cut), (100_000, true));
    }

    #[test]
    fn damage_gives_what_came_before() {
        let mut packed = deflated(&[b'a'; 300].map(|b| b));
        packed.truncate(packed.len() - 3);
        assert!(!run("<</Filter/FlateDecode>>", &packed, 1000).data.is_empty());
    }

    proptest! {
        #[test]
        fn no_data_stops_us(
            filter in 0..5usize,
            data in proptest::collection::vec(any::<u8>(), 0..100),
        ) {
            let name = ["Fl", "LZW", "RL", "AHx", "A85"][filter];
            let parameters = "/DecodeParms<</Predictor 12/Columns 7>>";
            let out = run(&format!("<</Filter/{name}{parameters}>>"), &data, 500);
            prop_assert!(out.data.len() <= 500);
        }
    }
}
