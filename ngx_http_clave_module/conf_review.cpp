// What an administrator should hear of directives of other modules around a protected location:
// they are no mistakes to nginx, and each has let somebody in, or shown one person's page to
// another.
#include <algorithm>
#include <array>
#include <vector>

#include "conf_text.h"
#include "conf_tree.h"
#include "guard.h"
#include "header_name.h"

namespace clave::nginx {
namespace {

constexpr std::array<std::string_view, 5> kUpstreams = {"proxy", "fastcgi", "uwsgi", "scgi",
                                                        "grpc"};

// What a block inherits from those around it.
struct Surroundings {
    std::string clave = "off";
    std::string prefix = "X-Clave-";
    std::string logout = "/";
    bool signs_forms = false;
    const ConfNode* preserve = nullptr;      // clave_preserve_post
    const ConfNode* max_document = nullptr;  // clave_firma_max_document
    const ConfNode* max_body = nullptr;      // client_max_body_size
    const ConfNode* index = nullptr;
    bool signs_answers = false;
    std::array<const ConfNode*, kUpstreams.size()> cache{};
    std::array<const ConfNode*, kUpstreams.size()> cache_key{};
    std::vector<const ConfNode*> headers;  // add_header

    bool is_required() const { return clave != "off" && clave != "optional"; }
    bool is_identified() const { return clave != "off"; }
};

Surroundings inside(const ConfNode& block, Surroundings around) {
    if (const ConfNode* line = block.find("clave"); line && line->words.size() > 1) {
        around.clave = line->words[1];
    }
    if (const ConfNode* line = block.find("clave_sign"); line && line->words.size() > 1) {
        around.signs_answers = line->words[1] == "upstream";
        around.signs_forms = line->words[1] == "form";
    }
    const std::pair<const char*, const ConfNode**> lines[] = {
        {"clave_preserve_post", &around.preserve},
        {"clave_firma_max_document", &around.max_document},
        {"client_max_body_size", &around.max_body},
        {"index", &around.index}};
    for (const auto& [name, place] : lines) {
        const ConfNode* line = block.find(name);
        *place = line != nullptr && line->words.size() > 1 ? line : *place;
    }
    if (const ConfNode* line = block.find("clave_identity_headers")) {
        for (const std::string& word : line->words) {
            if (const auto prefix = value_of(word, "prefix")) {
                around.prefix = *prefix;
            }
        }
    }
    if (const ConfNode* line = block.find("clave_logout"); line && line->words.size() > 1) {
        around.logout = line->words[1];
    }
    // A block with one of its own inherits none.
    const auto is_header = [](const ConfNode& child) { return child.name() == "add_header"; };
    if (std::any_of(block.children.begin(), block.children.end(), is_header)) {
        around.headers.clear();
        for (const ConfNode& child : block.children) {
            if (is_header(child) && child.words.size() > 2) {
                around.headers.push_back(&child);
            }
        }
    }
    for (std::size_t i = 0; i < kUpstreams.size(); ++i) {
        const std::string name = std::string(kUpstreams[i]) + "_cache";
        if (const ConfNode* line = block.find(name)) {
            around.cache[i] = line;
        }
        if (const ConfNode* line = block.find(name + "_key")) {
            around.cache_key[i] = line;
        }
    }
    return around;
}

// As nginx reads a size; 0 for what is none, "off" for one.
off_t size_of(std::string text) {
    // ngx_parse_offset() does not write to it; u_char and char may alias each other
    ngx_str_t size{text.size(), reinterpret_cast<u_char*>(text.data())};
    return std::max<off_t>(ngx_parse_offset(&size), 0);
}

// True for what sends something of worth: `return 404` does not.
bool answers_by_itself(const ConfNode& directive) {
    if (directive.name() == "return" && directive.words.size() > 1) {
        const char first = directive.words[1].front();
        return first != '4' && first != '5';
    }
    if (directive.name() == "rewrite" && directive.words.size() > 2) {
        const std::string& flag = directive.words.back();
        return flag == "redirect" || flag == "permanent" ||
               directive.words[2].starts_with("http://") ||
               directive.words[2].starts_with("https://") ||
               directive.words[2].starts_with("$scheme");
    }
    return false;
}

bool sets_identity_by_hand(const ConfNode& directive, const Surroundings& around) {
    if (directive.words.size() < 2) {
        return false;
    }
    for (const std::string_view upstream : kUpstreams) {
        const std::string_view name = directive.name();
        if (name == std::string(upstream) + "_set_header") {
            return begins_with_folded(directive.words[1], around.prefix);
        }
        if (name == std::string(upstream) + "_param") {
            return begins_with_folded(directive.words[1], "HTTP_" + around.prefix);
        }
    }
    return false;
}

// "proxy_hide_header X-Clave-Sign": what the application says with a document never gets to us.
bool hides_documents(const ConfNode& directive) {
    for (const std::string_view upstream : kUpstreams) {
        if (directive.words.size() > 1 &&
            directive.name() == std::string(upstream) + "_hide_header" &&
            begins_with_folded(directive.words[1], "X-Clave-Sign")) {
            return true;
        }
    }
    return false;
}

// Whether a text with variables has this one, as nginx reads them: `$name` or `${name}`.
bool has_variable(std::string_view text, std::string_view name) {
    const auto in_name = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_';
    };
    for (auto at = text.find('$'); at != std::string_view::npos; at = text.find('$', at + 1)) {
        std::string_view rest = text.substr(at + 1);
        const bool braces = rest.starts_with('{');
        rest.remove_prefix(braces ? 1 : 0);
        if (!rest.starts_with(name)) {
            continue;
        }
        rest.remove_prefix(name.size());
        if (braces ? rest.starts_with('}') : rest.empty() || !in_name(rest.front())) {
            return true;
        }
    }
    return false;
}

// What follows the origin, without the query.
std::string_view path_of(std::string_view uri) {
    if (const auto scheme = uri.find("://"); scheme != std::string_view::npos) {
        uri.remove_prefix(std::min(uri.find('/', scheme + 3), uri.size()));
    }
    return uri.substr(0, uri.find('?'));
}

std::string_view modifier_of(const ConfNode& location) {
    return location.words.size() > 2 ? std::string_view(location.words[1]) : std::string_view();
}

bool is_expression(const ConfNode& location) {
    return modifier_of(location).starts_with('~');
}

// A Content-Security-Policy under which Chromium stops the form to the gateway: every policy of a
// page has to allow it, and what the gateway redirects it to (product.md 8.4). form-action is no
// matter of default-src (CSP 3, section 6.4.1).
bool stops_forms(const ConfNode& header) {
    if (folded(header.words[1]) != "content-security-policy") {
        return false;
    }
    std::string_view rest = header.words[2];
    while (!rest.empty()) {
        std::string_view one = rest.substr(0, rest.find(';'));
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
        const auto has = [&](std::string_view word) {
            const std::string spaced = " " + std::string(one) + " ";
            return spaced.find(" " + std::string(word) + " ") != std::string::npos;
        };
        const bool forms = has("form-action") && !has("https:") && !has("*");
        if (forms || (has("sandbox") && !has("allow-forms"))) {
            return true;
        }
    }
    return false;
}

// Whether anything of this block asks for a login.
bool asks_for_login(const ConfNode& block, const Surroundings& here) {
    const auto does = [&](const ConfNode& child) {
        return !child.children.empty() && asks_for_login(child, inside(child, here));
    };
    return here.is_required() || block.find("clave_sign") != nullptr ||
           std::any_of(block.children.begin(), block.children.end(), does);
}

// The location of `block` that nginx takes for `path`, as far as that can be told without regular
// expressions; nullptr if there is none.
const ConfNode* location_for(const ConfNode& block, std::string_view path) {
    const ConfNode* found = nullptr;
    for (const ConfNode& child : block.children) {
        if (child.name() != "location" || child.words.size() < 2) {
            continue;
        }
        const std::string& name = child.words.back();
        const std::string_view modifier = modifier_of(child);
        if (modifier == "=" && name == path) {
            return &child;
        }
        if ((modifier.empty() || modifier == "^~") && path.starts_with(name) &&
            (found == nullptr || name.size() > found->words.back().size())) {
            found = &child;
        }
    }
    return found;
}

// Whether a form to this location, where nothing of nginx's takes one, may still get to something
// that does.
bool leads_elsewhere(const ConfNode& location, const Surroundings& here) {
    constexpr std::array<std::string_view, 8> kWays = {"error_page", "if",          "limit_except",
                                                       "location",   "post_action", "return",
                                                       "rewrite",    "try_files"};
    const auto does = [&](const ConfNode& child) {
        const std::string_view name = child.name();
        return std::find(kWays.begin(), kWays.end(), name) != kWays.end() ||
               name.ends_with("_pass") || name.find("_by_lua") != std::string_view::npos;
    };
    const auto is_script = [](const std::string& file) {
        return !file.ends_with(".html") && !file.ends_with(".htm");
    };
    const bool scripts = here.index != nullptr && std::any_of(here.index->words.begin() + 1,
                                                              here.index->words.end(), is_script);
    return scripts || std::any_of(location.children.begin(), location.children.end(), does);
}

class Review {
  public:
    explicit Review(ngx_conf_t* cf) : cf_(cf) {}

