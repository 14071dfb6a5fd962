import pdfs
import signature_cases
from openssl_cms import cms
from pdfs import append, field_of, form, hole, in_catalog, replace, sign, with_range
from people import (ANA, BENITO, INTERMEDIATE, SIMULATED_ANA, SIMULATED_AUTHORITY, der)
from simulator import signing, timestamps
from signature_cases import NOW

PLAIN = pdfs.document()
FORM = pdfs.document(form=True)
STREAMS = pdfs.document(streams=True)
BROKEN, SUBJECT, DIGEST = "E-SIGN-VERIFY", "E-SIGN-SUBJ", "E-SIGN-DIGEST"


def case(name, signature, **changes):
    signature_cases.case(name, signature, **{"format": "pades", "document": PLAIN, **changes})


simulated = signing.sign(PLAIN, "PAdES", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW)
good = sign(PLAIN)

# --- good ones ---
case("good-simulated", simulated, claimed=der(SIMULATED_ANA), authorities=[SIMULATED_AUTHORITY],
     facts={"claimed_time": True})
stamps = timestamps.TimestampAuthority(lambda: SIMULATED_AUTHORITY)
case("good-with-timestamp",
     signing.sign(PLAIN, "PAdES", {}, SIMULATED_ANA, SIMULATED_AUTHORITY, NOW, stamps.token),
     authorities=[SIMULATED_AUTHORITY], facts={"claimed_time": True})
case("good-elliptic", good, simulator=False, authorities=[INTERMEDIATE],
     facts={"signer_name": "GARCÍA LÓPEZ ANA - 00000000T"})
case("good-form", sign(FORM), document=FORM)
case("good-object-streams", sign(STREAMS), document=STREAMS)
case("good-object-streams-and-form", sign(pdfs.document(streams=True, form=True)),
     document=pdfs.document(streams=True, form=True))
case("good-older-kind", sign(PLAIN, kind=b"/adbe.pkcs7.detached"))
SIGNED = sign(PLAIN, make=lambda content: cms(content, BENITO))
case("good-second-signature", sign(SIGNED), document=SIGNED)
case("good-linearized", sign(pdfs.document(linearize=True)),
     document=pdfs.document(linearize=True))
case("good-no-line-end", sign(PLAIN.rstrip(b"\n")), document=PLAIN.rstrip(b"\n"))
case("good-later-date",
     sign(PLAIN, replace(lambda pdf: pdf.trailer.Info, ModDate=b"(D:20260301100000Z)")))
case("good-other-metadata",
     sign(pdfs.document(metadata="alone"), pdfs.other_metadata),
     document=pdfs.document(metadata="alone"))
case("good-security-store",
     sign(PLAIN, in_catalog(DSS=b"<< >>")))
case("good-missing-object", sign(pdfs.with_missing_object(PLAIN)),
     document=pdfs.with_missing_object(PLAIN))

# --- whose it is ---
case("other-signer", sign(PLAIN, make=lambda content: cms(content, BENITO)), expect=SUBJECT,
     guards="signer.nif")
case("not-the-claimed-certificate", good, claimed=der(BENITO), expect=SUBJECT,
     guards="signer.claimed")
case("last-signature-of-somebody-else", sign(good, make=lambda content: cms(content, BENITO)),
     document=good, expect=SUBJECT, guards="signer.nif")

# --- what was signed ---
case("other-document", sign(FORM), expect=DIGEST, guards=["pades.begins", "pades.objects",
                                                          "pades.form"])
case("rewritten", sign(pdfs.document(compress_streams=False)), expect=DIGEST,
     document=pdfs.document(streams=True), guards=["pades.begins", "pades.root"])
case("one-byte-of-the-document", sign(PLAIN.replace(b"%PDF-1.3", b"%PDF-1.4", 1)), expect=DIGEST,
     document=PLAIN, guards="pades.begins")
case("longer-document", good, document=good, expect=BROKEN)
case("document-signed-already", good, document=good[:-1], expect=BROKEN)

# --- updates that change what was there ---
STREAM = b"BT /F1 12 Tf 20 100 Td (Otra cosa) Tj ET"


def other_contents(update, pdf):
    number = pdf.pages[0].Contents.objgen
    update._write(number, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(STREAM), STREAM))


