// What the pages about a signature say, in Galician.
#pragma once

#include <array>

#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kGalicianSigning = std::to_array<Message>({
    {"sign.back", "Volver ao trámite"},
    {"sign.again", "Volver tentalo"},
    {"sign.kept", "Conservamos o que escribiu: non terá que enchelo outra vez."},
    {"sign.kept_document", "Conservamos o documento: non ten que comezar o trámite outra vez."},
    {"sign.nothing", "Non se asinou nada. Tampouco se enviou nin rexistrou nada no organismo."},
    {"sign.nothing_sent", "Non se enviou nin rexistrou nada no organismo."},
    {"sign.nothing_order", "Non se asinou nada, e o organismo non recibiu ningunha sinatura."},
    {"sign.nothing_sent_order", "O organismo non recibiu ningunha sinatura."},
    {"sign.again_order", "Se aínda quere asinar, volva ao trámite e comece desde alí."},
    {"sign.download_document", "Descargar o documento"},

    {"sign.fact.number", "Número da operación"},
    {"sign.fact.title", "Asunto"},
    {"sign.fact.procedure", "Trámite"},
    {"sign.fact.site", "Sitio"},
    {"sign.fact.document", "Documento"},
    {"sign.fact.address", "Enderezo para volver"},
    {"sign.fact.size", "Tamaño"},
    {"sign.fact.digest", "Pegada do documento (SHA‑256)"},
    {"sign.fact.signer", "Asinante"},
    {"sign.fact.nif", "NIF"},
    {"sign.fact.date", "Data e hora"},
    {"sign.fact.format", "Formato da sinatura"},
    {"sign.fact.signature_digest", "Pegada da sinatura (SHA‑256)"},
    {"sign.fact.issuer", "Certificado emitido por"},
    {"sign.fact.serial", "Número de serie do certificado"},
    {"sign.format.none", "Sinatura simple, sen formato"},
    {"sign.bytes", "{n} bytes"},
    {"sign.decimal_mark", ","},
    {"sign.day", "{day}/{month}/{year}"},
    {"sign.months", "01 02 03 04 05 06 07 08 09 10 11 12"},
    {"sign.madrid_time", "{day}, {time}, hora peninsular española (UTC+{offset})"},
    {"sign.utc", "{day}, {time}, hora universal (UTC)"},

    {"sign.review.title", "Revise o que vai asinar"},
    {"sign.review.body", "Aínda non se asinou nin enviou nada. Lea o documento antes de asinalo."},
    {"sign.review.body_order",
     "O organismo pídelle que asine este documento. Aínda non se asinou nada: léao antes de "
     "asinalo."},
    {"sign.review.body_all",
     "O organismo pídelle que asine estes documentos. Aínda non se asinou nada: léaos todos antes "
     "de asinalos."},
    {"sign.review.document", "O documento"},
    {"sign.review.frame", "Contido do documento que vai asinar"},
    {"sign.review.no_viewer", "O seu navegador non pode amosar o documento aquí."},
    {"sign.review.open", "Abrir o documento"},
    {"sign.review.not_shown",
     "Un documento deste tipo non se pode amosar aquí. Descárgueo e léao antes de asinalo."},
    {"sign.review.fields", "Datos que acompañan o documento"},
    {"sign.review.fields_body",
     "O organismo recibiraos co documento. A súa sinatura non os inclúe: vostede asina só o "
     "documento."},
    {"sign.review.fields_open", "Abrir os datos"},
    {"sign.review.sign", "Asinar"},
    {"sign.review.effect",
     "Para asinar, Cl@ve pediralle o seu contrasinal e un código que recibirá por SMS. Ata que "
     "asine non se envía nada ao organismo."},
    {"sign.review.effect_order",
     "Para asinar, Cl@ve pediralle o seu contrasinal e un código que recibirá por SMS. Cando "
     "asine, entregaremos a sinatura ao organismo."},
    {"sign.review.confirm", "Lin o documento"},
    {"sign.review.confirm_all", "Lin todos os documentos"},
    {"sign.review.button", "Asinar con Cl@ve"},
    {"sign.review.cancel", "Non asinar"},

    {"sign.redirect.title", "Vai pasar a Cl@ve para asinar"},
    {"sign.redirect.body",
     "Teña á man o seu contrasinal de Cl@ve Permanente e o teléfono no que recibe os SMS. Cando "
     "remate, volverá aquí."},

    {"sign.pending.title", "A sinatura aínda non rematou"},
    {"sign.pending.body",
     "Estamos a agardar a que Cl@ve a remate. Pode tardar uns minutos. Aínda non se enviou nada ao "
     "organismo."},
    {"sign.pending.body_order",
     "Estamos a agardar a que Cl@ve a remate. Pode tardar uns minutos. O organismo aínda non "
     "recibiu a sinatura."},
    {"sign.pending.how",
     "Agarde un pouco e compróbeo de novo. Non fai falta que comece outra vez."},
    {"sign.pending.button", "Comprobar de novo"},

    {"sign.later.title", "Asinou; falta completar a sinatura"},
    {"sign.later.body",
     "A súa sinatura está feita. O servizo de sinatura engádelle agora un selo de tempo e os datos "
     "que permiten comprobala durante anos, e iso pode tardar."},
    {"sign.later.when", "Estará lista a partir do {time}."},
    {"sign.later.how",
     "Non ten que agardar aquí nin volver asinar. Garde este enderezo e entre nel cando estea "
     "lista: continuará o trámite desde aquí."},
    {"sign.later.button", "Comprobar se está lista"},

    {"sign.receipt.title", "Xustificante de sinatura"},
    {"sign.receipt.body", "Asinou o documento."},
    {"sign.receipt.body_all", "Asinou estes documentos cunha soa confirmación."},
    {"sign.receipt.unsigned", "Este documento non se asinou."},
    {"sign.receipt.lost", "A sinatura deste documento perdeuse e non a temos."},
    {"sign.receipt.delivered", "O documento asinado xa se entregou ao organismo."},
    {"sign.receipt.delivered_all", "O que asinou xa se entregou ao organismo."},
    {"sign.receipt.undelivered",
     "Falta un paso: aínda non se entregou ao organismo. Continúe co trámite para entregalo."},
    {"sign.receipt.unconfirmed",
     "O organismo non confirmou que o recibise. Está gardado e non ten que asinalo outra vez: "
     "entrégueo de novo dentro duns minutos."},
    {"sign.receipt.fetched_later",
     "O organismo recollerá o que asinou aínda que peche esta páxina. Continúe co trámite."},
    {"sign.receipt.print", "Imprima esta páxina ou gárdea: é a proba do que asinou."},
    {"sign.receipt.deliver", "Continuar co trámite"},
    {"sign.receipt.deliver_again", "Entregalo de novo"},
    {"sign.receipt.files", "Os seus ficheiros"},
    {"sign.receipt.download_signature", "Descargar a sinatura"},
    {"sign.receipt.download_receipt", "Descargar o xustificante en JSON (para uso informático)"},
    {"sign.receipt.verify", "Como comprobar a sinatura"},
    {"sign.receipt.valide", "Comprobar a sinatura en VALIDe, o servizo público de validación"},
    {"sign.receipt.command",
     "Tamén pode comprobar a sinatura no seu equipo. Garde os ficheiros cos nomes «documento» e "
     "«firma» e escriba esta orde:"},
    {"sign.receipt.command_certificate",
     "O certificado que se necesita, «certificado.pem», está no xustificante en JSON."},
    {"sign.receipt.command_limit", "A orde non comproba se o certificado era válido; VALIDe si."},
    {"sign.receipt.ends_soon",
     "O seu certificado de sinatura caduca proximamente, o {day}. O que xa asinou segue a valer. "
     "Cl@ve renovarao cando volva asinar; se o seu rexistro ten máis de cinco anos, renóveo "
     "antes."},

    {"sign.cancelled.title", "Non se asinou nada"},
    {"sign.cancelled.body", "A sinatura cancelouse ou non se rematou."},
    {"sign.cancelled.how",
     "Se non quere asinar, non ten que facer nada máis. Se foi sen querer, ténteo de novo."},
    {"sign.expired.title", "Rematou o tempo para asinar"},
    {"sign.expired.body",
     "Por seguridade, unha sinatura hai que rematala nun tempo limitado, e xa pasou."},
    {"sign.expired.how", "Se aínda quere asinar, comece de novo."},
    {"sign.failed.title", "Non se asinou"},
    {"sign.failed.body",
     "O servizo de sinatura fallou, ou deu unha resposta que por seguridade non aceptamos. Non é "
     "culpa súa."},
    {"sign.failed.how", "Agarde uns minutos e volva tentalo. Se se repite, pida axuda."},
    {"sign.failed.unfinished_body",
     "A sinatura non se rematou en Cl@ve. Pode que o contrasinal ou o código non fosen correctos, "
     "que o código caducase, que pechase a páxina antes de rematar ou que o servizo de sinatura "
     "fallase."},
    {"sign.failed.unfinished_how",
     "Volva tentalo co seu contrasinal e un código novo. Se se repite, pida axuda."},
    {"sign.failed.away_body", "O servizo de sinatura non responde neste momento. Non é culpa súa."},
    {"sign.failed.unaccepted_body",
     "O servizo de sinatura deu unha resposta que por seguridade non aceptamos: a sinatura "
     "recibida non é a súa ou non é deste documento. Non é culpa súa."},
    {"sign.failed.unaccepted_how",
     "Pode volver tentalo. Se se repite, pida axuda e dea o código desta páxina."},
    {"sign.failed.refused_body",
     "O servizo de sinatura non admitiu a petición deste organismo. Non é culpa súa."},
    {"sign.failed.refused_how",
     "Volver tentalo agora non servirá de moito: ten que arranxalo o organismo. Pida axuda e dea o "
     "código desta páxina."},
    {"sign.unready.title", "Aínda non pode asinar"},
    {"sign.unready.body", "Aínda non temos todo o que vai asinar: o organismo estao a preparar."},
    {"sign.unready.how", "Agarde un pouco e volva abrir esta páxina. Se se repite, pida axuda."},
    {"sign.lost.title", "Ten que confirmar a sinatura outra vez"},
    {"sign.lost.title_order", "Hai que comezar a sinatura de novo"},
    {"sign.lost.body",
     "Vostede asinou, pero a sinatura perdeuse no camiño de volta e non a temos."},
    {"sign.forgotten.body",
     "Un fallo noso borrou ata onde chegou a súa sinatura. Se chegou a asinar, non temos esa "
     "sinatura."},
    {"sign.lost.how",
     "Nunca asinamos por vostede. Se aínda quere asinar, revise o documento e confírmeo outra "
     "vez."},
    {"sign.no_certificate.title", "Aínda non ten certificado na nube"},
    {"sign.no_certificate.body",
     "Para asinar con Cl@ve fai falta un certificado, que Cl@ve crea e garda por vostede."},
    {"sign.no_certificate.how",
     "Créase unha soa vez, en poucos pasos. Volva tentalo e, cando Cl@ve lle pregunte, acepte "
     "crealo. Necesita o seu contrasinal de Cl@ve Permanente e o teléfono no que recibe os SMS."},
    {"sign.no_certificate.old",
     "Se Cl@ve non lle deixa crealo, pode que se rexistrase hai máis de cinco anos. Nese caso "
     "renove antes o seu rexistro, en persoa nunha oficina de rexistro de Cl@ve ou por internet co "
     "seu DNI electrónico."},
    {"sign.weak.title", "O seu rexistro non permite asinar"},
    {"sign.weak.body",
     "Para asinar con Cl@ve fai falta o rexistro avanzado, que ofrece máis garantías sobre a súa "
     "identidade."},
    {"sign.old.title", "Debe renovar o seu rexistro en Cl@ve"},
    {"sign.old.body",
     "Rexistrouse hai máis de cinco anos. Ata que renove o rexistro, Cl@ve non pode crear nin "
     "renovar o seu certificado de sinatura."},
    {"sign.old.how",
     "Renóveo en persoa nunha oficina de rexistro de Cl@ve, ou por internet co seu DNI "
     "electrónico. Outro certificado non serve."},
    {"sign.blocked.title", "O seu certificado de sinatura está bloqueado"},
    {"sign.blocked.body",
     "Cl@ve non permite usalo neste momento, por exemplo porque o contrasinal se escribiu mal "
     "varias veces."},
    {"sign.blocked.how",
     "Desbloquee o seu contrasinal de Cl@ve Permanente por internet. Se non pode, acuda a unha "
     "oficina de rexistro de Cl@ve. Despois volva tentalo."},
    {"sign.unregistered.title", "Para asinar cómpre estar de alta en Cl@ve"},
    {"sign.unregistered.body", "O servizo de sinatura non atopa ningún rexistro ao seu nome."},
    {"sign.unregistered.how",
     "Rexístrese en persoa nunha oficina de rexistro de Cl@ve, ou por internet con certificado "
     "electrónico ou DNIe. Despois active Cl@ve Permanente e volva tentalo."},
    {"sign.foreign.title", "Con esta identificación non se pode asinar"},
    {"sign.foreign.body",
     "A sinatura con Cl@ve é para persoas con DNI ou NIE, e vostede identificouse cun documento "
     "doutro país."},
    {"sign.foreign.how",
     "Se ten DNI ou NIE, identifíquese con el. Se non, pregunte ao organismo de que outra forma "
     "pode presentar este trámite."},
    {"sign.unfit.title", "O que enviou non se pode asinar"},
    {"sign.unfit.body",
     "Falta o documento que hai que asinar, ou non é do tipo que este trámite admite."},
    {"sign.unfit.how",
     "Volva ao formulario, engada o documento, en PDF se llo piden, e envíeo outra vez. Se non "
     "pode, pida axuda."},
    {"sign.erased.title", "Xa non se conserva aquí"},
    {"sign.erased.body",
     "O que busca borrouse: rematou o prazo durante o que esta sede o conserva."},
    {"sign.erased.outcome", "O que se asinou e entregou segue sendo válido: teno o organismo."},
    {"sign.erased.how", "Se necesita unha copia, pídalla ao organismo."},
    {"sign.too_large.title", "O documento é grande de máis para asinalo"},
    {"sign.too_large.body", "Cos ficheiros que engadiu supera o que o servizo de sinatura admite."},
    {"sign.too_large.how",
     "Reduza os seus ficheiros, por exemplo escaneándoos con menos resolución, e envíe o "
     "formulario outra vez. Se non pode, pida axuda."},
    {"sign.quota.title", "Ten demasiadas sinaturas sen rematar"},
    {"sign.quota.body",
     "Antes de comezar outra, remate algunha das que ten pendentes ou renuncie a ela: ábraa e "
     "asine, ou escolla «Non asinar»."},
    {"sign.quota.form",
     "Non se asinou nin se enviou nada. O que escribiu no formulario segue no seu navegador: volva "
     "a el con «Atrás» e envíeo cando remate."},
    {"sign.quota.order",
     "Non se asinou nada, e o organismo non recibiu ningunha sinatura. Cando remate, volva ao "
     "trámite e repita o último paso."},
    {"sign.quota.open", "Sinaturas pendentes"},
});

}  // namespace clave::pages
