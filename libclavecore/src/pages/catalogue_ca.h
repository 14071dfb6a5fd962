// What the pages say, in Catalan. Names of Cl@ve's methods stay as the gateway's buttons have them.
#pragma once

#include <array>

#include "pages/catalogue_sign_ca.h"
#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kCatalanBasic = std::to_array<Message>({
    {"common.service", "Identificació amb Cl@ve"},
    {"common.skip", "Salta al contingut principal"},
    {"common.language", "Idioma"},
    {"common.language_new_tab", "Idioma (s’obre en una altra pestanya)"},
    {"common.ref", "Si demana ajuda, doni aquest codi: {ref}"},
    {"common.help",
     "Si necessita ajuda, truqui al {phone}. Ningú no li demanarà la contrasenya per telèfon."},
    {"common.accessibility", "Declaració d’accessibilitat"},
    {"common.try_again", "Torna-ho a provar"},
    {"common.back_home", "Torna a l’inici"},
    {"common.simulation_banner",
     "SIMULADOR: aquesta pàgina és de proves. Res del que hi faci no té validesa."},

    {"help.title", "Ajuda de Cl@ve"},
    {"help.registration",
     "Com registrar-se, passar al nivell avançat, renovar el registre o donar-se de baixa"},
    {"help.movil", "No m’arriba el codi de Cl@ve PIN o l’avís de Cl@ve Móvil"},
    {"help.permanente",
     "Activar Cl@ve Permanente, o recuperar una contrasenya oblidada o bloquejada"},

    {"redirect.title", "L’acompanyem a Cl@ve"},
    {"redirect.body", "Per continuar s’ha d’identificar amb {need}."},
    {"redirect.wait", "Si la pàgina no avança sola d’aquí a uns segons, premi el botó."},
    {"redirect.button", "Continua cap a Cl@ve"},

    {"need.pin", "Cl@ve PIN"},
    {"need.movil", "Cl@ve Móvil"},
    {"need.permanente", "Cl@ve Permanente"},
    {"need.permanente_otp", "Cl@ve Permanente i un codi que rebrà per SMS"},
    {"need.certificado", "certificat electrònic"},
    {"need.dnie", "DNIe"},
    {"need.or", "o"},
    {"need.other", "Cl@ve"},

    {"method.pin", "Cl@ve PIN o Cl@ve Móvil"},
    {"method.permanente", "Cl@ve Permanente (contrasenya)"},
    {"method.permanente_otp", "Cl@ve Permanente amb codi per SMS"},
    {"method.certificado", "certificat electrònic o DNIe"},
    {"method.eidas", "la identificació d’un altre país de la Unió Europea"},
    {"method.cartera", "la cartera digital europea"},

    {"stepup.title", "Aquest tràmit demana una identificació més segura"},
    {"stepup.title_again", "Aquest tràmit demana que s’identifiqui una altra vegada"},
    {"stepup.have", "Ara s’ha identificat amb {method}."},
    {"stepup.need", "Per a aquest tràmit necessita {need}."},
    {"stepup.registration",
     "També necessita tenir el registre avançat a Cl@ve, que s’obté en persona o amb certificat "
     "electrònic."},
    {"stepup.represented",
     "Ara actua en representació d’una altra persona. Per a aquest tràmit s’ha d’identificar en "
     "nom "
     "propi."},
    {"stepup.too_old",
     "S’ha identificat fa una estona. Per protegir les seves dades, aquest tràmit demana que ho "
     "torni a fer."},
    {"stepup.keep", "No perdrà el que ha fet fins ara."},
    {"stepup.button", "Identifica’m una altra vegada"},

    {"expired.title", "La seva sessió s’ha acabat"},
    {"expired.body",
     "Per seguretat, una sessió s’acaba després d’un temps sense activitat o quan arriba a la seva "
     "durada màxima. També la pot tancar abans el mateix servei, per exemple per manteniment."},
    {"expired.signing",
     "Acaba de tornar de Cl@ve Firma. Identifiqui’s una altra vegada com més aviat millor, la "
     "mateixa persona: llavors recollirem la signatura, si es va arribar a fer, i en veurà el "
     "resultat. No repeteixi el tràmit fins que el vegi."},
    {"expired.saved",
     "Hem desat el que acaba d’enviar. El tràmit ho rebrà quan s’identifiqui una altra vegada la "
     "mateixa persona."},
    {"expired.how",
     "Si s’identifica una altra vegada, continuarà a la pàgina que ha demanat. Per a aquest tràmit "
     "necessita {need}."},

    {"cancelled.title", "No s’ha completat la identificació"},
    {"cancelled.body",
     "La identificació amb Cl@ve s’ha cancel·lat o no ha pogut acabar. No s’ha desat cap dada "
     "seva."},
    {"cancelled.other_ways",
     "Pot tornar-ho a provar, triar una altra manera d’identificar-se o anar a una oficina."},

    {"level.title", "S’ha identificat, però no amb el nivell necessari"},
    {"level.body", "Per a aquest tràmit necessita {need}."},
    {"level.retry", "Torni-ho a provar i, a Cl@ve, triï el que s’indica aquí."},
    {"level.registration",
     "Si ja ho va triar, pot ser que el seu registre a Cl@ve sigui de nivell bàsic: per a aquest "
     "tràmit cal el registre avançat."},

    {"reg.title", "El seu registre a Cl@ve és de nivell bàsic"},
    {"reg.why",
     "Aquest tràmit demana el registre avançat, que ofereix més garanties sobre la seva "
     "identitat."},
    {"reg.how",
     "El pot obtenir en persona en una oficina de registre de Cl@ve, o per internet amb certificat "
     "electrònic o DNIe."},

    {"down.title", "El servei no respon en aquest moment"},
    {"down.body", "No és culpa seva ni del seu equip. Esperi uns minuts i torni-ho a provar."},
    {"down.deadline",
     "Si el seu termini acaba avui, desi el codi d’aquesta pàgina i informi’s per un altre canal: "
     "el "
     "termini es pot ampliar quan el servei falla."},

    {"invalid.title", "No hem pogut comprovar la seva identificació"},
    {"invalid.body",
     "La resposta de Cl@ve ha arribat incompleta, repetida o fora de temps. Per seguretat no l’hem "
     "acceptada."},
    {"invalid.status",
     "Cl@ve no ha pogut completar la identificació. Esperi uns minuts i torni-ho a provar."},
    {"invalid.retry",
     "Torni a començar. Si es repeteix, demani ajuda amb el codi d’aquesta pàgina."},

    {"stale.title", "Aquesta identificació ja no és vàlida"},
    {"stale.body",
     "Ha passat massa temps, l’ha començada en un altre navegador o ja l’havia acabada en una "
     "altra "
     "pestanya."},
    {"stale.restart", "Torni a començar des del tràmit que estava fent."},

    {"cookies.title", "El seu navegador no conserva la identificació"},
    {"cookies.body",
     "S’ha identificat diverses vegades seguides, però el seu navegador no desa les galetes que "
     "aquest lloc necessita per recordar-ho."},
    {"cookies.none",
     "El seu navegador no ha enviat cap galeta d’aquest lloc. Passa quan les té bloquejades, quan "
     "ha passat massa temps o si ha obert un enllaç desat d’aquesta pàgina."},
    {"cookies.how",
     "Permeti les galetes d’aquest lloc, o provi-ho amb un altre navegador o sense mode privat. "
     "Després torni-ho a provar."},

    {"post.title", "Per enviar aquest formulari us heu d’identificar"},
    {"post.body", "No s’ha enviat res. Encara no tanqui aquesta pàgina."},
    {"post.size", "Amb els seus fitxers és massa gran perquè el desem mentre s’identifica."},
    {"post.room", "En aquest moment no el podem desar mentre s’identifica."},
    {"post.how",
     "Primer identifiqui’s en una pestanya nova. Després torni a la pestanya del formulari i premi "
     "el botó «Enrere»: el navegador acostuma a conservar les dades. Aleshores enviï el "
     "formulari."},
    {"post.button", "Identifica’m en una pestanya nova"},

    {"deny.title", "No pot continuar amb aquesta identificació"},
    {"deny.body", "El tràmit no admet la persona que s’ha identificat."},
    {"deny.represented",
     "Aquest tràmit es fa en nom propi: no admet certificats de representant ni d’empresa."},
    {"deny.changed",
     "S’ha identificat una persona diferent de la que tenia la sessió oberta. Per seguretat hem "
     "tancat la sessió."},
    {"deny.how", "Si creu que és un error, torni a començar o demani ajuda."},

    {"logout.title", "Ha tancat la sessió"},
    {"logout.onward",
     "La seva sessió en aquest lloc ja s’ha acabat. Ara tanquem també la que té a Cl@ve."},
    {"logout.onward_button", "Tanca també la sessió de Cl@ve"},
    {"logout.partial",
     "La seva sessió en aquest lloc s’ha acabat, però no sabem si Cl@ve ha tancat la seva."},
    {"logout.close",
     "Tanqui el navegador: així ningú no podrà continuar en nom seu si fa servir un equip "
     "compartit."},
    {"logout.ask_title", "Vol tancar la sessió?"},
    {"logout.ask_body", "Perquè ningú no la tanqui sense el seu permís, confirmi-ho amb el botó."},
    {"logout.ask_button", "Tanca la sessió"},
    {"logout.unsure_title", "Pot ser que la sessió continuï oberta"},
    {"logout.unsure",
     "Hem esborrat la sessió d’aquest navegador, però el servei no respon i no sabem si s’ha "
     "acabat "
     "del tot. S’acabarà sola d’aquí a una estona."},

    {"expiring.title", "La seva sessió està a punt d’acabar"},
    {"expiring.minutes", "S’acabarà d’aquí a {n} minuts. Vol continuar?"},
    {"expiring.minute", "S’acabarà en menys de 2 minuts. Vol continuar?"},
    {"expiring.soon", "S’acabarà en menys d’1 minut. Vol continuar?"},
    {"expiring.last",
     "Ja no es pot allargar més. Desi o enviï el que està fent abans que s’acabi."},
    {"expiring.extend", "Continua amb la sessió"},
    {"expiring.understood", "Entesos"},
    {"expiring.over_title", "La seva sessió s’ha acabat"},
    {"expiring.over",
     "El que no hagi enviat continua en aquesta pàgina, però s’haurà de tornar a identificar."},
    {"expiring.close", "Tanca aquest avís"},

    {"missing.title", "Aquesta pàgina no existeix"},
    {"missing.body", "Comprovi l’adreça o torni a l’inici."},

    {"error.title", "Alguna cosa ha fallat"},
    {"error.body", "No hem pogut atendre la seva petició. Torni-ho a provar més tard."},
});

inline constexpr auto kCatalan = joined(kCatalanBasic, kCatalanSigning);

}  // namespace clave::pages
