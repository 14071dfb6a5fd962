#include "pages/session_script.h"

#include <string_view>
#include <utility>

#include "pages/catalogue.h"

namespace clave::pages {
namespace {

// Looks are set on the elements by script, which no Content-Security-Policy forbids, and follow the
// page's own colours. Asking does not keep the session alive; somebody who presses a key does.
constexpr std::string_view kScript = R"js("use strict";
(function () {
  var script = document.currentScript;
  var url = script.src.replace(/assets\/session\.js.*$/, "session");
  var warning = Number(script.getAttribute("data-warning")) || 120;
  var lang = (document.documentElement.lang || "es").slice(0, 2).toLowerCase();
  var say = WORDS[lang] || WORDS[lang = "es"];
  var known = false, timer = 0, dialog = null, title, message, button;

  function later(seconds) {
    clearTimeout(timer);
    timer = setTimeout(ask, Math.max(1, seconds) * 1000);
  }

  function send(method) {
    return fetch(url, {
      method: method, credentials: "same-origin", cache: "no-store",
      headers: { "Accept": "application/json", "Clave-Background": "1" }
    }).then(function (answer) {
      if (answer.status === 401) { return over(); }
      if (!answer.ok) { throw new Error(answer.status); }
      return answer.json().then(alive);
    }).catch(function () { later(30); });
  }
  function ask() { send("GET"); }
  function extend() { close(); send("POST"); }

  function alive(session) {
    known = true;
    if (session.remaining > warning) {
      close();  // perhaps another tab has put it off
      // In pieces: a machine that sleeps does not count the time.
      later(Math.min(session.remaining - warning, 300));
      return;
    }
    var left = session.remaining;
    var words = left >= 120 ? say.minutes.replace("{n}", Math.floor(left / 60))
      : left >= 60 ? say.minute : say.soon;
    var last = session.absolute - left < 30;
    show(say.title, last ? say.last : words, last ? say.understood : say.extend,
         last ? dismiss : extend);
    later(Math.min(15, left + 1));
  }

  function over() {
    clearTimeout(timer);
    if (known) { show(say.over_title, say.over, say.close, dismiss); }
    known = false;
  }

  var dismissed = "";
  function dismiss() { dismissed = title.textContent; close(); }
  function close() { if (dialog && dialog.open) { dialog.close(); } }

  function show(heading, words, label, action) {
    if (dismissed === heading) { return; }
    if (!dialog) { build(); }
    if (title.textContent !== heading) { title.textContent = heading; }
    if (message.textContent !== words) { message.textContent = words; }
    button.textContent = label;
    button.onclick = action;
    dialog.oncancel = function (event) { event.preventDefault(); action(); };
    if (!dialog.open) {
      dialog.showModal();
      button.focus();
    }
  }

  function add(parent, name, look, id) {
    var element = document.createElement(name);
    for (var property in look) { element.style[property] = look[property]; }
    if (id) { element.id = id; }
    return parent.appendChild(element);
  }

  function build() {
    dialog = add(document.body, "dialog", {
      maxWidth: "30rem", padding: "1.5rem", border: "2px solid currentColor",
      borderRadius: ".25rem", color: "CanvasText", background: "Canvas"
    });
    dialog.lang = lang;
    dialog.setAttribute("role", "alertdialog");
    dialog.setAttribute("aria-labelledby", "clave-session-title");
    dialog.setAttribute("aria-describedby", "clave-session-text");
    title = add(dialog, "h2", { margin: "0 0 .5rem", fontSize: "1.25rem" }, "clave-session-title");
    message = add(dialog, "p", { margin: "0 0 1rem" }, "clave-session-text");
    message.setAttribute("role", "status");
    button = add(dialog, "button", {
      minHeight: "2.75rem", padding: ".5rem 1.25rem", font: "inherit", fontWeight: "600",
      color: "Canvas", background: "CanvasText", border: "2px solid CanvasText",
      borderRadius: ".25rem", cursor: "pointer"
    });
    button.type = "button";
  }

  document.addEventListener("visibilitychange", function () {
    if (known && !document.hidden) { ask(); }
  });
  ask();
})();
)js";

struct Word {
    std::string_view name;
    Key key;
};

constexpr Word kWords[] = {
    {"title", "expiring.title"},
    {"minutes", "expiring.minutes"},
    {"minute", "expiring.minute"},
    {"soon", "expiring.soon"},
    {"last", "expiring.last"},
    {"extend", "expiring.extend"},
    {"understood", "expiring.understood"},
    {"over_title", "expiring.over_title"},
    {"over", "expiring.over"},
    {"close", "expiring.close"},
};

// The catalogue has neither control characters nor line ends.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c;
    }
    return out + '"';
}

std::string words_of(Language language) {
    std::string out = "{";
    for (const Word& word : kWords) {
        out += (out.size() > 1 ? "," : "") + std::string(word.name) + ":" +
               quoted(text(language, word.key));
    }
    return out + "}";
}

}  // namespace

std::string session_script() {
    std::string words = "{";
    for (const Language language : kLanguages) {
        words += (words.size() > 1 ? ",\n" : "\n") + std::string(tag(language)) + ":" +
                 words_of(language);
    }
    std::string out(kScript);
    constexpr std::string_view kPlace = "(function () {\n";
    out.insert(out.find(kPlace) + kPlace.size(), "  var WORDS = " + words + "};\n");
    return out;
}

}  // namespace clave::pages