    void block(const ConfNode& node, const Surroundings& outer) {
        const Surroundings here = inside(node, outer);
        for (const ConfNode& child : node.children) {
            directive(child, here);
            if (child.name() == "server" || child.name() == "location" || child.name() == "if" ||
                child.name() == "limit_except") {
                block(child, here);
            }
        }
        if (node.name() == "location" && here.is_identified()) {
            caches(here);
            files(node, here);
        }
        if ((node.name() == "location" || node.name() == "server") && here.is_required()) {
            sizes(here);
        }
        if (node.name() == "server") {
            expressions(node, here);
            logout(node, here);
            policies(node, here);
        }
    }

  private:
    void directive(const ConfNode& child, const Surroundings& here) {
        if (here.is_required() && answers_by_itself(child)) {
            warning(cf_, child.at,
                    "\"" + child.name() +
                        "\" answers before anybody is asked to identify; move it out of the "
                        "protected location");
        }
        if (here.signs_answers && hides_documents(child)) {
            warning(cf_, child.at,
                    "\"" + child.name() + " " + child.words[1] +
                        "\" hides from \"clave_sign upstream\" what has to be signed; remove it: "
                        "no browser gets that header");
        }
        if (sets_identity_by_hand(child, here)) {
            warning(cf_, child.at,
                    "\"" + child.name() + " " + child.words[1] +
                        "\" overrides the identity that the module sets; remove it, or choose "
                        "another name");
        }
    }