def page(number):
    return lambda pdf: pdf.pages[number].obj


SHADOWS = {
    "contents-of-a-page": other_contents,
    "contents-elsewhere": lambda update, pdf: update.replace(
        pdf.pages[1].obj, Contents=b"%d 0 R" % update.add(
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(STREAM), STREAM))),
    "size-of-a-page": replace(page(1), MediaBox=b"[0 0 10 10]"),
    "resources-of-a-page": replace(page(1), Resources=b"<< >>"),
    "script-of-a-page": replace(page(1), AA=b"<< /O << /S /JavaScript /JS (app.alert(1)) >> >>"),
    "rotation-of-a-page": replace(page(1), Rotate=b"180"),
    "page-gone": replace(lambda pdf: pdf.Root.Pages, Count=b"1",
                         Kids=b"[ 3 0 R ]"),
    "page-added": lambda update, pdf: update.replace(
        pdf.Root.Pages, Count=b"3", Kids=b"[ %d 0 R %d 0 R %d 0 R ]" % (
            pdf.pages[0].objgen[0], pdf.pages[1].objgen[0],
            update.add(b"<< /Type /Page /Parent %d 0 R /MediaBox [0 0 9 9] >>"
                       % pdf.Root.Pages.objgen[0]))),
    "pages-in-another-order": lambda update, pdf: update.replace(
        pdf.Root.Pages, Kids=b"[ %d 0 R %d 0 R ]" % (
            pdf.pages[1].objgen[0], pdf.pages[0].objgen[0])),
    "font": replace(lambda pdf: pdf.pages[0].Resources.Font.F1, BaseFont=b"/Symbol"),
    "text-of-a-note": replace(lambda pdf: pdf.pages[0].Annots[0], Contents=b"(otra)"),
    "note-gone": replace(page(0), Annots=b"[ ]"),
    "note-added": lambda update, pdf: update.replace(
        pdf.pages[1].obj, Annots=b"[ %d 0 R ]" % update.add(
            b"<< /Type /Annot /Subtype /FreeText /Rect [0 0 300 300] /Contents (x) >>")),
    "note-added-directly": replace(
        page(1), Annots=b"[ << /Type /Annot /Subtype /FreeText /Rect [0 0 300 300] >> ]"),
    "other-pages": lambda update, pdf: update.replace(
        pdf.Root, AcroForm=b"<< /Fields [ %d 0 R ] >>" % field_of(update),
        Pages=b"%d 0 R" % update.add(b"<< /Type /Pages /Kids [ ] /Count 0 >>")),
    "action-when-opened": in_catalog(OpenAction=b"<< /S /JavaScript /JS (app.alert(1)) >>"),
    "layers": in_catalog(OCProperties=b"<< /OCGs [ ] /D << >> >>"),
    "names": in_catalog(Names=b"<< /JavaScript << /Names [ ] >> >>"),
}
for name, extra in SHADOWS.items():
    case(f"changed-{name}", sign(PLAIN, extra), expect=DIGEST, guards="pades.objects")


case("changed-title", sign(PLAIN, replace(lambda pdf: pdf.trailer.Info, Title=b"(Otra)")),
     expect=DIGEST, guards="pades.objects")
case("changed-metadata-that-a-page-shows",
     sign(pdfs.document(metadata="shown"), pdfs.other_metadata),
     document=pdfs.document(metadata="shown"), expect=DIGEST, guards="pades.objects")


def object_gone(update, pdf):
    update._write(pdf.pages[1].Contents.objgen, b"null")


case("changed-object-gone", sign(PLAIN, object_gone), expect=DIGEST, guards="pades.objects")
case("changed-value-of-a-field",
     sign(FORM, replace(lambda pdf: pdf.Root.AcroForm.Fields[0], V=b"(1000)")), document=FORM,
     expect=DIGEST, guards="pades.objects")
case("changed-list-of-annotations",
     sign(FORM, lambda update, pdf: update._write(pdf.pages[1].Annots.objgen, b"[ ]")),
     document=FORM, expect=DIGEST, guards="pades.objects")
