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
for name in rsa ec issuer logout; do
    case $name in
        logout) root=LogoutRequest ;;
        *) root=AuthnRequest ;;
    esac
    xmllint --nonet --noout --schema "$here/schema/request.xsd" "$out/$name.xml"
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
if samlsign -c "$out/issuer.pem" -f "$out/rsa.xml" >/dev/null 2>&1; then
    echo "a request verifies with somebody else's certificate" >&2
    exit 1
fi
