#include "sign/pdf_budget.h"

#include "sign/pdf_file.h"
// Need pdf_file.h's settings before them.
#include <qpdf/Pipeline.hh>
#include <qpdf/Pl_Flate.hh>
#include <qpdf/QPDFStreamFilter.hh>

#include <cstdlib>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <vector>

#include "base/guard.h"

namespace clave {
namespace {

// For both the document and the signed file. Structure of 8 MiB of PDF is far from it.
constexpr std::size_t kMostUnfolded = 64 * 1024 * 1024;
constexpr int kMostColumns = 65536;

thread_local std::size_t unfolded = 0;

class Count final : public Pipeline {
  public:
    explicit Count(Pipeline* onward) : Pipeline("count", onward) {}
    void write(const unsigned char* data, std::size_t length) override {
        unfolded += length;
        if (!guard("pades.budget", unfolded <= kMostUnfolded)) {
            throw std::runtime_error("unfolds too far");
        }
        getNext()->write(data, length);
    }
    void finish() override { getNext()->finish(); }
};

// PNG's (RFC 2083, section 6), which cross-reference streams are written with.
class Unpredict final : public Pipeline {
  public:
    Unpredict(Pipeline* onward, std::size_t row, std::size_t pixel)
        : Pipeline("unpredict", onward), pixel_(pixel), above_(row, 0) {}

    void write(const unsigned char* data, std::size_t length) override {
        for (std::size_t i = 0; i < length; ++i) {
            row_.push_back(data[i]);
            if (row_.size() == above_.size() + 1) {
                finish_row();
            }
        }
    }
    void finish() override {
        if (row_.size() > 1) {
            row_.resize(above_.size() + 1);
            finish_row();
        }
        getNext()->finish();
    }

  private:
    static int paeth(int left, int up, int corner) {
        const int guess = left + up - corner;
        const int to_left = std::abs(guess - left);
        const int to_up = std::abs(guess - up);
        const int to_corner = std::abs(guess - corner);
        if (to_left <= to_up && to_left <= to_corner) {
            return left;
        }
        return to_up <= to_corner ? up : corner;
    }
    int prediction(std::size_t at) const {
        const int left = at >= pixel_ ? row_[at + 1 - pixel_] : 0;
        const int up = above_[at];
        const int corner = at >= pixel_ ? above_[at - pixel_] : 0;
        switch (row_[0]) {
            case 1:
                return left;
            case 2:
                return up;
            case 3:
                return (left + up) / 2;
            case 4:
                return paeth(left, up, corner);
            default:
                return 0;
        }
    }
    void finish_row() {
        for (std::size_t i = 0; i < above_.size(); ++i) {
            row_[i + 1] = static_cast<unsigned char>(row_[i + 1] + prediction(i));
        }
        above_.assign(row_.begin() + 1, row_.end());
        row_.clear();
        getNext()->write(above_.data(), above_.size());
    }

    std::size_t pixel_;
    std::vector<unsigned char> above_;  // the row before, as it was meant
    std::vector<unsigned char> row_;    // with the kind of prediction in front
};

class CountedFlate final : public QPDFStreamFilter {
  public:
    bool setDecodeParms(QPDFObjectHandle parameters) override {
        if (parameters.isNull()) {
            return true;
        }
        const auto number = [&parameters](const char* key, long long otherwise) {
            QPDFObjectHandle value =
                parameters.isDictionary() ? parameters.getKey(key) : QPDFObjectHandle();
            return value.isInteger() ? value.getIntValue() : otherwise;
        };
        const long long predictor = number("/Predictor", 1);
        const long long columns = number("/Columns", 1);
        const long long colors = number("/Colors", 1);
        const long long bits = number("/BitsPerComponent", 8);
        if (columns < 1 || columns > kMostColumns || colors < 1 || colors > 64 || bits < 1 ||
            bits > 16) {
            return false;
        }
        predicts_ = predictor >= 10 && predictor <= 15;
        row_ = static_cast<std::size_t>((columns * colors * bits + 7) / 8);
        pixel_ = static_cast<std::size_t>((colors * bits + 7) / 8);
        return predicts_ || predictor == 1;
    }
    Pipeline* getDecodePipeline(Pipeline* next) override {
        if (predicts_) {
            unpredict_.emplace(next, row_, pixel_);
            next = &*unpredict_;
        }
        count_.emplace(next);
        flate_.emplace("flate", &*count_, Pl_Flate::a_inflate);
        return &*flate_;
    }

  private:
    bool predicts_ = false;
    std::size_t row_ = 0;
    std::size_t pixel_ = 0;
    std::optional<Unpredict> unpredict_;
    std::optional<Count> count_;
    std::optional<Pl_Flate> flate_;
};

class NotDecoded final : public QPDFStreamFilter {
  public:
    bool setDecodeParms(QPDFObjectHandle) override { return false; }
    Pipeline* getDecodePipeline(Pipeline* next) override { return next; }
};

void register_filters() {
    QPDF::registerStreamFilter("/FlateDecode", [] { return std::make_shared<CountedFlate>(); });
    for (const char* const name : {"/LZWDecode", "/RunLengthDecode"}) {
        QPDF::registerStreamFilter(name, [] { return std::make_shared<NotDecoded>(); });
    }
}

}  // namespace

PdfBudget::PdfBudget() {
    static std::once_flag once;
    std::call_once(once, register_filters);
    unfolded = 0;
}

PdfBudget::~PdfBudget() {
    unfolded = 0;
}

bool PdfBudget::is_spent() const noexcept {
    return unfolded > kMostUnfolded;
}

}  // namespace clave
