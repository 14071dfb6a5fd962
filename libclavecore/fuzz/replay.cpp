// A target without libFuzzer: [--without GUARD]… FILE…
//
// Feeds it the files named, or those of the directories named; those called "good-…" have to be
// accepted. With a guard switched off there has to be a finding, which is how an oracle that says
// nothing would be noticed (CMakeLists.txt).
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "base/guard.h"
#include "target.h"

void clave::fuzz::finding(const char* what) {
    std::fprintf(stderr, "finding: %s\n", what);
    std::_Exit(1);
}

namespace {

int replay(const std::filesystem::path& path, const std::vector<std::string_view>& without) {
    if (std::filesystem::is_directory(path)) {
        const std::set<std::filesystem::path> inside{std::filesystem::directory_iterator(path), {}};
        int files = 0;
        for (const std::filesystem::path& one : inside) {
            files += replay(one, without);
        }
        return files;
    }
    std::ifstream file(path, std::ios::binary);
    const std::vector<char> bytes{std::istreambuf_iterator<char>(file),
                                  std::istreambuf_iterator<char>()};
    std::fprintf(stderr, "%s\n", path.c_str());  // the last one before a crash is the culprit
    for (const std::string_view guard : without) {
        clave::disable_guard(guard);  // a target may have switched all of them on again
    }
    const bool accepted = clave::fuzz::run({bytes.data(), bytes.size()});
    const bool good = path.filename().string().starts_with("good-");
    clave::fuzz::require(accepted || !good, "a good one is accepted");
    return 1;
}

}  // namespace

int main(int argc, char** argv) {
    int files = 0;
    std::vector<std::string_view> without;
    for (int i = 1; i < argc; ++i) {
        if (std::string_view(argv[i]) == "--without" && i + 1 < argc) {
            without.emplace_back(argv[++i]);
        } else {
            files += replay(argv[i], without);
        }
    }
    std::printf("%d inputs\n", files);
    return files > 0 ? 0 : 1;
}
