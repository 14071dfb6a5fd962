// What the pages about a signature say, in English.
#pragma once

#include <array>

#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kEnglishSigning = std::to_array<Message>({
    {"sign.back", "Back to the procedure"},
    {"sign.again", "Try again"},
    {"sign.kept", "We have kept what you typed: you will not have to fill it in again."},
    {"sign.kept_document",
     "We have kept the document: you do not have to begin the procedure again."},
    {"sign.nothing",
     "Nothing has been signed. Nor has anything been sent to the public body or registered there."},
    {"sign.nothing_sent", "Nothing has been sent to the public body or registered there."},
    {"sign.nothing_order",
     "Nothing has been signed, and the public body has received no signature."},
    {"sign.nothing_sent_order", "The public body has received no signature."},
    {"sign.again_order",
     "If you still want to sign, go back to the procedure and begin from there."},
    {"sign.download_document", "Download the document"},

    {"sign.fact.number", "Transaction number"},
    {"sign.fact.title", "Subject"},
    {"sign.fact.procedure", "Procedure"},
    {"sign.fact.site", "Site"},
    {"sign.fact.document", "Document"},
    {"sign.fact.address", "Address to come back to"},
    {"sign.fact.size", "Size"},
    {"sign.fact.digest", "Fingerprint of the document (SHA‑256)"},
    {"sign.fact.signer", "Signer"},
    {"sign.fact.nif", "NIF (tax number)"},
    {"sign.fact.date", "Date and time"},
    {"sign.fact.format", "Format of the signature"},
    {"sign.fact.signature_digest", "Fingerprint of the signature (SHA‑256)"},
    {"sign.fact.issuer", "Certificate issued by"},
    {"sign.fact.serial", "Serial number of the certificate"},
    {"sign.format.none", "Plain signature without a format"},
    {"sign.bytes", "{n} bytes"},
    {"sign.decimal_mark", "."},
    {"sign.day", "{day} {month} {year}"},
    {"sign.months",
     "January February March April May June July August September October November December"},
    {"sign.madrid_time", "{day}, {time}, time of mainland Spain (UTC+{offset})"},
    {"sign.utc", "{day}, {time}, universal time (UTC)"},

    {"sign.review.title", "Check what you are going to sign"},
    {"sign.review.body",
     "Nothing has been signed or sent yet. Read the document before you sign it."},
    {"sign.review.body_order",
     "The public body asks you to sign this document. Nothing has been signed yet: read it before "
     "you sign it."},
    {"sign.review.body_all",
     "The public body asks you to sign these documents. Nothing has been signed yet: read all of "
     "them before you sign them."},
    {"sign.review.document", "The document"},
    {"sign.review.frame", "Content of the document that you are going to sign"},
    {"sign.review.no_viewer", "Your browser cannot show the document here."},
    {"sign.review.open", "Open the document"},
    {"sign.review.not_shown",
     "A document of this kind cannot be shown here. Download it and read it before you sign it."},
    {"sign.review.fields", "Data sent with the document"},
    {"sign.review.fields_body",
     "The public body will receive them with the document. Your signature does not cover them: you "
     "sign the document only."},
    {"sign.review.fields_open", "Open the data"},
    {"sign.review.sign", "Signing"},
    {"sign.review.effect",
     "To sign, Cl@ve will ask you for your password and a code that you will receive by SMS. Until "
     "you have signed, nothing is sent to the public body."},
    {"sign.review.effect_order",
     "To sign, Cl@ve will ask you for your password and a code that you will receive by SMS. When "
     "you have signed, we will deliver the signature to the public body."},
    {"sign.review.confirm", "I have read the document"},
    {"sign.review.confirm_all", "I have read all the documents"},
    {"sign.review.button", "Sign with Cl@ve"},
    {"sign.review.cancel", "Do not sign"},

    {"sign.redirect.title", "We are taking you to Cl@ve to sign"},
    {"sign.redirect.body",
     "Have your Cl@ve Permanente password and the telephone on which you receive SMS at hand. When "
     "you finish, you will come back here."},

    {"sign.pending.title", "The signature is not finished yet"},
    {"sign.pending.body",
     "We are waiting for Cl@ve to finish it. It can take a few minutes. Nothing has been sent to "
     "the public body yet."},
    {"sign.pending.body_order",
     "We are waiting for Cl@ve to finish it. It can take a few minutes. The public body has not "
     "received the signature yet."},
    {"sign.pending.how", "Wait a little and check again. You do not need to start over."},
    {"sign.pending.button", "Check again"},

    {"sign.later.title", "You have signed; the signature is being completed"},
    {"sign.later.body",
     "Your signature is made. The signing service now adds a timestamp and what is needed to check "
     "it for years, and that takes a while."},
    {"sign.later.when", "It will be ready from {time}."},
    {"sign.later.how",
     "You need not wait here, and you need not sign again. Keep this address and come back to it "
     "when it is ready: you will go on from here."},
    {"sign.later.button", "Check whether it is ready"},

    {"sign.receipt.title", "Receipt of signature"},
    {"sign.receipt.body", "You have signed the document."},
    {"sign.receipt.body_all", "You have signed these documents with a single confirmation."},
    {"sign.receipt.unsigned", "This document was not signed."},
    {"sign.receipt.lost", "The signature of this document was lost and we do not have it."},
    {"sign.receipt.delivered", "The signed document has been delivered to the public body."},
    {"sign.receipt.delivered_all", "What you have signed has been delivered to the public body."},
    {"sign.receipt.undelivered",
     "One step is missing: it has not been delivered to the public body yet. Continue with the "
     "procedure to deliver it."},
    {"sign.receipt.unconfirmed",
     "The public body has not confirmed that it received it. It is kept and you need not sign it "
     "again: deliver it again in a few minutes."},
    {"sign.receipt.fetched_later",
     "The public body will fetch what you have signed even if you close this page. Continue with "
     "the procedure."},
    {"sign.receipt.print", "Print this page or save it: it is the proof of what you have signed."},
    {"sign.receipt.deliver", "Continue with the procedure"},
    {"sign.receipt.deliver_again", "Deliver it again"},
    {"sign.receipt.files", "Your files"},
    {"sign.receipt.download_signature", "Download the signature"},
    {"sign.receipt.download_receipt", "Download the receipt as JSON (for computer use)"},
    {"sign.receipt.verify", "How to verify the signature"},
    {"sign.receipt.valide", "Verify the signature at VALIDe, the public validation service"},
    {"sign.receipt.command",
     "You can also verify the signature on your own computer. Save the files under the names "
     "“documento” and “firma” and type this command:"},
    {"sign.receipt.command_certificate",
     "The certificate that is needed, “certificado.pem”, is in the JSON receipt."},
    {"sign.receipt.command_limit",
     "The command does not verify whether the certificate was valid; VALIDe does."},
    {"sign.receipt.ends_soon",
     "Your signing certificate ends soon, on {day}. What you have already signed stays valid. "
     "Cl@ve will renew it when you sign again; if your registration is more than five years old, "
     "renew that first."},

    {"sign.cancelled.title", "Nothing has been signed"},
    {"sign.cancelled.body", "The signature was cancelled or was not finished."},
    {"sign.cancelled.how",
     "If you do not want to sign, there is nothing else to do. If it was by mistake, try again."},
    {"sign.expired.title", "The time for signing is over"},
    {"sign.expired.body",
     "To be safe, a signature has to be finished within a limited time, and that time has passed."},
    {"sign.expired.how", "If you still want to sign, start again."},
    {"sign.failed.title", "It has not been signed"},
    {"sign.failed.body",
     "The signing service has failed, or has given an answer that, to be safe, we have not "
     "accepted. It is not your fault."},
    {"sign.failed.how", "Wait a few minutes and try again. If it happens once more, ask for help."},
    {"sign.failed.unfinished_body",
     "The signature was not completed at Cl@ve. The password or the code may have been wrong, the "
     "code may have expired, you may have closed the page before the end, or the signing service "
     "may have failed."},
    {"sign.failed.unfinished_how",
     "Try again with your password and a new code. If it happens once more, ask for help."},
    {"sign.failed.away_body",
     "The signing service does not answer at the moment. It is not your fault."},
    {"sign.failed.unaccepted_body",
     "The signing service has given an answer that, to be safe, we have not accepted: the "
     "signature received is not yours, or not of this document. It is not your fault."},
    {"sign.failed.unaccepted_how",
     "You can try again. If it happens once more, ask for help and give the code on this page."},
    {"sign.failed.refused_body",
     "The signing service has not accepted the request of this public body. It is not your fault."},
    {"sign.failed.refused_how",
     "Trying again now will hardly help: the public body has to put it right. Ask for help and "
     "give the code on this page."},
    {"sign.unready.title", "You cannot sign yet"},
    {"sign.unready.body",
     "We do not yet have everything that you are going to sign: the public body is preparing it."},
    {"sign.unready.how",
     "Wait a little and open this page again. If it happens once more, ask for help."},
    {"sign.lost.title", "You have to confirm the signature again"},
    {"sign.lost.title_order", "The signature has to be started again"},
    {"sign.lost.body",
     "You signed, but the signature was lost on its way back and we do not have it."},
    {"sign.forgotten.body",
     "A fault of ours has erased how far your signature had come. If you did sign, we do not have "
     "that signature."},
    {"sign.lost.how",
     "We never sign for you. If you still want to sign, check the document and confirm it again."},
    {"sign.no_certificate.title", "You do not have a certificate in the cloud yet"},
    {"sign.no_certificate.body",
     "To sign with Cl@ve you need a certificate, which Cl@ve creates and keeps for you."},
    {"sign.no_certificate.how",
     "It is created only once, in a few steps. Try again and, when Cl@ve asks you, agree to create "
     "it. You need your Cl@ve Permanente password and the telephone on which you receive SMS."},
    {"sign.no_certificate.old",
     "If Cl@ve does not let you create it, you may have registered more than five years ago. Then "
     "renew your registration first, in person at a Cl@ve registration office or on the internet "
     "with your electronic DNI."},
    {"sign.weak.title", "Your registration does not allow you to sign"},
    {"sign.weak.body",
     "To sign with Cl@ve you need the advanced registration, which gives more certainty about your "
     "identity."},
    {"sign.old.title", "You must renew your registration in Cl@ve"},
    {"sign.old.body",
     "You registered more than five years ago. Until you renew the registration, Cl@ve can neither "
     "create nor renew your signing certificate."},
    {"sign.old.how",
     "Renew it in person at a Cl@ve registration office, or on the internet with your electronic "
     "DNI. No other certificate will do."},
    {"sign.blocked.title", "Your signing certificate is blocked"},
    {"sign.blocked.body",
     "Cl@ve does not allow it to be used at present, for example because the password was typed "
     "wrongly several times."},
    {"sign.blocked.how",
     "Unblock your Cl@ve Permanente password on the internet. If you cannot, go to a Cl@ve "
     "registration office. Then try again."},
    {"sign.unregistered.title", "To sign you have to be registered in Cl@ve"},
    {"sign.unregistered.body", "The signing service finds no registration in your name."},
    {"sign.unregistered.how",
     "Register in person at a Cl@ve registration office, or on the internet with an electronic "
     "certificate or DNIe. Then activate Cl@ve Permanente and try again."},
    {"sign.foreign.title", "You cannot sign with this identification"},
    {"sign.foreign.body",
     "Signing with Cl@ve is for people with a DNI or NIE, and you have identified yourself with a "
     "document of another country."},
    {"sign.foreign.how",
     "If you have a DNI or NIE, identify yourself with it. If not, ask the public body in what "
     "other way you can do this procedure."},
    {"sign.unfit.title", "What you have sent cannot be signed"},
    {"sign.unfit.body",
     "The document to be signed is missing, or is not of a kind that this procedure accepts."},
    {"sign.unfit.how",
     "Go back to the form, add the document, as a PDF if you are asked for one, and send it again. "
     "If you cannot, ask for help."},
    {"sign.erased.title", "It is not kept here any more"},
    {"sign.erased.body",
     "What you are looking for has been erased: the time for which this office keeps it is over."},
    {"sign.erased.outcome",
     "What was signed and delivered is still valid: the public body has it."},
    {"sign.erased.how", "If you need a copy, ask the public body for it."},
    {"sign.too_large.title", "The document is too large to be signed"},
    {"sign.too_large.body",
     "With the files that you have added it exceeds what the signing service takes."},
    {"sign.too_large.how",
     "Make your files smaller, for example by scanning them at a lower resolution, and send the "
     "form again. If you cannot, ask for help."},
    {"sign.quota.title", "You have too many signatures that are not finished"},
    {"sign.quota.body",
     "Before you begin another one, finish one of those that are pending or give it up: open it "
     "and sign, or choose “Do not sign”."},
    {"sign.quota.form",
     "Nothing has been signed or sent. What you typed into the form is still in your browser: go "
     "back to it with “Back” and send it when you have finished."},
    {"sign.quota.order",
     "Nothing has been signed, and the public body has received no signature. When you have "
     "finished, go back to the procedure and repeat the last step."},
    {"sign.quota.open", "Pending signatures"},
});

}  // namespace clave::pages
