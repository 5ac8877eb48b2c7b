"""Which numbers are sensitive, and which are a shop's everyday numbers."""

from __future__ import annotations

import json

import pytest

from bot.conversation import masking
from bot.conversation.sensitive import find
from tools import evaluate_masking

# Every number here is made up or a card network's own test number.
SENSITIVE = [
    ("card", "My card is 4111 1111 1111 1111, exp 12/27 cvv 123", "4111 1111 1111 1111"),
    ("card", "4111111111111111", "4111111111111111"),
    ("card", "card:4111-1111-1111-1111.", "4111-1111-1111-1111"),
    ("card", "４１１１　１１１１　１１１１　１１１１", "４１１１　１１１１　１１１１　１１１１"),
    ("card", "๔๑๑๑ ๑๑๑๑ ๑๑๑๑ ๑๑๑๑ ค่ะ", "๔๑๑๑ ๑๑๑๑ ๑๑๑๑ ๑๑๑๑"),
    ("card", "บัตร4111111111111111ครับ", "4111111111111111"),
    ("card", "4111\u00a01111\u202f1111\u20111111", "4111\u00a01111\u202f1111\u20111111"),
    ("card", "4111\u20131111\u20141111\u22121111", "4111\u20131111\u20141111\u22121111"),
    ("card", "4\u200b111 1111 1111 1111", "4\u200b111 1111 1111 1111"),
    ("card", "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1", "4.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1"),
    ("card", "41 11 11 11 11 11 11 11", "41 11 11 11 11 11 11 11"),
    ("card", "3782 822463 10005", "3782 822463 10005"),
    ("card", "3056 9309 0259 04", "3056 9309 0259 04"),
    ("card", "2223003122003222", "2223003122003222"),
    ("card", "order 10233, card 4242424242424242 12/26", "4242424242424242"),
    ("card", "4242 4242 4242 4242 1226 123", "4242 4242 4242 4242"),
    ("card", "karta 4222222222222", "4222222222222"),
    ("card", "it is 4111 1111\n1111 1111", "4111 1111\n1111 1111"),
    (
        "iban",
        "IBAN PL61 1090 1014 0000 0712 1981 2874 proszę",
        "PL61 1090 1014 0000 0712 1981 2874",
    ),
    ("iban", "pl61109010140000071219812874", "pl61109010140000071219812874"),
    ("iban", "Konto 61 1090 1014 0000 0712 1981 2874", "61 1090 1014 0000 0712 1981 2874"),
    ("iban", "IBANDE89370400440532013000", "DE89370400440532013000"),
    ("iban", "GB82 WEST 1234 5698 7654 32 thanks", "GB82 WEST 1234 5698 7654 32"),
    ("pesel", "Mój PESEL: 44051401359", "44051401359"),
    ("pesel", "44051401359", "44051401359"),
    ("pesel", "pesel 440514-01359", "440514-01359"),
    ("pesel", "PESEL44051401359", "44051401359"),
    ("pesel", "02211307589", "02211307589"),
    ("pesel", "44051401359, tel. 600 700 800", "44051401359"),
    ("thai_id", "เลขบัตรประชาชน 1-2345-45678-78-1", "1-2345-45678-78-1"),
    ("thai_id", "3100600445635", "3100600445635"),
    ("thai_id", "๓๑๐๐๖๐๐๔๔๕๖๓๕", "๓๑๐๐๖๐๐๔๔๕๖๓๕"),
    ("thai_id", "3 1006 00445 63 5", "3 1006 00445 63 5"),
    ("nik", "NIK saya 3171011708450001", "3171011708450001"),
    ("nik", "3171015708450001", "3171015708450001"),
    ("nik", "ktp: 3171 0117 0845 0001", "3171 0117 0845 0001"),
    ("nik", "nomor pesanan 10233, NIK 3578.0157.0390.0002", "3578.0157.0390.0002"),
]

