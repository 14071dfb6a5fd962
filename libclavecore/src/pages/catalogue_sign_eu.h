// What the pages about a signature say, in Basque.
#pragma once

#include <array>

#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kBasqueSigning = std::to_array<Message>({
    {"sign.back", "Itzuli izapidera"},
    {"sign.again", "Saiatu berriro"},
    {"sign.kept", "Idatzi zenuena gordeta dugu: ez duzu berriro bete beharko."},
    {"sign.kept_document", "Dokumentua gorde dugu: ez duzu izapidea berriro hasi beharrik."},
    {"sign.nothing",
     "Ez da ezer sinatu. Erakundera ere ez da ezer bidali, eta ez da ezer erregistratu."},
    {"sign.nothing_sent", "Ez da ezer bidali erakundera, eta ez da ezer erregistratu."},
    {"sign.nothing_order", "Ez da ezer sinatu, eta erakundeak ez du sinadurarik jaso."},
    {"sign.nothing_sent_order", "Erakundeak ez du sinadurarik jaso."},
    {"sign.again_order", "Oraindik sinatu nahi baduzu, itzuli izapidera eta hasi handik."},
    {"sign.download_document", "Deskargatu dokumentua"},

    {"sign.fact.number", "Eragiketaren zenbakia"},
    {"sign.fact.title", "Gaia"},
    {"sign.fact.procedure", "Izapidea"},
    {"sign.fact.site", "Gunea"},
    {"sign.fact.document", "Dokumentua"},
    {"sign.fact.address", "Itzultzeko helbidea"},
    {"sign.fact.size", "Tamaina"},
    {"sign.fact.digest", "Dokumentuaren hatz-marka (SHA‑256)"},
    {"sign.fact.signer", "Sinatzailea"},
    {"sign.fact.nif", "IFZ"},
    {"sign.fact.date", "Data eta ordua"},
    {"sign.fact.format", "Sinaduraren formatua"},
    {"sign.fact.signature_digest", "Sinaduraren hatz-marka (SHA‑256)"},
    {"sign.fact.issuer", "Ziurtagiriaren igorlea"},
    {"sign.fact.serial", "Ziurtagiriaren serie-zenbakia"},
    {"sign.format.none", "Sinadura soila, formaturik gabe"},
    {"sign.bytes", "{n} byte"},
    {"sign.decimal_mark", ","},
    {"sign.day", "{year}/{month}/{day}"},
    {"sign.months", "01 02 03 04 05 06 07 08 09 10 11 12"},
    {"sign.madrid_time", "{day}, {time}, Espainiako penintsulako ordua (UTC+{offset})"},
    {"sign.utc", "{day}, {time}, ordu unibertsala (UTC)"},

    {"sign.review.title", "Berrikusi sinatuko duzuna"},
    {"sign.review.body",
     "Oraindik ez da ezer sinatu, ez bidali. Irakurri dokumentua sinatu baino lehen."},
    {"sign.review.body_order",
     "Erakundeak dokumentu hau sinatzeko eskatzen dizu. Oraindik ez da ezer sinatu: irakurri "
     "sinatu baino lehen."},
    {"sign.review.body_all",
     "Erakundeak dokumentu hauek sinatzeko eskatzen dizu. Oraindik ez da ezer sinatu: irakurri "
     "denak sinatu baino lehen."},
    {"sign.review.document", "Dokumentua"},
    {"sign.review.frame", "Sinatuko duzun dokumentuaren edukia"},
    {"sign.review.no_viewer", "Zure nabigatzaileak ezin du dokumentua hemen erakutsi."},
    {"sign.review.open", "Ireki dokumentua"},
    {"sign.review.not_shown",
     "Mota honetako dokumentuak ezin dira hemen erakutsi. Deskargatu eta irakurri sinatu baino "
     "lehen."},
    {"sign.review.fields", "Dokumentuarekin doazen datuak"},
    {"sign.review.fields_body",
     "Erakundeak dokumentuarekin batera jasoko ditu. Zure sinadurak ez ditu barne hartzen: "
     "dokumentua bakarrik sinatzen duzu."},
    {"sign.review.fields_open", "Ireki datuak"},
    {"sign.review.sign", "Sinatu"},
    {"sign.review.effect",
     "Sinatzeko, Cl@ve sistemak pasahitza eta SMS bidez jasoko duzun kode bat eskatuko dizkizu. "
     "Sinatu arte ez da ezer bidaliko erakundera."},
    {"sign.review.effect_order",
     "Sinatzeko, Cl@ve sistemak pasahitza eta SMS bidez jasoko duzun kode bat eskatuko dizkizu. "
     "Sinatu duzunean, sinadura erakundeari emango diogu."},
    {"sign.review.confirm", "Dokumentua irakurri dut"},
    {"sign.review.confirm_all", "Dokumentu guztiak irakurri ditut"},
    {"sign.review.button", "Sinatu Cl@ve bidez"},
    {"sign.review.cancel", "Ez sinatu"},

    {"sign.redirect.title", "Cl@ve sistemara eramango zaitugu sinatzera"},
    {"sign.redirect.body",
     "Izan eskura Cl@ve Permanente pasahitza eta SMSak jasotzen dituzun telefonoa. Amaitzean, hona "
     "itzuliko zara."},

    {"sign.pending.title", "Sinadura ez da oraindik amaitu"},
    {"sign.pending.body",
     "Cl@ve sistemak amaitzeko zain gaude. Minutu batzuk behar izan ditzake. Oraindik ez da ezer "
     "bidali erakundera."},
    {"sign.pending.body_order",
     "Cl@ve sistemak amaitzeko zain gaude. Minutu batzuk behar izan ditzake. Erakundeak oraindik "
     "ez du sinadura jaso."},
    {"sign.pending.how", "Itxaron pixka bat eta egiaztatu berriro. Ez duzu berriro hasi beharrik."},
    {"sign.pending.button", "Egiaztatu berriro"},

    {"sign.later.title", "Sinatu duzu; sinadura osatzea falta da"},
    {"sign.later.body",
     "Zure sinadura eginda dago. Sinadura-zerbitzuak denbora-zigilua eta urtetan egiaztatzeko "
     "datuak eransten dizkio orain, eta horrek denbora behar izan dezake."},
    {"sign.later.when", "Prest egongo da une honetatik aurrera: {time}."},
    {"sign.later.how",
     "Ez duzu hemen itxaron beharrik, ezta berriro sinatu beharrik ere. Gorde helbide hau eta "
     "sartu bertan prest dagoenean: hemendik jarraituko duzu izapidearekin."},
    {"sign.later.button", "Egiaztatu prest dagoen"},

    {"sign.receipt.title", "Sinaduraren egiaztagiria"},
    {"sign.receipt.body", "Dokumentua sinatu duzu."},
    {"sign.receipt.body_all", "Dokumentu hauek berrespen bakar batekin sinatu dituzu."},
    {"sign.receipt.unsigned", "Dokumentu hau ez da sinatu."},
    {"sign.receipt.lost", "Dokumentu honen sinadura galdu zen eta ez daukagu."},
    {"sign.receipt.delivered", "Sinatutako dokumentua erakundeari eman zaio."},
    {"sign.receipt.delivered_all", "Sinatu duzuna erakundeari eman zaio."},
    {"sign.receipt.undelivered",
     "Urrats bat falta da: oraindik ez zaio erakundeari eman. Jarraitu izapidearekin emateko."},
    {"sign.receipt.unconfirmed",
     "Erakundeak ez du baieztatu jaso duenik. Gordeta dago eta ez duzu berriro sinatu behar: eman "
     "berriro minutu batzuk barru."},
    {"sign.receipt.fetched_later",
     "Erakundeak sinatu duzuna jasoko du, orri hau ixten baduzu ere. Jarraitu izapidearekin."},
    {"sign.receipt.print", "Inprimatu orri hau edo gorde: sinatu duzunaren froga da."},
    {"sign.receipt.deliver", "Jarraitu izapidearekin"},
    {"sign.receipt.deliver_again", "Eman berriro"},
    {"sign.receipt.files", "Zure fitxategiak"},
    {"sign.receipt.download_signature", "Deskargatu sinadura"},
    {"sign.receipt.download_receipt",
     "Deskargatu egiaztagiria JSON formatuan (erabilera informatikorako)"},
    {"sign.receipt.verify", "Nola egiaztatu sinadura"},
    {"sign.receipt.valide", "Egiaztatu sinadura VALIDe baliozkotze-zerbitzu publikoan"},
    {"sign.receipt.command",
     "Sinadura zure ekipoan ere egiazta dezakezu. Gorde fitxategiak «documento» eta «firma» "
     "izenekin eta idatzi agindu hau:"},
    {"sign.receipt.command_certificate",
     "Behar den ziurtagiria, «certificado.pem», JSON formatuko egiaztagirian dago."},
    {"sign.receipt.command_limit",
     "Aginduak ez du egiaztatzen ziurtagiria baliozkoa zen; VALIDe zerbitzuak bai."},
    {"sign.receipt.ends_soon",
     "Zure sinadura-ziurtagiria laster iraungiko da, egun honetan: {day}. Sinatuta duzunak balioa "
     "izaten jarraituko du. Cl@ve sistemak berritu egingo du berriro sinatzen duzunean; zure "
     "erregistroak bost urte baino gehiago baditu, berritu lehenago."},

    {"sign.cancelled.title", "Ez da ezer sinatu"},
    {"sign.cancelled.body", "Sinadura bertan behera geratu da edo ez da amaitu."},
    {"sign.cancelled.how",
     "Ez baduzu sinatu nahi, ez duzu beste ezer egin behar. Nahi gabe izan bada, saiatu berriro."},
    {"sign.expired.title", "Sinatzeko denbora amaitu da"},
    {"sign.expired.body",
     "Segurtasunagatik, sinadurak denbora mugatuan amaitu behar dira, eta denbora hori igaro da."},
    {"sign.expired.how", "Oraindik sinatu nahi baduzu, hasi berriro."},
    {"sign.failed.title", "Ez da sinatu"},
    {"sign.failed.body",
     "Sinadura-zerbitzuak huts egin du, edo segurtasunagatik onartu ez dugun erantzun bat eman du. "
     "Ez da zure errua."},
    {"sign.failed.how",
     "Itxaron minutu batzuk eta saiatu berriro. Berriz gertatzen bada, eskatu laguntza."},
    {"sign.failed.unfinished_body",
     "Sinadura ez da amaitu Cl@ve sisteman. Baliteke pasahitza edo kodea zuzena ez izatea, kodea "
     "iraungi izana, amaitu aurretik orria itxi izana edo sinadura-zerbitzuak huts egin izana."},
    {"sign.failed.unfinished_how",
     "Saiatu berriro zure pasahitzarekin eta kode berri batekin. Berriz gertatzen bada, eskatu "
     "laguntza."},
    {"sign.failed.away_body",
     "Sinadura-zerbitzuak ez du erantzuten une honetan. Ez da zure errua."},
    {"sign.failed.unaccepted_body",
     "Sinadura-zerbitzuak segurtasunagatik onartu ez dugun erantzun bat eman du: jasotako sinadura "
     "ez da zurea edo ez da dokumentu honena. Ez da zure errua."},
    {"sign.failed.unaccepted_how",
     "Berriro saia zaitezke. Berriz gertatzen bada, eskatu laguntza eta eman orri honetako kodea."},
    {"sign.failed.refused_body",
     "Sinadura-zerbitzuak ez du erakunde honen eskaera onartu. Ez da zure errua."},
    {"sign.failed.refused_how",
     "Orain berriro saiatzeak ez du askorako balioko: erakundeak konpondu behar du. Eskatu "
     "laguntza eta eman orri honetako kodea."},
    {"sign.unready.title", "Oraindik ezin duzu sinatu"},
    {"sign.unready.body",
     "Oraindik ez daukagu sinatu behar duzun guztia: erakundea prestatzen ari da."},
    {"sign.unready.how",
     "Itxaron pixka bat eta ireki orri hau berriro. Berriz gertatzen bada, eskatu laguntza."},
    {"sign.lost.title", "Sinadura berriro berretsi behar duzu"},
    {"sign.lost.title_order", "Sinadura berriro hasi behar da"},
    {"sign.lost.body", "Sinatu zenuen, baina sinadura bueltako bidean galdu zen eta ez daukagu."},
    {"sign.forgotten.body",
     "Gure akats batek ezabatu du zure sinadura noraino iritsi zen. Sinatzera iritsi bazinen, ez "
     "daukagu sinadura hori."},
    {"sign.lost.how",
     "Inoiz ez dugu zure ordez sinatzen. Oraindik sinatu nahi baduzu, berrikusi dokumentua eta "
     "berretsi berriro."},
    {"sign.no_certificate.title", "Oraindik ez duzu hodeiko ziurtagiririk"},
    {"sign.no_certificate.body",
     "Cl@ve bidez sinatzeko ziurtagiri bat behar da; Cl@ve sistemak sortu eta gordetzen du "
     "zuretzat."},
    {"sign.no_certificate.how",
     "Behin bakarrik sortzen da, urrats gutxitan. Saiatu berriro eta, Cl@ve sistemak galdetzen "
     "dizunean, onartu sortzea. Cl@ve Permanente pasahitza eta SMSak jasotzen dituzun telefonoa "
     "behar dituzu."},
    {"sign.no_certificate.old",
     "Cl@ve sistemak sortzen uzten ez badizu, baliteke duela bost urte baino gehiago erregistratu "
     "izana. Kasu horretan, lehenik berritu zure erregistroa, Cl@ve erregistro-bulego batera "
     "joanda edo internet bidez NAN elektronikoarekin."},
    {"sign.weak.title", "Zure erregistroak ez du sinatzeko balio"},
    {"sign.weak.body",
     "Cl@ve bidez sinatzeko erregistro aurreratua behar da, hobeto ziurtatzen baitu nor zaren."},
    {"sign.old.title", "Cl@ve sistemako erregistroa berritu behar duzu"},
    {"sign.old.body",
     "Duela bost urte baino gehiago erregistratu zinen. Erregistroa berritu arte, Cl@ve sistemak "
     "ezin du zure sinadura-ziurtagiria sortu, ezta berritu ere."},
    {"sign.old.how",
     "Berritu Cl@ve erregistro-bulego batera joanda, edo internet bidez NAN elektronikoarekin. "
     "Beste ziurtagiriek ez dute balio."},
    {"sign.blocked.title", "Zure sinadura-ziurtagiria blokeatuta dago"},
    {"sign.blocked.body",
     "Cl@ve sistemak ez du uzten une honetan erabiltzen, adibidez pasahitza hainbat aldiz gaizki "
     "idatzi delako."},
    {"sign.blocked.how",
     "Desblokeatu Cl@ve Permanente pasahitza internet bidez. Ezin baduzu, joan Cl@ve "
     "erregistro-bulego batera. Ondoren, saiatu berriro."},
    {"sign.unregistered.title", "Sinatzeko Cl@ve sisteman erregistratuta egon behar duzu"},
    {"sign.unregistered.body", "Sinadura-zerbitzuak ez du zure izeneko erregistrorik aurkitzen."},
    {"sign.unregistered.how",
     "Erregistratu Cl@ve erregistro-bulego batera joanda, edo internet bidez, ziurtagiri "
     "elektronikoarekin edo NANe-arekin. Gero aktibatu Cl@ve Permanente eta saiatu berriro."},
    {"sign.foreign.title", "Identifikazio honekin ezin da sinatu"},
    {"sign.foreign.body",
     "Cl@ve bidezko sinadura NANa edo AIZa dutenentzat da, eta zu beste herrialde bateko agiri "
     "batekin identifikatu zara."},
    {"sign.foreign.how",
     "NANa edo AIZa baduzu, identifikatu harekin. Bestela, galdetu erakundean beste zein modutan "
     "aurkez dezakezun izapide hau."},
    {"sign.unfit.title", "Bidali duzuna ezin da sinatu"},
    {"sign.unfit.body",
     "Sinatu beharreko dokumentua falta da, edo ez da izapide honek onartzen duen motakoa."},
    {"sign.unfit.how",
     "Itzuli inprimakira, gehitu dokumentua, PDF gisa eskatzen badizute, eta bidali berriro. Ezin "
     "baduzu, eskatu laguntza."},
    {"sign.erased.title", "Hemen ez da gordetzen jada"},
    {"sign.erased.body",
     "Bilatzen duzuna ezabatu egin da: egoitza honek gordetzeko duen epea amaitu da."},
    {"sign.erased.outcome", "Sinatu eta entregatu zena baliozkoa da oraindik: erakundeak dauka."},
    {"sign.erased.how", "Kopiarik behar baduzu, eskatu erakundeari."},
    {"sign.too_large.title", "Dokumentua handiegia da sinatzeko"},
    {"sign.too_large.body",
     "Gehitu dituzun fitxategiekin, sinadura-zerbitzuak onartzen duena gainditzen du."},
    {"sign.too_large.how",
     "Txikitu zure fitxategiak, adibidez bereizmen txikiagoarekin eskaneatuta, eta bidali "
     "inprimakia berriro. Ezin baduzu, eskatu laguntza."},
    {"sign.quota.title", "Sinadura gehiegi dituzu amaitu gabe"},
    {"sign.quota.body",
     "Beste bat hasi aurretik, amaitu zain dituzunetako bat edo utzi bertan behera: ireki eta "
     "sinatu, edo aukeratu «Ez sinatu»."},
    {"sign.quota.form",
     "Ez da ezer sinatu, ezta bidali ere. Inprimakian idatzi zenuena zure nabigatzailean dago: "
     "itzuli «Atzera» botoiarekin eta bidali amaitutakoan."},
    {"sign.quota.order",
     "Ez da ezer sinatu, eta erakundeak ez du sinadurarik jaso. Amaitutakoan, itzuli izapidera eta "
     "errepikatu azken urratsa."},
    {"sign.quota.open", "Zain dauden sinadurak"},
});

}  // namespace clave::pages
