#include "sign/pdf_update.h"

#include <qpdf/Buffer.hh>

#include <algorithm>
#include <initializer_list>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "base/guard.h"

namespace clave {
namespace {

using Object = QPDFObjectHandle;
using Keys = std::initializer_list<std::string_view>;

// As it stands where it is used: a reference as a reference.
std::string written(Object object) {
    return object.unparse();
}

bool same_stream(Object before, Object after) {
    if (!after.isStream() || written(before.getDict()) != written(after.getDict())) {
        return false;
    }
    const auto one = before.getRawStreamData();
    const auto other = after.getRawStreamData();
    const std::span left(one->getBuffer(), one->getSize());
    return std::ranges::equal(left, std::span(other->getBuffer(), other->getSize()));
}

bool same(Object before, Object after) {
    if (before.isStream()) {
        return same_stream(before, after);
    }
    return !after.isStream() && before.unparseResolved() == after.unparseResolved();
}

// Nothing but these keys differs.
bool differ_only_in(Object before, Object after, Keys keys) {
    if (!before.isDictionary() || !after.isDictionary()) {
        return false;
    }
    std::set<std::string> all = before.getKeys();
    all.merge(after.getKeys());
    return std::ranges::all_of(all, [&](const std::string& key) {
        return std::ranges::find(keys, key) != keys.end() ||
               written(before.getKey(key)) == written(after.getKey(key));
    });
}

// `after` is `before` and then only what `may_come` takes.
template <class MayCome>
bool only_grew(Object before, Object after, MayCome may_come) {
    const int had = before.isArray() ? before.getArrayNItems() : 0;
    const int has = after.isArray() ? after.getArrayNItems() : 0;
    if (has < had || (!before.isArray() && !before.isNull())) {
        return false;
    }
    for (int i = 0; i < has; ++i) {
        Object item = after.getArrayItem(i);
        if (i < had ? written(before.getArrayItem(i)) != written(item) : !may_come(item)) {
            return false;
        }
    }
    return true;
}

// What an object may be that a signature changes.
struct Roles {
    QPDFObjGen catalog, form, info, metadata;
    std::set<QPDFObjGen> annotation_lists, field_lists;
};

QPDFObjGen reference(const Object& object) {
    return object.isIndirect() ? object.getObjGen() : QPDFObjGen();
}

bool is_page(Object object) {
    if (!object.isDictionary()) {
        return false;
    }
    Object type = object.getKey("/Type");
    return type.isName() && type.getName() == "/Page";
}

Roles roles_in(QPDF& pdf, const std::vector<Object>& objects) {
    Roles roles;
    Object catalog = pdf.getRoot();
    Object form = catalog.getKey("/AcroForm");
    roles.catalog = reference(catalog);
    roles.form = reference(form);
    roles.info = reference(pdf.getTrailer().getKey("/Info"));
    roles.metadata = reference(catalog.getKey("/Metadata"));
    if (form.isDictionary()) {
        roles.field_lists.insert(reference(form.getKey("/Fields")));
    }
    for (Object object : objects) {
        if (is_page(object)) {
            roles.annotation_lists.insert(reference(object.getKey("/Annots")));
        }
    }
    return roles;
}

bool mentions(Object object, QPDFObjGen id, bool is_top = false) {
    if (object.isIndirect() && !is_top) {
        return object.getObjGen() == id;
    }
    const auto is_it = [id](const Object& item) { return mentions(item, id); };
    if (object.isArray()) {
        return std::ranges::any_of(object.getArrayAsVector(), is_it);
    }
    return object.isDictionary() && std::ranges::any_of(object.getDictAsMap(), [&](auto& entry) {
               return is_it(entry.second);
           });
}

class Comparison {
  public:
    Comparison(QPDF& before, QPDF& after, const PdfSignature& signature)
        : before_(before),
          after_(after),
          field_(signature.field),
          objects_(before.getAllObjects()),
          roles_(roles_in(before, objects_)) {}

    std::optional<std::string> run() {
        if (!guard("pades.root", before_.getRoot().getObjGen() == after_.getRoot().getObjGen())) {
            return "another catalog";
        }
        if (!guard("pades.form", form_only_got_the_field())) {
            return "the form was changed";
        }
        // JavaScript of the widget, and the like.
        if (!guard("pades.field", !field_.hasKey("/A") && !field_.hasKey("/AA"))) {
            return "the signature's field does something";
        }
        // Also those that are only mentioned: they are null until somebody adds them.
        for (Object& object : objects_) {
            Object now = after_.getObjectByObjGen(object.getObjGen());
            if (!guard("pades.objects", same(object, now) || may_become(object, now))) {
                return "an object of the document was changed";
            }
        }
        return std::nullopt;
    }

  private:
    bool is_field(const Object& item) const {
        return item.isIndirect() && field_.isIndirect() && item.getObjGen() == field_.getObjGen();
    }
    bool only_got_the_field(const Object& before, const Object& after) const {
        return only_grew(before, after, [this](const Object& item) { return is_field(item); });
    }

    bool form_only_got_the_field() {
        Object before = before_.getRoot().getKey("/AcroForm");
        Object after = after_.getRoot().getKey("/AcroForm");
        if (before.isNull()) {
            before = Object::newDictionary();
        }
        if (!before.isDictionary() || !after.isDictionary()) {
            return false;
        }
        // Fonts of the fields: of the new one if there were none.
        const char* const font = before.hasKey("/DR") ? "/Fields" : "/DR";
        const char* const style = before.hasKey("/DA") ? "/Fields" : "/DA";
        return differ_only_in(before, after, {"/Fields", "/SigFlags", font, style}) &&
               only_got_the_field(before.getKey("/Fields"), after.getKey("/Fields"));
    }

    // The same stream could be what a page shows.
    bool is_only_metadata(QPDFObjGen id) const {
        return std::ranges::none_of(objects_, [&](Object object) {
            return object.getObjGen() != roles_.catalog &&
                   mentions(object.isStream() ? object.getDict() : object, id, true);
        });
    }

    bool may_become(Object before, Object after) const {
        const QPDFObjGen id = before.getObjGen();
        if (id == roles_.catalog) {
            return differ_only_in(before, after,
                                  {"/AcroForm", "/DSS", "/Extensions", "/Metadata", "/Version"});
        }
        if (id == roles_.form || roles_.field_lists.contains(id)) {
            return !after.isStream();  // judged as the form
        }
        if (id == roles_.info) {
            return differ_only_in(before, after, {"/ModDate", "/Producer"});
        }
        if (id == roles_.metadata) {
            return after.isStream() && is_only_metadata(id);
        }
        if (roles_.annotation_lists.contains(id)) {
            return only_got_the_field(before, after);
        }
        if (is_page(before)) {
            return differ_only_in(before, after, {"/Annots"}) &&
                   only_got_the_field(before.getKey("/Annots"), after.getKey("/Annots"));
        }
        // A field that waited for this signature.
        return is_field(before) && before.isDictionary() && !before.hasKey("/V") &&
               differ_only_in(before, after, {"/V", "/AP", "/M", "/F"});
    }

    QPDF& before_;
    QPDF& after_;
    Object field_;
    std::vector<Object> objects_;
    Roles roles_;
};

}  // namespace

std::optional<std::string> foreign_change(QPDF& before, QPDF& after,
                                          const PdfSignature& signature) {
    return Comparison(before, after, signature).run();
}

}  // namespace clave
