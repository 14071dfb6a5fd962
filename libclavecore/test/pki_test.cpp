// What nginx -t says about keys and certificates (product.md section 4). The files are made with
// openssl(1), as an administrator would.
#include "cmocka_cpp.h"

#include <sys/stat.h>

#include <array>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "clave/encoding.h"
#include "clave/pki.h"
#include "without_guard.h"

namespace {

using namespace clave;

// Built once; fast keys wherever the kind does not matter.
constexpr const char* kScript = R"(set -e
umask 077
rsa() { openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:$1 -out $2; }
ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$1 -out $2; }
self() { openssl req -x509 -utf8 -key $1 -subj "$2" -days 365 $3 -out $4; }
issued() {
    openssl req -new -key $1 -subj "/CN=$2" -out csr.pem
    openssl x509 -req -in csr.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 365 $3 -out $4
}
rsa 2048 rsa.key
rsa 1024 weak.key
ec P-256 ec.key
ec secp224r1 small.key
openssl genpkey -algorithm ED25519 -out ed.key
rsa 2048 ca.key
self rsa.key "/C=ES/O=Ayuntamiento de Peña/CN=Sede" -sha256 rsa.pem
self ec.key "/CN=Pasarela SIMULADOR" -sha256 ec.pem
self ca.key "/CN=CA" -sha256 ca.pem
self weak.key "/CN=Weak" -sha256 weak.pem
self ed.key "/CN=Ed" "" ed.pem
self ec.key "/CN=Old root" -sha1 self-sha1.pem
issued ec.key Leaf -sha256 leaf.pem
issued ec.key Old -sha1 sha1.pem
issued ec.key Older -md5 md5.pem
cat leaf.pem ca.pem > chain.pem
cat ec.key leaf.pem > combined.pem
{ cat leaf.pem; sed 's/^MI/!!/' ca.pem; } > half.pem
sed '2s/^..../!!!!/' ec.key > damaged.key
openssl x509 -in rsa.pem -outform DER -out cert.der
openssl pkey -in ec.key -outform DER -out key.der
openssl pkcs12 -export -inkey ec.key -in leaf.pem -passout pass:x -out both.p12
openssl pkey -in ec.key -aes-256-cbc -passout pass:x -out encrypted.key
openssl rsa -in rsa.key -traditional -aes128 -passout pass:x -out encrypted-old.key
openssl rsa -in rsa.key -traditional -out traditional.key
openssl x509 -in rsa.pem -noout -fingerprint -sha256 > fingerprint
cp ec.key everyone.key; chmod 0644 everyone.key
cp ec.key everyone-writes.key; chmod 0602 everyone-writes.key
cp ec.key group.key; chmod 0640 group.key
: > empty.pem
echo 'Hola' > text.pem
mkfifo fifo
mkdir folder
)";

std::filesystem::path folder;

int make_files(void**) {
    char name[] = "/tmp/clave-pki-test-XXXXXX";
    if (::mkdtemp(name) == nullptr) {
        return 1;
    }
    folder = name;
    std::ofstream(folder / "make.sh") << kScript;
    return std::system(
        ("cd " + folder.string() + " && sh make.sh >log 2>&1 || { cat log; exit 1; }").c_str());
}

int remove_files(void**) {
    std::filesystem::remove_all(folder);
    return 0;
}

std::string path(const char* name) {
    return (folder / name).string();
}

// "ok", or "WHAT; REMEDY" with the folder left out.
template <class Loaded>
std::string outcome(const Loaded& loaded) {
    if (loaded) {
        return "ok";
    }
    std::string text = loaded.error().what + "; " + loaded.error().remedy;
    const std::string prefix = folder.string() + "/";
    for (std::size_t at = 0; (at = text.find(prefix, at)) != std::string::npos;) {
        text.erase(at, prefix.size());
    }
    return text;
}

struct Case {
    const char* file;
    const char* outcome;
};

