// The requests of the client, field by field, as FIRe's own client makes them.
#include "cmocka_cpp.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <vector>

#include "clave/encoding.h"
#include "support/fire_stand.h"

namespace {

using namespace clave;
using namespace clave::test;

constexpr char kText[] = "Solicito el alta.\n\xFF\xFB";

// A request of the office as FIRe has seen it, its fields in order: "op=11|appid=SEDE|…". What is
// configuration is read; of a document, there is its name.
std::string fields_of(json_t* request) {
    std::string fields;
    const char* name = nullptr;
    json_t* value = nullptr;
    json_object_foreach(request, name, value) {
        const std::string_view word = name;
        fields += name;
        if (json_is_string(value) && word != "config") {
            fields += std::string("=") + json_string_value(value);
        } else if (json_is_string(value)) {
            std::string text64 = json_string_value(value);
            text64.erase(text64.find_last_not_of('=') + 1);
            const auto bytes = base64url_decode(text64);
            fields += "=" + std::string(as_text(*bytes));
        }
        fields += "|";
    }
    return fields;
}

// All of them, without FIRe's identifiers.
std::vector<std::string> requests_to(FireStand& stand, const std::string& transaction) {
    json_t* const all = json_loads(stand.control("fire/requests").c_str(), 0, nullptr);
    std::vector<std::string> requests;
    for (std::size_t i = 0; i < json_array_size(all); ++i) {
        std::string fields = fields_of(json_array_get(all, i));
        if (const auto at = fields.find(transaction);
            !transaction.empty() && at != std::string::npos) {
            fields.replace(at, transaction.size(), "TX");
        }
        requests.push_back(std::move(fields));
    }
    json_decref(all);
    return requests;
}

// The fields of FIRe's own client, in its order but for the document, which comes last.
std::string fields_of_operation_1() {
    FireStand stand;
    const FrozenText text(kText);
    FireOrder order = FireStand::order(SignFormat::pades);
    order.properties = {{"signatureSubFilter", "ETSI.CAdES.detached"}};
    static_cast<void>(stand.start(text, std::move(order)));
    return requests_to(stand, {}).front();
}

void requests_are_those_of_fires_own_client(void**) {
    static const std::string fields = fields_of_operation_1();
    assert_string_equal(fields.c_str(),
                        "op=1|appid=SEDE|subjectid=00000000T|language=es|cop=sign|"
                        "algorithm=SHA256withRSA|format=PAdES|"
                        "properties=c2lnbmF0dXJlU3ViRmlsdGVyPUVUU0kuQ0FkRVMuZGV0YWNoZWQK|"
                        "config=docName=solicitud.txt\ndocTitle=Solicitud\n"
                        "redirectOkUrl=https://sede.example/firma/ok?id=77\n"
                        "redirectErrorUrl=https://sede.example/firma/ko?id=77\n"
                        "procedureName=PROC1\nappName=Sede\nskipCertSelection=false\n"
                        "certOrigin=clavefirma\n|dat|");
}

// What FIRe's own client sends in the other operations, as it was recorded, but for two things that
// FIRe does not read (protocol section 1.2): "language=$$LANGUAGE$$" and "partial=".
std::vector<std::string> requests_for_one() {
    FireStand stand;
    const FrozenText text(kText);
    const auto started = stand.start(text);
    stand.authorise(started->transaction);
    auto composed = stand.wait(stand.fire->compose(FireRecovery(started->transaction), ""));
    static_cast<void>(stand.fetch(std::move(*composed->ticket)));
    static_cast<void>(stand.wait(stand.fire->ask_error(started->transaction)));
    static_cast<void>(stand.wait(stand.fire->compose(FireRecovery(started->transaction), "ES-T")));
    const FireGrace grace{"async-1", {}};
    static_cast<void>(stand.wait(stand.fire->compose_late(grace, "ES-T")));
    static_cast<void>(stand.fetch(FireTicket::of_late("async-1"), "late"));
    return requests_to(stand, started->transaction.id);
}

std::vector<std::string> requests_for_a_batch() {
    FireStand stand;
    const FrozenText text(kText);
    const auto batch = stand.wait(stand.fire->create_batch(FireStand::order(), 1));
    static_cast<void>(
        stand.wait(stand.fire->add(*batch, "doc1", FireStand::order(), text.document())));
    static_cast<void>(stand.wait(stand.fire->sign_batch(*batch, "es", true)));
    stand.authorise(*batch);
    static_cast<void>(stand.wait(stand.fire->batch_progress(*batch)));
    auto composed = stand.wait(stand.fire->compose_batch(FireRecovery(*batch)));
    static_cast<void>(stand.fetch(std::move(*composed->documents.front().ticket)));
    return requests_to(stand, batch->id);
}

int requests_that_are_not(const std::vector<std::string>& seen,
                          const std::vector<std::string>& wanted) {
    int wrong = seen.size() == wanted.size() ? 0 : 1;
    for (std::size_t i = 0; i < std::min(seen.size(), wanted.size()); ++i) {
        if (seen[i] != wanted[i]) {
            print_error("%s\nis not\n%s\n", seen[i].c_str(), wanted[i].c_str());
            ++wrong;
        }
    }
    return wrong;
}

constexpr char kOrder[] =
    "docName=solicitud.txt\ndocTitle=Solicitud\n"
    "redirectOkUrl=https://sede.example/firma/ok?id=77\n"
    "redirectErrorUrl=https://sede.example/firma/ko?id=77\n"
    "procedureName=PROC1\nappName=Sede\nskipCertSelection=false\n"
    "certOrigin=clavefirma\n";

int wrong_requests_for_one() {
    const std::string who = "|appid=SEDE|subjectid=00000000T|";
    // What is less than was asked for will do.
    const std::string partly = "config=updater.allowPartialUpgrade=true\n|";
    const std::string partly_later =
        "config=updater.allowPartialUpgrade=true\nallowPartialUpgrade=true\n|";
    return requests_that_are_not(
        requests_for_one(),
        {"op=1" + who +
             "language=es|cop=sign|algorithm=SHA256withRSA|format=CAdES|properties=|config=" +
             kOrder + "|dat|",
         "op=2" + who + "transactionid=TX|", "op=11" + who + "transactionid=TX|",
         "op=99" + who + "transactionid=TX|",
         "op=2" + who + "transactionid=TX|upgrade=ES-T|" + partly,
         "op=70|appid=SEDE|docid=async-1|upgrade=ES-T|" + partly_later,
         "op=71|appid=SEDE|docid=async-1|"});
}

int wrong_requests_for_a_batch() {
    const std::string who = "|appid=SEDE|subjectid=00000000T|";
    return requests_that_are_not(
        requests_for_a_batch(),
        {"op=5" + who +
             "language=es|cop=sign|algorithm=SHA256withRSA|format=CAdES|properties=|config=" +
             kOrder + "|",
         "op=6" + who +
             "transactionid=TX|docid=doc1|config=docName=solicitud.txt\ndocTitle=Solicitud\n|dat|",
         "op=7" + who + "transactionid=TX|language=es|stoponerror=true|",
         "op=9" + who + "transactionid=TX|", "op=8" + who + "transactionid=TX|",
         "op=10" + who + "transactionid=TX|docid=doc1|"});
}

void so_are_those_of_all_operations(void**) {
    assert_int_equal(wrong_requests_for_one(), 0);
    assert_int_equal(wrong_requests_for_a_batch(), 0);
}

}  // namespace

int main() {
    std::signal(SIGPIPE, SIG_IGN);
    const CMUnitTest tests[] = {
        cmocka_unit_test(requests_are_those_of_fires_own_client),
        cmocka_unit_test(so_are_those_of_all_operations),
    };
    return cmocka_run_group_tests(tests, nullptr, nullptr);
}
