// Files of ours that nginx opens: it would make them readable by everybody, at its start and again
// when USR1 tells it to reopen them.
#pragma once

#include "ngx.h"

namespace clave::nginx {

// Readable by its owner and its group; one that is there stays as it is, and so does what cannot be
// made: nginx says so when it opens it.
void make_private(const ngx_str_t& path) noexcept;

// From now on nginx finds it made so whenever it reopens it.
void keep_private(ngx_open_file_t& file) noexcept;

}  // namespace clave::nginx
