// Where Cl@ve itself explains what may go wrong there.
#pragma once

#include <array>
#include <string>

#include "pages/catalogue.h"

namespace clave::pages {

struct HelpLink {
    Key label;
    std::string_view path;
};

inline constexpr std::array kHelpLinks = {
    HelpLink{"help.registration", "registro/preguntas-frecuentes"},
    HelpLink{"help.movil", "clave-movil/uso-clave-movil"},
    HelpLink{"help.permanente", "clave-permanente/procedimientos"},
};

// Whoever cannot sign lacks a registration or a password, not a message on the telephone.
inline constexpr std::array kSignHelpLinks = {kHelpLinks[0], kHelpLinks[2]};

// The public service that validates signatures together with their certificates.
inline constexpr std::string_view kValide = "https://valide.redsara.es/valide/";

// Cl@ve's site has each page under its language, Spanish without one.
inline std::string help_url(const HelpLink& link, Language language) {
    std::string url = "https://clave.gob.es/";
    if (language != Language::es) {
        url += std::string(tag(language)) + "/";
    }
    return url + std::string(link.path);
}

}  // namespace clave::pages
