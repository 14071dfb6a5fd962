// Authorities and certificates for servers of a test, and a client that trusts one of them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "support/redis_client.h"
#include "support/redis_process.h"

namespace clave::test {

// Two authorities, and what they signed; made once.
struct Authorities {
    Authorities() {
        authority("ours");
        authority("theirs");
        certificate("good", "ours", "subjectAltName=IP:127.0.0.1,DNS:localhost", "+1 day");
        certificate("elsewhere", "ours", "subjectAltName=DNS:elsewhere.example", "+1 day");
        certificate("foreign", "theirs", "subjectAltName=IP:127.0.0.1,DNS:localhost", "+1 day");
        certificate("ended", "ours", "subjectAltName=IP:127.0.0.1,DNS:localhost", "-1 day");
        certificate("client", "ours", "subjectAltName=DNS:client", "+1 day");
    }
    std::string operator/(const std::string& name) const { return place / name; }

  private:
    void authority(const std::string& name) const {
        run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
             "-nodes", "-days", "2", "-subj", "/CN=" + name, "-keyout", place / (name + ".key"),
             "-out", place / (name + ".pem")});
    }
    void certificate(const std::string& name, const std::string& issuer, const std::string& names,
                     const std::string& until) const {
        const std::string key = place / (name + ".key");
        const std::string request = place / (name + ".csr");
        run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
             "-subj", "/CN=" + name, "-keyout", key, "-out", request});
        const std::string extensions = place.write(name + ".ext", names + "\n");
        std::vector<std::string> sign{"openssl",
                                      "x509",
                                      "-req",
                                      "-in",
                                      request,
                                      "-CA",
                                      place / (issuer + ".pem"),
                                      "-CAkey",
                                      place / (issuer + ".key"),
                                      "-CAcreateserial",
                                      "-extfile",
                                      extensions,
                                      "-out",
                                      place / (name + ".pem"),
                                      "-days",
                                      until == "+1 day" ? "1" : "-1"};
        run(sign);
    }

    Scratch place;
};

inline const Authorities& made() {
    static const Authorities authorities;
    return authorities;
}

inline RedisSettings trusting(const std::string& url, const std::string& trusted,
                              const std::string& certificate = {}) {
    RedisSettings settings = settings_of(url);
    settings.connect_timeout =
        std::chrono::milliseconds(1000);  // two of them, and their neighbours
    const std::string own = certificate.empty() ? "" : made() / (certificate + ".pem");
    const std::string key = certificate.empty() ? "" : made() / (certificate + ".key");
    const auto tls = StoreTls::load(trusted.empty() ? "" : made() / (trusted + ".pem"), own, key);
    settings.tls = std::make_shared<StoreTls>(*tls);
    return settings;
}

}  // namespace clave::test