case("changed-compressed-object",
     sign(STREAMS, replace(lambda pdf: pdf.pages[0].Resources.Font.F1, BaseFont=b"/Symbol")),
     document=STREAMS, expect=DIGEST, guards="pades.objects")


FORMS = {
    "style-changed": (FORM, b"<< /Fields [ %(first)d 0 R %(field)d 0 R ] /DA (1 1 1 rg) >>"),
    "fonts-changed": (pdfs.document(form=True, fonts=True),
                      b"<< /Fields [ %(first)d 0 R %(field)d 0 R ] /DA (/Helv 0 Tf) /DR << >> >>"),
    "with-xfa": (PLAIN, b"<< /Fields [ %(field)d 0 R ] /XFA (x) >>"),
    "redrawn": (PLAIN, b"<< /Fields [ %(field)d 0 R ] /NeedAppearances true >>"),
    "field-gone": (FORM, b"<< /Fields [ %(field)d 0 R ] /DA (/Helv 0 Tf) >>"),
    "fields-in-another-order":
        (FORM, b"<< /Fields [ %(field)d 0 R %(first)d 0 R ] /DA (/Helv 0 Tf) >>"),
    "another-field": (PLAIN, b"<< /Fields [ %(field)d 0 R << /FT /Tx /T (x) >> ] >>"),
}
for name, (plain, text) in FORMS.items():
    case(f"form-{name}", sign(plain, form(text)), document=plain, expect=DIGEST,
         guards="pades.form")

case("field-with-action", sign(PLAIN, finish=lambda prepared: prepared.replace(
    b"/F 132 /Rect [0 0 0 0]", b"/AA<<>> /Rect[0 0 0 0]")), expect=DIGEST, guards="pades.field")
case("field-with-another-action", sign(PLAIN, finish=lambda prepared: prepared.replace(
    b"/F 132 /Rect [0 0 0 0]", b"/A <<>> /Rect[0 0 0 0]")), expect=DIGEST, guards="pades.field")
case("offsets-a-little-off", sign(PLAIN, finish=lambda prepared: prepared.replace(
    b"/F 132 ", b"/F 132  ")), expect=BROKEN, guards="pades.clean")
case("another-catalog", sign(PLAIN, finish=lambda prepared: prepared[:len(PLAIN)] + prepared[
    len(PLAIN):].replace(b"\n1 0 obj", b"\n9 0 obj").replace(b"\n1 1\n", b"\n9 1\n")
    .replace(b"/Root 1 0 R", b"/Root 9 0 R")), expect=DIGEST, guards="pades.root")
MISSING = pdfs.with_missing_object(PLAIN)
case("missing-object-made-up",
     sign(MISSING, lambda update, pdf: update._write((77, 0), b"(x)")), document=MISSING,
     expect=DIGEST, guards="pades.objects")

# --- the range ---
begin, end = hole(good)
nothing = replace(page(1), Rotate=b"0")
case("update-after-the-signature", append(good, nothing), expect=BROKEN, guards="pades.covers")
case("bytes-after-the-signature", good + b"\n", expect=BROKEN, guards="pades.covers")
case("document-after-the-signature", good + PLAIN, expect=BROKEN)
case("range-ends-early", with_range(PLAIN, lambda b, e, size: (0, b, e, size - e - 1)),
     expect=BROKEN, guards="pades.covers")
case("range-begins-late", with_range(PLAIN, lambda b, e, size: (1, b - 1, e, size - e)),
     expect=BROKEN)
case("hole-too-wide", with_range(PLAIN, lambda b, e, size: (0, b - 1, e + 1, size - e - 1)),
     expect=BROKEN, guards=["pades.hole", "pades.contents"])
case("hole-too-narrow", with_range(PLAIN, lambda b, e, size: (0, b + 1, e - 1, size - e + 1)),
     expect=BROKEN)
case("hole-over-the-document",
     with_range(PLAIN, lambda b, e, size: (0, 100, e, size - e)), expect=BROKEN,
     guards="pades.hole-place")
case("hole-somewhere-else",
     with_range(PLAIN, lambda b, e, size: (0, size - 6, size, 0), at_end=b"<0000>"), expect=BROKEN,
     guards="pades.contents")
