#!/bin/sh
# Others' eyes on our requests: the schemas of OASIS, xmlsec1 and OpenSAML must all accept them.
# usage: validate_authn_request.sh path/to/write_authn_request
set -eu

writer=$(realpath "$1")
here=$(dirname "$(realpath "$0")")
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

"$writer" "$out"

export XML_CATALOG_FILES="$here/schema/catalog.xml"
fits() { xmllint --nonet --noout --schema "$here/schema/request.xsd" "$1"; }

# refused WHAT FILE EDIT: what is not as the schemas have it must be noticed by them, or they prove nothing.
refused() {
    sed "$3" "$2" >"$out/changed.xml"
    if cmp -s "$2" "$out/changed.xml"; then
        echo "$1: nothing was changed" >&2
        exit 1
    fi
    if fits "$out/changed.xml" >/dev/null 2>&1; then
        echo "$1: still fits the schemas" >&2
        exit 1
    fi
}

for name in rsa ec issuer logout; do
    case $name in
        logout) root=LogoutRequest ;;
        *) root=AuthnRequest ;;
    esac
    fits "$out/$name.xml"
    xmlsec1 --verify --id-attr:ID urn:oasis:names:tc:SAML:2.0:protocol:$root \
        --enabled-reference-uris same-doc --pubkey-cert-pem "$out/$name.pem" "$out/$name.xml"
    samlsign -c "$out/$name.pem" -f "$out/$name.xml" >/dev/null
    # A change of one letter must be noticed by the same tools, or they prove nothing.
    sed 's/_E04975701/_E04975702/' "$out/$name.xml" >"$out/changed.xml"
    if samlsign -c "$out/$name.pem" -f "$out/changed.xml" >/dev/null 2>&1; then
        echo "$name: a changed request still verifies" >&2
        exit 1
    fi
done
# The order of the elements (protocol section 2.1), in SAML's own and in those of the extension.
policy='<saml2p:NameIDPolicy[^>]*>'
context='<saml2p:RequestedAuthnContext.*</saml2p:RequestedAuthnContext>'
refused "NameIDPolicy after RequestedAuthnContext" "$out/rsa.xml" "s|\($policy\)\($context\)|\2\1|"
refused "Issuer after Extensions" "$out/issuer.xml" \
    's|\(<saml2:Issuer>.*</saml2:Issuer>\)\(.*</saml2p:Extensions>\)|\2\1|'
refused "a RequestedAttribute without Name" "$out/rsa.xml" 's|\(<eidas:RequestedAttribute .*\) Name="[^"]*"|\1|'
refused "an SPType that is none" "$out/rsa.xml" 's|<eidas:SPType>public<|<eidas:SPType>publico<|'
refused "an unknown type of AttributeValue" "$out/rsa.xml" 's|xsi:type="eidas-natural:PersonIdentifierType"|xsi:type="eidas-natural:Person"|'
refused "a request without ID" "$out/rsa.xml" 's| ID="[^"]*"||'

if samlsign -c "$out/issuer.pem" -f "$out/rsa.xml" >/dev/null 2>&1; then
    echo "a request verifies with somebody else's certificate" >&2
    exit 1
fi
