#include "login/answer.h"
#include "login/browser.h"
#include "login/endpoints.h"
#include "pages/assets.h"

namespace clave {

Reply serve_asset(const LoginServices& services, const Site& site, const Request& request,
                  std::string_view name) {
    const pages::Asset* asset = pages::find_asset(site, name);
    if (asset == nullptr) {
        return refusal_page(services, site, request, Error{Code::not_found, {}});
    }
    // Only what was asked for by its version may be kept: during an upgrade of several machines the
    // page may come from one and the asset from another.
    const bool same_version = query_value(request.query, "v") == asset->version;
    Reply reply;
    reply.status = 200;
    reply.content_type = asset->type;
    reply.body = asset->body;
    reply.headers.emplace_back("Cache-Control",
                               same_version ? "public, max-age=31536000, immutable" : "no-cache");
    reply.headers.emplace_back("X-Content-Type-Options", "nosniff");
    reply.headers.emplace_back("Referrer-Policy", "no-referrer");
    // A logo in SVG may hold a script, and may be opened as a page of this origin.
    reply.headers.emplace_back("Content-Security-Policy", "default-src 'none'; sandbox");
    return reply;
}

}  // namespace clave
