// What the pages say, in Basque. Names of Cl@ve's methods stay as the gateway's buttons have them.
#pragma once

#include <array>

#include "pages/catalogue_sign_eu.h"
#include "pages/message.h"

namespace clave::pages {

inline constexpr auto kBasqueBasic = std::to_array<Message>({
    {"common.service", "Cl@ve bidezko identifikazioa"},
    {"common.skip", "Joan eduki nagusira"},
    {"common.language", "Hizkuntza"},
    {"common.language_new_tab", "Hizkuntza (beste fitxa batean irekiko da)"},
    {"common.ref", "Laguntza eskatzen baduzu, eman kode hau: {ref}"},
    {"common.help",
     "Laguntza behar baduzu, deitu {phone} telefonora. Inork ez dizu pasahitza telefonoz "
     "eskatuko."},
    {"common.accessibility", "Irisgarritasun-adierazpena"},
    {"common.try_again", "Saiatu berriro"},
    {"common.back_home", "Itzuli hasierara"},
    {"common.simulation_banner",
     "SIMULADOR: orri hau probetarako da. Hemen egiten duzun ezerk ez du balio."},

    {"help.title", "Cl@ve sistemaren laguntza"},
    {"help.registration",
     "Nola erregistratu, maila aurreratura igaro, erregistroa berritu edo baja eman"},
    {"help.movil", "Ez zait iristen Cl@ve PIN kodea edo Cl@ve Móvil abisua"},
    {"help.permanente",
     "Cl@ve Permanente aktibatu, edo ahaztutako edo blokeatutako pasahitza berreskuratu"},

    {"redirect.title", "Cl@ve sistemara eramango zaitugu"},
    {"redirect.body", "Jarraitzeko, identifikatu egin behar duzu honekin: {need}."},
    {"redirect.wait", "Orriak segundo batzuetan bere kabuz aurrera egiten ez badu, sakatu botoia."},
    {"redirect.button", "Jarraitu Cl@ve sistemara"},

    {"need.pin", "Cl@ve PIN"},
    {"need.movil", "Cl@ve Móvil"},
    {"need.permanente", "Cl@ve Permanente"},
    {"need.permanente_otp", "Cl@ve Permanente eta SMS bidez jasoko duzun kodea"},
    {"need.certificado", "ziurtagiri elektronikoa"},
    {"need.dnie", "NANe"},
    {"need.or", "edo"},
    {"need.other", "Cl@ve"},

    {"method.pin", "Cl@ve PIN edo Cl@ve Móvil"},
    {"method.permanente", "Cl@ve Permanente (pasahitza)"},
    {"method.permanente_otp", "Cl@ve Permanente, SMS bidezko kodearekin"},
    {"method.certificado", "ziurtagiri elektronikoa edo NANe"},
    {"method.eidas", "Europar Batasuneko beste herrialde bateko identifikazioa"},
    {"method.cartera", "Europako zorro digitala"},

    {"stepup.title", "Izapide honek identifikazio seguruagoa eskatzen du"},
    {"stepup.title_again", "Izapide honek berriro identifikatzeko eskatzen du"},
    {"stepup.have", "Orain honekin identifikatuta zaude: {method}."},
    {"stepup.need", "Izapide honetarako hau behar duzu: {need}."},
    {"stepup.registration",
     "Gainera, Cl@ve sisteman erregistro aurreratua izan behar duzu; bertara joanda edo ziurtagiri "
     "elektronikoarekin lortzen da."},
    {"stepup.represented",
     "Orain beste pertsona baten ordez ari zara. Izapide honetarako zure izenean identifikatu "
     "behar "
     "duzu."},
    {"stepup.too_old",
     "Duela pixka bat identifikatu zinen. Zure datuak babesteko, izapide honek berriro egiteko "
     "eskatzen du."},
    {"stepup.keep", "Ez duzu galduko orain arte egin duzuna."},
    {"stepup.button", "Berriro identifikatu"},

    {"expired.title", "Zure saioa amaitu da"},
    {"expired.body",
     "Segurtasunagatik, saioa amaitu egiten da denbora batez jarduerarik ez badago edo gehieneko "
     "iraupenera iristen denean. Zerbitzuak berak ere itxi dezake lehenago, adibidez "
     "mantentze-lanengatik."},
    {"expired.signing",
     "Cl@ve Firmatik itzuli berri zara. Identifikatu berriro lehenbailehen, pertsona bera: orduan "
     "jasoko dugu sinadura, egin bada, eta emaitza ikusiko duzu. Ez errepikatu izapidea emaitza "
     "ikusi arte."},
    {"expired.saved",
     "Bidali berri duzuna gorde dugu. Pertsona bera berriro identifikatzen denean jasoko du "
     "izapideak."},
    {"expired.how",
     "Berriro identifikatzen bazara, eskatu duzun orrian jarraituko duzu. Izapide honetarako hau "
     "behar duzu: {need}."},

    {"cancelled.title", "Identifikazioa ez da osatu"},
    {"cancelled.body",
     "Cl@ve bidezko identifikazioa bertan behera geratu da edo ezin izan da amaitu. Ez da zure "
     "daturik "
     "gorde."},
    {"cancelled.other_ways",
     "Berriro saia zaitezke, identifikatzeko beste modu bat aukeratu edo bulego batera joan."},

    {"level.title", "Identifikatu zara, baina ez behar den mailarekin"},
    {"level.body", "Izapide honetarako hau behar duzu: {need}."},
    {"level.retry", "Saiatu berriro, eta aukeratu Cl@ve sisteman hemen adierazitakoa."},
    {"level.registration",
     "Hori aukeratu bazenuen, baliteke Cl@ve sisteman duzun erregistroa oinarrizkoa izatea: "
     "izapide honetarako erregistro aurreratua behar da."},

    {"reg.title", "Cl@ve sisteman duzun erregistroa oinarrizkoa da"},
    {"reg.why",
     "Izapide honek erregistro aurreratua eskatzen du, hobeto ziurtatzen baitu nor zaren."},
    {"reg.how",
     "Cl@ve erregistro-bulego batera joanda lor dezakezu, edo internet bidez, ziurtagiri "
     "elektronikoarekin edo NANe-arekin."},

    {"down.title", "Zerbitzuak ez du erantzuten une honetan"},
    {"down.body",
     "Ez da zure errua, ezta zure ekipoarena ere. Itxaron minutu batzuk eta saiatu berriro."},
    {"down.deadline",
     "Zure epea gaur amaitzen bada, gorde orri honetako kodea eta galdetu beste bide batetik: epea "
     "luza daiteke zerbitzuak huts egiten duenean."},

    {"invalid.title", "Ezin izan dugu zure identifikazioa egiaztatu"},
    {"invalid.body",
     "Cl@ve sistemaren erantzuna osatu gabe, errepikatuta edo garaiz kanpo iritsi da. "
     "Segurtasunagatik "
     "ez dugu onartu."},
    {"invalid.status",
     "Cl@ve sistemak ezin izan du identifikazioa osatu. Itxaron minutu batzuk eta saiatu berriro."},
    {"invalid.retry",
     "Hasi berriro. Berriz gertatzen bada, eskatu laguntza orri honetako kodearekin."},

    {"stale.title", "Identifikazio honek jada ez du balio"},
    {"stale.body",
     "Denbora gehiegi igaro da, beste nabigatzaile batean hasi zenuen edo beste fitxa batean "
     "amaituta "
     "zenuen."},
    {"stale.restart", "Hasi berriro egiten ari zinen izapidetik."},

    {"cookies.title", "Zure nabigatzaileak ez du identifikazioa gordetzen"},
    {"cookies.body",
     "Hainbat aldiz jarraian identifikatu zara, baina zure nabigatzaileak ez ditu gordetzen "
     "webgune "
     "honek hori gogoratzeko behar dituen cookieak."},
    {"cookies.none",
     "Zure nabigatzaileak ez du webgune honen cookierik bidali. Hori gertatzen da blokeatuta "
     "dituzunean, denbora gehiegi igaro denean, edo orri honen esteka gorde bat ireki baduzu."},
    {"cookies.how",
     "Baimendu webgune honen cookieak, edo probatu beste nabigatzaile batekin edo modu pribaturik "
     "gabe. Ondoren, saiatu berriro."},

    {"post.title", "Inprimaki hau bidaltzeko, zure burua identifikatu behar duzu"},
    {"post.body", "Ez da ezer bidali. Ez itxi orri hau oraindik."},
    {"post.size", "Zure fitxategiekin handiegia da identifikatzen zaren bitartean gordetzeko."},
    {"post.room", "Une honetan ezin dugu gorde identifikatzen zaren bitartean."},
    {"post.how",
     "Lehenik, identifikatu fitxa berri batean. Gero, itzuli inprimakiaren fitxara eta sakatu "
     "«Atzera» "
     "botoia: nabigatzaileak datuak gorde ohi ditu. Orduan, bidali inprimakia."},
    {"post.button", "Identifikatu fitxa berri batean"},

    {"deny.title", "Ezin duzu jarraitu identifikazio honekin"},
    {"deny.body", "Izapideak ez du onartzen identifikatu den pertsona."},
    {"deny.represented",
     "Izapide hau norberaren izenean egiten da: ez ditu onartzen ordezkari- edo "
     "enpresa-ziurtagiriak."},
    {"deny.changed",
     "Identifikatu dena ez da saioa irekita zuen pertsona bera. Segurtasunagatik saioa itxi dugu."},
    {"deny.how", "Akats bat dela uste baduzu, hasi berriro edo eskatu laguntza."},

    {"logout.title", "Saioa itxi duzu"},
    {"logout.onward",
     "Webgune honetako zure saioa amaitu da. Orain Cl@ve sisteman duzuna ere itxiko dugu."},
    {"logout.onward_button", "Itxi Cl@ve sistemako saioa ere"},
    {"logout.partial",
     "Webgune honetako zure saioa amaitu da, baina ez dakigu Cl@ve sistemak berea itxi duen."},
    {"logout.close",
     "Itxi nabigatzailea: horrela, ekipo partekatua erabiltzen baduzu, inork ezin izango du zure "
     "izenean jarraitu."},
    {"logout.ask_title", "Saioa itxi nahi duzu?"},
    {"logout.ask_body", "Inork zure baimenik gabe itxi ez dezan, berretsi botoiarekin."},
    {"logout.ask_button", "Itxi saioa"},
    {"logout.unsure_title", "Baliteke saioa irekita egotea"},
    {"logout.unsure",
     "Nabigatzaile honetako saioa ezabatu dugu, baina zerbitzuak ez du erantzuten eta ez dakigu "
     "erabat amaitu den. Bere kabuz amaituko da laster."},

    {"expiring.title", "Zure saioa amaitzear dago"},
    {"expiring.minutes", "{n} minutu barru amaituko da. Jarraitu nahi duzu?"},
    {"expiring.minute", "2 minutu baino lehen amaituko da. Jarraitu nahi duzu?"},
    {"expiring.soon", "Minutu bat baino lehen amaituko da. Jarraitu nahi duzu?"},
    {"expiring.last",
     "Ezin da gehiago luzatu. Gorde edo bidali egiten ari zarena amaitu baino lehen."},
    {"expiring.extend", "Jarraitu saioarekin"},
    {"expiring.understood", "Ados"},
    {"expiring.over_title", "Zure saioa amaitu da"},
    {"expiring.over",
     "Bidali ez duzuna orri honetan dago oraindik, baina berriro identifikatu beharko duzu."},
    {"expiring.close", "Itxi abisu hau"},

    {"missing.title", "Orri hau ez da existitzen"},
    {"missing.body", "Egiaztatu helbidea edo itzuli hasierara."},

    {"error.title", "Zerbaitek huts egin du"},
    {"error.body", "Ezin izan dugu zure eskaera bete. Saiatu berriro geroago."},
});

inline constexpr auto kBasque = joined(kBasqueBasic, kBasqueSigning);

}  // namespace clave::pages
