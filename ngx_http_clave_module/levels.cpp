// `clave_level` and `clave`: what a location asks for, as data for the core, which reads the words
// (clave/level_syntax.h).
#include <algorithm>

#include "clave/level_syntax.h"
#include "conf_text.h"
#include "in_pool.h"

using namespace clave;
using namespace clave::nginx;

namespace {

std::vector<std::string_view> words_of(const Given& line) {
    std::vector<std::string_view> words;
    for (const ngx_str_t& word : arguments(line)) {
        words.push_back(view(word));
    }
    return words;
}

// max_age= is written as nginx writes times.
std::optional<Seconds> read_seconds(std::string_view text) {
    std::string copied(text);
    // ngx_parse_time does not write to it; u_char and char may alias each other
    ngx_str_t time{copied.size(), reinterpret_cast<u_char*>(copied.data())};
    const ngx_int_t seconds = ngx_parse_time(&time, 1);
    return seconds == NGX_ERROR ? std::nullopt : std::optional<Seconds>(seconds);
}

}  // namespace

char* ngx_http_clave_read_levels(ngx_conf_t* cf, MainConf* mcf) {
    const auto* lines = static_cast<const Given*>(mcf->level_lines.elts);
    for (ngx_uint_t i = 0; i < mcf->level_lines.nelts; ++i) {
        const auto level = read_level(words_of(lines[i]));
        if (!level) {
            return mistake(cf, lines[i].at, level.error());
        }
        for (ngx_uint_t earlier = 0; earlier < i; ++earlier) {
            if (words_of(lines[earlier]).front() == level->name) {
                return mistake(cf, lines[i].at,
                               "level \"" + level->name +
                                   "\" is defined twice; give one of them another name");
            }
        }
        std::erase_if(*mcf->levels, [&](const Level& old) { return old.name == level->name; });
        mcf->levels->push_back(*level);
    }
    return NGX_CONF_OK;
}

ConfigResult<Requirement> ngx_http_clave_requirement_of(ngx_conf_t* cf,
                                                        std::span<const std::string_view> words,
                                                        std::string_view directive) {
    auto read = read_requirement(words, *main_conf(cf)->levels, &read_seconds, directive);
    if (read) {
        const auto* server =
            static_cast<SrvConf*>(ngx_http_conf_get_module_srv_conf(cf, ngx_http_clave_module));
        read->registration_by_attribute = server->registration_attribute.args != nullptr;
    }
    return read;
}

char* ngx_http_clave_read_requirement(ngx_conf_t* cf, LocConf* lcf) {
    const std::vector<std::string_view> words = words_of(lcf->line);

    if (is_reserved_level(words.front())) {
        if (words.size() > 1) {
            return mistake(cf, lcf->line.at,
                           "\"clave " + std::string(words.front()) + "\" takes no parameters");
        }
        lcf->mode = words.front() == "off" ? Mode::off : Mode::optional;
        return NGX_CONF_OK;
    }

    const auto read = ngx_http_clave_requirement_of(cf, words, "clave");
    if (!read) {
        return mistake(cf, lcf->line.at, read.error());
    }
    auto* requirement = make_in_pool<Requirement>(cf->pool, *read);
    if (requirement == nullptr) {
        return static_cast<char*>(NGX_CONF_ERROR);
    }
    lcf->mode = Mode::required;
    lcf->requirement = requirement;
    return NGX_CONF_OK;
}
