#include "pages/template.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "clave/config_words.h"
#include "clave/encoding.h"

namespace clave::pages {
namespace {

constexpr auto kForbiddenElements = std::to_array<std::string_view>(
    {"script", "style", "iframe", "frame", "object", "embed", "base", "applet"});
constexpr auto kAddressAttributes =
    std::to_array<std::string_view>({"href", "src", "action", "formaction", "srcset", "poster",
                                     "data", "cite", "ping", "background", "xlink:href"});

template <std::size_t N>
bool is_one_of(const std::array<std::string_view, N>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

std::string lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return out;
}

std::string_view trim(std::string_view text) noexcept {
    while (!text.empty() && is_blank(text.front())) {
        text.remove_prefix(1);
    }
    while (!text.empty() && is_blank(text.back())) {
        text.remove_suffix(1);
    }
    return text;
}

// Thrown inside this file only.
struct Refusal : std::runtime_error {
    Refusal(const std::string& text, std::size_t number) : std::runtime_error(text), line(number) {}
    std::size_t line;
};

std::string in_quotes(std::string_view text) {
    return "\"" + std::string(text) + "\"";
}

}  // namespace

// Follows HTML's tokenizer as far as it takes to know where a placeholder stands. Throws
// Refusal.
class TemplateReader {
  public:
    TemplateReader(Template& made, std::span<const TemplateSlot> slots)
        : made_(made), text_(made.text_), slots_(slots) {}

    void read() {
        check_encoding();
        while (at_ < text_.size()) {
            if (starts("{{")) {
                placeholder([](SlotKind) { return ""; });
            } else if (starts("<!--")) {
                skip_to("-->", "a comment");
            } else if (starts("<!") || starts("</")) {
                skip_to(">", "a tag");
            } else if (text_[at_] == '<' && at_ + 1 < text_.size() && is_letter(text_[at_ + 1])) {
                tag();
            } else {
                ++at_;
            }
        }
        made_.pieces_.push_back({literal_, text_.size() - literal_, {}});
        for (const TemplateSlot& slot : slots_) {
            if (slot.required && std::find(seen_.begin(), seen_.end(), slot.name) == seen_.end()) {
                fail("the placeholder {{" + std::string(slot.name) + "}} is missing");
            }
        }
    }

  private:
    struct Attribute {
        std::string element, name;
        bool is_address() const { return is_one_of(kAddressAttributes, name); }
        // Fetched, or sent to, by the page itself: the policy allows this origin only.
        bool stays_here() const {
            return is_address() && name != "cite" && !(name == "href" && element == "a");
        }
    };

    bool starts(std::string_view with) const { return text_.substr(at_).starts_with(with); }

    std::size_t line_of(std::size_t position) const {
        const auto begin = text_.begin();
        return 1 + static_cast<std::size_t>(
                       std::count(begin, begin + static_cast<std::ptrdiff_t>(position), '\n'));
    }
    [[noreturn]] void fail(const std::string& what) const {
        throw Refusal(what, line_of(std::min(at_, text_.size())));
    }

    void check_encoding() {
        for (std::size_t begin = 0; begin < text_.size();) {
            const std::size_t size = text_.substr(begin).find('\n');
            if (!is_valid_utf8(text_.substr(begin, size))) {
                at_ = begin;
                fail("the template is not in UTF-8; save it in that encoding");
            }
            begin = size == std::string_view::npos ? text_.size() : begin + size + 1;
        }
    }

    void skip_to(std::string_view end, std::string_view what) {
        const std::size_t close = text_.find(end, at_ + 2);
        if (close == std::string_view::npos) {
            fail(std::string(what) + " without an end");
        }
        const std::size_t inside = text_.find("{{", at_);
        if (inside < close) {
            at_ = inside;
            fail("a placeholder has no place in " + std::string(what));
        }
        at_ = close + end.size();
    }

    // `objection` says why a slot of that kind may not stand here; empty if it may.
    template <class Objection>
    void placeholder(Objection objection) {
        const std::size_t close = text_.find("}}", at_);
        if (close == std::string_view::npos) {
            fail("a placeholder without \"}}\"");
        }
        const std::string_view name = trim(text_.substr(at_ + 2, close - at_ - 2));
        const auto slot = std::find_if(slots_.begin(), slots_.end(),
                                       [&](const TemplateSlot& one) { return one.name == name; });
        if (slot == slots_.end()) {
            std::vector<std::string_view> known;
            for (const TemplateSlot& one : slots_) {
                known.push_back(one.name);
            }
            fail("unknown placeholder " + in_quotes(name) + did_you_mean(name, known) +
                 " (known: " + quoted(known) + ")");
        }
        if (const std::string why = objection(slot->kind); !why.empty()) {
            fail("the placeholder {{" + std::string(name) + "}} " + why);
        }
        made_.pieces_.push_back({literal_, at_ - literal_, slot->name});
        seen_.push_back(slot->name);
        at_ = literal_ = close + 2;
    }

