"""The configuration of the demo: what an administrator writes for the four procedures."""

from string import Template

# Paths and ports apart, this is the example of the README. What differs from a real site is said.
_TEMPLATE = Template("""\
load_module $module;

daemon off;
pid $prefix/nginx.pid;
error_log $prefix/error.log info;

events {}

http {
    access_log            $prefix/access.log;
    client_body_temp_path $prefix/temp/body;
    proxy_temp_path       $prefix/temp/proxy;
    fastcgi_temp_path     $prefix/temp/fastcgi;
    uwsgi_temp_path       $prefix/temp/uwsgi;
    scgi_temp_path        $prefix/temp/scgi;

    clave_session_store          shared:clave:16m;
    clave_gateway                $gateway;
    clave_gateway_certificate    $state/gateway.pem;
    clave_provider_name          "$provider_name";
    clave_certificate            $state/sede.pem;
    clave_certificate_key        $state/sede.key;
    # A password is enough for vida laboral if the registration says that it is advanced.
    clave_registration_attribute http://es.minhafp.clave/RegisterType ADVANCED;

    clave_firma                     $fire app_id=SEDE;
    clave_firma_public_url          $fire_public;
    clave_firma_certificate         $state/sede.pem;
    clave_firma_certificate_key     $state/sede.key;
    clave_firma_trusted_certificate $state/ca.pem;
    clave_sign_trusted_certificate  $state/firma-ca.pem;
    clave_sign_archive              $prefix/archive;
    clave_sign_evidence             $prefix/evidence.log;

    upstream app { server $office; }

    server {
        listen unix:$prefix/control.sock;      # clavectl sessions
        location /clave-control { clave_control; }
    }

    server {
        listen      $listen ssl;
        server_name sede.localhost;
        ssl_certificate     $state/tls.pem;
        ssl_certificate_key $state/tls.key;

        clave_simulator on;                    # never on a real site
        clave_base_url  $base_url;  # another port than 443

        location /                       {                                         proxy_pass http://app; }
        location /puntos/                { clave pin;                              proxy_pass http://app; }
        location /vida-laboral/          { clave permanente registration=advanced; proxy_pass http://app; }
        location /domicilio/             { clave permanente_otp;                   proxy_pass http://app; }
        location /beneficiario/          { clave permanente;                       proxy_pass http://app; }
        location /beneficiario/solicitar { clave permanente_otp;
                                           clave_sign form format=xades "title=Alta de beneficiario"
                                                      procedure=ALTA;      proxy_pass http://app; }

        # The same in PHP, where $$_POST is what the form has sent.
        location = /beneficiario/alta.php {
            clave         permanente_otp;
            clave_sign    form format=xades "title=Alta de beneficiario" procedure=ALTA;
            fastcgi_pass  unix:$prefix/php/socket;
            include       $fastcgi_params;
            fastcgi_param SCRIPT_FILENAME $prefix/php/alta.php;
            fastcgi_param REMOTE_USER     $$clave_nif;
            fastcgi_param NOMBRE          $$clave_name;
        }
    }
}
""")


def text(**values):
    return _TEMPLATE.substitute(values)
