#include "sign/pdf_file.h"

#include <set>

namespace clave {
namespace {

constexpr std::size_t kMostFields = 20000;

bool is_named(QPDFObjectHandle object, const char* name) {
    return object.isName() && object.getName() == name;
}

class FieldWalk {
  public:
    void visit(QPDFObjectHandle fields, bool inherits_sig, int depth) {
        if (!fields.isArray() || depth > 32) {
            return;
        }
        for (QPDFObjectHandle field : fields.aitems()) {
            // A form may be a circle.
            if (!field.isDictionary() || seen_.size() > kMostFields ||
                (field.isIndirect() && !seen_.insert(field.getObjGen()).second)) {
                continue;
            }
            QPDFObjectHandle type = field.getKey("/FT");
            const bool sig = type.isNull() ? inherits_sig : is_named(type, "/Sig");
            QPDFObjectHandle value = field.getKey("/V");
            if (sig && value.isDictionary()) {
                found_.push_back({field, value});
            }
            visit(field.getKey("/Kids"), sig, depth + 1);
        }
    }
    std::vector<PdfSignature> take() { return std::move(found_); }

  private:
    std::set<QPDFObjGen> seen_;
    std::vector<PdfSignature> found_;
};

}  // namespace

std::unique_ptr<QPDF> read_pdf(std::string_view bytes) {
    auto pdf = std::make_unique<QPDF>();
    pdf->setSuppressWarnings(true);  // it would print them, with what they are about
    pdf->setAttemptRecovery(false);
    pdf->processMemoryFile("pdf", bytes.data(), bytes.size());
    return pdf;
}

std::vector<PdfSignature> signatures_in(QPDF& pdf) {
    QPDFObjectHandle form = pdf.getRoot().getKey("/AcroForm");
    FieldWalk walk;
    if (form.isDictionary()) {
        walk.visit(form.getKey("/Fields"), false, 0);
    }
    return walk.take();
}

}  // namespace clave
