// clavectl audit verify: whether the evidence of signatures is as it was written.
#include <algorithm>
#include <charconv>

#include "base/small_file.h"
#include "commands.h"
#include "sign/evidence_chain.h"

namespace clave::tool {
namespace {

constexpr std::size_t kMost = 1024UL * 1024 * 1024;

struct Part {
    std::string file;
    std::size_t lines;
};

// "line 7: …" of all of them is a line of one of them.
std::string in_its_file(const std::string& finding, const std::vector<Part>& parts) {
    constexpr std::size_t kHead = sizeof("line ") - 1;
    if (!finding.starts_with("line ")) {
        return finding;
    }
    std::size_t number = 0;
    const auto parsed =
        std::from_chars(finding.data() + kHead, finding.data() + finding.size(), number);
    for (const Part& part : parts) {
        if (number <= part.lines) {
            return part.file + ":" + std::to_string(number) +
                   std::string(parsed.ptr, finding.data() + finding.size());
        }
        number -= part.lines;
    }
    return finding;
}

}  // namespace

int verify_evidence_files(Report& report, const EvidenceToVerify& evidence) {
    std::string all;
    std::vector<Part> parts;
    for (const std::string& file : evidence.files) {
        const auto text = read_small_file(file, kMost);
        if (!text) {
            return report.cannot(text.error().what,
                                 "give the file of clave_sign_evidence, as a user who may read it");
        }
        const auto ends = std::count(text->begin(), text->end(), '\n');
        const bool cut = !text->empty() && !text->ends_with('\n');
        parts.push_back({file, static_cast<std::size_t>(ends) + (cut ? 1 : 0)});
        all += *text;
    }
    EvidenceVerdict verdict = verify_evidence(all);
    if (verdict.lines > 0 && verdict.chains == 0) {
        return report.cannot(
            "no line of evidence in " + evidence.files.front(),
            "give the file of clave_sign_evidence: a clave_audit_log has no chain");
    }
    if (!evidence.archive.empty()) {
        const auto heads = read_evidence_heads(evidence.archive);
        if (!heads) {
            return report.cannot(heads.error().detail);
        }
        look_for_heads(verdict, *heads);
    }
    look_for_lines(verdict, all, evidence.noted);
    std::vector<JsonObject> findings;
    for (const std::string& finding : verdict.findings) {
        const std::string shown = in_its_file(finding, parts);
        report.say(shown);
        JsonObject json;
        json.text("finding", shown);
        findings.push_back(std::move(json));
    }
    // To be noted where nobody here can write (--expect).
    std::vector<JsonObject> ends;
    for (const EvidenceHead& end : verdict.ends) {
        report.say("chain " + end.chain + " ends with number " + std::to_string(end.number) + ", " +
                   end.sha256);
        JsonObject json;
        json.text("chain", end.chain).number("number", static_cast<std::int64_t>(end.number));
        json.text("sha256", end.sha256);
        ends.push_back(std::move(json));
    }
    if (verdict.unsynchronised > 0) {
        report.say(std::to_string(verdict.unsynchronised) +
                   " lines have the time of a clock that was not synchronised");
    }
    const bool whole = verdict.findings.empty();
    report.say(std::to_string(verdict.lines) + " lines of " + std::to_string(verdict.chains) +
               " chains: " + (whole ? "as they were written" : "NOT as they were written"));
    report.json()
        .boolean("whole", whole)
        .number("lines", static_cast<std::int64_t>(verdict.lines))
        .number("chains", static_cast<std::int64_t>(verdict.chains))
        .number("unsynchronised", static_cast<std::int64_t>(verdict.unsynchronised))
        .list("ends", std::move(ends))
        .list("findings", std::move(findings));
    return report.end(whole ? kFine : kFinding);
}

}  // namespace clave::tool
