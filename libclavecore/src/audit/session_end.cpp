#include "clave/session_end.h"

#include "clave/session.h"

namespace clave {

EndedSession ended_session(const UnaskedEnd& end) {
    EndedSession ended;
    ended.event.kind = EventKind::session_end;
    ended.event.end = end.why;
    ended.event.ended = end.at;
    Concerned& who = ended.event.who;
    who.session = session_hash(end.key);
    if (const auto holder = session_holder(end.record)) {
        ended.service = holder->service;
        who.level = holder->level;
        who.method = holder->credential.method;
        who.loa = holder->credential.loa;
        who.nif = holder->nif.empty() ? holder->id : holder->nif;
    }
    return ended;
}

}  // namespace clave