EVERYDAY = [
    "my order is 10233",
    "10233 and 10234, 10235, 10236",
    "+48 600 700 800",
    "48600700800",
    "+48 12 211 07 66",
    "081212345678",
    "0917 123 4567",
    "09171234567",
    "+66 81 234 5678",
    "6281234567890",
    "+62 812 3456 7890",
    "4111 1111 1111 1112",
    "1234567812345670",
    "sizes 40 41 42 43 44 45 46 47",
    "12.05.2025 18:30, 4.999.000 IDR",
    "5901234123457",
    "EAN 5901234123457",
    "ISBN 978-3-16-148410-0",
    "RR123456789PL",
    "EX123456789TH",
    "00159007738912345678",
    "680000000000000000000001",
    "tracking 3171011708450001",
    "PL61 1090 1014 0000 0712 1981 2875",
    "PESEL 44051401358",
    "3100600445636",
    "NIK 9971011708450001",
    "1700000000000",
]


@pytest.mark.parametrize(("kind", "text", "number"), SENSITIVE)
def test_a_sensitive_number_is_found_whole(kind: str, text: str, number: str) -> None:
    assert [(str(s.kind), text[s.start : s.end]) for s in find(text)] == [(kind, number)]


@pytest.mark.parametrize("text", EVERYDAY)
def test_an_everyday_number_stays(text: str) -> None:
    assert find(text) == []


def test_a_token_says_what_it_was_and_a_card_keeps_four_digits() -> None:
    masked = masking.mask("card 4111-1111-1111-1111 and pesel 44051401359!")
    assert masked.text == "card ⟦card •••• 1111⟧ and pesel ⟦pesel⟧!"
    assert masked.kinds == ["card", "pesel"]
    assert masking.mask(masked.text).text == masked.text
    assert not any(c.isdigit() for c in masking.for_assistant(masked.text))


@pytest.mark.parametrize(
    "query",
    [
        "q=4111111111111111",
        "q=4111+1111+1111+1111",
        "q=4111%201111%201111%201111",
        "q=4111%252D1111%252D1111%252D1111",
        "q=%EF%BC%94111111111111111",
    ],
)
def test_an_address_has_no_number_however_it_is_encoded(query: str) -> None:
    kept = masking.mask_address(f"https://shop.example/search?{query}&x=1")
    assert kept is not None
    assert "⟦card •••• 1111⟧" in kept
    assert kept.startswith("https://shop.example/search?q=")


def test_an_address_without_one_stays_as_it_is() -> None:
    for address in (None, "", "https://shop.example/a%20b?order=10233&p=5901234123457"):
        assert masking.mask_address(address) == address


@pytest.mark.parametrize(
    ("earlier", "new", "parts"),
    [
        (["my card is 4111 1111"], "1111 1111 thanks", ["4111 1111", "1111 1111"]),
        (["4111111111"], "111111", ["4111111111", "111111"]),
        (["4111", "1111", "1111"], "1111", ["4111", "1111", "1111", "1111"]),
        (["4111 1111", "wait"], "the rest: 1111-1111", ["4111 1111", None, "1111-1111"]),
        (["hi", "order 10233 4111 1111"], "1111 1111 12/27", [None, "4111 1111", "1111 1111"]),
        (["4111 1111"], "1111 1112", []),
        (["411"], "1111111111111", []),
        (["my order is 10233"], "10234 10235", []),
        (["⟦card •••• 4111⟧"], "111111111111", []),
        ([], "4111", []),
    ],
)
def test_a_card_in_parts(earlier: list[str], new: str, parts: list[str | None]) -> None:
    found = masking.split(earlier, new)
    shown = [
        part and text[part.start : part.end]
        for text, part in zip([*earlier, new], found, strict=False)
    ]
    assert shown == parts


def test_the_cases_of_somebody_who_did_not_see_the_code_reach_the_goal() -> None:
    cases = evaluate_masking.QUESTIONS.read_text("utf-8").splitlines()
    lines = [json.loads(line) for line in cases]
    should = {(x["id"], n) for x in lines for n in evaluate_masking.expected(x)}
    did = {(x["id"], n) for x in lines for n in evaluate_masking.found(x["messages"])}
    assert len(should & did) >= 0.98 * len(should)
    assert len(should & did) >= 0.98 * len(did)
