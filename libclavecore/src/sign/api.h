// clave_sign_api: applications order signatures, and fetch them (product.md section 5).
//
//   POST   transactions                            an order; once for each idempotency key
//   GET    transactions/ID                         how far it is
//   DELETE transactions/ID                         not any more, as long as nobody has confirmed it
//   PUT    transactions/ID/documents/DOC           the bytes that were announced
//   GET    transactions/ID/documents/DOC/signature
//
// Who asks is an application, not a browser: no cookie is read, and no person is identified. It
// says whose signature it wants; that it is his, he proves (claim.cpp).
#pragma once

#include <string_view>

#include "clave/request.h"
#include "clave/task.h"
#include "sign/signing.h"

namespace clave {

// `path`: behind the location's name. All arguments outlive the Task.
Task<Reply> serve_api(const LoginServices& services, const Site& site, const SignApi& api,
                      const Request& request, std::string_view path);

// The parts.
Task<Reply> take_order(const Signing& signing, const SignApi& api, const Request& request);
Task<Reply> take_document(const Signing& signing, const Request& request, HeldTransaction held,
                          std::size_t index);

// An order's transaction from the store or, where that knows nothing, from the archive (with no
// version): what was under way then is lost, and is ended here. nullopt: there is none of that id,
// or not of this site, or not of an application. Code::store, Code::evidence.
Task<Result<std::optional<HeldTransaction>>> find_order(const Signing& signing, std::string id);

// Whether all that was announced is there.
bool is_complete(const Transaction& transaction) noexcept;

}  // namespace clave
