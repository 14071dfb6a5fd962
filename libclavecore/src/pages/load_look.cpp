// Reads what clave_theme and clave_pages name, at configuration time.
#include <algorithm>
#include <exception>
#include <filesystem>
#include <memory>

#include "base/small_file.h"
#include "clave/config_words.h"
#include "clave/encoding.h"
#include "pages/accent.h"
#include "pages/look.h"

namespace clave::pages {
namespace {

constexpr std::size_t kMostTemplate = 64UL * 1024;
constexpr std::size_t kMostStyle = 64UL * 1024;
constexpr std::size_t kMostLogo = 128UL * 1024;
constexpr std::string_view kEnding = ".html";

// Thrown inside this file only, as the list of what may be wrong is long.
struct Refusal : std::exception {
    explicit Refusal(LookMistake wrong)
        : mistake(std::make_shared<LookMistake>(std::move(wrong))) {}
    std::shared_ptr<LookMistake> mistake;
};

[[noreturn]] void fail(std::string what, std::string remedy, const std::string& file = {},
                       std::size_t line = 0) {
    throw Refusal({{std::move(what), std::move(remedy)}, false, file, line});
}

template <class T>
T loaded(ConfigResult<T>&& result) {
    if (!result) {
        throw Refusal({std::move(result.error())});
    }
    return std::move(*result);
}

// ---- clave_theme

struct LogoKind {
    std::string_view ending, type;
};
constexpr LogoKind kLogoKinds[] = {{".svg", "image/svg+xml"},
                                   {".png", "image/png"},
                                   {".jpg", "image/jpeg"},
                                   {".jpeg", "image/jpeg"},
                                   {".webp", "image/webp"}};

void read_logo(const std::string& path, Look& look) {
    for (const LogoKind& kind : kLogoKinds) {
        if (path.ends_with(kind.ending)) {
            look.logo = "logo" + std::string(kind.ending);
            look.assets.emplace_back(look.logo, std::string(kind.type),
                                     loaded(read_small_file(path, kMostLogo)));
            return;
        }
    }
    fail("logo \"" + path + "\" is of no known kind", "give a .svg, .png, .jpg or .webp file");
}

// What the policy of the pages would drop without a word.
void refuse_foreign(const std::string& css, const std::string& path) {
    std::size_t number = 0;
    for (const std::string_view line : split(css, '\n')) {
        ++number;
        const bool fetches = line.find("url(") != std::string_view::npos ||
                             line.find("@import") != std::string_view::npos;
        if (fetches && (line.find("//") != std::string_view::npos)) {
            fail("style from another site", "the policy of the pages forbids it", path, number);
        }
    }
}

void read_style(const LookWords& words, Look& look) {
    std::string style;
    if (!words.accent.empty()) {
        style = loaded(accent_style(words.accent));
    }
    if (!words.css.empty()) {
        const std::string css = loaded(read_small_file(words.css, kMostStyle));
        refuse_foreign(css, words.css);
        style += css;
    }
    look.has_style = !style.empty();
    if (look.has_style) {
        look.assets.emplace_back(std::string(kOwnStyle), "text/css; charset=utf-8",
                                 std::move(style));
    }
}

void check_text(std::string_view name, const std::string& text) {
    if (!is_valid_utf8(text) || has_control_characters(text)) {
        fail(std::string(name) + "= should be a line of UTF-8 text", "");
    }
}

void read_words(const LookWords& words, Look& look) {
    check_text("name", words.name);
    check_text("footer", words.footer);
    check_text("help_phone", words.help_phone);
    look.name = words.name;
    look.footer = words.footer;
    if (!words.help_phone.empty()) {
        look.phone = words.help_phone;
    }
    const std::string& uri = words.accessibility;
    const bool here = uri.starts_with('/') && !uri.starts_with("//");
    if (!uri.empty() && !here && !uri.starts_with("https://")) {
        fail("accessibility=" + uri + " is no address",
             "give a path or an https URL, as in \"accessibility=/accesibilidad\"");
    }
    check_text("accessibility", uri);
    look.accessibility = uri;
}

// ---- clave_pages

Template read_template(const std::string& path, std::span<const TemplateSlot> slots) {
    auto made = Template::compile(loaded(read_small_file(path, kMostTemplate)), slots);
    if (!made) {
        fail(made.error().what, "", path, made.error().line);
    }
    return std::move(*made);
}

std::optional<PageId> page_named(std::string_view name) {
    for (int id = 0; id <= static_cast<int>(PageId::error); ++id) {
        if (file_name(static_cast<PageId>(id)) == name) {
            return static_cast<PageId>(id);
        }
    }
    return std::nullopt;
}

std::vector<std::string_view> template_names() {
    std::vector<std::string_view> names = {"layout"};
    for (int id = 0; id <= static_cast<int>(PageId::error); ++id) {
        names.push_back(file_name(static_cast<PageId>(id)));
    }
    return names;
}

// "layout.html", "cancelled.html", "cancelled.ca.html".
void read_page(const std::string& path, std::string_view file, Look& look) {
    std::string_view name = file.substr(0, file.size() - kEnding.size());
    if (name == "layout") {
        look.layout = read_template(path, layout_slots());
        return;
    }
    std::optional<Language> language;
    if (const std::size_t dot = name.find('.'); dot != std::string_view::npos) {
        language = language_of(name.substr(dot + 1));
        if (!language) {
            fail("\"" + path + "\" is for an unknown language",
                 "name it PAGE.html, or PAGE.ca.html for Catalan alone");
        }
        name = name.substr(0, dot);
    }
    const auto page = page_named(name);
    if (!page) {
        const auto names = template_names();
        fail("there is no page \"" + std::string(name) + "\"" + did_you_mean(name, names),
             "known: " + quoted(names), path, 1);
    }
    look.pages.push_back({*page, language, read_template(path, page_slots())});
}

void read_pages(const std::string& directory, Look& look) {
    std::error_code error;
    std::vector<std::string> files;
    for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
         entry.increment(error)) {
        const std::string file = entry->path().filename().string();
        if (file.ends_with(kEnding) && !file.starts_with('.')) {
            files.push_back(file);
        }
    }
    if (error) {
        fail("cannot read the directory \"" + directory + "\": (" + std::to_string(error.value()) +
                 ": " + error.message() + ")",
             "it must be readable at start");
    }
    std::sort(files.begin(), files.end());  // the same mistake first, every time
    for (const std::string& file : files) {
        read_page(std::string(directory).append("/").append(file), file, look);
    }
}

}  // namespace
}  // namespace clave::pages

namespace clave {

tl::expected<std::shared_ptr<const pages::Look>, LookMistake> load_look(const LookWords& words) {
    auto look = std::make_shared<pages::Look>();
    bool in_pages = false;
    try {
        pages::read_words(words, *look);
        if (!words.logo.empty()) {
            pages::read_logo(words.logo, *look);
        }
        pages::read_style(words, *look);
        in_pages = true;
        if (!words.pages.empty()) {
            pages::read_pages(words.pages, *look);
        }
    } catch (const pages::Refusal& refusal) {
        refusal.mistake->in_pages = in_pages;
        return tl::unexpected<LookMistake>(std::move(*refusal.mistake));
    }
    return std::shared_ptr<const pages::Look>(std::move(look));
}

}  // namespace clave
