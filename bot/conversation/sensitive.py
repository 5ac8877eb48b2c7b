"""Finds sensitive numbers in text: payment cards, IBANs, and three national identity numbers.

Checksums, dates of birth and regions are python-stdnum's; what stands here is where such a number
begins and ends in what people write, and whether it can be meant as one: an order number, a phone
number, a size or a barcode is left alone. Nothing here stores or logs what it reads.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from itertools import pairwise

from stdnum import ean, iban, numdb
from stdnum.exceptions import ValidationError
from stdnum.id import nik
from stdnum.pl import pesel
from stdnum.th import pin

from bot.conversation.cards import is_usual_card
from bot.conversation.digits import (
    LISTING,
    Group,
    is_between,
    is_gap,
    is_unseen,
    runs,
    sign_of,
)


class Kind(StrEnum):
    """What a number is."""

    CARD = "card"
    IBAN = "iban"
    PESEL = "pesel"
    THAI_ID = "thai_id"
    NIK = "nik"


@dataclass(frozen=True, order=True)
class Span:
    """A number from the character ``start`` up to and without the character ``end``."""

    start: int
    end: int
    kind: Kind


# What a number of the right form is by what stands around it, and how sure that is.
_Judge = Callable[[str, Sequence[Group], bool, str, str | None], "tuple[int, Kind] | None"]
_WINDOW_BEFORE, _WINDOW_AFTER = 48, 24
_OLDEST = 110  # years

# What the words around a number say it is; `phone` and `other` are no sensitive number. Words of
# our five languages, then those in Thai, which writes no blanks between words. Of words that begin
# at one place the first line wins: an "id card" is no payment card.
_WORDS = (
    (
        "nik",
        r"(?:e-?)?ktp\w{0,3}|nik(?:nya|ku|mu)?|kependudukan|tanda penduduk|kartu keluarga",
        "",
    ),
    ("pesel", r"pesel\w{0,4}", ""),
    (
        "thai_id",
        r"(?:citizen|national|thai)(?:'s)?[ -]?id\w*|id[ -]?card|identity card|id number"
        r"|identification",
        "บัตรประชาชน|บัตรประจำตัว|ประจำตัวประชาชน|เลขประจำตัว|ปชช|เลขบัตรประ",
    ),
    (
        "card",
        r"(?:bank|payment)?cards?|credit|debit|kart(?:a|y|ę|e|ą|om|ach|ami)?|karcie"
        r"|kartu(?:nya|ku)?|kredit|visa|master ?card|amex|american express|maestro|diners|jcb"
        r"|unionpay|cvv2?|cvc",
        "บัตรเครดิต|บัตรเดบิต|เครดิต|เดบิต|วีซ่า|บัตร",
    ),
    (
        "phone",
        r"(?:tele)?phone\w*|tel|telefon\w*|mobile|cell\w*|call|whats ?app|wa|no\.? ?hp"
        r"|hp(?:nya|ku)?|tele?pon\w*|telp\w*|komórk\w*|zadzwo\w*|dzwoni\w*|sms|viber|tawag\w*|cp"
        r"|fax|faks",
        "โทร|เบอร์|มือถือ",
    ),
    (
        "other",
        r"orders?|zamówieni\w*|pesanan\w*|orderan\w*|invoices?|faktur\w*|paragon\w*|track\w*"
        r"|(?:parcel|package)s? (?:number|no|id|code)\w*|(?:nume?r\w*|nr) (?:paczk|przesył)\w*"
        r"|śledz\w*|list\w* przewoz\w*|resi(?:nya)?|(?:nomor|no\.?) paket\w*"
        r"|awb|shipments?|waybill|ean|gtin|upc|bar ?codes?|kod\w*|codes?|sku|isbn|serial|imei|serii"
        r"|seryjn\w*|artyku\w*|articles?|products?|produ[kc]\w*|reference|nip|regon|krs|padala",
        "พัสดุ|คำสั่งซื้อ|ออเดอร์|บาร์โค้ด|รหัสสินค้า|ติดตาม|ใบสั่งซื้อ|ซีเรียล",
    ),
)
_WORD = re.compile(
    "|".join(
        f"(?P<{name}>(?<![^\\W\\d_])(?:{latin})(?![^\\W\\d_])" + (f"|{thai}" if thai else "") + ")"
        for name, latin, thai in _WORDS
    )
)


def find(text: str) -> list[Span]:
    """The sensitive numbers in ``text``, in order; none overlap."""
    found = sorted(_candidates(text), key=lambda c: (-c[0], c[1].start - c[1].end, c[1].start))
    kept: list[Span] = []
    for _, span in found:
        if all(span.end <= other.start or other.end <= span.start for other in kept):
            kept.append(span)
    return sorted(kept)


def _candidates(text: str) -> Iterator[tuple[int, Span]]:
    """All that may be a number of ours, each with how much speaks for it."""
    ibans, taken = _ibans(text)
    yield from ((100, span) for span in ibans)
    for run in runs(text):
        for first in range(len(run)):
            digits = ""
            for last in range(first, len(run)):
                digits += run[last].digits
                if len(digits) > 26:
                    break
                if len(digits) < 11:
                    continue
                start, end = run[first].start, run[last].end
                if any(start < stop and begin < end for begin, stop in taken):
                    continue
                found = _judged(text, run, first, last, digits)
                if found is not None:
                    yield found[0], Span(start, end, found[1])


def _judged(
    text: str, run: Sequence[Group], first: int, last: int, digits: str
) -> tuple[int, Kind] | None:
    """What ``digits``, those from one group of ``run`` to another, are; and how sure that is."""
    if len(digits) == 26:
        # A Polish account number is an IBAN whose country everybody knows.
        return (99, Kind.IBAN) if iban.is_valid("PL" + digits, check_country=False) else None
    form, judge = _JUDGES.get(len(digits), (None, None))
    is_national = form is not None and form(digits)
    usual_card = is_usual_card(digits)
    if not is_national and usual_card is None:
        return None
    part = run[first : last + 1]
    said = _said(text, part[0].start, part[-1].end)
    found = []
    if is_national and judge is not None:
        found.append(judge(text, part, _stands_apart(text, run, first, last), digits, said))
    if usual_card is not None:
        found.append(_card(text, run, first, last, digits, said, usual_card))
    return max((f for f in found if f is not None), default=None)


def _card(
    text: str,
    run: Sequence[Group],
    first: int,
    last: int,
    digits: str,
    said: str | None,
    usual: bool,
) -> tuple[int, Kind] | None:
    if said == "card":
        return 95, Kind.CARD
    part = run[first : last + 1]
    if not usual and (said is not None or ean.is_valid(digits) or _after_plus(text, part[0].start)):
        return None
    if not _is_even(part) and not _is_odd_but_one(text, run, first, last):
        return None
    return (80 if usual else 50), Kind.CARD


def _pesel(
    text: str, part: Sequence[Group], whole: bool, digits: str, said: str | None
) -> tuple[int, Kind] | None:
    if said == "pesel":
        return 95, Kind.PESEL
    if said is not None or not whole or _is_glued(text, part):
        return None
    # Mobile numbers of Indonesia and the Philippines begin so, and many pass for a date of 2008
    # or 2009; and four groups are a telephone number's.
    if digits.startswith(("08", "09")) or [len(g.digits) for g in part] not in ([11], [6, 5]):
        return None
    return (60, Kind.PESEL) if not _after_plus(text, part[0].start) else None


def _is_pesel(digits: str) -> bool:
    if int(digits[2:4]) % 20 not in range(1, 13) or not pesel.is_valid(digits):
        return False
    born, today = pesel.get_birth_date(digits), date.today()
    return born <= today and today.year - born.year <= _OLDEST


def _thai_id(
    text: str, part: Sequence[Group], whole: bool, digits: str, said: str | None
) -> tuple[int, Kind] | None:
    if said == "thai_id":
        return 95, Kind.THAI_ID
    if said in ("phone", "other") or not whole or _is_glued(text, part):
        return None
    usual = [len(g.digits) for g in part] == [1, 4, 5, 2, 1]
    if not usual and (
        len(part) > 1
        or digits.startswith("628")  # a mobile number of Indonesia, with its country
        or _after_plus(text, part[0].start)
        or (ean.is_valid(digits) and not any("\u0e01" <= c <= "\u0e4e" for c in text))
    ):
        return None
    return 70, Kind.THAI_ID


def _nik(
    text: str, part: Sequence[Group], whole: bool, digits: str, said: str | None
) -> tuple[int, Kind] | None:
    if said == "nik":
        return 95, Kind.NIK
    lengths = [len(g.digits) for g in part]
    if said is not None or not whole or _is_glued(text, part):
        return None
    # Where nothing but the form speaks for it, the regency has to be one that is given.
    regency = int(digits[2:4])
    if not (1 <= regency <= 29 or 71 <= regency <= 79) or digits[4:6] == "00":
        return None
    if lengths == [16]:
        return 82, Kind.NIK
    return (75, Kind.NIK) if lengths in ([4, 4, 4, 4], [6, 6, 4], [2, 2, 2, 6, 4]) else None


# Provinces made since 2022, which python-stdnum's list does not have yet.
_NEW_PROVINCES = frozenset({"92", "93", "95", "96", "97"})


def _is_nik(digits: str) -> bool:
    if digits[6] in "89" or not "01" <= digits[8:10] <= "12" or digits[-4:] == "0000":
        return False
    if digits[:2] not in _NEW_PROVINCES and not numdb.get("id/loc").info(digits[:4])[0][1]:
        return False
    try:
        return nik.get_birth_date(digits).year <= date.today().year
    except ValidationError:
        return False


# By length: whether digits have the form at all, and what the text around them makes of it.
_JUDGES: dict[int, tuple[Callable[[str], bool], _Judge]] = {
    11: (_is_pesel, _pesel),
    13: (pin.is_valid, _thai_id),
    16: (_is_nik, _nik),
}


def _is_even(part: Sequence[Group]) -> bool:
    """Whether the groups are as on a card: none but the last is shorter than three digits."""
    lengths = [len(group.digits) for group in part]
    if len(lengths) > 1 and set(lengths) == {5}:
        return False  # order numbers
    return all(length >= 4 for length in lengths[:-1]) or lengths[:-1] == [4, 3, 3]


def _is_odd_but_one(text: str, run: Sequence[Group], first: int, last: int) -> bool:
    """Whether groups of odd lengths are one number for all that, and no list of numbers."""
    part = run[first : last + 1]
    gaps = [text[a.end : b.start] for a, b in pairwise(part)]
    seen = [{c for c in gap if not is_unseen(c)} for gap in gaps]
    if any(gap & LISTING for gap in seen) or {len(g.digits) for g in part} == {5}:
        return False
    plain = {"." if "." in gap else " " if gap <= {" ", "\u00a0"} else "-" for gap in seen}
    if "." in plain and len(plain) > 1:
        return False  # a date or a price, and something else
    if all(len(g.digits) == 2 and 20 <= int(g.digits) <= 60 for g in part[:-1]):
        return False  # sizes
    # Of a longer row only what stands apart from the rest.
    edges = []
    if first > 0:
        edges.append(text[run[first - 1].end : run[first].start])
    if last < len(run) - 1:
        edges.append(text[run[last].end : run[last + 1].start])
    return not any(edge in gaps for edge in edges)


def _stands_apart(text: str, run: Sequence[Group], first: int, last: int) -> bool:
    """Whether other digits nearby are plainly another number: after a blank, if this is one group.

    A number in several groups ends where its row does, or at a comma.
    """
    gaps = []
    if first > 0:
        gaps.append(text[run[first - 1].end : run[first].start])
    if last < len(run) - 1:
        gaps.append(text[run[last].end : run[last + 1].start])
    return all(
        LISTING & set(gap) or (first == last and any(c.isspace() for c in gap)) for gap in gaps
    )


def _is_glued(text: str, part: Sequence[Group]) -> bool:
    """Whether a Latin letter stands side by side with the number, as in a serial number."""
    before, after = text[part[0].start - 1 : part[0].start], text[part[-1].end : part[-1].end + 1]
    return any(c.isalpha() and c < "\u0250" for c in before + after)


def _after_plus(text: str, start: int) -> bool:
    return text[:start].rstrip(" (\u00a0").endswith(("+", "＋"))


def _said(text: str, start: int, end: int) -> str | None:
    """What the nearest word before the number, or else the first behind it, says that it is."""
    before = text[max(0, start - _WINDOW_BEFORE) : start]
    after = text[end : end + _WINDOW_AFTER]
    before = re.split(r"\d", before)[-1]
    after = re.split(r"[\d.,;!?\n]", after)[0]
    words = list(_WORD.finditer(_plain(before))) or list(_WORD.finditer(_plain(after)))[:1]
    return words[-1].lastgroup if words else None


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(maxsize=2048)
def _iban_form(country: str) -> tuple[int, re.Pattern[str]] | None:
    """How long an IBAN of ``country`` is, and its form; None where there are none."""
    properties = numdb.get("iban").info(country)[0][1]
    if not properties:
        return None
    parts = re.findall(r"(\d+)!([nac])", properties["bban"])
    signs = {"n": "[0-9]", "a": "[A-Z]", "c": "[A-Z0-9]"}
    form = "".join(f"{signs[kind]}{{{count}}}" for count, kind in parts)
    return 4 + sum(int(count) for count, _ in parts), re.compile(f"[A-Z]{{2}}[0-9]{{2}}{form}")


def _ibans(text: str) -> tuple[list[Span], list[tuple[int, int]]]:
    """The IBANs in ``text``, and all that has an IBAN's form, right or not: it is nothing else."""
    found: list[Span] = []
    taken: list[tuple[int, int]] = []
    signs = [(i, sign_of(c)) for i, c in enumerate(text) if not is_between(c)]
    joined = "".join(sign for _, sign in signs)
    for match in re.finditer(r"(?=[A-Z]{2}[0-9]{2})", joined):
        at = match.start()
        start, form = signs[at][0], _iban_form(joined[at : at + 2])
        if form is None or (taken and start < taken[-1][1]):
            continue
        number = joined[at : at + form[0]]
        if not form[1].fullmatch(number):
            continue
        places = [place for place, _ in signs[at : at + form[0]]]
        if not all(is_gap(text[a + 1 : b]) for a, b in pairwise(places)):
            continue
        end = places[-1] + 1
        if iban.is_valid(number, check_country=False):
            if not text[end : end + 1].isdigit():
                found.append(Span(start, end, Kind.IBAN))
                taken.append((start, end))
        elif places[2] == start + 2 and text[start].isupper():
            taken.append((start, end))
    return found, taken
