"""A signature in a PDF, as an incremental update: the bytes that were there stay as they were.

pikepdf (libqpdf) reads the structure; what is appended is written here, because rewriting the file,
as qpdf does, would not leave the citizen's document at its beginning.
"""

import datetime
import io
import re

import pikepdf

_ROOM = 16384  # bytes of DER
_RANGE = b"/ByteRange [0 ########## ########## ##########]"


class NotAPdf(Exception):
    pass


def sign(document, detached, now):
    """`detached`: content → CMS; `now`: seconds since 1970."""
    try:
        with pikepdf.open(io.BytesIO(document)) as pdf:
            update = _Update(document, pdf)
            _add_field(update, pdf, now)
            prepared = update.finished()
    except pikepdf.PdfError as error:
        raise NotAPdf(str(error)) from error
    return _filled(prepared, len(document), detached)


def _add_field(update, pdf, now):
    moment = datetime.datetime.utcfromtimestamp(now).strftime("D:%Y%m%d%H%M%SZ")
    value = update.add(b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached "
                       + _RANGE + b" /Contents <" + b"0" * (2 * _ROOM) + b"> /M ("
                       + moment.encode() + b") >>")
    page = pdf.pages[0].obj
    name = f"Firma{value}".encode()
    field = update.add(b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (" + name + b") /V %d 0 R "
                       b"/F 132 /Rect [0 0 0 0] /P %d %d R >>" % (value, *page.objgen))
    update.replace(page, Annots=_longer(page.get("/Annots"), field))
    form = pdf.Root.get("/AcroForm")
    fields = _longer(form.get("/Fields") if form is not None else None, field)
    rest = _without(form, "/Fields", "/SigFlags") if form is not None else b""
    update.replace(pdf.Root,
                   AcroForm=b"<< " + rest + b" /Fields " + fields + b" /SigFlags 3 >>")


def _longer(array, number):
    items = b" ".join(_written(item) for item in array) if array is not None else b""
    return b"[ " + items + b" %d 0 R ]" % number


def _written(item):
    return b"%d %d R" % item.objgen if item.is_indirect else item.unparse()


def _without(dictionary, *keys):
    return b" ".join(name.encode() + b" " + _written_value(value)
                     for name, value in dictionary.items() if name not in keys)


def _written_value(value):
    if isinstance(value, pikepdf.Object):
        return _written(value)
    if isinstance(value, bool):
        return b"true" if value else b"false"
    return str(value).encode()


class _Update:
    """Objects after the end of a PDF, and the cross-references of the kind that it has."""

    def __init__(self, document, pdf):
        self._out = bytearray(document if document.endswith(b"\n") else document + b"\n")
        self._next = int(pdf.trailer["/Size"])
        self._root = pdf.Root.objgen
        self._offsets = {}
        found = re.findall(rb"startxref\s+(\d+)\s+%%EOF", document)
        if not found:
            raise NotAPdf("no startxref")
        self._previous = int(found[-1])
        self._has_table = document[self._previous:].lstrip()[:4] == b"xref"
        self._identifier = (b"/ID " + pdf.trailer["/ID"].unparse()
                            if "/ID" in pdf.trailer else b"")

    def add(self, content):
        number, self._next = self._next, self._next + 1
        self._write((number, 0), content)
        return number

    def replace(self, dictionary, **changed):
        names = ["/" + name for name in changed]
        new = b" ".join(b"/" + name.encode() + b" " + value for name, value in changed.items())
        self._write(dictionary.objgen, b"<< " + _without(dictionary, *names) + b" " + new + b" >>")

    def _write(self, objgen, content):
        self._offsets[objgen] = len(self._out)
        self._out += b"%d %d obj\n%s\nendobj\n" % (*objgen, content)

    def finished(self):
        place = len(self._out)
        trailer = b"/Root %d %d R /Prev %d %s" % (*self._root, self._previous, self._identifier)
        if self._has_table:
            self._out += b"xref\n"
            for (number, generation), offset in sorted(self._offsets.items()):
                self._out += b"%d 1\n%010d %05d n \n" % (number, offset, generation)
            self._out += b"trailer\n<< /Size %d %s >>\n" % (self._next, trailer)
        else:
            self._write_stream(place, trailer)
        self._out += b"startxref\n%d\n%%%%EOF\n" % place
        return bytes(self._out)

    def _write_stream(self, place, trailer):
        number, self._next = self._next, self._next + 1
        entries = sorted({**self._offsets, (number, 0): place}.items())
        index = b" ".join(b"%d 1" % objgen[0] for objgen, _ in entries)
        rows = b"".join(b"\1" + offset.to_bytes(4, "big") + objgen[1].to_bytes(2, "big")
                        for objgen, offset in entries)
        self._out += (b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 4 2] /Index [%s] /Length %d %s >>\n"
                      b"stream\n%s\nendstream\nendobj\n"
                      % (number, self._next, index, len(rows), trailer, rows))


def _filled(prepared, old_length, detached):
    begin = prepared.index(b"/Contents <", old_length) + len(b"/Contents ")
    end = begin + 2 * _ROOM + 2
    numbers = b"/ByteRange [0 %010d %010d %010d]" % (begin, end, len(prepared) - end)
    prepared = prepared[:old_length] + prepared[old_length:].replace(_RANGE, numbers, 1)
    der = detached(prepared[:begin] + prepared[end:])
    return prepared[:begin + 1] + der.hex().encode().ljust(2 * _ROOM, b"0") + prepared[end - 1:]