    void tag() {
        const std::size_t begin = ++at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) && text_[at_] != '>' &&
               text_[at_] != '/') {
            ++at_;
        }
        const std::string element = lower(text_.substr(begin, at_ - begin));
        if (element == "script") {
            fail("scripts are not for templates; the policy of the pages forbids them");
        }
        if (element == "style") {
            fail("inline style; put it into the file of \"clave_theme css=\"");
        }
        if (is_one_of(kForbiddenElements, element)) {
            fail("<" + element + "> is not allowed in templates");
        }
        if (element.find('{') != std::string::npos) {
            fail("a placeholder has no place in the name of a tag");
        }
        while (true) {
            while (at_ < text_.size() && (is_blank(text_[at_]) || text_[at_] == '/')) {
                ++at_;
            }
            if (at_ >= text_.size()) {
                fail("a tag without an end");
            }
            if (text_[at_] == '>') {
                ++at_;
                return;
            }
            attribute(element);
        }
    }

    void attribute(const std::string& element) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_blank(text_[at_]) &&
               std::string_view("=>/").find(text_[at_]) == std::string_view::npos) {
            ++at_;
        }
        const Attribute attribute{element, lower(text_.substr(begin, at_ - begin))};
        check_name(attribute);
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
        if (at_ >= text_.size() || text_[at_] != '=') {
            at_ += at_ == begin ? 1 : 0;  // never stand still
            return;
        }
        ++at_;
        while (at_ < text_.size() && is_blank(text_[at_])) {
            ++at_;
        }
        if (starts("\"") || starts("'")) {
            const char quote = text_[at_++];
            value(attribute, [quote](char c) { return c == quote; });
            ++at_;
        } else {
            if (starts("{{")) {
                fail("a placeholder in an attribute needs quotes around it");
            }
            value(attribute, [](char c) { return is_blank(c) || c == '>'; });
        }
    }

    void check_name(const Attribute& attribute) {
        if (attribute.name.find('{') != std::string::npos) {
            fail("a placeholder has no place between attributes");
        }
        if (attribute.name.starts_with("on")) {
            fail("inline script (" + in_quotes(attribute.name) +
                 "); the policy of the pages forbids it");
        }
        if (attribute.name == "style") {
            fail("inline style; put it into the file of \"clave_theme css=\"");
        }
        if (attribute.name == "srcdoc" ||
            (attribute.element == "meta" && attribute.name == "http-equiv")) {
            fail(in_quotes(attribute.name) + " is not allowed in templates");
        }
    }

    template <class End>
    void value(const Attribute& attribute, End is_end) {
        const std::size_t begin = at_;
        while (at_ < text_.size() && !is_end(text_[at_])) {
            if (!starts("{{")) {
                ++at_;
                continue;
            }
            const bool first = at_ == begin;
            placeholder([&](SlotKind kind) -> std::string {
                if (kind == SlotKind::markup) {
                    return "is markup and belongs into the text, not into an attribute";
                }
                if (attribute.is_address() && (kind != SlotKind::address || !first)) {
                    return "is no address; it has no place in " + in_quotes(attribute.name);
                }
                return "";
            });
        }
        if (at_ >= text_.size()) {
            at_ = begin;
            fail("an attribute without an end");
        }
        check_address(attribute, text_.substr(begin, at_ - begin));
    }

    void check_address(const Attribute& attribute, std::string_view address) {
        if (!attribute.is_address()) {
            return;
        }
        const std::string start = lower(trim(address).substr(0, 16));
        for (const std::string_view scheme : {"javascript:", "data:", "vbscript:"}) {
            if (start.starts_with(scheme)) {
                fail("inline script or data (" + in_quotes(scheme) + ")");
            }
        }
        const bool foreign =
            start.starts_with("http:") || start.starts_with("https:") || start.starts_with("//");
        if (foreign && attribute.stays_here()) {
            fail(in_quotes(address) + " is of another site; the policy of the pages forbids it");
        }
    }

    Template& made_;
    std::string_view text_;
    std::span<const TemplateSlot> slots_;
    std::vector<std::string_view> seen_;
    std::size_t at_ = 0;
    std::size_t literal_ = 0;  // where the markup after the last placeholder begins
};

tl::expected<Template, TemplateMistake> Template::compile(std::string text,
                                                          std::span<const TemplateSlot> slots) {
    Template made(std::move(text));
    try {
        TemplateReader(made, slots).read();
    } catch (const Refusal& refusal) {
        return tl::unexpected<TemplateMistake>(TemplateMistake{refusal.line, refusal.what()});
    }
    return made;
}

Html Template::fill(Slots slots) const {
    std::string out;
    for (const Piece& piece : pieces_) {
        out.append(text_, piece.begin, piece.size);
        if (!piece.slot.empty()) {
            out += slot_text(piece.slot, slots);
        }
    }
    return Html(std::move(out));
}

}  // namespace clave::pages
