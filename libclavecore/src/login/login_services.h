// What every step of a login works with.
#pragma once

#include "clave/host.h"
#include "clave/key_ring.h"
#include "clave/parcels.h"
#include "clave/sign_desk.h"
#include "clave/store.h"

namespace clave {

struct LoginServices {
    Store& store;
    WorkerPool& pool;
    Clock& clock;
    Random& random;
    KeyRing state_key;    // seals state cookies and tickets
    KeyRing request_key;  // authenticates AuthnRequest IDs
    KeyRing attempt_key;  // seals the count of logins
    KeyRing person_key;   // tells persons apart inside a state cookie
    KeyRing logout_key;   // authenticates LogoutRequest IDs and the logout's own form
    KeyRing form_key;     // seals forms that wait, and what leads to them
    KeyRing owner_key;    // names the owner of sessions in the store
    KeyRing page_key;     // seals what a page says, to say it once more in another language
    KeyRing sign_key;     // authenticates what confirms a signature; names people in the evidence
    Parcels* parcels;     // where they wait; nullptr: nowhere
    SignDesk* desk;       // nullptr: nothing is signed here
};

}  // namespace clave
