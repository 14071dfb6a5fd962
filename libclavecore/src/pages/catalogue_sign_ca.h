// What the pages about a signature say, in Catalan.
#pragma once

#include <array>

#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kCatalanSigning = std::to_array<Message>({
    {"sign.back", "Torna al tràmit"},
    {"sign.again", "Torna-ho a provar"},
    {"sign.kept", "Conservem el que va escriure: no ho haurà de tornar a omplir."},
    {"sign.kept_document", "Conservem el document: no ha de tornar a començar el tràmit."},
    {"sign.nothing", "No s’ha signat res. Tampoc no s’ha enviat ni registrat res a l’organisme."},
    {"sign.nothing_sent", "No s’ha enviat ni registrat res a l’organisme."},
    {"sign.nothing_order", "No s’ha signat res, i l’organisme no ha rebut cap signatura."},
    {"sign.nothing_sent_order", "L’organisme no ha rebut cap signatura."},
    {"sign.again_order", "Si encara vol signar, torni al tràmit i comenci des d’allà."},
    {"sign.download_document", "Baixa el document"},

    {"sign.fact.number", "Número de l’operació"},
    {"sign.fact.title", "Assumpte"},
    {"sign.fact.procedure", "Tràmit"},
    {"sign.fact.site", "Lloc"},
    {"sign.fact.document", "Document"},
    {"sign.fact.address", "Adreça per tornar"},
    {"sign.fact.size", "Mida"},
    {"sign.fact.digest", "Empremta del document (SHA‑256)"},
    {"sign.fact.signer", "Signant"},
    {"sign.fact.nif", "NIF"},
    {"sign.fact.date", "Data i hora"},
    {"sign.fact.format", "Format de la signatura"},
    {"sign.fact.signature_digest", "Empremta de la signatura (SHA‑256)"},
    {"sign.fact.issuer", "Certificat emès per"},
    {"sign.fact.serial", "Número de sèrie del certificat"},
    {"sign.format.none", "Signatura simple, sense format"},
    {"sign.bytes", "{n} bytes"},
    {"sign.decimal_mark", ","},
    {"sign.day", "{day}/{month}/{year}"},
    {"sign.months", "01 02 03 04 05 06 07 08 09 10 11 12"},
    {"sign.madrid_time", "{day}, {time}, hora peninsular espanyola (UTC+{offset})"},
    {"sign.utc", "{day}, {time}, hora universal (UTC)"},

    {"sign.review.title", "Revisi el que signarà"},
    {"sign.review.body",
     "Encara no s’ha signat ni enviat res. Llegeixi el document abans de signar-lo."},
    {"sign.review.body_order",
     "L’organisme li demana que signi aquest document. Encara no s’ha signat res: llegeixi’l abans "
     "de signar-lo."},
    {"sign.review.body_all",
     "L’organisme li demana que signi aquests documents. Encara no s’ha signat res: llegeixi’ls "
     "tots abans de signar-los."},
    {"sign.review.document", "El document"},
    {"sign.review.frame", "Contingut del document que signarà"},
    {"sign.review.no_viewer", "El seu navegador no pot mostrar el document aquí."},
    {"sign.review.open", "Obre el document"},
    {"sign.review.not_shown",
     "Un document d’aquest tipus no es pot mostrar aquí. Baixi’l i llegeixi’l abans de signar-lo."},
    {"sign.review.fields", "Dades que acompanyen el document"},
    {"sign.review.fields_body",
     "L’organisme les rebrà amb el document. La seva signatura no les inclou: vostè signa només el "
     "document."},
    {"sign.review.fields_open", "Obre les dades"},
    {"sign.review.sign", "Signar"},
    {"sign.review.effect",
     "Per signar, Cl@ve li demanarà la contrasenya i un codi que rebrà per SMS. Fins que no hagi "
     "signat no s’envia res a l’organisme."},
    {"sign.review.effect_order",
     "Per signar, Cl@ve li demanarà la contrasenya i un codi que rebrà per SMS. Quan hagi signat, "
     "lliurarem la signatura a l’organisme."},
    {"sign.review.confirm", "He llegit el document"},
    {"sign.review.confirm_all", "He llegit tots els documents"},
    {"sign.review.button", "Signa amb Cl@ve"},
    {"sign.review.cancel", "No signar"},

    {"sign.redirect.title", "L’acompanyem a Cl@ve per signar"},
    {"sign.redirect.body",
     "Tingui a mà la contrasenya de Cl@ve Permanente i el telèfon on rep els SMS. Quan acabi, "
     "tornarà aquí."},

    {"sign.pending.title", "La signatura encara no ha acabat"},
    {"sign.pending.body",
     "Estem esperant que Cl@ve l’acabi. Pot trigar uns minuts. Encara no s’ha enviat res a "
     "l’organisme."},
    {"sign.pending.body_order",
     "Estem esperant que Cl@ve l’acabi. Pot trigar uns minuts. L’organisme encara no ha rebut la "
     "signatura."},
    {"sign.pending.how", "Esperi una mica i torni-ho a comprovar. No cal que torni a començar."},
    {"sign.pending.button", "Torna-ho a comprovar"},

    {"sign.later.title", "Ha signat; falta completar la signatura"},
    {"sign.later.body",
     "La seva signatura està feta. El servei de signatura hi afegeix ara un segell de temps i les "
     "dades que permeten comprovar-la durant anys, i això pot trigar un temps."},
    {"sign.later.when", "Estarà a punt a partir del {time}."},
    {"sign.later.how",
     "No cal que esperi aquí ni que torni a signar. Desi aquesta adreça i entri-hi quan estigui a "
     "punt: continuarà el tràmit des d’aquí."},
    {"sign.later.button", "Comprova si està a punt"},

    {"sign.receipt.title", "Justificant de signatura"},
    {"sign.receipt.body", "Ha signat el document."},
    {"sign.receipt.body_all", "Ha signat aquests documents amb una sola confirmació."},
    {"sign.receipt.unsigned", "Aquest document no s’ha signat."},
    {"sign.receipt.lost", "La signatura d’aquest document es va perdre i no la tenim."},
    {"sign.receipt.delivered", "El document signat ja s’ha lliurat a l’organisme."},
    {"sign.receipt.delivered_all", "El que ha signat ja s’ha lliurat a l’organisme."},
    {"sign.receipt.undelivered",
     "Falta un pas: encara no s’ha lliurat a l’organisme. Continuï amb el tràmit per lliurar-lo."},
    {"sign.receipt.unconfirmed",
     "L’organisme no ha confirmat que ho hagi rebut. Està desat i no ho ha de tornar a signar: "
     "torni a lliurar-ho d’aquí a uns minuts."},
    {"sign.receipt.fetched_later",
     "L’organisme recollirà el que ha signat encara que tanqui aquesta pàgina. Continuï amb el "
     "tràmit."},
    {"sign.receipt.print", "Imprimeixi aquesta pàgina o desi-la: és la prova del que ha signat."},
    {"sign.receipt.deliver", "Continua amb el tràmit"},
    {"sign.receipt.deliver_again", "Tornar a lliurar-ho"},
    {"sign.receipt.files", "Els seus fitxers"},
    {"sign.receipt.download_signature", "Baixa la signatura"},
    {"sign.receipt.download_receipt", "Baixa el justificant en JSON (per a ús informàtic)"},
    {"sign.receipt.verify", "Com comprovar la signatura"},
    {"sign.receipt.valide", "Comprova la signatura a VALIDe, el servei públic de validació"},
    {"sign.receipt.command",
     "També pot comprovar la signatura al seu equip. Desi els fitxers amb els noms «documento» i "
     "«firma» i escrigui aquesta ordre:"},
    {"sign.receipt.command_certificate",
     "El certificat que es necessita, «certificado.pem», és al justificant en JSON."},
    {"sign.receipt.command_limit", "L’ordre no comprova si el certificat era vàlid; VALIDe sí."},
    {"sign.receipt.ends_soon",
     "El seu certificat de signatura caduca aviat, el {day}. El que ja ha signat continua sent "
     "vàlid. Cl@ve el renovarà quan torni a signar; si el seu registre té més de cinc anys, "
     "renovi’l abans."},

    {"sign.cancelled.title", "No s’ha signat res"},
    {"sign.cancelled.body", "La signatura s’ha cancel·lat o no s’ha acabat."},
    {"sign.cancelled.how",
     "Si no vol signar, no ha de fer res més. Si ha estat sense voler, torni-ho a provar."},
    {"sign.expired.title", "S’ha acabat el temps per signar"},
    {"sign.expired.body",
     "Per seguretat, una signatura s’ha d’acabar en un temps limitat, i ja ha passat."},
    {"sign.expired.how", "Si encara vol signar, torni a començar."},
    {"sign.failed.title", "No s’ha signat"},
    {"sign.failed.body",
     "El servei de signatura ha fallat, o ha donat una resposta que per seguretat no hem acceptat. "
     "No és culpa seva."},
    {"sign.failed.how", "Esperi uns minuts i torni-ho a provar. Si es repeteix, demani ajuda."},
    {"sign.failed.unfinished_body",
     "La signatura no s’ha acabat a Cl@ve. Potser la contrasenya o el codi no eren correctes, el "
     "codi va caducar, va tancar la pàgina abans d’acabar o el servei de signatura ha fallat."},
    {"sign.failed.unfinished_how",
     "Torni-ho a provar amb la seva contrasenya i un codi nou. Si es repeteix, demani ajuda."},
    {"sign.failed.away_body",
     "El servei de signatura no respon en aquest moment. No és culpa seva."},
    {"sign.failed.unaccepted_body",
     "El servei de signatura ha donat una resposta que per seguretat no hem acceptat: la signatura "
     "rebuda no és la seva o no és d’aquest document. No és culpa seva."},
    {"sign.failed.unaccepted_how",
     "Pot tornar-ho a provar. Si es repeteix, demani ajuda i doni el codi d’aquesta pàgina."},
    {"sign.failed.refused_body",
     "El servei de signatura no ha admès la petició d’aquest organisme. No és culpa seva."},
    {"sign.failed.refused_how",
     "Tornar-ho a provar ara no servirà de gaire: ho ha d’arreglar l’organisme. Demani ajuda i "
     "doni el codi d’aquesta pàgina."},
    {"sign.unready.title", "Encara no pot signar"},
    {"sign.unready.body",
     "Encara no tenim tot el que ha de signar: l’organisme ho està preparant."},
    {"sign.unready.how",
     "Esperi una mica i torni a obrir aquesta pàgina. Si es repeteix, demani ajuda."},
    {"sign.lost.title", "Ha de tornar a confirmar la signatura"},
    {"sign.lost.title_order", "Cal començar la signatura de nou"},
    {"sign.lost.body",
     "Vostè va signar, però la signatura es va perdre en el camí de tornada i no la tenim."},
    {"sign.forgotten.body",
     "Una fallada nostra ha esborrat fins on va arribar la seva signatura. Si va arribar a signar, "
     "no tenim aquesta signatura."},
    {"sign.lost.how",
     "No signem mai per vostè. Si encara vol signar, revisi el document i torni’l a confirmar."},
    {"sign.no_certificate.title", "Encara no té certificat al núvol"},
    {"sign.no_certificate.body",
     "Per signar amb Cl@ve cal un certificat, que Cl@ve crea i guarda per vostè."},
    {"sign.no_certificate.how",
     "Es crea una sola vegada, en pocs passos. Torni-ho a provar i, quan Cl@ve li ho pregunti, "
     "accepti crear-lo. Necessita la contrasenya de Cl@ve Permanente i el telèfon on rep els SMS."},
    {"sign.no_certificate.old",
     "Si Cl@ve no li deixa crear-lo, potser es va registrar fa més de cinc anys. En aquest cas "
     "renovi abans el seu registre, en persona en una oficina de registre de Cl@ve o per internet "
     "amb el seu DNI electrònic."},
    {"sign.weak.title", "El seu registre no permet signar"},
    {"sign.weak.body",
     "Per signar amb Cl@ve cal el registre avançat, que ofereix més garanties sobre la seva "
     "identitat."},
    {"sign.old.title", "Ha de renovar el seu registre a Cl@ve"},
    {"sign.old.body",
     "Es va registrar fa més de cinc anys. Fins que no renovi el registre, Cl@ve no pot crear ni "
     "renovar el seu certificat de signatura."},
    {"sign.old.how",
     "Renovi’l en persona en una oficina de registre de Cl@ve, o per internet amb el seu DNI "
     "electrònic. Cap altre certificat no serveix."},
    {"sign.blocked.title", "El seu certificat de signatura està bloquejat"},
    {"sign.blocked.body",
     "Cl@ve no permet fer-lo servir en aquest moment, per exemple perquè la contrasenya s’ha "
     "escrit malament diverses vegades."},
    {"sign.blocked.how",
     "Desbloquegi la contrasenya de Cl@ve Permanente per internet. Si no pot, vagi a una oficina "
     "de registre de Cl@ve. Després torni-ho a provar."},
    {"sign.unregistered.title", "Per signar cal el registre a Cl@ve"},
    {"sign.unregistered.body", "El servei de signatura no troba cap registre a nom seu."},
    {"sign.unregistered.how",
     "Registri’s en persona en una oficina de registre de Cl@ve, o per internet amb certificat "
     "electrònic o DNIe. Després activi Cl@ve Permanente i torni-ho a provar."},
    {"sign.foreign.title", "Amb aquesta identificació no es pot signar"},
    {"sign.foreign.body",
     "La signatura amb Cl@ve és per a persones amb DNI o NIE, i vostè s’ha identificat amb un "
     "document d’un altre país."},
    {"sign.foreign.how",
     "Si té DNI o NIE, identifiqui-s’hi. Si no, pregunti a l’organisme de quina altra manera pot "
     "presentar aquest tràmit."},
    {"sign.unfit.title", "El que ha enviat no es pot signar"},
    {"sign.unfit.body",
     "Falta el document que s’ha de signar, o no és del tipus que admet aquest tràmit."},
    {"sign.unfit.how",
     "Torni al formulari, afegeixi-hi el document, en PDF si l’hi demanen, i enviï’l una altra "
     "vegada. Si no pot, demani ajuda."},
    {"sign.erased.title", "Ja no es conserva aquí"},
    {"sign.erased.body",
     "El que busca s’ha esborrat: ha acabat el termini durant el qual aquesta seu ho conserva."},
    {"sign.erased.outcome",
     "El que es va signar i lliurar continua sent vàlid: ho té l’organisme."},
    {"sign.erased.how", "Si en necessita una còpia, demani-la a l’organisme."},
    {"sign.too_large.title", "El document és massa gran per signar-lo"},
    {"sign.too_large.body",
     "Amb els fitxers que hi ha afegit supera el que admet el servei de signatura."},
    {"sign.too_large.how",
     "Redueixi els seus fitxers, per exemple escanejant-los amb menys resolució, i torni a enviar "
     "el formulari. Si no pot, demani ajuda."},
    {"sign.quota.title", "Té massa signatures sense acabar"},
    {"sign.quota.body",
     "Abans de començar-ne una altra, acabi alguna de les que té pendents o renunciï-hi: obri-la i "
     "signi, o triï «No signar»."},
    {"sign.quota.form",
     "No s’ha signat ni enviat res. El que va escriure al formulari continua al navegador: "
     "torni-hi amb «Enrere» i enviï’l quan hagi acabat."},
    {"sign.quota.order",
     "No s’ha signat res, i l’organisme no ha rebut cap signatura. Quan hagi acabat, torni al "
     "tràmit i repeteixi l’últim pas."},
    {"sign.quota.open", "Signatures pendents"},
});

}  // namespace clave::pages
