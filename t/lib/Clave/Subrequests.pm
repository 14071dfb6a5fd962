package Clave::Subrequests;

# Protected pages that nginx asks itself for: for the tests of what goes wrong meanwhile.

use warnings;
use strict;

# For a server of clave_conf: /ssi.html includes two of its pages, /judged/ is let in by auth_request.

sub conf {
	return <<'EOF';
        location = /ssi.html {
            ssi on;
        }

        location = /judge {
            internal;
            clave pin;
            proxy_pass http://127.0.0.1:8081;
        }

        location /judged/ {
            auth_request /judge;
            proxy_pass http://127.0.0.1:8081;
        }
EOF
}

1;