    // "location ~ \.php$" takes the scripts below a protected prefix, too. A "clave" line of its
    // own, be it "off", says that somebody has thought of it.
    void expressions(const ConfNode& server, const Surroundings& around) {
        const auto loses = [&](const ConfNode& location) {
            return location.name() == "location" && location.words.size() == 2 &&
                   inside(location, around).is_required();
        };
        const auto prefix = std::find_if(server.children.begin(), server.children.end(), loses);
        if (prefix == server.children.end()) {
            return;
        }
        for (const ConfNode& child : server.children) {
            if (child.name() == "location" && is_expression(child) &&
                inside(child, around).clave == "off" && child.find("clave") == nullptr) {
                warning(cf_, child.at,
                        "\"location " + child.words[1] + " " + child.words[2] +
                            "\" wins over \"location " + prefix->words[1] +
                            "\" and asks nobody to identify; give it a \"clave\" line, or the "
                            "other one a \"^~\"");
            }
        }
    }

    // Our own pages have the server's headers, besides a policy of their own.
    void policies(const ConfNode& server, const Surroundings& here) {
        if (!asks_for_login(server, here)) {
            return;
        }
        for (const ConfNode* header : here.headers) {
            const bool told = std::find(told_.begin(), told_.end(), header) != told_.end();
            if (!told && stops_forms(*header)) {
                told_.push_back(header);  // those of "http" are every server's
                warning(
                    cf_, header->at,
                    "\"add_header " + header->words[1] +
                        "\" of the whole server stops the form that leads to Cl@ve, and with it "
                        "every login; move it to the locations of the application, or let its "
                        "\"form-action\" have \"https:\"");
            }
        }
    }

