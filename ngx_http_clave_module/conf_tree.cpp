#include "conf_tree.h"

#include <glob.h>

#include <fstream>
#include <iterator>

#include "in_pool.h"

namespace clave::nginx {
namespace {

constexpr int kMaxIncludeDepth = 16;

// Splits one file into words and punctuation the way ngx_conf_read_token does.
class Tokens {
  public:
    explicit Tokens(std::string text) : text_(std::move(text)) {}

    enum class Kind { word, end_of_directive, open, close, end_of_file };

    Kind next(std::string& word) {
        skip_space();
        if (at_ == text_.size()) {
            return Kind::end_of_file;
        }
        switch (text_[at_]) {
            case ';':
                ++at_;
                return Kind::end_of_directive;
            case '{':
                ++at_;
                return Kind::open;
            case '}':
                ++at_;
                return Kind::close;
            case '"':
            case '\'':
                word = quoted(text_[at_]);
                return Kind::word;
            default:
                word = bare();
                return Kind::word;
        }
    }

    // The body of a block in another language, such as Lua's.
    void skip_foreign_block() {
        for (int depth = 1; depth > 0 && at_ < text_.size(); ++at_) {
            depth += text_[at_] == '{' ? 1 : text_[at_] == '}' ? -1 : 0;
            line_ += text_[at_] == '\n' ? 1U : 0U;
        }
    }

    ngx_uint_t line() const { return line_; }

  private:
    static bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

    void skip_space() {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '#') {
                at_ = std::min(text_.find('\n', at_), text_.size());
                --at_;
            } else if (!is_space(text_[at_])) {
                return;
            }
            line_ += at_ < text_.size() && text_[at_] == '\n' ? 1U : 0U;
        }
    }

    std::string quoted(char quote) {
        std::string word;
        for (++at_; at_ < text_.size() && text_[at_] != quote; ++at_) {
            if (text_[at_] == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            }
            line_ += text_[at_] == '\n' ? 1U : 0U;
            word.push_back(text_[at_]);
        }
        ++at_;
        return word;
    }

    std::string bare() {
        const std::size_t start = at_;
        for (; at_ < text_.size(); ++at_) {
            const char c = text_[at_];
            const bool variable = c == '{' && at_ > start && text_[at_ - 1] == '$';
            if (variable) {
                at_ = std::min(text_.find('}', at_), text_.size() - 1);
            } else if (c == '\\' && at_ + 1 < text_.size()) {
                ++at_;
            } else if (is_space(c) || c == ';' || c == '{') {
                break;
            }
        }
        return text_.substr(start, at_ - start);
    }

    std::string text_;
    std::size_t at_ = 0;
    ngx_uint_t line_ = 1;
};

class Reader {
  public:
    explicit Reader(ngx_conf_t* cf) : cf_(cf) {}

    void read_file(const std::string& path, ConfNode& block, int depth) {
        std::ifstream file(path, std::ios::binary);
        if (!file || depth > kMaxIncludeDepth) {
            return;
        }
        Tokens tokens(std::string(std::istreambuf_iterator<char>(file), {}));
        read_block(tokens, to_ngx(cf_->pool, path), block, depth);
    }

  private:
    void read_block(Tokens& tokens, const ngx_str_t& file, ConfNode& block, int depth) {
        ConfNode directive;
        std::string word;
        for (;;) {
            switch (tokens.next(word)) {
                case Tokens::Kind::word:
                    directive.words.push_back(word);
                    break;
                case Tokens::Kind::end_of_directive:
                    directive.at = {file, tokens.line()};
                    add(std::move(directive), block, depth);
                    directive = {};
                    break;
                case Tokens::Kind::open:
                    directive.at = {file, tokens.line()};
                    read_children(tokens, file, directive, depth);
                    add(std::move(directive), block, depth);
                    directive = {};
                    break;
                case Tokens::Kind::close:
                case Tokens::Kind::end_of_file:
                    return;
            }
        }
    }

    void read_children(Tokens& tokens, const ngx_str_t& file, ConfNode& block, int depth) {
        if (!block.words.empty() && block.name().ends_with("_by_lua_block")) {
            tokens.skip_foreign_block();
        } else {
            read_block(tokens, file, block, depth);
        }
    }

    void add(ConfNode&& directive, ConfNode& block, int depth) {
        if (directive.words.empty()) {
            return;
        }
        if (directive.name() == "include" && directive.words.size() == 2) {
            include(directive.words[1], block, depth);
        } else {
            block.children.push_back(std::move(directive));
        }
    }

    void include(const std::string& pattern, ConfNode& block, int depth) {
        ngx_str_t name = to_ngx(cf_->pool, pattern);
        if (name.data == nullptr || ngx_conf_full_name(cf_->cycle, &name, 1) != NGX_OK) {
            return;
        }
        glob_t found{};
        if (glob(copy(name).c_str(), 0, nullptr, &found) == 0) {
            for (std::size_t i = 0; i < found.gl_pathc; ++i) {
                read_file(found.gl_pathv[i], block, depth + 1);
            }
        }
        globfree(&found);
    }

    ngx_conf_t* cf_;
};

}  // namespace

const ConfNode* ConfNode::find(std::string_view directive) const {
    const ConfNode* found = nullptr;
    for (const ConfNode& child : children) {
        if (child.name() == directive) {
            found = &child;
        }
    }
    return found;
}

ConfNode read_conf_tree(ngx_conf_t* cf) {
    ConfNode root;
    Reader(cf).read_file(copy(cf->cycle->conf_file), root, 0);
    return root;
}

}  // namespace clave::nginx