constexpr auto kKeys = std::to_array<Case>({
    {"rsa.key", "ok"},
    {"ec.key", "ok"},
    {"traditional.key", "ok"},
    {"combined.pem", "ok"},
    {"group.key", "ok"},
    {"none.key",
     "cannot load certificate key \"none.key\": (2: No such file or directory); check the path"},
    {"folder", "cannot load certificate key \"folder\": not a regular file; give a PEM file"},
    {"fifo", "cannot load certificate key \"fifo\": not a regular file; give a PEM file"},
    {"everyone.key",
     "certificate key \"everyone.key\" is open to everyone (mode 0644); chmod 0600 everyone.key, "
     "and replace the key if others could read it"},
    {"everyone-writes.key",
     "certificate key \"everyone-writes.key\" is open to everyone (mode 0602); chmod 0600 "
     "everyone-writes.key, and replace the key if others could read it"},
    {"both.p12",
     "\"both.p12\" is a PKCS#12 file, not PEM; convert it: clavectl import-p12 both.p12 "
     "--certificate FILE.pem --key FILE.key (or: openssl pkcs12 -in both.p12 -nocerts -noenc -out "
     "FILE.pem)"},
    {"key.der",
     "\"key.der\" is a private key in DER, not PEM; convert it: openssl pkey -inform DER -in "
     "key.der -out FILE.pem, mode 0600"},
    {"cert.der", "\"cert.der\" is a certificate in DER, not PEM; give the private key's file here"},
    {"leaf.pem",
     "\"leaf.pem\" is a certificate, and no private key; give the file of its key, with "
     "\"-----BEGIN PRIVATE KEY-----\""},
    {"text.pem", "\"text.pem\" is not a PEM file; it must hold \"-----BEGIN PRIVATE KEY-----\""},
    {"empty.pem", "\"empty.pem\" is not a PEM file; it must hold \"-----BEGIN PRIVATE KEY-----\""},
    {"encrypted.key",
     "certificate key \"encrypted.key\" is encrypted; decrypt it into a file of mode 0600: openssl "
     "pkey -in encrypted.key -out FILE.pem"},
    {"encrypted-old.key",
     "certificate key \"encrypted-old.key\" is encrypted; decrypt it into a file of mode 0600: "
     "openssl pkey -in encrypted-old.key -out FILE.pem"},
    {"damaged.key",
     "the private key in \"damaged.key\" is damaged; check it: openssl pkey -in damaged.key -noout "
     "-check"},
    {"weak.key",
     "certificate key \"weak.key\" is not accepted: RSA key of 1024 bits; make a new one: openssl "
     "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out weak.key"},
    {"small.key",
     "certificate key \"small.key\" is not accepted: EC key of 224 bits; make a new one: openssl "
     "genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out small.key"},
    {"ed.key",
     "certificate key \"ed.key\" is not accepted: ED25519 key, neither RSA nor EC; make a new one: "
     "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:3072 -out ed.key"},
});

constexpr auto kCertificates = std::to_array<Case>({
    {"rsa.pem", "ok"},
    {"ec.pem", "ok"},
    {"chain.pem", "ok"},
    {"combined.pem", "ok"},
    {"self-sha1.pem", "ok"},  // nobody relies on the signature of a root
    {"none.pem",
     "cannot load certificate \"none.pem\": (2: No such file or directory); check the path"},
    {"sha1.pem",
     "certificate \"sha1.pem\" is not accepted: signed with sha1; ask the issuer for one signed "
     "with SHA-256"},
    {"md5.pem",
     "certificate \"md5.pem\" is not accepted: signed with md5; ask the issuer for one signed with "
     "SHA-256"},
    {"weak.pem",
     "certificate \"weak.pem\" is not accepted: RSA key of 1024 bits; ask for a certificate with "
     "an "
     "RSA key of at least 2048 bits"},
    {"ed.pem",
     "certificate \"ed.pem\" is not accepted: ED25519 key, neither RSA nor EC; ask for a "
     "certificate with an RSA key of at least 2048 bits"},
    {"both.p12",
     "\"both.p12\" is a PKCS#12 file, not PEM; convert it: clavectl import-p12 both.p12 "
     "--certificate FILE.pem --key FILE.key (or: openssl pkcs12 -in both.p12 -nokeys -out "
     "FILE.pem)"},
    {"cert.der",
     "\"cert.der\" is a certificate in DER, not PEM; convert it: openssl x509 -inform DER -in "
     "cert.der -out FILE.pem"},
    {"key.der", "\"key.der\" is a private key in DER, not PEM; give the certificate's file here"},
    {"ec.key",
     "\"ec.key\" is a private key, and no certificate; give the file of its certificate, with "
     "\"-----BEGIN CERTIFICATE-----\""},
    {"text.pem", "\"text.pem\" is not a PEM file; it must hold \"-----BEGIN CERTIFICATE-----\""},
    {"half.pem",
     "certificate 2 in \"half.pem\" is damaged; check it: openssl x509 -in half.pem -noout -text"},
});

template <class Loader, class Table>
std::string first_wrong(Loader load, const Table& table) {
    for (const Case& one : table) {
        const std::string said = outcome(load(path(one.file)));
        if (said != one.outcome) {
            return one.file + (": " + said);
        }
    }
    return "";
}

bool no_wrong(const std::string& wrong) {
    if (!wrong.empty()) {
        print_error("%s\n", wrong.c_str());
    }
    return wrong.empty();
}

void keys_are_taken_or_explained(void**) {
    assert_true(no_wrong(first_wrong(PrivateKey::load, kKeys)));
}

void certificates_are_taken_or_explained(void**) {
    assert_true(no_wrong(first_wrong(Certificate::load, kCertificates)));
}

