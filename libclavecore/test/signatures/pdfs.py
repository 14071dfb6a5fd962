"""PDF documents, and updates to them, of which the simulator's own writer makes the honest ones."""

import io
import re
import zlib

import pikepdf
from openssl_cms import cms
from people import ANA
from simulator import pades
from signature_cases import NOW

_ROOM = 16384


def document(*, streams=False, form=False, fonts=False, metadata=None, **changes):
    """Two pages, a note on the first, and a reference to an object that is not there."""
    pdf = pikepdf.new()
    for number in (1, 2):
        page = pdf.add_blank_page(page_size=(300, 300))
        page.Contents = pdf.make_stream(b"BT /F1 12 Tf 20 %d Td (Solicitud) Tj ET" % (100 * number))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=pdf.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1,
                               BaseFont=pikepdf.Name.Helvetica))))
    pdf.pages[0].Annots = pikepdf.Array([pdf.make_indirect(pikepdf.Dictionary(
        Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Text, Rect=[0, 0, 20, 20],
        Contents=pikepdf.String("nota")))])
    if form:
        field = pdf.make_indirect(pikepdf.Dictionary(
            Type=pikepdf.Name.Annot, Subtype=pikepdf.Name.Widget, FT=pikepdf.Name.Tx,
            T=pikepdf.String("importe"), V=pikepdf.String("100"), Rect=[50, 50, 90, 90]))
        pdf.pages[1].Annots = pdf.make_indirect(pikepdf.Array([field]))
        pdf.Root.AcroForm = pdf.make_indirect(pikepdf.Dictionary(
            Fields=pikepdf.Array([field]), DA=pikepdf.String("/Helv 0 Tf")))
    if fonts:
        pdf.Root.AcroForm.DR = pikepdf.Dictionary(Font=pikepdf.Dictionary())
    if metadata == "alone":
        pdf.Root.Metadata = pdf.make_stream(b"<x/>")
    if metadata == "shown":
        pdf.Root.Metadata = pdf.pages[0].Contents
    pdf.docinfo["/Title"] = "Solicitud"
    out = io.BytesIO()
    mode = pikepdf.ObjectStreamMode.generate if streams else pikepdf.ObjectStreamMode.disable
    pdf.save(out, object_stream_mode=mode, static_id=True,
             fix_metadata_version=False, **changes)
    return out.getvalue()


def with_missing_object(plain):
    """The second page mentions an object 77 that there is not."""
    assert plain.count(b"/MediaBox") == 2
    return _exchanged(plain, b"/MediaBox [ 0 0 300 300 ]", b"/MediaBox[0 0 300 300]/X 77 0 R")


def unfolding(megabytes, *, filters=b"/FlateDecode"):
    """One page, in an object stream that is small and becomes so large."""
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>"]
    offsets = [sum(map(len, objects[:i])) for i in range(3)]
    index = b" ".join(b"%d %d" % (i + 1, at) for i, at in enumerate(offsets)) + b" "
    packed = zlib.compress(index + b"".join(objects) + b" " * (megabytes << 20), 9)
    out = b"%PDF-1.5\n"
    places = [len(out)]
    out += (b"4 0 obj\n<< /Type /ObjStm /N 3 /First %d /Filter %s /Length %d >>\nstream\n%s\n"
            b"endstream\nendobj\n" % (len(index), filters, len(packed), packed))
    places.append(len(out))
    rows = bytes(7) + b"".join(b"\2\0\0\0\4\0%c" % i for i in range(3)) + b"".join(
        b"\1" + place.to_bytes(4, "big") + b"\0\0" for place in places)
    return out + (b"5 0 obj\n<< /Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R /Length %d >>\nstream\n"
                  b"%s\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n"
                  % (len(rows), rows, places[1]))


def _exchanged(plain, old, new):
    """Put in place, with the offsets of the cross-reference table moved."""
    at = plain.rindex(old)
    grown = len(new) - len(old)
    out = plain[:at] + new + plain[at + len(old):]
    begin = out.rindex(b"xref\n", 0, out.rindex(b"trailer"))
    table = re.sub(rb"(\d{10}) (\d{5} n)",
                   lambda m: b"%010d %s" % (int(m[1]) + (grown if int(m[1]) > at else 0), m[2]),
                   out[begin:])
    table = re.sub(rb"startxref\n\d+", b"startxref\n%d" % begin, table)
    return out[:begin] + table


def detached(content):
    return cms(content, ANA)


def sign(plain, extra=None, *, make=detached, kind=b"/ETSI.CAdES.detached", finish=None):
    """As the simulator does. `extra(update, pdf)` changes more; `finish(bytes)` comes before the
    digest is made."""
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        update = pades._Update(plain, pdf)
        pades._add_field(update, pdf, NOW)
        if extra:
            extra(update, pdf)
        prepared = update.finished()
    prepared = prepared[:len(plain)] + prepared[len(plain):].replace(b"/ETSI.CAdES.detached", kind)
    if finish:
        prepared = finish(prepared)
    return pades._filled(prepared, len(plain), make)


def append(signed, extra, *, newline=True):
    """Another update, after the signature."""
    with pikepdf.open(io.BytesIO(signed)) as pdf:
        update = pades._Update(signed, pdf)
        extra(update, pdf)
        return update.finished()


def replace(find, **changed):
    """`find(pdf)`: a dictionary that gets other entries."""
    def change(update, pdf):
        update.replace(find(pdf), **changed)
    return change


def other_metadata(update, pdf):
    update._write(pdf.Root.Metadata.objgen, b"<< /Length 4 >>\nstream\n<y/>\nendstream")


def field_of(update):
    """The signature's, which was added last."""
    return update._next - 1


def in_catalog(**changed):
    """With the form that the signature needs, which is written here again."""
    def change(update, pdf):
        form = b"<< /Fields [ %d 0 R ] /SigFlags 3 >>" % field_of(update)
        update.replace(pdf.Root, **{"AcroForm": form, **changed})
    return change


def form(text):
    """`text`: of the whole form, with %(field)d and, of the document's first field, %(first)d."""
    def change(update, pdf):
        old = pdf.Root.get("/AcroForm")
        first = old.Fields[0].objgen[0] if old is not None else 0
        update.replace(pdf.Root, AcroForm=text % {b"field": field_of(update), b"first": first})
    return change


def hole(signed):
    begin = signed.rindex(b"/Contents <") + len(b"/Contents ")
    return begin, signed.index(b">", begin) + 1


def with_range(plain, numbers, *, pad=0, at_end=b""):
    """Signed over what `numbers(begin, end, size)` says is signed."""
    with pikepdf.open(io.BytesIO(plain)) as pdf:
        update = pades._Update(plain, pdf)
        pades._add_field(update, pdf, NOW)
        prepared = update.finished() + at_end
    begin = prepared.index(b"/Contents <", len(plain)) + len(b"/Contents ")
    end = begin + 2 * _ROOM + 2
    a, b, c, d = numbers(begin, end, len(prepared))
    text = b"/ByteRange [%d %010d %010d %010d]" % (a, b, c, d)
    prepared = prepared.replace(pades._RANGE, text.ljust(len(pades._RANGE)), 1)
    held = detached(prepared[a:a + b] + prepared[c:c + d]).hex().encode()
    return prepared[:begin + 1] + held.ljust(2 * _ROOM, b"0") + prepared[end - 1:]
