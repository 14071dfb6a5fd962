// After signing: what a person keeps, and how anybody can check it.
#include <algorithm>
#include <array>
#include <string>

#include "pages/fact_list.h"
#include "pages/sign_pages.h"
#include "pages/visible_text.h"

namespace clave::pages {
namespace {

struct Format {
    std::string_view name;
    std::string_view command;
};

// Of programs that anybody can get, in lines that need no breaking on a telephone. The files have
// fixed names here: that of the document is text of others, and nobody shall paste it into a shell.
// CAdES: with -content it is this document that is compared, whether or not the signature holds
// another. PAdES: the signed file begins with the document, and pdfsig ends well whatever it has
// found, also of a file to which something was added after the signature: what it calls valid has
// to be of the whole. XAdES: xmlsec1 has to be told which attribute of the signed properties is an
// ID; the document is what is signed and holds no elements, in base64; xmlsec1 says "OK" before the
// document has been compared, so that is told as well.
constexpr Format kFormats[] = {
    {"cades", R"(openssl cms -verify \
 -binary -inform DER \
 -noverify -in firma \
 -content documento \
 -out /dev/null)"},
    {"xades", R"(xmlsec1 --verify \
 --insecure \
 --enabled-key-data x509 \
 --id-attr:Id \
 "http://uri.etsi.org/01903/v1.3.2#:SignedProperties" \
 firma &&
xmllint --xpath 'string(
 //*[not(*)][concat("#",@Id)=
 //*[local-name()="SignedInfo"]
 /*/@URI])' firma |
 base64 -di |
 cmp - documento &&
echo "documento: OK")"},
    {"pades", R"sh(cmp -n "$(wc -c < documento)" \
 documento firma &&
pdfsig -nocert firma |
 grep -A 1 "Total document signed" |
 grep "Signature is Valid")sh"},
};
constexpr std::string_view kPlainCommand = R"(openssl x509 -noout \
 -in certificado.pem \
 -pubkey > clave.pem
openssl dgst -sha256 \
 -verify clave.pem \
 -signature firma \
 documento)";

// nullptr: a plain signature, of none of them.
const Format* format_of(const SignFacts& sign) noexcept {
    const auto begins = [&](const Format& format) {
        const std::string_view name = sign.format.substr(0, format.name.size());
        return std::equal(name.begin(), name.end(), format.name.begin(), format.name.end(),
                          [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
    };
    const auto* const found = std::find_if(std::begin(kFormats), std::end(kFormats), begins);
    return found != std::end(kFormats) ? found : nullptr;
}

Html facts(const Writer& page, const SignFacts& sign) {
    FactList list(page);
    list.add("sign.fact.number", sign.number);
    list.add("sign.fact.date",
             fill("{madrid}<br>\n{utc}", {{"madrid", madrid_time_in_words(page, sign.signed_at)},
                                          {"utc", utc_in_words(page, sign.signed_at)}}));
    list.add("sign.fact.signer", sign.signer_name);
    list.add("sign.fact.nif", sign.signer_nif);
    list.add("sign.fact.title", sign.title);
    list.add("sign.fact.procedure", sign.procedure);
    list.add("sign.fact.site", sign.origin);
    if (sign.documents.empty()) {
        list.add("sign.fact.document", sign.document_name);
        list.add("sign.fact.size", size_in_words(page, sign.size));
        list.add_code("sign.fact.digest", sign.sha256);
    }
    list.add("sign.fact.format",
             format_of(sign) != nullptr ? sign.format : page.say("sign.format.none"));
    list.add_code("sign.fact.signature_digest", sign.signature_sha256);
    list.add("sign.fact.issuer", sign.certificate_issuer);
    list.add_code("sign.fact.serial", sign.certificate_serial);
    return list.html();
}

Html files(const Writer& page, const SignFacts& sign) {
    return fill(R"(<div class="screen">
<h2>{heading}</h2>
<ul class="help">
<li><a href="{base}document?download=1">{document}</a></li>
<li><a href="{base}signature">{signature}</a></li>
<li><a href="{base}receipt.json">{receipt}</a></li>
</ul>
</div>
)",
                {{"heading", page.say("sign.receipt.files")},
                 {"base", sign.base},
                 {"document", page.say("sign.download_document")},
                 {"signature", page.say("sign.receipt.download_signature")},
                 {"receipt", page.say("sign.receipt.download_receipt")}});
}

// Each with what became of it. Its links say whose they are to who hears a list of links.
Html file_of(const Writer& page, const SignFacts& sign, std::size_t index) {
    const SignedDocument& document = sign.documents[index];
    const std::string number = std::to_string(index + 1);
    const std::string query = "?d=" + number;
    FactList list(page);
    list.add("sign.fact.size", size_in_words(page, document.size));
    list.add_code("sign.fact.digest", document.sha256);
    list.add_code("sign.fact.signature_digest", document.signature_sha256);
    Html signature;
    if (document.signature_sha256.empty()) {
        signature =
            fill("<p>{text}</p>\n", {{"text", document.lost ? page.say("sign.receipt.lost")
                                                            : page.say("sign.receipt.unsigned")}});
    } else {
        signature = fill(
            "<li class=\"screen\"><a href=\"{base}signature{query}\" "
            "aria-describedby=\"d{number}\">{label}</a></li>\n",
            {{"base", sign.base},
             {"query", query},
             {"number", number},
             {"label", page.say("sign.receipt.download_signature")}});
    }
    return fill(R"(<h2 id="d{number}">{number}. <bdi>{name}</bdi></h2>
{facts}{missing}<ul class="help">
<li class="screen"><a href="{base}document{query}&amp;download=1" aria-describedby="d{number}">{label}</a></li>
{signature}</ul>
)",
                {{"number", number},
                 {"name", visible_text(document.name)},
                 {"facts", list.html()},
                 {"missing", document.signature_sha256.empty() ? signature : Html()},
                 {"base", sign.base},
                 {"query", query},
                 {"label", page.say("sign.download_document")},
                 {"signature", document.signature_sha256.empty() ? Html() : signature}});
}

Html all_files(const Writer& page, const SignFacts& sign) {
    Html all;
    for (std::size_t i = 0; i < sign.documents.size(); ++i) {
        all += file_of(page, sign, i);
    }
    all += fill(R"(<ul class="help screen">
<li><a href="{base}receipt.json">{receipt}</a></li>
</ul>
)",
                {{"base", sign.base}, {"receipt", page.say("sign.receipt.download_receipt")}});
    return all;
}

Html verification(const Writer& page, const SignFacts& sign) {
    const Format* format = format_of(sign);
    Html certificate;
    if (format == nullptr) {
        certificate = fill("{text} ", {{"text", page.say("sign.receipt.command_certificate")}});
    }
    return fill(R"(<h2>{heading}</h2>
<p><a class="outside" href="{valide}">{label}</a></p>
<p>{how}</p>
<pre class="command"><code>{command}</code></pre>
<p>{certificate}{limit}</p>
)",
                {{"heading", page.say("sign.receipt.verify")},
                 {"valide", kValide},
                 {"label", page.say("sign.receipt.valide")},
                 {"how", page.say("sign.receipt.command")},
                 {"certificate", certificate},
                 {"command", format != nullptr ? format->command : kPlainCommand},
                 {"limit", page.say("sign.receipt.command_limit")}});
}

void note_the_end_of_the_certificate(Writer& page, const SignFacts& sign) {
    const Html day = day_in_words(page, sign.certificate_ends);
    const Html words = phrase(page.say("sign.receipt.ends_soon"), {{"day", day}});
    page.act(fill("<p class=\"note\">{words}</p>\n", {{"words", words}}));
}

Key where_it_is(const SignFacts& sign) {
    if (sign.delivered) {
        return sign.documents.empty() ? Key("sign.receipt.delivered")
                                      : Key("sign.receipt.delivered_all");
    }
    if (sign.way == SignWay::order) {
        return "sign.receipt.fetched_later";
    }
    return sign.unconfirmed ? Key("sign.receipt.unconfirmed") : Key("sign.receipt.undelivered");
}

}  // namespace

void write_sign_receipt(Writer& page, const SignFacts& sign) {
    page.title("sign.receipt.title");
    page.paragraph(sign.documents.empty() ? Key("sign.receipt.body")
                                          : Key("sign.receipt.body_all"));
    page.paragraph(where_it_is(sign));
    page.paragraph("sign.receipt.print");
    if (!sign.delivered) {
        page.act(
            fill("<p class=\"actions\"><a class=\"button\" href=\"{base}deliver\">{label}</a>"
                 "</p>\n",
                 {{"base", sign.base},
                  {"label", page.say(sign.unconfirmed ? Key("sign.receipt.deliver_again")
                                                      : Key("sign.receipt.deliver"))}}));
    }
    page.act(facts(page, sign));
    if (sign.certificate_ends_soon) {
        note_the_end_of_the_certificate(page, sign);
    }
    if (sign.documents.empty()) {
        page.act(files(page, sign));
    } else {
        page.act(all_files(page, sign));
    }
    page.act(verification(page, sign));
    if (sign.delivered) {
        page.way_on();
    }
}

}  // namespace clave::pages
