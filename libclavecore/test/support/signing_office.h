// An office in which forms are signed, up to where somebody has to go to FIRe: there is none.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "clave/sign_desk.h"
#include "sign/sign_endpoints.h"
#include "sign/transaction.h"
#include "support/office.h"

namespace clave::test {

struct NoWitness final : SignWitness {
    void ended(const Site&, const Event&) noexcept override {}
};

class Evidence final : public EvidenceFile {
  public:
    explicit Evidence(const std::string& path)
        : file_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) {}
    Evidence(const Evidence&) = delete;
    Evidence& operator=(const Evidence&) = delete;
    ~Evidence() override { ::close(file_); }
    int descriptor() const noexcept override { return file_; }

  private:
    int file_;
};

class SigningOffice : public Office {
  public:
    SigningOffice() {
        char place[] = "/tmp/clave-office-XXXXXX";
        directory = ::mkdtemp(place);
        auto signing = std::make_shared<SigningSite>();
        signing->fire.url = "https://127.0.0.1:1/fire-signature/fireService";
        signing->fire.public_url = "https://127.0.0.1:1/fire-signature";
        signing->fire.app_id = "SEDE";
        signing->archive = directory;
        signing->evidence = std::make_shared<Evidence>(directory + "/evidence");
        signing->most_open = 0;  // sign_quota_test.cpp is about that
        signing->most_open_bytes = 0;
        site.signing = signing;
        gate.emplace(*zone, test_key(), *pool_, clock, random, &parcels_, &desk_);
        log_in(ana, "/firmar", "permanente_otp");
    }
    ~SigningOffice() {
        desk_.close();
        std::filesystem::remove_all(directory);
    }

    static Request post_of(std::string_view path, std::string_view body) {
        Request request = page_load(path);
        request.method = "POST";
        request.content_type = "application/x-www-form-urlencoded";
        request.body = body;
        request.fetch_site = "same-origin";
        return request;
    }
    Identified who_is(const Browser& browser) { return who(browser, record_); }

    // The address of what becomes of Ana's form.
    std::string submit(std::string_view body = "acepto=1") {
        SignOrder order;
        order.requirement = requirement("permanente_otp");
        const Request request = post_of("/firmar", body);
        const Identified person = who_is(ana);
        const Reply reply = finish(gate->take_to_sign(site, order, request, person));
        return header(reply, "Location");
    }
    static std::string id_in(const std::string& base) {
        return base.substr(base.size() - kSignIdLength - 1, kSignIdLength);
    }
    // What the store has of it, and what it shall have.
    Transaction transaction(const std::string& base) {
        const Digest key = sign_key(id_in(base));
        const auto entry = finish(zone->read(key, clock.now()));
        return *decode_transaction((*entry)->record);
    }
    void change(const std::string& base, const Transaction& next) {
        const Digest key = sign_key(id_in(base));
        const auto entry = finish(zone->read(key, clock.now()));
        const auto record = encode(next);
        static_cast<void>(finish(
            zone->swap(key, (*entry)->version, *record, clock.now() + Seconds{600}, clock.now())));
    }

    Browser ana;
    std::string directory;

  protected:
    NoWitness witness_;
    RecordBytes record_;
    SignDesk desk_{loop_, *pool_, log_, "test", witness_};
};

}  // namespace clave::test
