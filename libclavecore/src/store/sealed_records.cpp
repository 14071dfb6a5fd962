#include "store/sealed_records.h"

#include <algorithm>

#include "clave/encoding.h"

namespace clave {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kIdLength = 4;
constexpr std::size_t kHead = 1 + kIdLength;
constexpr std::string_view kBrace = ":{";

MasterKey key_of_record(const KeyedHash& key, std::string_view name) {
    return MasterKey(key.of(as_bytes(name)));
}

std::string context(char version, std::string_view name) {
    constexpr std::string_view kPurpose = "clave record\n";
    std::string text;
    text.reserve(kPurpose.size() + 1 + name.size());
    text += kPurpose;
    text += version;
    text += name;
    return text;
}

}  // namespace

std::string RecordNames::of(RecordKind kind, const Digest& key) const {
    std::string name;
    name.reserve(prefix_.size() + 1 + kBrace.size() + 2 * key.size() + 1);
    name += prefix_;
    name += static_cast<char>(kind);
    name += kBrace;
    const std::size_t digits = name.size();
    name.resize(digits + 2 * key.size());
    hex_encode_to(name.data() + digits, key);
    name += '}';
    return name;
}

std::string RecordNames::sessions() const {
    return prefix_ + static_cast<char>(RecordKind::session) + std::string(kBrace);
}

std::optional<Digest> RecordNames::session_key(std::string_view name) const noexcept {
    const std::size_t head = prefix_.size() + 1 + kBrace.size();
    Digest key{};
    if (name.size() != head + 2 * key.size() + 1 || !name.starts_with(prefix_) ||
        name[prefix_.size()] != static_cast<char>(RecordKind::session) ||
        name.substr(prefix_.size() + 1, kBrace.size()) != kBrace || name.back() != '}') {
        return std::nullopt;
    }
    return hex_decode_to(key, name.substr(head, 2 * key.size())) ? std::optional(key)
                                                                 : std::nullopt;
}

RecordSeal::RecordSeal(const KeyRing& master) {
    for (const MasterKey& key : master.all()) {
        const MasterKey id = derive_key(key, "clave record id");
        keys_.push_back({std::string(as_text(id.reveal().first<kIdLength>())),
                         KeyedHash(derive_key(key, "clave record"))});
    }
}

std::optional<std::string> RecordSeal::seal(std::string_view name, std::span<const std::byte> plain,
                                            Random& random) const {
    const NamedKey& current = keys_.front();
    const auto sealed =
        clave::seal(key_of_record(current.key, name), random, context(kVersion, name), plain);
    if (!sealed) {
        return std::nullopt;
    }
    return kVersion + current.id + std::string(as_text(*sealed));
}

RecordSeal::Opened RecordSeal::open(std::string_view name, std::string_view value) const {
    if (value.size() <= kHead || value.size() > kMost) {
        return {Finding::corrupt, {}};
    }
    if (value.front() > kVersion) {
        return {Finding::newer, {}};
    }
    const auto known = std::find_if(keys_.begin(), keys_.end(), [&](const NamedKey& key) {
        return key.id == value.substr(1, kIdLength);
    });
    if (value.front() != kVersion || known == keys_.end()) {
        return {value.front() == kVersion ? Finding::unknown_key : Finding::corrupt, {}};
    }
    auto plain = clave::open(key_of_record(known->key, name), context(kVersion, name),
                             as_bytes(value.substr(kHead)));
    return plain ? Opened{Finding::good, std::move(*plain)} : Opened{Finding::corrupt, {}};
}

}  // namespace clave
