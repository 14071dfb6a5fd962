// What the pages say, in Galician. Names of Cl@ve's methods stay as the gateway's buttons have
// them.
#pragma once

#include <array>

#include "pages/catalogue_sign_gl.h"
#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kGalicianBasic = std::to_array<Message>({
    {"common.service", "Identificación con Cl@ve"},
    {"common.skip", "Saltar ao contido principal"},
    {"common.language", "Idioma"},
    {"common.language_new_tab", "Idioma (ábrese noutra lapela)"},
    {"common.ref", "Se pide axuda, dea este código: {ref}"},
    {"common.help",
     "Se necesita axuda, chame ao {phone}. Ninguén lle pedirá o seu contrasinal por teléfono."},
    {"common.accessibility", "Declaración de accesibilidade"},
    {"common.try_again", "Tentalo de novo"},
    {"common.back_home", "Volver ao inicio"},
    {"common.simulation_banner",
     "SIMULADOR: esta páxina é de probas. Nada do que faga aquí ten validez."},

    {"help.title", "Axuda de Cl@ve"},
    {"help.registration",
     "Como rexistrarse, pasar ao nivel avanzado, renovar o rexistro ou darse de baixa"},
    {"help.movil", "Non me chega o código de Cl@ve PIN ou o aviso de Cl@ve Móvil"},
    {"help.permanente",
     "Activar Cl@ve Permanente, ou recuperar un contrasinal esquecido ou bloqueado"},

    {"redirect.title", "Vai pasar a Cl@ve"},
    {"redirect.body", "Para continuar necesita identificarse con {need}."},
    {"redirect.wait", "Se a páxina non avanza soa nuns segundos, prema o botón."},
    {"redirect.button", "Continuar a Cl@ve"},

    {"need.pin", "Cl@ve PIN"},
    {"need.movil", "Cl@ve Móvil"},
    {"need.permanente", "Cl@ve Permanente"},
    {"need.permanente_otp", "Cl@ve Permanente e un código que recibirá por SMS"},
    {"need.certificado", "certificado electrónico"},
    {"need.dnie", "DNIe"},
    {"need.or", "ou"},
    {"need.other", "Cl@ve"},

    {"method.pin", "Cl@ve PIN ou Cl@ve Móvil"},
    {"method.permanente", "Cl@ve Permanente (contrasinal)"},
    {"method.permanente_otp", "Cl@ve Permanente con código por SMS"},
    {"method.certificado", "certificado electrónico ou DNIe"},
    {"method.eidas", "a identificación doutro país da Unión Europea"},
    {"method.cartera", "a carteira dixital europea"},

    {"stepup.title", "Este trámite pide unha identificación máis segura"},
    {"stepup.title_again", "Este trámite pide que se identifique de novo"},
    {"stepup.have", "Identificouse con {method}."},
    {"stepup.need", "Para este trámite necesita {need}."},
    {"stepup.registration",
     "Tamén necesita ter o rexistro avanzado en Cl@ve, que se obtén en persoa ou con certificado "
     "electrónico."},
    {"stepup.represented",
     "Agora actúa en representación doutra persoa. Para este trámite debe identificarse no seu "
     "propio "
     "nome."},
    {"stepup.too_old",
     "Identificouse hai un anaco. Para protexer os seus datos, este trámite pide que o faga outra "
     "vez."},
    {"stepup.keep", "Non perderá o que fixo ata agora."},
    {"stepup.button", "Identificarme de novo"},

    {"expired.title", "A súa sesión rematou"},
    {"expired.body",
     "Por seguridade, unha sesión remata tras un tempo sen actividade ou ao chegar á súa duración "
     "máxima. Tamén a pode pechar antes o propio servizo, por exemplo por mantemento."},
    {"expired.signing",
     "Acaba de volver de Cl@ve Firma. Identifíquese outra vez canto antes, a mesma persoa: entón "
     "recolleremos a sinatura, se chegou a facerse, e verá o resultado. Non repita o trámite ata "
     "velo."},
    {"expired.saved",
     "Gardamos o que acaba de enviar. Recibirao o trámite cando se identifique outra vez a mesma "
     "persoa."},
    {"expired.how",
     "Se se identifica de novo, seguirá na páxina que pediu. Para este trámite necesita {need}."},

    {"cancelled.title", "Non se completou a identificación"},
    {"cancelled.body",
     "A identificación con Cl@ve cancelouse ou non puido rematar. Non se gardou ningún dato seu."},
    {"cancelled.other_ways",
     "Pode tentalo de novo, elixir outra forma de identificarse ou acudir a unha oficina."},

    {"level.title", "Identificouse, pero non co nivel necesario"},
    {"level.body", "Para este trámite necesita {need}."},
    {"level.retry", "Volva tentalo e, en Cl@ve, elixa o que aquí se indica."},
    {"level.registration",
     "Se xa o elixiu, pode que o seu rexistro en Cl@ve sexa de nivel básico: para este trámite "
     "cómpre o rexistro avanzado."},

    {"reg.title", "O seu rexistro en Cl@ve é de nivel básico"},
    {"reg.why",
     "Este trámite pide o rexistro avanzado, que ofrece máis garantías sobre a súa identidade."},
    {"reg.how",
     "Pode obtelo en persoa nunha oficina de rexistro de Cl@ve, ou por internet con certificado "
     "electrónico ou DNIe."},

    {"down.title", "O servizo non responde neste momento"},
    {"down.body", "Non é culpa súa nin do seu equipo. Agarde uns minutos e volva tentalo."},
    {"down.deadline",
     "Se o seu prazo remata hoxe, garde o código desta páxina e infórmese por outra canle: o prazo "
     "pode ampliarse cando o servizo falla."},

    {"invalid.title", "Non puidemos comprobar a súa identificación"},
    {"invalid.body",
     "A resposta de Cl@ve chegou incompleta, repetida ou fóra de tempo. Por seguridade non a "
     "aceptamos."},
    {"invalid.status",
     "Cl@ve non puido completar a identificación. Agarde uns minutos e volva tentalo."},
    {"invalid.retry", "Comece outra vez. Se se repite, pida axuda co código desta páxina."},

    {"stale.title", "Esta identificación xa non é válida"},
    {"stale.body",
     "Pasou demasiado tempo, comezouna noutro navegador ou xa a rematara noutra lapela."},
    {"stale.restart", "Volva comezar desde o trámite que estaba a facer."},

    {"cookies.title", "O seu navegador non conserva a identificación"},
    {"cookies.body",
     "Identificouse varias veces seguidas, pero o seu navegador non garda as cookies que este "
     "sitio "
     "necesita para lembralo."},
    {"cookies.none",
     "O seu navegador non enviou ningunha cookie deste sitio. Ocorre cando as ten bloqueadas, "
     "cando pasou demasiado tempo ou se abriu unha ligazón gardada desta páxina."},
    {"cookies.how",
     "Permita as cookies deste sitio, ou probe con outro navegador ou sen modo privado. Despois "
     "volva "
     "tentalo."},

    {"post.title", "Para enviar este formulario ten que identificarse"},
    {"post.body", "Non se enviou nada. Aínda non peche esta páxina."},
    {"post.size", "Cos seus ficheiros é grande de máis para que o gardemos mentres se identifica."},
    {"post.room", "Neste momento non podemos gardalo mentres se identifica."},
    {"post.how",
     "Primeiro identifíquese nunha lapela nova. Despois volva á lapela do formulario e prema o "
     "botón "
     "«Atrás»: o seu navegador adoita conservar os datos. Envíe entón o formulario."},
    {"post.button", "Identificarme nunha lapela nova"},

    {"deny.title", "Non pode continuar con esta identificación"},
    {"deny.body", "O trámite non admite a persoa que se identificou."},
    {"deny.represented",
     "Este trámite faise en nome propio: non admite certificados de representante nin de empresa."},
    {"deny.changed",
     "Identificouse unha persoa distinta da que tiña a sesión aberta. Por seguridade pechamos a "
     "sesión."},
    {"deny.how", "Se cre que é un erro, comece de novo ou pida axuda."},

    {"logout.title", "Pechou a sesión"},
    {"logout.onward",
     "A súa sesión neste sitio xa rematou. Agora pechamos tamén a que ten en Cl@ve."},
    {"logout.onward_button", "Pechar tamén a sesión de Cl@ve"},
    {"logout.partial", "A súa sesión neste sitio rematou, pero non sabemos se Cl@ve pechou a súa."},
    {"logout.close",
     "Peche o navegador: así ninguén poderá seguir no seu nome se usa un equipo compartido."},
    {"logout.ask_title", "Quere pechar a sesión?"},
    {"logout.ask_body", "Para que ninguén a peche sen o seu permiso, confírmeo co botón."},
    {"logout.ask_button", "Pechar a sesión"},
    {"logout.unsure_title", "Pode que a sesión siga aberta"},
    {"logout.unsure",
     "Borramos a sesión deste navegador, pero o servizo non responde e non sabemos se rematou do "
     "todo. Rematará por si soa dentro dun anaco."},

    {"expiring.title", "A súa sesión está a piques de rematar"},
    {"expiring.minutes", "Rematará en {n} minutos. Quere seguir?"},
    {"expiring.minute", "Rematará en menos de 2 minutos. Quere seguir?"},
    {"expiring.soon", "Rematará en menos de 1 minuto. Quere seguir?"},
    {"expiring.last",
     "Xa non se pode alongar máis. Garde ou envíe o que está a facer antes de que remate."},
    {"expiring.extend", "Seguir coa sesión"},
    {"expiring.understood", "Entendido"},
    {"expiring.over_title", "A súa sesión rematou"},
    {"expiring.over", "O que non enviase segue nesta páxina, pero terá que identificarse de novo."},
    {"expiring.close", "Pechar este aviso"},

    {"missing.title", "Esta páxina non existe"},
    {"missing.body", "Comprobe o enderezo ou volva ao inicio."},

    {"error.title", "Algo fallou"},
    {"error.body", "Non puidemos atender a súa petición. Volva tentalo máis tarde."},
});

inline constexpr auto kGalician = joined(kGalicianBasic, kGalicianSigning);

}  // namespace clave::pages
