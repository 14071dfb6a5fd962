#include "sign/evidence_chain.h"

#include <jansson.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <map>
#include <optional>
#include <set>

#include "base/dumped_json.h"
#include "clave/crypto.h"
#include "clave/encoding.h"
#include "clave/iso_time.h"
#include "sign/clock_state.h"

namespace clave {
namespace {

struct JsonFree {
    void operator()(json_t* json) const noexcept { json_decref(json); }
};
using Json = std::unique_ptr<json_t, JsonFree>;

// "2026-11-29T10:00:00.123Z"
std::string now_text() {
    const auto now = std::chrono::system_clock::now();
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now);
    const auto rest = std::chrono::duration_cast<std::chrono::milliseconds>(now - seconds);
    std::string text = format_utc(seconds);
    std::string digits = std::to_string(1000 + rest.count());
    digits[0] = '.';
    text.insert(text.size() - 1, digits);
    return text;
}

void set(json_t* object, const char* key, std::string_view value) {
    if (json_object_set_new(object, key, json_stringn(value.data(), value.size())) != 0) {
        throw std::bad_alloc();
    }
}

// One write(2) of less than PIPE_BUF to a file opened with O_APPEND: lines of several workers do
// not mix on any local file system.
bool write_line(int file, std::string_view line) noexcept {
    const ssize_t written = ::write(file, line.data(), line.size());
    return written == static_cast<ssize_t>(line.size()) && ::fsync(file) == 0;
}

std::string text_of(const json_t* object, const char* key) {
    const json_t* value = json_object_get(object, key);
    return json_is_string(value) ? std::string(json_string_value(value), json_string_length(value))
                                 : std::string();
}

// Why this line does not follow the one before it in its chain; empty if it does.
std::string objection(const json_t* line, std::map<std::string, EvidenceHead>& chains,
                      std::string_view text) {
    const std::string chain = text_of(line, "chain");
    const json_t* number = json_object_get(line, "number");
    if (chain.empty() || !json_is_integer(number) || json_integer_value(number) < 1) {
        return "not a line of evidence";
    }
    const auto count = static_cast<std::uint64_t>(json_integer_value(number));
    const auto [known, first] = chains.try_emplace(chain);
    EvidenceHead& end = known->second;
    std::string wrong;
    // A chain may begin in a file that is not here.
    if (!first && count != end.number + 1) {
        wrong = "follows number " + std::to_string(end.number) + " of its chain, and is number " +
                std::to_string(count);
    } else if (!first && text_of(line, "previous") != end.sha256) {
        wrong = "the line before it in its chain is not as it was";
    } else if (first && count == 1 && text_of(line, "previous") != std::string(64, '0')) {
        wrong = "begins a chain, and follows something";
    }
    end = {chain, count, hex_encode(sha256(text)), text_of(line, "time")};
    return wrong;
}

}  // namespace

Result<EvidenceMark> EvidenceChain::append(const std::shared_ptr<OpenFile>& file,
                                           const EvidenceLine& line, const std::string& archive) {
    if (!file || file->descriptor() < 0) {
        return fail(Code::evidence, "the evidence file is not open");
    }
    const Json object(json_object());
    if (!object) {
        throw std::bad_alloc();
    }
    const std::lock_guard lock(mutex_);
    const std::string time = now_text();
    set(object.get(), "time", time);
    set(object.get(), "clock", clock_state());
    for (const auto& [key, value] : line.fields) {
        set(object.get(), key, value);
    }
    set(object.get(), "chain", name_);
    if (json_object_set_new(object.get(), "number",
                            json_integer(static_cast<json_int_t>(number_) + 1)) != 0) {
        throw std::bad_alloc();
    }
    set(object.get(), "previous", last_);
    const auto text = dumped_json(object.get(), JSON_COMPACT | JSON_PRESERVE_ORDER);
    if (!text) {
        return fail(Code::evidence, "no memory for a line");
    }
    if (!write_line(file->descriptor(), *text + "\n")) {
        return fail(Code::evidence, std::string("the evidence file: ") + std::strerror(errno));
    }
    last_ = hex_encode(sha256(*text));
    ++number_;
    if (!archive.empty()) {
        const auto headed = head_.write(archive, {name_, number_, last_, time});
        if (!headed) {
            return tl::unexpected(headed.error());
        }
    }
    return EvidenceMark{name_, number_, last_};
}

EvidenceVerdict verify_evidence(std::string_view text) {
    EvidenceVerdict verdict;
    std::map<std::string, EvidenceHead> chains;
    while (!text.empty()) {
        const std::size_t end = text.find('\n');
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        ++verdict.lines;
        const Json parsed(json_loadb(line.data(), line.size(), JSON_REJECT_DUPLICATES, nullptr));
        const std::string wrong = json_is_object(parsed.get())
                                      ? objection(parsed.get(), chains, line)
                                      : std::string("not a line of JSON");
        const std::string time = text_of(parsed.get(), "time");
        verdict.unsynchronised += text_of(parsed.get(), "clock") == "unsynchronised" ? 1 : 0;
        verdict.begins = verdict.lines == 1 ? time : std::min(verdict.begins, time);
        if (end == std::string_view::npos) {
            verdict.findings.push_back("line " + std::to_string(verdict.lines) + ": has no end");
        } else if (!wrong.empty()) {
            verdict.findings.push_back("line " + std::to_string(verdict.lines) + ": " + wrong);
        }
    }
    verdict.chains = chains.size();
    for (auto& [name, end] : chains) {
        verdict.ends.push_back(std::move(end));
    }
    return verdict;
}

void look_for_heads(EvidenceVerdict& verdict, const std::vector<EvidenceHead>& heads) {
    for (const EvidenceHead& head : heads) {
        const auto end = std::find_if(verdict.ends.begin(), verdict.ends.end(),
                                      [&](const auto& one) { return one.chain == head.chain; });
        const std::string last = "number " + std::to_string(head.number);
        if (end == verdict.ends.end()) {
            if (head.time >= verdict.begins) {
                verdict.findings.push_back("chain " + head.chain +
                                           ": is not here, and has come to " + last);
            }
        } else if (end->number < head.number) {
            verdict.findings.push_back("chain " + head.chain + ": ends with number " +
                                       std::to_string(end->number) + ", and has come to " + last);
        } else if (end->number == head.number && end->sha256 != head.sha256) {
            verdict.findings.push_back("chain " + head.chain + ": its last line, " + last +
                                       ", is not as it was");
        }
    }
}

void look_for_lines(EvidenceVerdict& verdict, std::string_view text,
                    const std::vector<std::string>& noted) {
    std::set<std::string> missing(noted.begin(), noted.end());
    while (!text.empty() && !missing.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        missing.erase(hex_encode(sha256(text.substr(0, end))));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    for (const std::string& hash : missing) {
        verdict.findings.push_back("no line has the digest " + hash);
    }
}

}  // namespace clave
