"""What can go wrong at FIRe, on demand: chosen when a transaction begins, seen when its time comes."""

FAULTS = {
    "other_document": "another document is signed",
    "other_first": "of a batch, another document is signed in place of the first",
    "other_signer": "another person's certificate signs",
    "corrupted": "one byte of the signature is changed",
    "unsigned": "the document comes back unsigned, as if it were the signature",
    "html_error": "the recovery is answered by a page of a proxy (502)",
    "truncated_json": "the recovery's JSON ends in the middle",
    "slow": "the recovery takes as long as --slow says (30 seconds)",
    "slow_result": "handing the first signature over takes as long",
    "slow_start": "the transaction is there after as long",
    "slow_last": "handing the last signature of a batch over takes as long",
    "lost_request": "the recovery is asked for and lost on its way, once",
    "lost_recovery": "the recovery is done and its answer lost",
    "lost_question": "a signature is asked for and the question lost on its way, once",
    "forgotten": "the recovery is done and the signature forgotten before it is asked for",
    "lost_answer": "the signature is handed over and the answer lost",
    "cut_answer": "the first signature is handed over and half of the answer lost",
    "foreign_redirect": "the browser is to be sent to another host",
    "foreign_transaction": "the browser is to be sent to another transaction",
    "partial_batch": "the last document of a batch is not signed",
    "grace": "the signature (of a batch, the last) is complete in an hour only",
    "grace_short": "it is complete in two seconds only",
    "grace_again": "it is complete in an hour only, and then in another",
    "grace_far": "it is complete in a year only",
    "grace_silent": "as grace; who asks then (operation 70) gets no answer the first time",
    "grace_lost": "as grace; handing it over then is done and its answer lost",
    "grace_slow": "as grace; handing it over then takes as long as --slow says",
    "no_validator": "whoever asks for an upgrade is told that there is none (32)",
    "cancelled": "the person cancels",
    "gateway": "the signing service fails (505)",
}


def checked(name):
    if name and name not in FAULTS:
        raise ValueError(f"unknown fault {name!r}; known: {', '.join(FAULTS)}")
    return name
