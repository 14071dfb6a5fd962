// A file that is open for as long as anybody needs it.
#pragma once

namespace clave {

// Closes it. Shared, because a job on the pool, or a response, may outlive who asked for it.
class OpenFile {
  public:
    explicit OpenFile(int descriptor) noexcept : descriptor_(descriptor) {}
    OpenFile(const OpenFile&) = delete;
    OpenFile& operator=(const OpenFile&) = delete;
    ~OpenFile();
    int descriptor() const noexcept { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace clave
