// What an application orders: what is taken of it is fit for pages, headers, addresses and files,
// and nothing of what is refused is repeated.
#include <algorithm>
#include <string>

#include "clave/encoding.h"
#include "clave/gate.h"
#include "clave/identity.h"
#include "login/target.h"
#include "sign/api_order.h"
#include "target.h"

namespace clave::fuzz {
namespace {

constexpr std::size_t kMost = 10;

bool is_text(std::string_view text) {
    return is_valid_utf8(text) && !has_control_characters(text);
}

}  // namespace

bool run(std::string_view input) {
    Site site;
    site.origin = "https://sede.example";
    const auto order = read_order(site, input, kMost);
    if (!order) {
        const std::string& detail = order.error().detail;
        require(order.error().code == Code::api_field || order.error().code == Code::api_format ||
                    order.error().code == Code::too_large,
                "a refusal is of an order");
        require(
            std::all_of(detail.begin(), detail.end(), [](char c) { return c >= ' ' && c < 0x7F; }),
            "a refusal says it in words of ours");
        return false;
    }
    require(is_valid_nif(order->nif), "an order is for a person");
    require(is_text(order->title) && is_text(order->procedure), "texts can be shown");
    require(safe_target(site, order->target) == order->target && !Gate::owns(site, order->target),
            "an application is on this site");
    require(!order->documents.empty() && order->documents.size() <= kMost, "documents are counted");
    for (const AnnouncedDocument& document : order->documents) {
        require(is_text(document.name) && document.name.find('/') == std::string::npos,
                "a document has the name of a file");
        require(
            document.id.find_first_of("/%?#\\ ") == std::string::npos && document.id.front() != '.',
            "a document has an address");
        require(std::count_if(order->documents.begin(), order->documents.end(),
                              [&](const auto& other) { return other.id == document.id; }) == 1,
                "a document has an identifier of its own");
    }
    return true;
}

}  // namespace clave::fuzz
