#!/usr/bin/env python3
"""Writes the table of Japanese area codes from the PyPI package `phonenumbers` (Apache-2.0).

    pip install phonenumbers
    python3 corpus/tools/area_codes.py > config/defaults/lists/area-codes.txt

Only facts are taken: which area codes there are and in which prefectures and places they lie. What the package
does not say, or says of another place of the same name, stands below, corrected by the public numbering plan.
"""
from collections import defaultdict

import phonenumbers
from phonenumbers import PhoneNumber, geocoder

HEADER = """\
# Area codes of Japan (the A to E of 0AB-J numbers): code, prefectures, places; "-" where no place is named.
# Facts from the PyPI package phonenumbers (Apache-2.0), corrected and completed by the public numbering plan of
# the Ministry of Internal Affairs and Communications. Written by corpus/tools/area_codes.py; sorted, one a line.
"""

ENGLISH = (
    "Hokkaido Aomori Iwate Miyagi Akita Yamagata Fukushima Ibaraki Tochigi Gunma Saitama Chiba Tokyo Kanagawa "
    "Niigata Toyama Ishikawa Fukui Yamanashi Nagano Gifu Shizuoka Aichi Mie Shiga Kyoto Osaka Hyogo Nara Wakayama "
    "Tottori Shimane Okayama Hiroshima Yamaguchi Tokushima Kagawa Ehime Kochi Fukuoka Saga Nagasaki Kumamoto Oita "
    "Miyazaki Kagoshima Okinawa"
).split()
JAPANESE = (
    "北海道 青森県 岩手県 宮城県 秋田県 山形県 福島県 茨城県 栃木県 群馬県 埼玉県 千葉県 東京都 神奈川県 新潟県 富山県 "
    "石川県 福井県 山梨県 長野県 岐阜県 静岡県 愛知県 三重県 滋賀県 京都府 大阪府 兵庫県 奈良県 和歌山県 鳥取県 島根県 "
    "岡山県 広島県 山口県 徳島県 香川県 愛媛県 高知県 福岡県 佐賀県 長崎県 熊本県 大分県 宮崎県 鹿児島県 沖縄県"
).split()
PREFECTURES = dict(zip(ENGLISH, JAPANESE))

# Ranges that the package groups, but that are no area codes of the plan.
NO_CODES = {"085", "08389", "08513", "08515", "08516", "08517", "08518", "08519", "094"}

# Prefectures that the package does not tell, or takes from a place of the same name elsewhere, and those that
# share a code across the border.
CORRECTED = {
    "01456": "北海道", "01457": "北海道", "0163": "北海道", "01648": "北海道", "0220": "宮城県",
    "0228": "宮城県", "0229": "宮城県", "0240": "福島県", "0247": "福島県", "0255": "新潟県", "0264": "長野県",
    "0276": "栃木県/群馬県", "0280": "栃木県/茨城県", "0288": "栃木県", "0297": "茨城県", "0422": "東京都",
    "0428": "山梨県/東京都", "0478": "千葉県/茨城県", "0479": "千葉県/茨城県", "0495": "埼玉県/群馬県",
    "04992": "東京都", "04994": "東京都", "04996": "東京都", "0539": "静岡県", "0562": "愛知県",
    "0567": "三重県/愛知県", "0578": "岐阜県", "0581": "岐阜県", "06": "兵庫県/大阪府", "072": "兵庫県/大阪府",
    "0735": "三重県/和歌山県/奈良県", "0743": "京都府/奈良県", "0747": "奈良県", "075": "京都府/大阪府",
    "0774": "京都府/滋賀県", "0779": "福井県", "0827": "山口県/広島県", "084": "岡山県/広島県",
    "0846": "広島県", "0859": "島根県/鳥取県", "0920": "長崎県", "0942": "佐賀県/福岡県",
    "0955": "佐賀県/長崎県", "0964": "熊本県", "0974": "大分県", "0979": "大分県/福岡県",
    "0986": "宮崎県/鹿児島県", "09912": "鹿児島県", "09913": "鹿児島県", "09969": "鹿児島県",
}

# What the package calls a place and is none.
NO_PLACES = {"", "日本"}


def table():
    codes = defaultdict(lambda: (set(), set()))
    for head in range(10000, 100000):
        number = PhoneNumber(country_code=81, national_number=int(f"{head}2345"))
        if phonenumbers.number_type(number) != phonenumbers.PhoneNumberType.FIXED_LINE:
            continue
        length = phonenumbers.length_of_geographical_area_code(number)
        code = "0" + str(head)[:length]
        if not length or code in NO_CODES:
            continue
        prefectures, places = codes[code]
        english = geocoder.description_for_number(number, "en")
        prefectures.update(
            PREFECTURES[part.strip()]
            for part in english.replace("/", ",").split(",")
            if part.strip() in PREFECTURES
        )
        japanese = geocoder.description_for_number(number, "ja")
        if japanese != english:
            places.add(japanese)
    for code, (prefectures, places) in sorted(codes.items()):
        written = CORRECTED.get(code) or "/".join(sorted(prefectures))
        assert written, f"{code} has no prefecture"
        assert all(prefecture in JAPANESE for prefecture in written.split("/")), written
        yield code, written, "/".join(sorted(places - NO_PLACES)) or "-"


if __name__ == "__main__":
    print(HEADER)
    for row in table():
        print(*row, sep="\t")
