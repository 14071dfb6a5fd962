// Our endpoints below "sign/ID/", one file for each part of the way:
//
//   GET  (empty)       where it stands: review, onward to FIRe, receipt, or why not
//   GET  document      the bytes that will be signed, as they were frozen (F-05)
//   POST confirm       by the person who has seen them; cancel, again
//   GET  ok, ko        FIRe, or Cl@ve Firma, leads the browser back
//   GET  deliver       onward to the application
//   GET  fields        what was sent beside it, and is not signed
//   GET  signature, receipt.json
#pragma once

#include <string>
#include <string_view>

#include "clave/request.h"
#include "clave/task.h"
#include "sign/signing.h"

namespace clave {

// A token and a checkbox.
inline constexpr std::size_t kMaxSignBody = 4096;

// `path`: behind "sign/". `site` and what `request` points to outlive the Task.
Task<Reply> serve_sign(const LoginServices& services, const Site& site, const Request& request,
                       std::string_view path);

// The parts. Each is asked by the owner of `held` only.
Task<Reply> show_state(const Signing& signing, const Request& request, HeldTransaction held);
Task<Reply> show_file(const Signing& signing, const Request& request, const Transaction& held,
                      std::string_view what);
Task<Reply> confirm(const Signing& signing, const Request& request, HeldTransaction held,
                    const Identified& who);
Task<Reply> cancel(const Signing& signing, const Request& request, HeldTransaction held);
Task<Reply> begin_again(const Signing& signing, const Request& request, HeldTransaction held,
                        const Identified& who);
Task<Reply> come_back(const Signing& signing, const Request& request, HeldTransaction held,
                      bool with_error);
Task<Reply> hand_over(const Signing& signing, const Request& request, HeldTransaction held);

// The chores behind them (recovery.cpp); what they find is in the store afterwards.
Task<void> ask_fire_to_sign(Signing signing, HeldTransaction held, std::string language);
Task<void> recover(Signing signing, HeldTransaction held);

// "/.clave/sign/ID/"
std::string sign_base(const Site& site, std::string_view id);
std::string sign_cookie_name(const Site& site);

}  // namespace clave
