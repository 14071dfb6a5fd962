// The bytes of one record, in memory of the caller's choice.
//
// Not a std::pmr::vector: that constructs each byte by itself through its allocator, which was half
// of the cost of a lookup. Bytes that are about to be overwritten need no construction, and a copy
// of bytes is one memcpy.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory_resource>
#include <span>

namespace clave {

class RecordBytes {
  public:
    explicit RecordBytes(
        std::pmr::memory_resource* memory = std::pmr::get_default_resource()) noexcept
        : memory_(memory) {}
    RecordBytes(const RecordBytes&) = delete;
    RecordBytes& operator=(const RecordBytes&) = delete;
    ~RecordBytes() { release(); }

    // Throws std::bad_alloc; then it is empty. Views of what it held before are no longer valid.
    void assign(std::span<const std::byte> bytes) {
        if (bytes.size() > capacity_) {
            release();
            start_ = static_cast<std::byte*>(memory_->allocate(bytes.size(), 1));
            capacity_ = bytes.size();
        }
        if (!bytes.empty()) {  // memcpy takes no null pointer, not even for nothing
            std::memcpy(start_, bytes.data(), bytes.size());
        }
        size_ = bytes.size();
    }

    const std::byte* data() const noexcept { return start_; }
    std::size_t size() const noexcept { return size_; }
    const std::byte* begin() const noexcept { return start_; }
    const std::byte* end() const noexcept { return start_ + size_; }

  private:
    void release() noexcept {
        if (start_ != nullptr) {
            memory_->deallocate(start_, capacity_, 1);
        }
        start_ = nullptr;
        size_ = capacity_ = 0;
    }

    std::pmr::memory_resource* memory_;
    std::byte* start_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace clave
