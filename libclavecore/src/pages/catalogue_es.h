// What the pages say, in Spanish. Plain words, usted: what happened, what to do, who helps.
//
// Cl@ve PIN is being replaced by Cl@ve Móvil: whoever names one names both (product.md section 1).
#pragma once

#include <array>

#include "pages/catalogue_sign_es.h"
#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kSpanishBasic = std::to_array<Message>({
    {"common.service", "Identificación con Cl@ve"},
    {"common.skip", "Saltar al contenido principal"},
    {"common.language", "Idioma"},
    {"common.language_new_tab", "Idioma (se abre en otra pestaña)"},
    {"common.ref", "Si pide ayuda, dé este código: {ref}"},
    {"common.help",
     "Si necesita ayuda, llame al {phone}. Nadie le pedirá su contraseña por teléfono."},
    {"common.accessibility", "Declaración de accesibilidad"},
    {"common.try_again", "Intentarlo de nuevo"},
    {"common.back_home", "Volver al inicio"},
    {"common.simulation_banner",
     "SIMULADOR: esta página es de pruebas. Nada de lo que haga aquí tiene validez."},

    {"help.title", "Ayuda de Cl@ve"},
    {"help.registration",
     "Cómo registrarse, pasar al nivel avanzado, renovar el registro o darse de baja"},
    {"help.movil", "No me llega el código de Cl@ve PIN o el aviso de Cl@ve Móvil"},
    {"help.permanente",
     "Activar Cl@ve Permanente, o recuperar una contraseña olvidada o bloqueada"},

    {"redirect.title", "Le llevamos a Cl@ve"},
    {"redirect.body", "Para continuar necesita identificarse con {need}."},
    {"redirect.wait", "Si la página no avanza sola en unos segundos, pulse el botón."},
    {"redirect.button", "Continuar a Cl@ve"},

    {"need.pin", "Cl@ve PIN"},
    {"need.movil", "Cl@ve Móvil"},
    {"need.permanente", "Cl@ve Permanente"},
    {"need.permanente_otp", "Cl@ve Permanente y un código que recibirá por SMS"},
    {"need.certificado", "certificado electrónico"},
    {"need.dnie", "DNIe"},
    {"need.or", "o"},
    {"need.other", "Cl@ve"},

    {"method.pin", "Cl@ve PIN o Cl@ve Móvil"},
    {"method.permanente", "Cl@ve Permanente (contraseña)"},
    {"method.permanente_otp", "Cl@ve Permanente con código por SMS"},
    {"method.certificado", "certificado electrónico o DNIe"},
    {"method.eidas", "la identificación de otro país de la Unión Europea"},
    {"method.cartera", "la cartera digital europea"},

    {"stepup.title", "Este trámite pide una identificación más segura"},
    {"stepup.title_again", "Este trámite pide que se identifique de nuevo"},
    {"stepup.have", "Se ha identificado con {method}."},
    {"stepup.need", "Para este trámite necesita {need}."},
    {"stepup.registration",
     "También necesita tener el registro avanzado en Cl@ve, que se obtiene en persona o con "
     "certificado electrónico."},
    {"stepup.represented",
     "Ahora actúa en representación de otra persona. Para este trámite debe identificarse en su "
     "propio nombre."},
    {"stepup.too_old",
     "Se identificó hace un rato. Para proteger sus datos, este trámite pide que lo haga otra "
     "vez."},
    {"stepup.keep", "No perderá lo que ha hecho hasta ahora."},
    {"stepup.button", "Identificarme de nuevo"},

    {"expired.title", "Su sesión ha terminado"},
    {"expired.body",
     "Por seguridad, una sesión termina tras un tiempo sin actividad o al llegar a su duración "
     "máxima. También puede cerrarla antes el propio servicio, por ejemplo por mantenimiento."},
    {"expired.signing",
     "Acaba de volver de Cl@ve Firma. Identifíquese otra vez cuanto antes, la misma persona: "
     "entonces recogeremos la firma, si llegó a hacerse, y verá el resultado. No repita el trámite "
     "hasta verlo."},
    {"expired.saved",
     "Hemos guardado lo que acaba de enviar. Lo recibirá el trámite cuando se identifique otra vez "
     "la misma persona."},
    {"expired.how",
     "Si se identifica de nuevo, seguirá en la página que ha pedido. Para este trámite necesita "
     "{need}."},

    {"cancelled.title", "No se ha completado la identificación"},
    {"cancelled.body",
     "La identificación con Cl@ve se ha cancelado o no ha podido terminar. No se ha guardado "
     "ningún dato suyo."},
    {"cancelled.other_ways",
     "Puede intentarlo de nuevo, elegir otra forma de identificarse o acudir a una oficina."},

    {"level.title", "Se ha identificado, pero no con el nivel necesario"},
    {"level.body", "Para este trámite necesita {need}."},
    {"level.retry", "Vuelva a intentarlo y, en Cl@ve, elija lo que aquí se indica."},
    {"level.registration",
     "Si ya lo eligió, puede que su registro en Cl@ve sea de nivel básico: para este trámite hace "
     "falta el registro avanzado."},

    {"reg.title", "Su registro en Cl@ve es de nivel básico"},
    {"reg.why",
     "Este trámite pide el registro avanzado, que ofrece más garantías sobre su identidad."},
    {"reg.how",
     "Puede obtenerlo en persona en una oficina de registro de Cl@ve, o por internet con "
     "certificado electrónico o DNIe."},

    {"down.title", "El servicio no responde en este momento"},
    {"down.body", "No es culpa suya ni de su equipo. Espere unos minutos y vuelva a intentarlo."},
    {"down.deadline",
     "Si su plazo termina hoy, guarde el código de esta página e infórmese por otro canal: el "
     "plazo puede ampliarse cuando el servicio falla."},

    {"invalid.title", "No hemos podido comprobar su identificación"},
    {"invalid.body",
     "La respuesta de Cl@ve ha llegado incompleta, repetida o fuera de tiempo. Por seguridad no "
     "la hemos aceptado."},
    {"invalid.status",
     "Cl@ve no ha podido completar la identificación. Espere unos minutos y vuelva a intentarlo."},
    {"invalid.retry", "Empiece otra vez. Si se repite, pida ayuda con el código de esta página."},

    {"stale.title", "Esta identificación ya no es válida"},
    {"stale.body",
     "Ha pasado demasiado tiempo, la empezó en otro navegador o ya la había terminado en otra "
     "pestaña."},
    {"stale.restart", "Vuelva a empezar desde el trámite que estaba haciendo."},

    {"cookies.title", "Su navegador no conserva la identificación"},
    {"cookies.body",
     "Se ha identificado varias veces seguidas, pero su navegador no guarda las cookies que este "
     "sitio necesita para recordarlo."},
    {"cookies.none",
     "Su navegador no ha enviado ninguna cookie de este sitio. Ocurre cuando las tiene bloqueadas, "
     "cuando ha pasado demasiado tiempo o si ha abierto un enlace guardado de esta página."},
    {"cookies.how",
     "Permita las cookies de este sitio, o pruebe con otro navegador o sin modo privado. Después "
     "vuelva a intentarlo."},

    {"post.title", "Para enviar este formulario tiene que identificarse"},
    {"post.body", "No se ha enviado nada. No cierre esta página todavía."},
    {"post.size",
     "Con sus ficheros es demasiado grande para que lo guardemos mientras se identifica."},
    {"post.room", "En este momento no podemos guardarlo mientras se identifica."},
    {"post.how",
     "Primero identifíquese en una pestaña nueva. Después vuelva a la pestaña del formulario y "
     "pulse el botón «Atrás»: su navegador suele conservar los datos. Envíe entonces el "
     "formulario."},
    {"post.button", "Identificarme en una pestaña nueva"},

    {"deny.title", "No puede continuar con esta identificación"},
    {"deny.body", "El trámite no admite a la persona que se ha identificado."},
    {"deny.represented",
     "Este trámite se hace en nombre propio: no admite certificados de representante ni de "
     "empresa."},
    {"deny.changed",
     "Se ha identificado una persona distinta de la que tenía la sesión abierta. Por seguridad "
     "hemos cerrado la sesión."},
    {"deny.how", "Si cree que es un error, empiece de nuevo o pida ayuda."},

    {"logout.title", "Ha cerrado la sesión"},
    {"logout.onward",
     "Su sesión en este sitio ya ha terminado. Ahora cerramos también la que tiene en Cl@ve."},
    {"logout.onward_button", "Cerrar también la sesión de Cl@ve"},
    {"logout.partial",
     "Su sesión en este sitio ha terminado, pero no sabemos si Cl@ve ha cerrado la suya."},
    {"logout.close",
     "Cierre el navegador: así nadie podrá seguir en su nombre si usa un equipo compartido."},
    {"logout.ask_title", "¿Quiere cerrar la sesión?"},
    {"logout.ask_body", "Para que nadie la cierre sin su permiso, confírmelo con el botón."},
    {"logout.ask_button", "Cerrar la sesión"},
    {"logout.unsure_title", "Puede que la sesión siga abierta"},
    {"logout.unsure",
     "Hemos borrado la sesión de este navegador, pero el servicio no responde y no sabemos si ha "
     "terminado del todo. Terminará por sí sola dentro de un rato."},

    {"expiring.title", "Su sesión está a punto de terminar"},
    {"expiring.minutes", "Terminará en {n} minutos. ¿Quiere seguir?"},
    {"expiring.minute", "Terminará en menos de 2 minutos. ¿Quiere seguir?"},
    {"expiring.soon", "Terminará en menos de 1 minuto. ¿Quiere seguir?"},
    {"expiring.last",
     "Ya no se puede alargar más. Guarde o envíe lo que está haciendo antes de que termine."},
    {"expiring.extend", "Seguir con la sesión"},
    {"expiring.understood", "Entendido"},
    {"expiring.over_title", "Su sesión ha terminado"},
    {"expiring.over",
     "Lo que no haya enviado sigue en esta página, pero tendrá que identificarse de nuevo."},
    {"expiring.close", "Cerrar este aviso"},

    {"missing.title", "Esta página no existe"},
    {"missing.body", "Compruebe la dirección o vuelva al inicio."},

    {"error.title", "Algo ha fallado"},
    {"error.body", "No hemos podido atender su petición. Vuelva a intentarlo más tarde."},
});

inline constexpr auto kSpanish = joined(kSpanishBasic, kSpanishSigning);

}  // namespace clave::pages
