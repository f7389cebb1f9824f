"""What stands on the sheets of a PDF that Chromium printed, read with the standard library."""

import re
import zlib


def sheets(pdf):
    """The text of each sheet, in the order in which it was drawn, without blanks."""
    objects = {int(n): body for n, body in re.findall(rb"(?:^|\n)(\d+) 0 obj\n(.*?)\nendobj", pdf, re.DOTALL)}
    found = [body for body in objects.values() if re.search(rb"/Type /Page\b", body)]
    return ["".join(_shown(body, objects)).replace(" ", "") for body in found]


def _stream(body):
    data = body.split(b"stream\n", 1)[1].removesuffix(b"\nendstream")
    return zlib.decompress(data) if b"/FlateDecode" in body else data


def _numbers(name, body):
    return [int(n) for n in re.findall(rb"/%s (\d+) 0 R" % name, body)]


def _shown(page, objects):
    letters = {name: _letters(objects[int(n)], objects) for name, n in re.findall(rb"/(F\d+) (\d+) 0 R", page)}
    known = {}
    for number in _numbers(b"Contents", page):
        for name, glyphs in re.findall(rb"/(F\d+) [\d.-]+ Tf|<([0-9A-Fa-f]+)>", _stream(objects[number])):
            known = letters[name] if name else known
            yield from (known.get(glyphs[at : at + 4].upper(), "") for at in range(0, len(glyphs), 4))


def _letters(font, objects):
    """The letter of each glyph of a font."""
    known = {}
    for number in _numbers(b"ToUnicode", font):
        table = _stream(objects[number])
        for first, last, letter in re.findall(rb"<(\w{4})> <(\w{4})> <(\w{4})>\n", table):
            for step in range(int(last, 16) - int(first, 16) + 1):
                known[b"%04X" % (int(first, 16) + step)] = chr(int(letter, 16) + step)
        for glyph, letter in re.findall(rb"\n<(\w{4})> <(\w+)>(?=\n)", table):
            known[glyph.upper()] = bytes.fromhex(letter.decode()).decode("utf-16-be")
    return known
