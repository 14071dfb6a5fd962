// What Redis says instead of an answer, and what is to be done about it.
#pragma once

#include <cstdint>
#include <string>

#include "redis/value.h"

namespace clave::redis {

enum class Refusal : std::uint8_t {
    none,         // an answer, also if it is an error that only the one who asked understands
    not_now,      // NOREPLICAS, MISCONF…: the server is well, and does not do this one
    not_fit,      // LOADING, BUSY, MASTERDOWN: the server cannot do anything; the circuit opens
    not_primary,  // READONLY: somebody else is the primary now
    not_allowed,  // NOAUTH, NOPERM, WRONGPASS: who we are is not known, or may not do this
    not_here,     // MOVED, ASK: this is a cluster, and the slot is elsewhere
    not_yet,      // TRYAGAIN, CLUSTERDOWN: the cluster is being rearranged
};

Refusal refusal(const Value& reply) noexcept;

// The first word of an error, as far as it is one; the rest may quote what was sent.
std::string refusal_word(const Value& reply);

// Of NOPERM: the right that the user lacks as an ACL names it, "+scan"; empty if Redis does not
// say.
std::string missing_right(const Value& reply);

}  // namespace clave::redis