bool key_loads(const char* name) {
    return PrivateKey::load(path(name)).has_value();
}

bool certificate_loads(const char* name) {
    return Certificate::load(path(name)).has_value();
}

void pki_guards_bear_load(void**) {
    assert_true(without_guard("key file mode", [] { return key_loads("everyone.key"); }));
    assert_true(without_guard("key size", [] { return key_loads("weak.key"); }));
    assert_true(without_guard("certificate digest", [] { return certificate_loads("sha1.pem"); }));
}

Certificate certificate(const char* name) {
    return Certificate::load(path(name)).value().front();
}

PrivateKey key(const char* name) {
    return PrivateKey::load(path(name)).value();
}

bool pair_matches(const char* certificate_name, const char* key_name) {
    return certificate(certificate_name).matches(key(key_name));
}

bool pair_is_described_alike(const char* certificate_name, const char* key_name) {
    return certificate(certificate_name).describe_key() == key(key_name).describe();
}

void pairs_are_told_from_strangers(void**) {
    assert_true(pair_matches("rsa.pem", "rsa.key"));
    assert_true(pair_matches("leaf.pem", "ec.key"));
    assert_false(pair_matches("rsa.pem", "ec.key"));
    assert_false(pair_matches("ca.pem", "ec.key"));
    assert_true(pair_is_described_alike("rsa.pem", "rsa.key"));
    assert_false(pair_is_described_alike("ca.pem", "ec.key"));
}

bool described_like(const char* name, std::string_view beginning) {
    return key(name).describe().starts_with(beginning);
}

void keys_are_described_by_kind_and_fingerprint(void**) {
    assert_true(described_like("rsa.key", "RSA 2048 sha256:"));
    assert_true(described_like("ec.key", "EC prime256v1 sha256:"));
}

std::size_t certificates_in(const char* name) {
    return Certificate::load(path(name)).value().size();
}

bool subject_is(const char* name, std::string_view subject) {
    return certificate(name).subject() == subject;
}

void chain_keeps_its_order(void**) {
    assert_int_equal(certificates_in("chain.pem"), 2);
    assert_true(subject_is("chain.pem", "CN=Leaf"));
}

void subject_is_readable(void**) {
    assert_true(subject_is("rsa.pem", "CN=Sede,O=Ayuntamiento de Peña,C=ES"));
}

bool is_simulator(const char* name) {
    return certificate(name).is_simulator();
}

void simulator_says_so(void**) {
    assert_true(is_simulator("ec.pem"));
    assert_false(is_simulator("rsa.pem"));
}

// openssl(1) writes AB:CD, after an equals sign.
bool fingerprint_is_that_of_openssl() {
    std::stringstream said;
    said << std::ifstream(folder / "fingerprint").rdbuf();
    std::string expected;
    for (const char c : said.str().substr(said.str().find('=') + 1)) {
        if (std::isxdigit(static_cast<unsigned char>(c)) != 0) {
            expected.push_back(static_cast<char>(std::tolower(c)));
        }
    }
    return certificate("rsa.pem").fingerprint() == expected;
}

bool der_is_that_of_openssl() {
    std::stringstream der;
    der << std::ifstream(folder / "cert.der").rdbuf();
    return certificate("rsa.pem").base64_der() == base64_encode(as_bytes(der.str()));
}

void encodings_are_those_of_openssl(void**) {
    assert_true(fingerprint_is_that_of_openssl());
    assert_true(der_is_that_of_openssl());
}

long long days_of_validity() {
    const Certificate one = certificate("rsa.pem");
    return std::chrono::floor<std::chrono::days>(one.not_after() - one.not_before()).count();
}

bool is_valid_now() {
    const auto now = std::chrono::time_point_cast<Seconds>(std::chrono::system_clock::now());
    const Certificate one = certificate("rsa.pem");
    return one.not_before() <= now && now < one.not_after();
}

void validity_is_in_utc(void**) {
    assert_int_equal(days_of_validity(), 365);
    assert_true(is_valid_now());
}

}  // namespace

int main() {
    const CMUnitTest tests[] = {
        cmocka_unit_test(keys_are_taken_or_explained),
        cmocka_unit_test(certificates_are_taken_or_explained),
        cmocka_unit_test(pki_guards_bear_load),
        cmocka_unit_test(pairs_are_told_from_strangers),
        cmocka_unit_test(keys_are_described_by_kind_and_fingerprint),
        cmocka_unit_test(chain_keeps_its_order),
        cmocka_unit_test(subject_is_readable),
        cmocka_unit_test(simulator_says_so),
        cmocka_unit_test(encodings_are_those_of_openssl),
        cmocka_unit_test(validity_is_in_utc),
    };
    return cmocka_run_group_tests(tests, make_files, remove_files);
}
