# Sourced by nginx's auto/make while it writes the Makefile; see ../config.

case $NGX_OBJS in
    /*) clave_objs=$NGX_OBJS ;;
    *)  clave_objs=$PWD/$NGX_OBJS ;;
esac

# A C++ compiler of another family than nginx's C compiler would not know the same flags.
clave_cxx=$CXX
if test -z "$clave_cxx"; then
    case $CC in
        *clang*) clave_cxx=clang++ ;;
        *)       clave_cxx=g++ ;;
    esac
fi

# An -O chosen by whoever configures nginx is not overridden by one of ours.
case " $NGX_CC_OPT" in
    *\ -O*) clave_build_type=None ;;
    *)      clave_build_type=RelWithDebInfo ;;
esac

# Debian 13 builds C with a flag at which g++ shakes its head, once per file.
clave_cxx_opt=`echo "$NGX_CC_OPT" | sed 's/-Werror=implicit-function-declaration//g'`

clave_launcher=
if command -v ccache > /dev/null; then
    clave_launcher=ccache
fi

cmake -G "Unix Makefiles" -S "$ngx_addon_dir" -B "$clave_objs/clave" \
    -D CMAKE_BUILD_TYPE=$clave_build_type \
    -D CMAKE_CXX_COMPILER="$clave_cxx" \
    -D CMAKE_C_FLAGS="$NGX_CC_OPT" \
    -D CMAKE_CXX_FLAGS="$clave_cxx_opt" \
    -D CMAKE_MODULE_LINKER_FLAGS="$NGX_LD_OPT" \
    -D CMAKE_EXE_LINKER_FLAGS="$NGX_LD_OPT" \
    -D CMAKE_C_COMPILER_LAUNCHER="$clave_launcher" \
    -D CMAKE_CXX_COMPILER_LAUNCHER="$clave_launcher" \
    -D NGINX_SOURCE_DIR="$PWD" \
    -D NGINX_OBJS_DIR="$clave_objs" \
    -D NGINX_INCLUDES="`echo $CORE_INCS $HTTP_INCS | tr ' ' ';'`" || exit 1

cat << END                                                    >> $NGX_MAKEFILE

modules:	ngx_http_clave_module

ngx_http_clave_module:
	+\$(MAKE) -C $clave_objs/clave ngx_http_clave_module

.PHONY:	ngx_http_clave_module

END
