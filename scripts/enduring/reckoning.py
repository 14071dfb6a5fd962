"""What has become of each signature, by the evidence, the archive, FIRe, and those that it was handed to."""

from collections import Counter

ENDS = ("delivered", "cancelled", "failed", "expired", "lost")
# What makes a signature, or leads a person there: of one document, of a batch.
ONCE = ("2", "7")


def judge(stand):
    """(how many ended how, by the way that they came; what is wrong: a line each)"""
    wrong, ends = [], {}
    sent = Counter((one.get("transactionid"), one["op"]) for one in stand.simulator.asked if "op" in one)
    lines, withdrawn = stand.nginx.evidence()
    for number, written in lines.items():
        fetched = stand.office.fetched.get(number, {})
        steps = taken(written, withdrawn, stand.application.handed.get(number) or fetched)
        if not steps:
            continue  # nobody was told of it
        if steps[-1]["state"] == "signed" and is_all_fetched(steps[-1], written, withdrawn, fetched):
            steps[-1] = {**steps[-1], "state": "delivered"}
        last = steps[-1]["state"]
        ordered = stand.office.documents.get(number)
        way = "forms" if not ordered else "orders" if len(ordered) == 1 else "batches"
        ends.setdefault(way, Counter())[last] += 1
        states = [step["state"] for step in steps]
        fires = {step["fire"] for step in steps if step.get("fire")}
        if last not in ENDS and (last not in ("created", "shown") or "confirmed" in states):
            wrong.append(f"{number}: no end, {last}")
        if len(fires) > 1 or any(sent[fire, operation] > 1 for fire in fires for operation in ONCE):
            wrong.append(f"{number}: signed more than once at FIRe")
        if states.count("confirmed") > 1:
            wrong.append(f"{number}: confirmed more than once")
        wrong += [f"{number}: {last}, {what}" for what in (
            *_documents(stand, number, written, steps), *(_order if ordered else _form)(stand, number, steps))]
    if stand.application.unsigned:
        wrong.append(f"{stand.application.unsigned} forms went on unsigned")
    wrong += [line for line in stand.nginx.log().splitlines()
              if "exited on signal" in line and "signal 9" not in line]
    return ends, wrong


def taken(written, withdrawn, handed):
    """The steps that were made. A line comes before its step, and its worker may have been killed in between, or the
    store may not have answered to it: then it is withdrawn, and perhaps was taken all the same. Of those that come
    after the same one, that was made which another comes after, or else which is not withdrawn. An end that is
    withdrawn was made if there is nothing else, and somebody was `handed` what it says was delivered."""
    followed = {line["after"] for line in written if "after" in line}

    def certainty(line):
        if line["change"] in followed:
            return 3
        if line["change"] not in withdrawn:
            return 2
        return int(line["state"] in ENDS and (line["state"] != "delivered" or bool(handed)))

    steps, last = [], ""
    while after := [line for line in written if line.get("after", "") == last and certainty(line)]:
        steps.append(max(reversed(after), key=certainty))
        last = steps[-1]["change"]
    return steps


def is_all_fetched(last, written, withdrawn, fetched):
    """An application gets a signature also if the store does not answer to the note of it: it has all of them
    then, and the store knows of some only. Never without such a note that is withdrawn."""
    in_vain = any(line["change"] in withdrawn and line["state"] == "signed" for line in written)
    return in_vain and 0 < last.get("results", "signed").split().count("signed") == len(fetched)


def made(steps):
    """The digests of each document's signatures, by the evidence: more than one is one too many."""
    digests = {}
    for step in steps:
        told = step["signatures"].split() if "signatures" in step else [step.get("signature_sha256", "-")]
        for which, digest in enumerate(told, 1):
            digests.setdefault(which, set()).update({digest} - {"-"})
    return digests


def _documents(stand, number, written, steps):
    last = steps[-1]
    results = last["results"].split() if "results" in last else [
        "signed" if last["state"] == "delivered" else last["state"]]
    signed = {which for which, result in enumerate(results, 1) if result == "signed"}
    if (last["state"] == "delivered") != bool(signed):
        yield f"with {signed or 'nothing'} signed"
    # What was not told any more is in the archive under another name.
    if stand.nginx.signatures(number) != signed:
        yield f"the archive has signatures {stand.nginx.signatures(number)}, not {signed}"
    for which, digests in made(written).items():
        if len(digests) > 1 or (which in signed) != bool(made(steps)[which]):
            yield f"{len(digests)} signatures of document {which}"


def _form(stand, number, steps):
    handed = stand.application.handed.get(number, [])
    if (steps[-1]["state"] == "delivered") != bool(handed) or len(set(handed)) > 1 or set(handed) - stand.forms:
        yield f"handed over {len(handed)} times"


def _order(stand, number, steps):
    fetched = stand.office.fetched.get(number, {})
    digests = {f"d{which}": those for which, those in made(steps).items() if those}
    if {document: set(those) for document, those in fetched.items()} != digests:
        yield f"fetched {dict(fetched)}, signed {digests}"
    last = steps[-1]
    told = last["documents"].split() if "documents" in last else [last["document_sha256"]]
    if told != stand.office.documents[number]:
        yield "it is of other documents"
