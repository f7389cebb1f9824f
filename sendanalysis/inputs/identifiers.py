"""What names a person by itself: numbers with their check digits, addresses, telephone numbers and birth dates.

Check digits as their owners define them: NHS number Modulus 11 (NHS Data Dictionary), UPN Modulus 23 (DfE, UPN guide),
ULN Modulus 11 (Learning Records Service), National Insurance number by its form alone (HMRC, NIM39110).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
NHS_NUMBERS, ULNS, UPNS, POSTCODES = "NHS numbers", "ULNs", "UPNs", "postcodes"
EMAIL = re.compile(r"[^\s@,;:<>\"'()]+@[^\s@,;:<>\"'()]+\.[^\W\d_]{2,}")
NHS = re.compile(r"\d{3}[ .-]?\d{3}[ .-]?\d{4}")
UPN = re.compile(r"[A-Z]\d{11}[A-Z\d]")
_AREAS = (  # the letters that postcodes begin with
    "A[BL]|B[ABDHLNRST]?|C[ABFHMORTVW]|D[ADEGHLNTY]|E[CHNX]?|F[KY]|G[LUY]?|H[ADGPRSUX]|I[GMPV]|JE|K[ATWY]|L[ADELNSU]?"
    "|M[EKL]?|N[EGNPRW]?|O[LX]|P[AEHLOR]|R[GHM]|S[AEGKLMNOPRSTWY]?|T[ADFNQRSW]|UB|W[ACDFNRSV]?|YO|ZE"
)
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
POSTCODE = re.compile(rf"(?<![\w#.])(?:{_AREAS})[0-9][A-Z0-9]? {_INWARD}(?!\w)", re.IGNORECASE)
UNSPACED_POSTCODE = re.compile(rf"(?:{_AREAS})[0-9][A-Z0-9]?{_INWARD}", re.IGNORECASE)
_SPACED = re.compile(r"(?<!\w)(?<!\d[.,])\d{3}([ -])\d{3}\1\d{4}(?!\w|[.,]\d)")
_NINO = re.compile(
    r"(?<!\w)(?!BG|GB|KN|NK|NT|TN|ZZ)[A-CEGHJ-PR-TW-Z][A-CEGHJ-NPR-TW-Z] ?(?:\d\d ?){3}[A-D](?!\w)", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.:/-])(?<!\d,)(?:\+44 ?(?:\(0\) ?)?|\(?0)[1-378]\d{1,4}\)?[ -]?\d{2,4}(?:[ -]?\d{2,4})?(?![\w.,]?\d)(?!\w)"
)
_BORN = re.compile(r"\b(?:date[ _]of[ _]birth|birth[ _]?(?:date|day)|dob|born)\b", re.IGNORECASE)
_BIRTH = re.compile(
    rf"{_BORN.pattern}.{{0,80}}?"
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-](?:\d\d){1,2}|\d{4}-\d\d-\d\d|\d{1,2}(?:st|nd|rd|th)? [a-z]{3,9} \d{4})\b",
    re.IGNORECASE | re.DOTALL,
)


def is_nhs_number(value: str) -> bool:
    """Ten digits whose last is 11 less the remainder of the weighted sum of the others; ten like digits are none.

    >>> is_nhs_number("943 476 59" + "19"), is_nhs_number("9434765917"), is_nhs_number("0000000000")
    (True, False, False)
    """
    if not NHS.fullmatch(value):
        return False
    digits = [int(sign) for sign in value if sign.isdigit()]
    check = 11 - _weighted(digits)
    return digits[-1] == check % 11 and check != 10 and len(set(digits)) > 1


def is_uln(value: str) -> bool:
    """Ten digits whose last is 10 less that remainder; none has a remainder of nought.

    >>> is_uln("12345678" + "99"), is_uln("1234567890")
    (True, False)
    """
    if not re.fullmatch(r"\d{10}", value):
        return False
    digits = [int(sign) for sign in value]
    rest = _weighted(digits)
    return bool(rest) and digits[-1] == 10 - rest and digits[0] > 0 and len(set(digits)) > 1


def is_upn(value: str) -> bool:
    """A letter and twelve digits, or eleven and a letter where it is temporary; the first letter checks the others.

    >>> is_upn("A1234567" + "89012"), is_upn("A123456789016")
    (True, False)
    """
    value = value.upper()
    if not UPN.fullmatch(value):
        return False
    last = int(value[12]) if value[12].isdigit() else UPN_LETTERS.find(value[12])
    numbers = [*map(int, value[1:12]), last]
    return UPN_LETTERS[sum(weight * number for weight, number in enumerate(numbers, 2)) % 23] == value[0]


def identifiers_in(text: str) -> dict[str, set[str]]:
    """What names a person in a text by its form, by kind: all but the numbers that `numbers_in` finds."""
    found = {
        NHS_NUMBERS: {one[0] for one in _SPACED.finditer(text) if is_nhs_number(one[0])},
        "e-mail addresses": {one[0] for one in EMAIL.finditer(text)} if "@" in text else set(),
        POSTCODES: {one[0] for one in POSTCODE.finditer(text)},
        "National Insurance numbers": {one[0] for one in _NINO.finditer(text)},
        "telephone numbers": {one[0] for one in _PHONE.finditer(text) if _national(one[0]) in {9, 10}},
    }
    return {kind: values for kind, values in found.items() if values}


def numbers_in(tokens: Iterable[str]) -> dict[str, set[str]]:
    """What names a person among runs of letters and digits, whatever their capitals, by kind."""
    found: dict[str, set[str]] = {NHS_NUMBERS: set(), ULNS: set(), UPNS: set(), POSTCODES: set()}
    for token in tokens:
        if len(token) == 10 and token.isdecimal():
            found[NHS_NUMBERS] |= {token} if is_nhs_number(token) else set()
            found[ULNS] |= {token} if is_uln(token) else set()
        elif len(token) == 13 and is_upn(token):
            found[UPNS].add(token)
        elif 5 <= len(token) <= 7 and token[-3].isdecimal() and UNSPACED_POSTCODE.fullmatch(token):
            found[POSTCODES].add(token)
    return {kind: values for kind, values in found.items() if values}


def birth_dates_in(text: str) -> set[str]:
    """Days that are said to be of birth."""
    return {one[0] for one in _BIRTH.finditer(text)} if _BORN.search(text) else set()


def _weighted(digits: list[int]) -> int:
    return sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=False)) % 11


def _national(number: str) -> int:
    """Digits of a telephone number after its nought or +44."""
    return len(re.sub(r"\D", "", re.sub(r"^(\+44 ?(\(0\))?|\(?0)", "", number)))
