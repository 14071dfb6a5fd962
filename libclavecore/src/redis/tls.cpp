#include "redis/tls.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include <array>
#include <new>

#include "base/guard.h"
#include "crypto/openssl.h"
#include "redis/address.h"

namespace clave::redis {
namespace {

// SSL_get_error looks at the thread's queue, which has to be empty before each call of OpenSSL's
// TLS, and is left so. The host does the same before its own.
class CleanQueue {
  public:
    CleanQueue() noexcept { ERR_clear_error(); }
    ~CleanQueue() { ERR_clear_error(); }
    CleanQueue(const CleanQueue&) = delete;
    CleanQueue& operator=(const CleanQueue&) = delete;
};

void expect_name(SSL* ssl, const std::string& name) {
    X509_VERIFY_PARAM* const wanted = SSL_get0_param(ssl);
    if (is_literal(name)) {
        require(X509_VERIFY_PARAM_set1_ip_asc(wanted, name.c_str()) == 1);
        return;
    }
    X509_VERIFY_PARAM_set_hostflags(wanted, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    require(X509_VERIFY_PARAM_set1_host(wanted, name.c_str(), name.size()) == 1);
    require(SSL_set_tlsext_host_name(ssl, name.c_str()) == 1);
}

}  // namespace

TlsSession::TlsSession(const StoreTls& tls, const std::string& name)
    : ssl_(SSL_new(tls.context())) {
    const CleanQueue queue;
    require(ssl_ != nullptr);
    BioOwner incoming(BIO_new(BIO_s_mem()));
    BioOwner outgoing(BIO_new(BIO_s_mem()));
    require(incoming && outgoing);
    SSL_set_bio(ssl_.get(), incoming.release(), outgoing.release());
    if (!guard("redis tls name", false)) {
        expect_name(ssl_.get(), name);
    }
    SSL_set_connect_state(ssl_.get());
}

void TlsSession::take(std::string_view from_peer) {
    std::size_t written = 0;
    require(from_peer.empty() || BIO_write_ex(SSL_get_rbio(ssl_.get()), from_peer.data(),
                                              from_peer.size(), &written) == 1);
}

void TlsSession::hand_out(std::string& to_peer) {
    std::array<char, 4096> buffer;
    std::size_t got = 0;
    while (BIO_read_ex(SSL_get_wbio(ssl_.get()), buffer.data(), buffer.size(), &got) == 1) {
        to_peer.append(buffer.data(), got);
    }
}

std::string TlsSession::complaint() const {
    const long verdict = SSL_get_verify_result(ssl_.get());
    if (verdict != X509_V_OK) {
        return std::string("its certificate does not verify: ") +
               X509_verify_cert_error_string(verdict);
    }
    const char* const reason = ERR_reason_error_string(ERR_peek_last_error());
    return std::string("TLS failed: ") + (reason != nullptr ? reason : "ended by the other side");
}

Result<bool> TlsSession::shake_hands(std::string_view from_peer, std::string& to_peer) {
    const CleanQueue queue;
    take(from_peer);
    const int done = SSL_do_handshake(ssl_.get());
    const bool waits = done != 1 && SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ;
    std::string why = done == 1 || waits ? std::string() : complaint();
    hand_out(to_peer);  // an alert, if it failed
    if (done != 1 && !waits) {
        return fail(Code::store, std::move(why));
    }
    return done == 1;
}

Result<void> TlsSession::decrypt(std::string_view from_peer, std::string& plain,
                                 std::string& to_peer) {
    const CleanQueue queue;
    take(from_peer);
    std::array<char, 16384> buffer;
    std::size_t got = 0;
    int done = 0;
    while ((done = SSL_read_ex(ssl_.get(), buffer.data(), buffer.size(), &got)) == 1) {
        plain.append(buffer.data(), got);
    }
    const bool waits = SSL_get_error(ssl_.get(), done) == SSL_ERROR_WANT_READ;
    std::string why = waits ? std::string() : complaint();
    hand_out(to_peer);  // the answer to a key update
    if (!waits) {
        return fail(Code::store, std::move(why));
    }
    return {};
}

Result<void> TlsSession::encrypt(std::string_view plain, std::string& to_peer) {
    const CleanQueue queue;
    std::size_t written = 0;
    // All of it: the memory below has no end.
    if (!plain.empty() && SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written) != 1) {
        return fail(Code::store, complaint());
    }
    hand_out(to_peer);
    return {};
}

}  // namespace clave::redis
