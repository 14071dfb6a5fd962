#include "clave/code_meaning.h"

#include <array>
#include <cstddef>

namespace clave {
namespace {

struct Row {
    Code code;
    CodeMeaning meaning;
};

constexpr std::string_view kAttack =
    "Somebody has tampered with the answer, or made one. A single one is a scan; many from one "
    "address are worth a block.";
constexpr std::string_view kGatewayCertificate =
    "Compare clave_gateway_certificate with what the gateway signs with now: \"clavectl saml "
    "decode\" shows it, of an answer that was saved from a browser (its network tools, the form "
    "that is sent to acs). Keep the announced next certificate beside the present one.";
constexpr std::string_view kAddresses =
    "Compare clave_base_url and clave_path with the addresses that are registered: \"clavectl "
    "onboarding\" shows ours.";
constexpr std::string_view kNothing = "Nothing. It is told to the person, who can try again.";

// In the order of the enumerators.
constexpr auto kTable = std::to_array<Row>({
    {Code::format, {"What came to the answer's address is no well-formed message.", kAttack}},
    {Code::too_large, {"The message is larger than any of the gateway's.", kAttack}},
    {Code::structure, {"Well-formed, and not shaped as the gateway's answers are.", kAttack}},
    {Code::id_duplicate, {"Two elements of the answer claim the same ID.", kAttack}},
    {Code::signature_none, {"The answer is not signed.", kAttack}},
    {Code::signature_form, {"The signature holds what the gateway never sends.", kAttack}},
    {Code::signature_ref, {"The signature covers something else than the answer.", kAttack}},
    {Code::signature_algorithm,
     {"The signature uses an algorithm that is not accepted.", kGatewayCertificate}},
    {Code::signature_transform,
     {"The signature transforms the answer in a way that is not accepted.", kAttack}},
    {Code::signature_binding, {"What is signed is not what would be used.", kAttack}},
    {Code::signature_key,
     {"The answer is signed with a key that is not pinned.", kGatewayCertificate}},
    {Code::signature, {"The signature does not verify.", kGatewayCertificate}},
    {Code::decryption,
     {"The answer cannot be decrypted with our keys.",
      "The gateway encrypts for the certificate that is registered: its key has to be "
      "clave_certificate_key or clave_decryption_key."}},
    {Code::status,
     {"The gateway reports a failure of its own.",
      "The line of the log has its status. If it lasts, tell Cl@ve's support, with the time."}},
    {Code::cancelled, {"The person has cancelled, or the method did not work.", kNothing}},
    {Code::issuer,
     {"The answer was issued by another party than expected.",
      "Compare clave_gateway_issuer with the Issuer: \"clavectl saml decode\" shows it."}},
    {Code::destination, {"The answer is addressed to somewhere else.", kAddresses}},
    {Code::in_response_to,
     {"The answer is to a request that we did not make, or that is over.",
      "Once in a while somebody takes longer than ten minutes. If everybody meets it, the clocks "
      "differ, or machines that share an address have different clave_session_key files."}},
    {Code::relay_state,
     {"The answer came with a RelayState that is not that of its request.", kAttack}},
    {Code::audience, {"The answer is meant for another address than ours.", kAddresses}},
    {Code::time,
     {"The answer is not valid yet, or not any more.",
      "Look at this machine's clock (\"clavectl check --online\"); clave_clock_skew is what may "
      "differ."}},
    {Code::subject, {"The answer does not confirm its subject to us.", kAddresses}},
    {Code::loa,
     {"The answer has a lower level of assurance than was asked for.",
      "The person has a weaker kind of Cl@ve. If it is everybody, compare clave_level with what "
      "the gateway answers."}},
    {Code::attribute,
     {"An attribute is missing, twice there, or not what it should be.",
      "The line of the log says which. The registration decides which attributes are sent."}},
    {Code::replay,
     {"The same answer came twice.", "A reload of the page does that, and an attack."}},
    {Code::represented,
     {"A legal person or a representative, where only people in their own name may be.",
      "If they may: \"represented=on\" in the clave line of the location."}},
    {Code::logout,
     {"A logout that nobody here has asked for, or that the gateway did not confirm.",
      "The session here is over all the same. If it is every logout, compare the registered "
      "address."}},
    {Code::state,
     {"The browser does not bring what the login began with.",
      "A login that took too long, in another browser, or whose cookies were deleted. If it is "
      "everybody, the login and the answer reach different host names, or machines with different "
      "session keys: then the line is a warning, once a minute, and says that no key opens the "
      "cookie. So it does for ten minutes after a change of clave_provider_name, clave_base_url or "
      "clave_session_key: logins begun before it have to begin again."}},
    {Code::subject_change,
     {"Somebody else came back than went to confirm his identity.",
      "A shared computer, most likely. The former session has ended."}},
    {Code::level, {"Identified, and not in the way that this location asks for.", kNothing}},
    {Code::registration,
     {"The registration in Cl@ve is a basic one, and an advanced one is asked for.",
      "The page says how to get one. See clave_registration_attribute."}},
    {Code::loop,
     {"Logins succeed, and the browser comes back without the session.",
      "The session cookie is lost: another host name than clave_base_url, plain HTTP, or a proxy "
      "that takes away Set-Cookie."}},
    {Code::post_lost,
     {"A form met a session that was over, or weaker than it needs, and was not sent.",
      "clave_preserve_post keeps forms over a login."}},
    {Code::post_too_large,
     {"A form that met a login was too large to wait for it.", "See clave_preserve_post."}},
    {Code::post_no_room,
     {"No room was left for a form that met a login.", "Enlarge the zone of clave_preserve_post."}},
    {Code::left,
     {"Whoever brought an answer of the gateway left before it was judged, or before the "
      "login was done.",
      "Nothing. Many from one address are worth a block: somebody may be trying answers."}},
    {Code::unauthenticated,
     {"A script or a part of a page, without a session.", "Nothing, unless pages break."}},
    {Code::origin, {"A page of another site has asked for this.", "Nothing. It was refused."}},
    {Code::method,
     {"Asked with a method that the address does not have.",
      "Nothing. A link to logout does that, too, and asks its person first; a form with "
      "method=post asks nobody."}},
    {Code::not_found, {"There is nothing at this address below clave_path.", "Nothing."}},
    {Code::sign_document,
     {"What was sent cannot be signed here.", "The line of the log says what is wrong with it."}},
    {Code::sign_too_large,
     {"The document is larger than clave_firma_max_document.", "Enlarge it, if it has to be."}},
    {Code::sign_foreign,
     {"A person without DNI or NIE, who has no certificate in the cloud.", kNothing}},
    {Code::sign_header,
     {"An application asks for a signature with an X-Clave-Sign that is not understood.",
      "The line of the log says what is wrong with it: the application has to be corrected."}},
    {Code::sign_answer,
     {"An application asks for a signature and gives no document that can be signed.",
      "The line of the log says why: the application has to be corrected."}},
    {Code::sign_gateway,
     {"FIRe or Cl@ve Firma did not sign.",
      "The word behind sp= in the line says whose it is. The person's, who was told: cancelled, "
      "expired, no_registration, weak_registration, old_registration, no_certificate, blocked "
      "(logged at info). Ours: configuration (clave_firma, its app_id= and its certificate). "
      "Otherwise FIRe's: tell those who run it, with the number in the line and the time; try "
      "\"clavectl check --online --firma URL\"."}},
    {Code::sign_subject,
     {"Somebody else has signed than was to.",
      "The signature was not delivered, and is kept as signature.refused. Keep the line: it may be "
      "an attempt to deceive."}},
    {Code::sign_digest,
     {"Something else was signed than was shown.",
      "The signature was not delivered, and is kept as signature.refused. Tell those who run FIRe, "
      "with the time."}},
    {Code::sign_verify,
     {"What came back is no valid signature.",
      "Compare clave_firma_trusted_certificate and the format with what FIRe makes."}},
    {Code::sign_lost,
     {"A signature may have been made, and its answer was lost.",
      "FIRe gives it only once, and it broke off just then, or a worker died; or the session store "
      "has forgotten it, as the line says (a restart of nginx with shared:). Nothing was handed "
      "over; the person was told, and has to confirm again. A single one is bad luck; if they come "
      "again, look at the way to FIRe, at its log at that time, and at clave_firma_timeout."}},
    {Code::sign_grace,
     {"FIRe has not completed a signature within seven days, or says that it will not.",
      "The line of the log has the date. Ask those who run FIRe about \"upgrade=\"."}},
    {Code::sign_quota,
     {"A person has as many signatures under way as one may.",
      "Nothing: the page says which to finish or to give up first. See \"per_person=\" of "
      "clave_sign_archive."}},
    {Code::sign_erased,
     {"What was signed is not in the archive any more.",
      "Nothing, if \"retain=\" of clave_sign_archive or somebody has erased it. Otherwise its "
      "disk may be gone."}},
    {Code::api_format,
     {"What an application has sent is no order for a signature.",
      "The application was told what is wrong: it has to be corrected."}},
    {Code::api_field,
     {"A member of an application's order is missing, unknown, or not what it should be.",
      "The application was told which: it has to be corrected."}},
    {Code::api_key,
     {"An application uses the idempotency_key of another order.",
      "Each order has to have a key of its own."}},
    {Code::api_digest,
     {"An application has sent other bytes than it had announced.",
      "The document was refused. It has to be sent as it was announced."}},
    {Code::api_state,
     {"An application asks for something that it is too late or too early for.",
      "The application has to ask for the state of its order first: a document is sent and an "
      "order is taken back before it is signed, a signature is fetched afterwards."}},
    {Code::api_address,
     {"Signatures were ordered from another machine.",
      "If it may: \"allow\" it in the location of clave_sign_api."}},
    {Code::evidence,
     {"The evidence of signatures cannot be written, so nothing is signed.",
      "Look at the disk and the rights of clave_sign_evidence."}},
    {Code::archive,
     {"The file system of the archive of signatures is nearly full, so none is begun.",
      "Make room where clave_sign_archive is, or let it keep less (\"retain=\")."}},
    {Code::store,
     {"The session store or the archive of signatures does not answer, or is full.",
      "If the line names a file, it is the archive: its disk, and clave_sign_archive has to belong "
      "to the user of the workers, who has to reach it. Otherwise the session store. Redis: "
      "\"clavectl check --online --redis URL\". Shared memory: enlarge the zone."}},
    {Code::key,
     {"The private key cannot be used now.",
      "A token (PKCS#11) that was taken out or locked. It is tried again after a minute."}},
    {Code::random, {"The machine has no randomness.", "That should not be: look at its kernel."}},
    {Code::internal,
     {"A fault of this module.", "Please report it, with the lines around it and the version."}},
});

constexpr bool rows_follow_enumerators() {
    for (std::size_t i = 0; i < kTable.size(); ++i) {
        if (static_cast<std::size_t>(kTable[i].code) != i) {
            return false;
        }
    }
    return kTable.size() == kCodes;
}
static_assert(rows_follow_enumerators());

}  // namespace

const CodeMeaning& meaning(Code code) noexcept {
    return kTable[static_cast<std::size_t>(code)].meaning;
}

std::optional<Code> code_of(std::string_view word) noexcept {
    for (const Row& row : kTable) {
        if (info(row.code).word == word) {
            return row.code;
        }
    }
    return std::nullopt;
}

}  // namespace clave