    // Whoever has just logged out would be asked to log in.
    void logout(const ConfNode& server, const Surroundings& around) {
        const std::string_view path = path_of(around.logout);
        const ConfNode* block = &server;
        Surroundings here = around;
        while (const ConfNode* location = location_for(*block, path)) {
            block = location;
            here = inside(*block, here);
        }
        if (here.is_required()) {
            warning(cf_, block->at,
                    "a logout leads to \"" + around.logout +
                        "\", which asks for a login again; give \"clave_logout\" a public page");
        }
    }

    // What is larger than nginx takes is answered by its 413 before anybody here has seen it.
    void sizes(const Surroundings& here) {
        const std::string most = here.max_body != nullptr ? here.max_body->words[1] : "1m";
        const off_t taken = size_of(most);
        const ConfNode* const lines[] = {here.preserve,
                                         here.signs_forms ? here.max_document : nullptr};
        for (const ConfNode* line : lines) {
            const off_t wanted = line != nullptr ? size_of(line->words[1]) : 0;
            const bool told =
                line == nullptr || std::find(told_.begin(), told_.end(), line) != told_.end();
            if (!told && taken > 0 && wanted > taken) {
                told_.push_back(line);  // those of "http" are every location's
                warning(cf_, line->at,
                        "\"" + line->name() + " " + line->words[1] + "\" is more than the " + most +
                            " of \"client_max_body_size\", over which nginx answers 413 first; add "
                            "\"client_max_body_size " +
                            line->words[1] + ";\"");
            }
        }
    }

    // nginx sends files, and answers 405 to whoever sends it a form.
    void files(const ConfNode& location, const Surroundings& here) {
        const auto& lines = main_conf(cf_)->signs_of_files;
        const std::span<const ConfPosition> signs(static_cast<const ConfPosition*>(lines.elts),
                                                  lines.nelts);
        const ConfNode* sign = location.find("clave_sign");
        const auto is_it = [&](const ConfPosition& at) {
            return at.line == sign->at.line && view(at.file) == view(sign->at.file);
        };
        if (sign != nullptr && std::any_of(signs.begin(), signs.end(), is_it) &&
            !leads_elsewhere(location, here)) {
            warning(cf_, sign->at,
                    "\"clave_sign form\" is in a location that serves files, and nothing there "
                    "takes the signed form: nginx answers 405 to it; add the \"proxy_pass\" or "
                    "\"fastcgi_pass\" of the application, or \"deliver=\" and its address");
        }
    }

    void caches(const Surroundings& here) {
        for (std::size_t i = 0; i < kUpstreams.size(); ++i) {
            const ConfNode* cache = here.cache[i];
            if (cache == nullptr || cache->words.size() < 2 || cache->words[1] == "off") {
                continue;
            }
            const ConfNode* key = here.cache_key[i];
            const bool personal =
                key && key->words.size() > 1 && has_variable(key->words[1], "clave_session_hash");
            if (!personal) {
                warning(cf_, cache->at,
                        "\"" + cache->name() + " " + cache->words[1] +
                            "\" would show one person's page to another; add "
                            "\"$clave_session_hash\" to \"" +
                            cache->name() + "_key\", or switch it off in the protected location");
            }
        }
    }

    ngx_conf_t* cf_;
    std::vector<const ConfNode*> told_;
};

}  // namespace
}  // namespace clave::nginx

using namespace clave::nginx;

void ngx_http_clave_review_neighbours(ngx_conf_t* cf) {
    guard_conf(cf, [&] {
        const ConfNode tree = read_conf_tree(cf);
        if (const ConfNode* http = tree.find("http")) {
            Review(cf).block(*http, {});
        }
        return static_cast<char*>(NGX_CONF_OK);
    });
}