case("range-without-hole", with_range(PLAIN, lambda b, e, size: (0, b, b, size - b)),
     expect=BROKEN)
case("range-of-three", good.replace(b"/ByteRange [0 ", b"/ByteRange [  "), expect=BROKEN)
case("range-of-names", good.replace(b"/ByteRange [0 0", b"/ByteRange [/A"), expect=BROKEN)
case("range-negative", good.replace(b"/ByteRange [0 0", b"/ByteRange [0 -"), expect=BROKEN)
case("range-without-end", good.replace(b"/ByteRange [0 0", b"/ByteRange [0 9"), expect=BROKEN)
case("hole-with-white-space", good[:end - 3] + b"  " + good[end - 1:], expect=BROKEN,
     guards=["pades.hole", "pades.contents"])
case("hole-with-more", good[:end - 3] + b"01" + good[end - 1:], expect=BROKEN,
     guards="cms.nothing-more")


def two_fields(update, pdf):
    value = update._next - 2
    other = update.add(b"<< /FT /Sig /T (Otra) /V %d 0 R >>" % value)
    update.replace(pdf.Root, AcroForm=b"<< /Fields [ %d 0 R %d 0 R ] /SigFlags 3 >>"
                   % (value + 1, other))


case("two-fields-one-signature", sign(PLAIN, two_fields), expect=BROKEN,
     guards="pades.one-signature")

# --- whether it is one ---
case("the-document", PLAIN, expect=BROKEN)
case("document-with-line-end", PLAIN + b"\n", expect=BROKEN)
case("nothing", b"", expect=BROKEN)
case("field-without-signature",
     append(PLAIN, replace(lambda pdf: pdf.Root, AcroForm=b"<< /Fields [ << /FT /Sig >> ] >>")),
     expect=BROKEN)
case("only-the-cms", cms(PLAIN, ANA), expect=BROKEN)
case("other-kind", sign(PLAIN, kind=b"/adbe.x509.rsa_sha1 "), expect=BROKEN, guards="pades.kind")
case("timestamp", sign(PLAIN, kind=b"/ETSI.RFC3161       "), expect=BROKEN, guards="pades.kind")
case("empty-hole", good[:begin + 1] + b"0" * (end - begin - 2) + good[end - 1:], expect=BROKEN)
case("signature-of-the-document-only", sign(PLAIN, make=lambda content: cms(PLAIN, ANA)),
     expect=BROKEN, guards="cms.message-digest")
case("content-inside", sign(PLAIN, make=lambda content: cms(content, ANA, "-nodetach")),
     expect=BROKEN, guards=["cms.detached", "cms.attached"])
case("sha1", sign(PLAIN, make=lambda content: cms(content, ANA, "-md", "sha1")), expect=BROKEN,
     guards="cms.digest")
case("no-signing-certificate", sign(PLAIN, make=lambda content: cms(content, ANA, cades=False)),
     expect=BROKEN, guards="cms.signing-certificate")
case("two-signers", sign(PLAIN, make=lambda content: cms(content, ANA, more_signers=(BENITO,))),
     expect=BROKEN, guards="cms.one-signer")
case("changed-after-signing", good.replace(b"/F 132", b"/F 133"), expect=BROKEN,
     guards="cms.message-digest")
case("document-changed-after-signing", good.replace(b"%PDF-1.3", b"%PDF-1.4"),
     document=PLAIN.replace(b"%PDF-1.3", b"%PDF-1.4"), expect=BROKEN,
     guards="cms.message-digest")
LOCKED = pdfs.document(encryption=pdfs.pikepdf.Encryption(owner="x", user="", R=4, aes=True))
case("encrypted", LOCKED, document=LOCKED, expect=BROKEN, guards="pades.plain")
case("damaged-references", sign(PLAIN, finish=lambda prepared: prepared.replace(
    b"startxref\n%d" % prepared.rindex(b"xref\n", 0, -20), b"startxref\n7", 1)), expect=BROKEN)

# --- what would take all memory ---
case("good-unfolding-a-little", sign(pdfs.unfolding(8)), document=pdfs.unfolding(8))
case("unfolding-too-far", sign(pdfs.unfolding(40)), document=pdfs.unfolding(40), expect=BROKEN,
     guards="pades.budget")
