// What the pages about a signature say, in Spanish. Plain words, usted, and always whether anything
// was signed or sent.
#pragma once

#include <array>

#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kSpanishSigning = std::to_array<Message>({
    {"sign.back", "Volver al trámite"},
    {"sign.again", "Volver a intentarlo"},
    {"sign.kept", "Conservamos lo que escribió: no tendrá que rellenarlo otra vez."},
    {"sign.kept_document", "Conservamos el documento: no tiene que empezar el trámite otra vez."},
    {"sign.nothing",
     "No se ha firmado nada. Tampoco se ha enviado ni registrado nada en el organismo."},
    {"sign.nothing_sent", "No se ha enviado ni registrado nada en el organismo."},
    {"sign.nothing_order", "No se ha firmado nada, y el organismo no ha recibido ninguna firma."},
    {"sign.nothing_sent_order", "El organismo no ha recibido ninguna firma."},
    {"sign.again_order", "Si todavía quiere firmar, vuelva al trámite y empiece desde allí."},
    {"sign.download_document", "Descargar el documento"},

    {"sign.fact.number", "Número de la operación"},
    {"sign.fact.title", "Asunto"},
    {"sign.fact.procedure", "Trámite"},
    {"sign.fact.site", "Sitio"},
    {"sign.fact.document", "Documento"},
    {"sign.fact.address", "Dirección para volver"},
    {"sign.fact.size", "Tamaño"},
    {"sign.fact.digest", "Huella del documento (SHA‑256)"},
    {"sign.fact.signer", "Firmante"},
    {"sign.fact.nif", "NIF"},
    {"sign.fact.date", "Fecha y hora"},
    {"sign.fact.format", "Formato de la firma"},
    {"sign.fact.signature_digest", "Huella de la firma (SHA‑256)"},
    {"sign.fact.issuer", "Certificado emitido por"},
    {"sign.fact.serial", "Número de serie del certificado"},
    {"sign.format.none", "Firma simple, sin formato"},
    {"sign.bytes", "{n} bytes"},
    {"sign.decimal_mark", ","},
    {"sign.day", "{day}/{month}/{year}"},
    {"sign.months", "01 02 03 04 05 06 07 08 09 10 11 12"},
    {"sign.madrid_time", "{day}, {time}, hora peninsular española (UTC+{offset})"},
    {"sign.utc", "{day}, {time}, hora universal (UTC)"},

    {"sign.review.title", "Revise lo que va a firmar"},
    {"sign.review.body",
     "Todavía no se ha firmado ni enviado nada. Lea el documento antes de firmarlo."},
    {"sign.review.body_order",
     "El organismo le pide que firme este documento. Todavía no se ha firmado nada: léalo antes de "
     "firmarlo."},
    {"sign.review.body_all",
     "El organismo le pide que firme estos documentos. Todavía no se ha firmado nada: léalos todos "
     "antes de firmarlos."},
    {"sign.review.document", "El documento"},
    {"sign.review.frame", "Contenido del documento que va a firmar"},
    {"sign.review.no_viewer", "Su navegador no puede mostrar el documento aquí."},
    {"sign.review.open", "Abrir el documento"},
    {"sign.review.not_shown",
     "Un documento de este tipo no se puede mostrar aquí. Descárguelo y léalo antes de firmarlo."},
    {"sign.review.fields", "Datos que acompañan al documento"},
    {"sign.review.fields_body",
     "El organismo los recibirá con el documento. Su firma no los incluye: usted firma solo el "
     "documento."},
    {"sign.review.fields_open", "Abrir los datos"},
    {"sign.review.sign", "Firmar"},
    {"sign.review.effect",
     "Para firmar, Cl@ve le pedirá su contraseña y un código que recibirá por SMS. Hasta que haya "
     "firmado no se envía nada al organismo."},
    {"sign.review.effect_order",
     "Para firmar, Cl@ve le pedirá su contraseña y un código que recibirá por SMS. Cuando haya "
     "firmado, entregaremos la firma al organismo."},
    {"sign.review.confirm", "He leído el documento"},
    {"sign.review.confirm_all", "He leído todos los documentos"},
    {"sign.review.button", "Firmar con Cl@ve"},
    {"sign.review.cancel", "No firmar"},

    {"sign.redirect.title", "Le llevamos a Cl@ve para firmar"},
    {"sign.redirect.body",
     "Tenga a mano su contraseña de Cl@ve Permanente y el teléfono en el que recibe los SMS. "
     "Cuando termine, volverá aquí."},

    {"sign.pending.title", "La firma aún no ha terminado"},
    {"sign.pending.body",
     "Estamos esperando a que Cl@ve la termine. Puede tardar unos minutos. Todavía no se ha "
     "enviado nada al organismo."},
    {"sign.pending.body_order",
     "Estamos esperando a que Cl@ve la termine. Puede tardar unos minutos. El organismo todavía no "
     "ha recibido la firma."},
    {"sign.pending.how",
     "Espere un poco y compruébelo de nuevo. No hace falta que empiece otra vez."},
    {"sign.pending.button", "Comprobar de nuevo"},

    {"sign.later.title", "Ha firmado; falta completar la firma"},
    {"sign.later.body",
     "Su firma está hecha. El servicio de firma le añade ahora un sello de tiempo y los datos que "
     "permiten comprobarla durante años, y eso puede tardar."},
    {"sign.later.when", "Estará lista a partir del {time}."},
    {"sign.later.how",
     "No tiene que esperar aquí ni volver a firmar. Guarde esta dirección y entre en ella cuando "
     "esté lista: continuará el trámite desde aquí."},
    {"sign.later.button", "Comprobar si está lista"},

    {"sign.receipt.title", "Justificante de firma"},
    {"sign.receipt.body", "Ha firmado el documento."},
    {"sign.receipt.body_all", "Ha firmado estos documentos con una sola confirmación."},
    {"sign.receipt.unsigned", "Este documento no se ha firmado."},
    {"sign.receipt.lost", "La firma de este documento se perdió y no la tenemos."},
    {"sign.receipt.delivered", "El documento firmado ya se ha entregado al organismo."},
    {"sign.receipt.delivered_all", "Lo que ha firmado ya se ha entregado al organismo."},
    {"sign.receipt.undelivered",
     "Falta un paso: todavía no se ha entregado al organismo. Continúe con el trámite para "
     "entregarlo."},
    {"sign.receipt.unconfirmed",
     "El organismo no ha confirmado que lo haya recibido. Está guardado y no tiene que firmarlo "
     "otra vez: entréguelo de nuevo dentro de unos minutos."},
    {"sign.receipt.fetched_later",
     "El organismo recogerá lo que ha firmado aunque cierre esta página. Continúe con el trámite."},
    {"sign.receipt.print", "Imprima esta página o guárdela: es la prueba de lo que ha firmado."},
    {"sign.receipt.deliver", "Continuar con el trámite"},
    {"sign.receipt.deliver_again", "Entregarlo de nuevo"},
    {"sign.receipt.files", "Sus ficheros"},
    {"sign.receipt.download_signature", "Descargar la firma"},
    {"sign.receipt.download_receipt", "Descargar el justificante en JSON (para uso informático)"},
    {"sign.receipt.verify", "Cómo comprobar la firma"},
    {"sign.receipt.valide", "Comprobar la firma en VALIDe, el servicio público de validación"},
    {"sign.receipt.command",
     "También puede comprobar la firma en su equipo. Guarde los ficheros con los nombres "
     "«documento» y «firma» y escriba esta orden:"},
    {"sign.receipt.command_certificate",
     "El certificado que se necesita, «certificado.pem», está en el justificante en JSON."},
    {"sign.receipt.command_limit",
     "La orden no comprueba si el certificado era válido; VALIDe sí."},
    {"sign.receipt.ends_soon",
     "Su certificado de firma caduca pronto, el {day}. Lo que ya ha firmado sigue valiendo. Cl@ve "
     "lo renovará cuando vuelva a firmar; si su registro tiene más de cinco años, renuévelo "
     "antes."},

    {"sign.cancelled.title", "No se ha firmado nada"},
    {"sign.cancelled.body", "La firma se ha cancelado o no se ha terminado."},
    {"sign.cancelled.how",
     "Si no quiere firmar, no tiene que hacer nada más. Si ha sido sin querer, inténtelo de "
     "nuevo."},
    {"sign.expired.title", "Ha terminado el tiempo para firmar"},
    {"sign.expired.body",
     "Por seguridad, una firma se tiene que terminar en un tiempo limitado, y ya ha pasado."},
    {"sign.expired.how", "Si todavía quiere firmar, empiece de nuevo."},
    {"sign.failed.title", "No se ha firmado"},
    {"sign.failed.body",
     "El servicio de firma ha fallado, o ha dado una respuesta que por seguridad no hemos "
     "aceptado. No es culpa suya."},
    {"sign.failed.how", "Espere unos minutos y vuelva a intentarlo. Si se repite, pida ayuda."},
    {"sign.failed.unfinished_body",
     "La firma no se ha terminado en Cl@ve. Puede que la contraseña o el código no fueran "
     "correctos, que el código caducara, que cerrara la página antes de terminar o que el servicio "
     "de firma haya fallado."},
    {"sign.failed.unfinished_how",
     "Vuelva a intentarlo con su contraseña y un código nuevo. Si se repite, pida ayuda."},
    {"sign.failed.away_body",
     "El servicio de firma no responde en este momento. No es culpa suya."},
    {"sign.failed.unaccepted_body",
     "El servicio de firma ha dado una respuesta que por seguridad no hemos aceptado: la firma "
     "recibida no es la suya o no es de este documento. No es culpa suya."},
    {"sign.failed.unaccepted_how",
     "Puede volver a intentarlo. Si se repite, pida ayuda y dé el código de esta página."},
    {"sign.failed.refused_body",
     "El servicio de firma no ha admitido la petición de este organismo. No es culpa suya."},
    {"sign.failed.refused_how",
     "Volver a intentarlo ahora no servirá de mucho: tiene que arreglarlo el organismo. Pida ayuda "
     "y dé el código de esta página."},
    {"sign.unready.title", "Todavía no puede firmar"},
    {"sign.unready.body",
     "Todavía no tenemos todo lo que va a firmar: el organismo lo está preparando."},
    {"sign.unready.how", "Espere un poco y vuelva a abrir esta página. Si se repite, pida ayuda."},
    {"sign.lost.title", "Tiene que confirmar la firma otra vez"},
    {"sign.lost.title_order", "Hay que empezar la firma de nuevo"},
    {"sign.lost.body",
     "Usted firmó, pero la firma se perdió en el camino de vuelta y no la tenemos."},
    {"sign.forgotten.body",
     "Un fallo nuestro ha borrado hasta dónde llegó su firma. Si llegó a firmar, no tenemos esa "
     "firma."},
    {"sign.lost.how",
     "Nunca firmamos por usted. Si todavía quiere firmar, revise el documento y confírmelo otra "
     "vez."},
    {"sign.no_certificate.title", "Aún no tiene certificado en la nube"},
    {"sign.no_certificate.body",
     "Para firmar con Cl@ve hace falta un certificado, que Cl@ve crea y guarda por usted."},
    {"sign.no_certificate.how",
     "Se crea una sola vez, en pocos pasos. Vuelva a intentarlo y, cuando Cl@ve le pregunte, "
     "acepte crearlo. Necesita su contraseña de Cl@ve Permanente y el teléfono en el que recibe "
     "los SMS."},
    {"sign.no_certificate.old",
     "Si Cl@ve no le deja crearlo, puede que se registrara hace más de cinco años. En ese caso "
     "renueve antes su registro, en persona en una oficina de registro de Cl@ve o por internet con "
     "su DNI electrónico."},
    {"sign.weak.title", "Su registro no permite firmar"},
    {"sign.weak.body",
     "Para firmar con Cl@ve hace falta el registro avanzado, que ofrece más garantías sobre su "
     "identidad."},
    {"sign.old.title", "Debe renovar su registro en Cl@ve"},
    {"sign.old.body",
     "Se registró hace más de cinco años. Hasta que renueve el registro, Cl@ve no puede crear ni "
     "renovar su certificado de firma."},
    {"sign.old.how",
     "Renuévelo en persona en una oficina de registro de Cl@ve, o por internet con su DNI "
     "electrónico. Otro certificado no sirve."},
    {"sign.blocked.title", "Su certificado de firma está bloqueado"},
    {"sign.blocked.body",
     "Cl@ve no permite usarlo en este momento, por ejemplo porque la contraseña se ha escrito mal "
     "varias veces."},
    {"sign.blocked.how",
     "Desbloquee su contraseña de Cl@ve Permanente por internet. Si no puede, acuda a una oficina "
     "de registro de Cl@ve. Después vuelva a intentarlo."},
    {"sign.unregistered.title", "Para firmar hace falta estar de alta en Cl@ve"},
    {"sign.unregistered.body", "El servicio de firma no encuentra ningún registro a su nombre."},
    {"sign.unregistered.how",
     "Regístrese en persona en una oficina de registro de Cl@ve, o por internet con certificado "
     "electrónico o DNIe. Después active Cl@ve Permanente y vuelva a intentarlo."},
    {"sign.foreign.title", "Con esta identificación no se puede firmar"},
    {"sign.foreign.body",
     "La firma con Cl@ve es para personas con DNI o NIE, y usted se ha identificado con un "
     "documento de otro país."},
    {"sign.foreign.how",
     "Si tiene DNI o NIE, identifíquese con él. Si no, pregunte al organismo de qué otra forma "
     "puede presentar este trámite."},
    {"sign.unfit.title", "Lo que ha enviado no se puede firmar"},
    {"sign.unfit.body",
     "Falta el documento que hay que firmar, o no es del tipo que este trámite admite."},
    {"sign.unfit.how",
     "Vuelva al formulario, añada el documento, en PDF si se lo piden, y envíelo otra vez. Si no "
     "puede, pida ayuda."},
    {"sign.erased.title", "Ya no se conserva aquí"},
    {"sign.erased.body",
     "Lo que busca se ha borrado: ha terminado el plazo durante el que esta sede lo conserva."},
    {"sign.erased.outcome",
     "Lo que se firmó y se entregó sigue siendo válido: lo tiene el organismo."},
    {"sign.erased.how", "Si necesita una copia, pídala al organismo."},
    {"sign.too_large.title", "El documento es demasiado grande para firmarlo"},
    {"sign.too_large.body",
     "Con los ficheros que ha añadido supera lo que el servicio de firma admite."},
    {"sign.too_large.how",
     "Reduzca sus ficheros, por ejemplo escaneándolos con menos resolución, y envíe el formulario "
     "otra vez. Si no puede, pida ayuda."},
    {"sign.quota.title", "Tiene demasiadas firmas sin terminar"},
    {"sign.quota.body",
     "Antes de empezar otra, termine alguna de las que tiene pendientes o renuncie a ella: ábrala "
     "y firme, o elija «No firmar»."},
    {"sign.quota.form",
     "No se ha firmado ni enviado nada. Lo que escribió en el formulario sigue en su navegador: "
     "vuelva a él con «Atrás» y envíelo cuando haya terminado."},
    {"sign.quota.order",
     "No se ha firmado nada, y el organismo no ha recibido ninguna firma. Cuando haya terminado, "
     "vuelva al trámite y repita el último paso."},
    {"sign.quota.open", "Firmas pendientes"},
});

}  // namespace clave::pages
